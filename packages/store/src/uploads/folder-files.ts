import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkKey, type FileStore } from './file-store.ts';
import { draftEnding, forgetDrafts, spool } from './spool.ts';

/** Files in a folder, one subfolder a tenant. A file has its name only once it is whole and on the disk. */
export function openFolderFiles(folder: string): FileStore {
  const pathOf = (key: string): string => join(folder, checkKey(key));
  return {
    async put(key, content, options) {
      const path = pathOf(key);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const draft = `${path}.${randomUUID()}${draftEnding}`;
      const made = await spool(draft, content, options);
      await rename(draft, path);
      const folderOfIt = await open(dirname(path), 'r');
      try { await folderOfIt.sync(); } finally { await folderOfIt.close(); }
      return made;
    },
    async get(key) {
      const stream = createReadStream(pathOf(key));
      return new Promise((resolve, reject) => {
        stream.once('open', () => resolve(stream));
        stream.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(null) : reject(error)));
      });
    },
    async delete(key) { await rm(pathOf(key), { force: true }); },
    forgetDrafts: (before) => forgetDrafts(folder, before),
  };
}

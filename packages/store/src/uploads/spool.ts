import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileTooLarge } from './file-store.ts';

/** How the name of a file ends that is not whole yet. */
export const draftEnding = '.part';

/**
 * Writes a stream to `path`, a chunk at a time, and onto the disk; measures and hashes it as it passes. Leaves no file when the stream breaks or is longer
 * than `bytesMax`.
 */
export async function spool(path: string, content: Readable, options: { bytesMax: number; alsoHear?: (chunk: Buffer) => void }): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      if (sizeBytes > options.bytesMax) { done(new FileTooLarge(`a file may have ${options.bytesMax} bytes`)); return; }
      hash.update(chunk);
      options.alsoHear?.(chunk);
      done(null, chunk);
    },
  });
  try {
    await pipeline(content, measured, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    const written = await open(path, 'r+');
    try { await written.sync(); } finally { await written.close(); }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Drafts in a folder and in the folders under it that nobody has written to since. */
export async function forgetDrafts(folder: string, before: Date): Promise<void> {
  const entries = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => { if (error.code === 'ENOENT') return []; throw error; });
  for (const path of entries.filter((name) => name.endsWith(draftEnding)).map((name) => join(folder, name))) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() === true && found.mtime < before) await rm(path, { force: true });
  }
}

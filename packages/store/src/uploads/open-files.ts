import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileStore } from './file-store.ts';
import { openFolderFiles } from './folder-files.ts';
import { openS3Files } from './s3-files.ts';

export interface FileStoreSettings {
  dir: string | null;
  s3: { bucketUrl: string; region: string; accessKeyId: string; secretAccessKey: string } | null;
}

/** The file store of this configuration: S3 where it is named (the folder is its spool then), else the folder. */
export function openFiles({ dir, s3 }: FileStoreSettings): FileStore {
  const folder = dir ?? join(tmpdir(), 'csms-files');
  return s3 === null ? openFolderFiles(folder) : openS3Files({ ...s3, spoolDir: folder });
}

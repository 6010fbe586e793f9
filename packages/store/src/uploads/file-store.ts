import type { Readable } from 'node:stream';

/** Where the bytes of files lie, by a key of ours (`tenant/id`). What is in the books is not its concern. */
export interface FileStore {
  /** Takes a whole stream or nothing: a stream that breaks, or is longer than `bytesMax`, leaves no file. Throws FileTooLarge, or what the stream threw. */
  put(key: string, content: Readable, options: { bytesMax: number; alsoHear?: (chunk: Buffer) => void }): Promise<{ sizeBytes: number; sha256: string }>;
  /** Null: there is no such file. */
  get(key: string): Promise<Readable | null>;
  /** Resolves also where there is none. */
  delete(key: string): Promise<void>;
  /** Takes away what processes that died left half-written before this time. */
  forgetDrafts(before: Date): Promise<void>;
}

export class FileTooLarge extends Error { override name = 'FileTooLarge'; }

/** `tenant/id`, both of ours: what would leave the folder or the bucket's prefix is refused. */
export function checkKey(key: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,62}\/[0-9a-f-]{36}$/.test(key)) throw new Error('a file is kept under a tenant and an id');
  return key;
}

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileTooLarge } from './file-store.ts';

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

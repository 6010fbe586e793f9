import { AwsClient } from 'aws4fetch';
import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { checkKey, type FileStore } from './file-store.ts';
import { draftEnding, forgetDrafts, spool } from './spool.ts';

export interface S3Options {
  /** http(s)://host[:port]/bucket, path style. */
  bucketUrl: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Where a file lies while it comes: S3 wants to know its length and hash before the first byte. */
  spoolDir: string;
  timeoutMs?: number;
}

/** Files in a bucket of S3 or of what speaks it. A file comes whole into the spool before the bucket hears of it. */
export function openS3Files(options: S3Options): FileStore {
  const { bucketUrl, spoolDir, timeoutMs = 120_000, ...keys } = options;
  const client = new AwsClient({ ...keys, service: 's3', retries: 2 });
  const urlOf = (key: string): string => `${bucketUrl.replace(/\/+$/, '')}/${checkKey(key)}`;
  const ask = async (method: string, key: string, more: RequestInit = {}): Promise<Response> => {
    const answer = await client.fetch(urlOf(key), { method, signal: AbortSignal.timeout(timeoutMs), ...more });
    if (answer.ok || answer.status === 404) return answer;
    const said = /<Code>([A-Za-z]{1,60})<\/Code>/.exec((await answer.text()).slice(0, 2_000))?.[1] ?? '';
    throw new Error(`the file store answered ${method} with ${answer.status} ${said}`.trimEnd());
  };
  return {
    async put(key, content, limits) {
      checkKey(key);
      await mkdir(spoolDir, { recursive: true, mode: 0o700 });
      const path = join(spoolDir, `${randomUUID()}${draftEnding}`);
      try {
        const made = await spool(path, content, limits);
        // A blob of a file is read as it is sent.
        const answer = await ask('PUT', key, { body: await openAsBlob(path), headers: { 'x-amz-content-sha256': made.sha256 } });
        if (!answer.ok) throw new Error('the file store has no such bucket');
        return made;
      } finally {
        await rm(path, { force: true });
      }
    },
    async get(key) {
      const answer = await ask('GET', key);
      if (answer.status === 404 || answer.body === null) { await answer.body?.cancel(); return null; }
      return Readable.fromWeb(answer.body as ReadableStream);
    },
    forgetDrafts: (before) => forgetDrafts(spoolDir, before),
    async delete(key) { await (await ask('DELETE', key)).body?.cancel(); },
  };
}

import { AwsClient } from 'aws4fetch';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FileTooLarge, type FileStore } from '../src/uploads/file-store.ts';
import { openFolderFiles } from '../src/uploads/folder-files.ts';
import { openS3Files } from '../src/uploads/s3-files.ts';

/* One suite for every place where files can lie: a folder, and a real S3 server where there is one. */
const key = 'demo/019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d';
const bytesMax = 2_000_000;
const read = async (content: Readable | null): Promise<Buffer | null> => {
  if (content === null) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
};

function contract(name: string, open: (dir: string) => Promise<{ store: FileStore; close: () => Promise<void>; /** What is left where files come in. */ drafts: () => string[] }>, draftsDir: (dir: string) => string): void {
  describe(name, () => {
    it('keeps a stream whole or not at all, with its size and hash, under keys of ours alone', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'csms-file-store-'));
      const { store, close, drafts } = await open(dir);
      try {
        expect(await store.get(key)).toBeNull();
        const content = randomBytes(1_500_000);
        const heard: Buffer[] = [];
        expect(await store.put(key, Readable.from([content.subarray(0, 700_000), content.subarray(700_000)]), { bytesMax, alsoHear: (chunk) => heard.push(chunk) }))
          .toEqual({ sizeBytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
        expect((await read(await store.get(key)))!.equals(content)).toBe(true);
        expect(Buffer.concat(heard).equals(content)).toBe(true);

        const other = key.replace('2b3d', '2b3e');
        await expect(store.put(other, Readable.from([randomBytes(bytesMax), Buffer.from('x')]), { bytesMax })).rejects.toThrow(FileTooLarge);
        await expect(store.put(other, Readable.from((async function* () { yield randomBytes(1_000); throw new Error('cut'); })()), { bytesMax })).rejects.toThrow('cut');
        expect(await store.get(other)).toBeNull();
        expect(await store.put(other, Readable.from([]), { bytesMax })).toMatchObject({ sizeBytes: 0 });
        expect(await read(await store.get(other))).toHaveLength(0);
        expect(drafts()).toEqual([]);
        const left = join(draftsDir(dir), 'left.part');
        writeFileSync(left, 'half');
        await store.forgetDrafts(new Date(Date.now() - 3_600_000));
        expect(drafts()).toHaveLength(1);
        await store.forgetDrafts(new Date(Date.now() + 1_000));
        expect(drafts()).toEqual([]);
        expect(await read(await store.get(key))).toHaveLength(content.length);

        for (const each of [key, key, other]) await store.delete(each);
        expect(await store.get(key)).toBeNull();
        for (const bad of ['../demo/x', 'demo/../../etc/passwd', '/etc/passwd', 'demo', `demo/${'0'.repeat(37)}`, `demo/sub/${key.slice(5)}`]) {
          const uses: (() => Promise<unknown>)[] = [async () => store.get(bad), async () => store.delete(bad), async () => store.put(bad, Readable.from(['x']), { bytesMax })];
          for (const use of uses) await expect(use()).rejects.toThrow('under a tenant and an id');
        }
      } finally {
        await close();
        rmSync(dir, { recursive: true, force: true });
      }
    });
  });
}

contract('a folder', async (dir) => ({ store: openFolderFiles(dir), close: async () => undefined, drafts: () => readdirSync(join(dir, 'demo')).filter((name) => name.endsWith('.part')) }), (dir) => join(dir, 'demo'));

const gateway = findOnPath('versitygw');
if (gateway !== null) {
  contract('a bucket of versitygw', async (dir) => {
    const port = await freePort();
    for (const folder of ['data', 'data/files', 'spool']) mkdirSync(join(dir, folder));
    const keys = { accessKeyId: 'test', secretAccessKey: 'a secret of this test' };
    const server = spawn(gateway, ['--port', `127.0.0.1:${port}`, 'posix', join(dir, 'data')], { stdio: 'ignore', env: { PATH: process.env['PATH'], ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey } });
    const bucketUrl = `http://127.0.0.1:${port}/files`;
    const client = new AwsClient({ ...keys, service: 's3', region: 'us-east-1', retries: 0 });
    await expect.poll(async () => (await client.fetch(bucketUrl, { method: 'HEAD' }).catch(() => null))?.status).toBe(200);
    const stranger = openS3Files({ bucketUrl, region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'another', spoolDir: join(dir, 'spool') });
    await expect(stranger.get(key)).rejects.toThrow('the file store answered GET with 403');
    return {
      store: openS3Files({ bucketUrl, region: 'us-east-1', ...keys, spoolDir: join(dir, 'spool') }),
      close: async () => { server.kill('SIGKILL'); },
      drafts: () => readdirSync(join(dir, 'spool')),
    };
  }, (dir) => join(dir, 'spool'));
} else {
  // One line, and nothing that counts as passed or as skipped: the suite simply did not run.
  console.log('not run: no versitygw on PATH');
}

function findOnPath(name: string): string | null {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(dir, name), constants.X_OK);
      return join(dir, name);
    } catch { /* the next one */ }
  }
  return null;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => { probe.listen(0, '127.0.0.1', resolve); });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => { probe.close(resolve); });
  return port;
}

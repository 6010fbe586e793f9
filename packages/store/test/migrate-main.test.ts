import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrationsFolder } from '../src/migrate.ts';
import { readdirSync } from 'node:fs';
import { startTestDatabase, type TestDatabase } from '../src/testing.ts';

const main = join(import.meta.dirname, '../src/migrate-main.ts');
let database: TestDatabase;
beforeAll(async () => { database = await startTestDatabase(); });
afterAll(() => database?.close());

const migrated = async (env: Record<string, string>): Promise<{ files: string[] }> => {
  const { stdout } = await promisify(execFile)(process.execPath, [main], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as { files: string[] };
};

it('the migration of an installation makes the books in an empty server, and the second time finds nothing to do', async () => {
  const owner = new URL(database.ownerUrl);
  owner.pathname = `/books_${randomBytes(6).toString('hex')}`;
  const env = { CSMS_MIGRATE_ADMIN_URL: database.adminUrl, CSMS_MIGRATE_OWNER_URL: owner.href };
  expect((await migrated(env)).files).toHaveLength(readdirSync(migrationsFolder).filter((file) => file.endsWith('.sql')).length);
  expect((await migrated(env)).files).toEqual([]);
});

it('a server that is not there is one sentence and exit code 1', async () => {
  await expect(migrated({ CSMS_MIGRATE_OWNER_URL: 'postgres://csms_owner:x@127.0.0.1:1/csms' })).rejects.toMatchObject({ code: 1, stderr: expect.stringMatching(/^migrate: .*ECONNREFUSED.*\n$/) });
});

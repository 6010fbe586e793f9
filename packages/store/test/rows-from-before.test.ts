import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { booksUnderTest, type BooksUnderTest } from '../src/books/testing.ts';

/* What a migration does to rows that stood there before it, as the owner that migrates: no superuser, under forced row security. */
let under: BooksUnderTest;
beforeAll(async () => { under = await booksUnderTest(); });
afterAll(async () => { await under[Symbol.asyncDispose](); });

const password = '0123456789abcdef0123456789abcdef01234567';
const block = /^DO \$\$[\s\S]*?^END \$\$;/m.exec(readFileSync(new URL('../migrations/0015_said_once.sql', import.meta.url), 'utf8'))?.[0] ?? '';

it('0015 takes passwords out of answers that stations gave before, of every tenant, and leaves every other answer as it was', async () => {
  const command = (tenant: string, action: string, result: object, detail: string | null) => under.sql(
    `INSERT INTO command (tenant_id, id, station_id, action, payload, idempotency_key, request_hash, state, created_by, created_at, deadline_at, result, late_result, detail)
     VALUES ($1, gen_random_uuid(), $2, $3, '{}', gen_random_uuid(), 'h', 'failed', 'test', now(), now(), $4, $4, $5)`, [tenant, under.stationId(tenant, 'S1'), action, JSON.stringify(result), detail]);
  for (const tenant of ['demo', 'kota']) {
    await command(tenant, 'get-configuration', { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: 'a "quoted" one' }, { key: 'Other', readonly: false, value: password.toUpperCase() }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] }, null);
    await command(tenant, 'push-credential', { code: 'X', description: `value ${password}` }, `X: value ${password}`);
    await command(tenant, 'get-installed-certificate-ids', { serialNumber: password }, null);
  }
  const owner = new pg.Client({ connectionString: under.database.ownerUrl });
  await owner.connect();
  try { await owner.query(block); } finally { await owner.end(); }
  for (const tenant of ['demo', 'kota']) {
    const rows = await under.sql<{ result: unknown; late_result: unknown; detail: string | null }>('SELECT result, late_result, detail FROM command WHERE tenant_id = $1 ORDER BY action', [tenant]);
    const configuration = { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: '***' }, { key: 'Other', readonly: false, value: '***' }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] };
    const pushed = { code: 'X', description: 'value ***' };
    expect(rows).toEqual([
      { result: configuration, late_result: configuration, detail: null }, { result: { serialNumber: password }, late_result: { serialNumber: password }, detail: null }, { result: pushed, late_result: pushed, detail: 'X: value ***' },
    ]);
  }
});

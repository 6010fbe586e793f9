import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { booksUnderTest, type BooksUnderTest } from '../src/books/testing.ts';

/* What a migration does to rows that stood there before it, as the owner that migrates: no superuser, under forced row security. */
let under: BooksUnderTest;
beforeAll(async () => { under = await booksUnderTest(); });
afterAll(async () => { await under[Symbol.asyncDispose](); });

const password = '0123456789abcdef0123456789abcdef01234567';
const blocksOf = (file: string): string[] => readFileSync(new URL(`../migrations/${file}`, import.meta.url), 'utf8').match(/^DO \$\$[\s\S]*?^END \$\$;/gm) ?? [];
const asOwner = async (block: string): Promise<void> => {
  const owner = new pg.Client({ connectionString: under.database.ownerUrl });
  await owner.connect();
  try { await owner.query(block); } finally { await owner.end(); }
};

it('0015 takes passwords out of answers that stations gave before, of every tenant, and leaves every other answer as it was', async () => {
  const command = (tenant: string, action: string, result: object, detail: string | null) => under.sql(
    `INSERT INTO command (tenant_id, id, station_id, action, payload, idempotency_key, request_hash, state, created_by, created_at, deadline_at, result, late_result, detail)
     VALUES ($1, gen_random_uuid(), $2, $3, '{}', gen_random_uuid(), 'h', 'failed', 'test', now(), now(), $4, $4, $5)`, [tenant, under.stationId(tenant, 'S1'), action, JSON.stringify(result), detail]);
  for (const tenant of ['demo', 'kota']) {
    await command(tenant, 'get-configuration', { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: 'a "quoted" one' }, { key: 'Other', readonly: false, value: password.toUpperCase() }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] }, null);
    await command(tenant, 'push-credential', { code: 'X', description: `value ${password}` }, `X: value ${password}`);
    await command(tenant, 'get-installed-certificate-ids', { serialNumber: password }, null);
  }
  await asOwner(blocksOf('0015_said_once.sql')[0] ?? '');
  for (const tenant of ['demo', 'kota']) {
    const rows = await under.sql<{ result: unknown; late_result: unknown; detail: string | null }>('SELECT result, late_result, detail FROM command WHERE tenant_id = $1 ORDER BY action', [tenant]);
    const configuration = { configurationKey: [{ key: 'AuthorizationKey', readonly: false, value: '***' }, { key: 'Other', readonly: false, value: '***' }, { key: 'HeartbeatInterval', readonly: false, value: '300' }] };
    const pushed = { code: 'X', description: 'value ***' };
    expect(rows).toEqual([
      { result: configuration, late_result: configuration, detail: null }, { result: { serialNumber: password }, late_result: { serialNumber: password }, detail: null }, { result: pushed, late_result: pushed, detail: 'X: value ***' },
    ]);
  }
});

it('0016 masks card numbers in evidence, in stops that found no start and in kept frames, of every tenant, and touches nothing else', async () => {
  const payload = { connectorId: 1, idTag: '04A1B2C3D4', meterStart: 7, note: '04A1B2C3D4 is what it said', idToken: { idToken: 'CARD1', type: 'ISO14443' } };
  for (const tenant of ['demo', 'kota']) {
    const station = under.stationId(tenant, 'S1');
    await under.sql(`INSERT INTO session_event (tenant_id, station_id, action, message_id, received_at, verdict, payload) VALUES ($1, $2, 'StartTransaction', 'm', now(), 'applied', $3)`, [tenant, station, JSON.stringify(payload)]);
    await under.sql(`INSERT INTO orphan_stop (tenant_id, id, station_id, transaction_ref, ended_at, received_at, payload) VALUES ($1, gen_random_uuid(), $2, '9', now(), now(), $3)`, [tenant, station, JSON.stringify(payload)]);
    await under.sql(`INSERT INTO quarantined_frame (tenant_id, id, station_id, key, action, outcome, is_fact, kinds, reason, frame, times, first_at, last_at) VALUES ($1, gen_random_uuid(), $2, 'k', 'x', 'refused', true, '{}', 'r', $3, 1, now(), now())`, [tenant, station, '[2,"1","StartTransaction",{"idTag" : "04A1B2C3D4","meterStart"']);
  }
  const block = blocksOf('0016_cards_and_drivers.sql').find((each) => each.includes('long_number')) ?? '';
  await asOwner(block);
  await asOwner(block);
  for (const tenant of ['demo', 'kota']) {
    const [event] = await under.sql<{ payload: { idTag: string; idToken: { idToken: string } } }>('SELECT payload FROM session_event WHERE tenant_id = $1', [tenant]);
    expect(event!.payload).toMatchObject({ connectorId: 1, idTag: '04••••D4', meterStart: 7, note: payload.note, idToken: { idToken: expect.stringMatching(/^••••D?1$/), type: 'ISO14443' } });
    expect(await under.sql('SELECT payload FROM orphan_stop WHERE tenant_id = $1', [tenant])).toEqual([event]);
    expect(await under.sql('SELECT frame FROM quarantined_frame WHERE tenant_id = $1', [tenant])).toEqual([{ frame: '[2,"1","StartTransaction",{"idTag" : "04••••D4","meterStart"' }]);
  }
});

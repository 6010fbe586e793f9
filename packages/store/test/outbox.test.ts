import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aStart, booksUnderTest, from, type BooksUnderTest } from '../src/books/testing.ts';
import { inTenant } from '../src/in-tenant.ts';
import { openPool } from '../src/open-pool.ts';
import { lastOutboxId, readOutbox } from '../src/outbox.ts';

let under: BooksUnderTest;
let app: pg.Pool;
beforeAll(async () => {
  under = await booksUnderTest();
  app = openPool({ connectionString: under.database.appUrl, max: 4 });
  for (const tenantId of ['demo', 'kota']) await under.books.sessions.start(from(under, 'S1', { tenantId }), aStart());
});
afterAll(async () => { await app.end(); await under[Symbol.asyncDispose](); });

describe('the outbox', () => {
  it('shows the changes of a tenant in the order of their ids, though a transaction that began earlier commits later', async () => {
    const [early, late] = [await app.connect(), await app.connect()];
    try {
      for (const client of [early, late]) await client.query(`BEGIN; SELECT set_config('app.tenant', 'demo', true)`);
      // The early transaction has the older transaction id, the late one draws its outbox id first: an order that "below the oldest running" misses.
      await early.query(`UPDATE tenant SET display_name = display_name WHERE id = 'demo'`);
      const change = (siteId: string) => [JSON.stringify([{ kind: 'site', siteId, at: '2026-11-24T00:00:00Z' }])];
      await late.query(`INSERT INTO outbox (tenant_id, changes) VALUES ('demo', $1)`, change('late'));
      const waiting = early.query(`INSERT INTO outbox (tenant_id, changes) VALUES ('demo', $1)`, change('early')).then(() => early.query('COMMIT'));
      const sites = async () => (await readOutbox(app, 'demo', '0', 1000)).flatMap((row) => row.changes).flatMap((one) => (one.kind === 'site' && ['late', 'early'].includes(one.siteId) ? [one.siteId] : []));
      expect(await sites()).toEqual([]);
      await late.query('COMMIT');
      await waiting;
      expect(await sites()).toEqual(['late', 'early']);
    } finally {
      early.release();
      late.release();
    }
  });

  it('is not held back by a long transaction of somebody else', async () => {
    const long = await app.connect();
    try {
      await long.query(`BEGIN; SELECT set_config('app.tenant', 'kota', true)`);
      await long.query(`UPDATE site SET display_name = 'import' WHERE tenant_id = 'kota'`);
      const { sessionId } = await under.books.sessions.start(from(under, 'S2'), aStart({ tokenUid: 'CARD-2' }));
      expect((await readOutbox(app, 'demo', '0', 1000)).flatMap((row) => row.changes)).toContainEqual(expect.objectContaining({ kind: 'session', sessionId, state: 'active' }));
    } finally {
      await long.query('ROLLBACK');
      long.release();
    }
  });

  it('gives a row of which something cannot be read with the rest of it, if with nothing, and tells of it', async () => {
    const newest = await lastOutboxId(app, 'kota');
    const good = { kind: 'site', siteId: 'beside', at: '2026-11-24T00:00:00Z' };
    for (const changes of [[{ kind: 'bill', sessionId: 's', totalMinor: 2 ** 63, currency: 'IDR', at: 'x' }, good], 'words', [good]]) {
      await inTenant(app, 'kota', (client) => client.query(`INSERT INTO outbox (tenant_id, changes) VALUES ('kota', $1)`, [JSON.stringify(changes)]));
    }
    const told: string[] = [];
    const rows = await readOutbox(app, 'kota', newest, 10, (rowId) => told.push(rowId));
    expect(rows.map((row) => row.changes)).toEqual([[good], [], [good]]);
    expect(told).toEqual(rows.slice(0, 2).map((row) => row.id));
  });

  it('is read by one tenant alone', async () => {
    const ids = new Set((await readOutbox(app, 'kota', '0', 1000)).map((row) => row.id));
    expect(ids.size).toBeGreaterThan(0);
    expect((await readOutbox(app, 'demo', '0', 1000)).filter((row) => ids.has(row.id))).toEqual([]);
  });
});

it('a card check reads one card through its index, though row security is on', async () => {
  await inTenant(app, 'demo', (client) => client.query(`INSERT INTO token (tenant_id, id, uid) SELECT 'demo', gen_random_uuid(), 'MANY-' || n FROM generate_series(1, 3000) AS n`));
  await under.sql('ANALYZE token');
  const plan = await inTenant(app, 'demo', (client) => client.query<{ 'QUERY PLAN': string }>(`EXPLAIN SELECT id FROM token WHERE uid_key = ANY(ARRAY['many-77', 'many-78'])`));
  expect(plan.rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond:.*uid_key = /);
  expect(await under.books.authorization.authorize('demo', under.stationId('demo', 'S1'), 'many-77', new Date())).toMatchObject({ status: 'Accepted' });
});

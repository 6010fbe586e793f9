import { randomUUID } from 'node:crypto';
import type { LocalListEntry } from '@csms/contracts/commands/local-list';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { booksUnderTest, type BooksUnderTest } from '../src/books/testing.ts';
import { openCommandLedger } from '../src/commands/command-ledger.ts';
import { inTenant } from '../src/in-tenant.ts';
import { readListEntries } from '../src/local-list/list-entries.ts';
import { claimListSync, endListSync, nextListVersion, readListWork, readLocalList, staleLists } from '../src/local-list/local-list-rows.ts';
import { openPool } from '../src/open-pool.ts';
import { registerToken, setTokenStatus } from '../src/register.ts';

/* What the books keep of a station's local list: only what it said that it took. */
const at = new Date('2026-11-24T08:00:00Z');
const after = (seconds: number): Date => new Date(at.getTime() + seconds * 1_000);
let under: BooksUnderTest;
let pool: pg.Pool;
beforeAll(async () => {
  under = await booksUnderTest();
  pool = openPool({ connectionString: under.database.appUrl, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await under[Symbol.asyncDispose]();
});

const tenant = <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => inTenant(pool, 'demo', work);
const entry = (tokenUid: string, more: Partial<LocalListEntry> = {}): LocalListEntry => ({ tokenUid, status: 'Accepted', validUntil: null, parentUid: null, ...more });

async function aList(identity: string): Promise<{ stationId: string; send(type: 'full' | 'differential', entries: LocalListEntry[]): Promise<{ settle(state: 'accepted' | 'rejected' | 'unknown' | 'failed', result?: unknown): Promise<unknown> }>; uids(): Promise<string[]>; isKnown(): Promise<boolean | undefined> }> {
  const ledger = openCommandLedger({ pool });
  const stationId = under.stationId('demo', identity);
  await tenant((client) => claimListSync(client, stationId, { now: at, until: after(60), full: false }));
  return {
    stationId,
    async send(updateType, entries) {
      const listVersion = await tenant((client) => nextListVersion(client, stationId, after(60)));
      const { record } = await ledger.create({ tenantId: 'demo', id: randomUUID(), stationId, idempotencyKey: randomUUID(), createdBy: 'test', createdAt: at, deadlineAt: after(30), command: { action: 'send-local-list', listVersion, updateType, entries } });
      await ledger.markSent('demo', record.id, { gateway: 'g', epoch: 5n, messageId: 'm', at });
      return { settle: (state, result) => ledger.settle('demo', record.id, { state, result, at: after(1) }) };
    },
    uids: async () => (await tenant((client) => readListEntries(client, stationId, null)) ?? []).map((each) => each.tokenUid),
    isKnown: async () => (await tenant((client) => readLocalList(client, stationId)))?.contentKnown,
  };
}

it('is what was accepted, update by update, and not known any more after a refusal', async () => {
  const list = await aList('S1');
  await (await list.send('full', [entry('B'), entry('A', { validUntil: '2027-01-01T00:00:00.000Z', parentUid: 'P' })])).settle('accepted', { status: 'Accepted' });
  await (await list.send('differential', [entry('C'), entry('B', { status: null }), entry('A', { status: 'Blocked' })])).settle('accepted', { status: 'Accepted' });
  expect([await list.uids(), await list.isKnown()]).toEqual([['A', 'C'], true]);
  await (await list.send('differential', [entry('D')])).settle('rejected', { status: 'VersionMismatch' });
  expect([await list.uids(), await list.isKnown()]).toEqual([['A', 'C'], false]);
  expect((await tenant((client) => readListWork(client, list.stationId, null))).known).toBeNull();
});

it('is not known after an answer that never came; a late one settles a full update and no differential one', async () => {
  const list = await aList('S2');
  const full = await list.send('full', [entry('A')]);
  await full.settle('unknown');
  expect(await list.isKnown()).toBe(false);
  await full.settle('accepted', { status: 'Accepted' });
  expect([await list.uids(), await list.isKnown()]).toEqual([['A'], true]);
  const part = await list.send('differential', [entry('B')]);
  await part.settle('unknown');
  await part.settle('accepted', { status: 'Accepted' });
  expect([await list.uids(), await list.isKnown()]).toEqual([['A'], false]);
});

it('an answer that comes after a newer list was sent says nothing certain', async () => {
  const list = await aList('S3');
  const [older, newer] = [await list.send('full', [entry('OLD')]), await list.send('full', [entry('NEW')])];
  await older.settle('accepted', { status: 'Accepted' });
  expect([await list.uids(), await list.isKnown()]).toEqual([[], false]);
  await newer.settle('accepted', { status: 'Accepted' });
  expect([await list.uids(), await list.isKnown()]).toEqual([['NEW'], true]);
});

it('is stale with any change of any card of its tenant, and of no other; tried again after a reboot, and after a failure only in its time or when the station comes again', async () => {
  const { stationId } = await aList('S3');
  const end = (outcome: 'in-step' | 'failed', now: Date) => tenant(async (client) => endListSync(client, stationId, { outcome, detail: null, revision: (await readListWork(client, stationId, null)).revision, now }));
  const waiting = (now: Date) => tenant((client) => staleLists(client, now, 10));
  await under.sql(`UPDATE station SET online = true, online_since = $2, booted_at = $2, ocpp_version = 'ocpp1.6' WHERE id = $1`, [stationId, after(-60)]);
  await end('in-step', after(2));
  expect(await waiting(after(3))).toEqual([]);
  await inTenant(pool, 'kota', (client) => registerToken(client, { uid: 'THEIRS', kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, { name: 'test', now: at }));
  expect(await waiting(after(3))).toEqual([]);
  const card = await tenant((client) => registerToken(client, { uid: 'OURS', kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, { name: 'test', now: at }));
  expect(await waiting(after(3))).toEqual([stationId]);
  await end('in-step', after(4));
  await tenant((client) => setTokenStatus(client, card, 'blocked', { name: 'test', now: at }));
  expect(await waiting(after(5))).toEqual([stationId]);
  await end('failed', after(6));
  expect([await waiting(after(7)), await waiting(after(6 + 31))]).toEqual([[], [stationId]]);
  await under.sql('UPDATE station SET online_since = $2 WHERE id = $1', [stationId, after(7)]);
  expect(await waiting(after(8))).toEqual([stationId]);
  await end('in-step', after(9));
  expect(await waiting(after(10))).toEqual([]);
  await under.sql('UPDATE station SET booted_at = $2 WHERE id = $1', [stationId, after(20)]);
  expect(await waiting(after(21))).toEqual([stationId]);
});

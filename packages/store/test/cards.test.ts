import { afterAll, beforeAll, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { aStart, aStop, booksUnderTest, from, type BooksUnderTest } from '../src/books/testing.ts';
import { createCardKeys } from '../src/cards/card-keys.ts';
import { isCardText } from '../src/cards/card-text.ts';
import { forgetOffers, offeredCard, openEnrolment } from '../src/cards/enrolment-rows.ts';
import { sealCards } from '../src/cards/seal-cards.ts';
import { openCommandLedger } from '../src/commands/command-ledger.ts';
import { inTenant } from '../src/in-tenant.ts';
import { openPool } from '../src/open-pool.ts';
import { registerToken } from '../src/register.ts';

/* Rows from before card numbers were sealed, next to those of today (C-15). `under.books` is a gateway of the release before: it has no keys. */
let under: BooksUnderTest;
let pool: pg.Pool;
beforeAll(async () => { under = await booksUnderTest(); pool = openPool({ connectionString: under.database.appUrl, max: 4 }); });
afterAll(async () => { await pool.end(); await under[Symbol.asyncDispose](); });

const first = { sealing: [{ id: 'k1', key: 'the first sealing key' }], lookup: ['the first lookup key'] };
const keys = createCardKeys(first);
const cards = { tenantId: 'demo', keys };
const at = new Date('2026-11-24T08:00:00Z');
const numbersLeft = async (): Promise<string[]> => (await under.sql<{ text: string }>(
  `SELECT uid AS text FROM token WHERE tenant_id = 'demo' UNION ALL SELECT coalesce(parent_uid, 'card:') FROM token WHERE tenant_id = 'demo' UNION ALL SELECT token_uid FROM session WHERE tenant_id = 'demo'
   UNION ALL SELECT coalesce(stop_token_uid, 'card:') FROM session UNION ALL SELECT token_uid FROM orphan_stop UNION ALL SELECT token_uid FROM local_list_entry
   UNION ALL SELECT payload ->> 'tokenUid' FROM command WHERE action = 'remote-start'`)).map((row) => row.text).filter((text) => !text.startsWith('card:'));

it('C-15 a gateway with keys knows the cards and the sessions of one without, before and after they are sealed, and a start stays one session', async () => {
  const today = await under.another({ cards: keys });
  const start = aStart({ tokenUid: 'CARD-1', payload: { idTag: 'CARD-1' } });
  const begun = await under.books.sessions.start(from(under, 'S1'), start);
  const elsewhere = () => today.authorization.authorize('demo', under.stationId('demo', 'S2'), 'card-1', at);
  expect((await elsewhere()).status, 'a session from before is running').toBe('ConcurrentTx');
  const again = await today.sessions.start(from(under, 'S1'), start);
  expect(again).toMatchObject({ sessionId: begun.sessionId, duplicate: true, transactionRef: begun.transactionRef });
  expect((await today.authorization.authorize('demo', under.stationId('demo', 'S2'), 'BLOCKED', at)).status).toBe('Blocked');

  const sealed = await inTenant(pool, 'demo', (client) => sealCards(client, cards));
  expect(sealed).toBeGreaterThanOrEqual(4);
  expect(await inTenant(pool, 'demo', (client) => sealCards(client, cards)), 'nothing is left').toBe(0);
  expect(await numbersLeft()).toEqual([]);
  // The other tenant's cards are its own run's.
  expect((await under.sql(`SELECT 1 FROM token WHERE tenant_id = 'kota' AND uid = 'CARD-1'`)).length).toBe(1);

  expect((await elsewhere()).status).toBe('ConcurrentTx');
  expect(await today.sessions.start(from(under, 'S1'), start)).toMatchObject({ sessionId: begun.sessionId, duplicate: true });
  expect(await today.sessions.stop(from(under, 'S1'), aStop(begun.transactionRef, { tokenUid: 'CARD-1', payload: { idTag: 'CARD-1' } }))).toMatchObject({ verdict: 'ended', authorization: 'Accepted' });
  expect((await elsewhere()).status).toBe('Accepted');
  expect(await under.sql(`SELECT count(*)::int AS n FROM session WHERE tenant_id = 'demo'`)).toEqual([{ n: 1 }]);
  expect(await numbersLeft()).toEqual([]);
});

it('C-15 a card is registered once, whatever its spelling in the books and whatever the key', async () => {
  const register = (uid: string, by: typeof cards | null) => inTenant(pool, 'demo', (client) => registerToken(client, { uid, kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, { name: 'test', now: at }, by));
  await register('FROM-BEFORE', null);
  await expect(register('from-before', cards)).rejects.toThrow(/registered already/);
  await register('OF-TODAY', cards);
  const second = { tenantId: 'demo', keys: createCardKeys({ sealing: [{ id: 'k2', key: 'the second sealing key' }, ...first.sealing], lookup: ['the second lookup key', ...first.lookup] }) };
  await expect(register('of-today', second)).rejects.toThrow(/registered already/);
});

it('C-15 keys are changed by sealing anew: what the old key sealed is opened by the new one\'s holder, and by nobody who has only the old one', async () => {
  await inTenant(pool, 'demo', (client) => sealCards(client, cards));
  const both = createCardKeys({ sealing: [{ id: 'k2', key: 'the second sealing key' }, ...first.sealing], lookup: ['the second lookup key', ...first.lookup] });
  const alone = createCardKeys({ sealing: [{ id: 'k2', key: 'the second sealing key' }], lookup: ['the second lookup key'] });
  const today = await under.another({ cards: both });
  const decide = async (books: typeof today) => (await books.authorization.authorize('demo', under.stationId('demo', 'S2'), 'CARD-2', at)).status;
  expect([await decide(today), await decide(await under.another({ cards: alone }))], 'while the old key is there').toEqual(['Accepted', 'Invalid']);
  expect(await inTenant(pool, 'demo', (client) => sealCards(client, { tenantId: 'demo', keys: both }))).toBeGreaterThan(0);
  expect(await inTenant(pool, 'demo', (client) => sealCards(client, { tenantId: 'demo', keys: both }))).toBe(0);
  expect([await decide(today), await decide(await under.another({ cards: alone })), await decide(await under.another({ cards: keys }))]).toEqual(['Accepted', 'Accepted', 'Invalid']);
  const rows = await under.sql<{ sealed: string }>(`SELECT sealed_uid AS sealed FROM token WHERE tenant_id = 'demo'`);
  expect(rows.every(({ sealed }) => isCardText(sealed) && sealed.includes(':k2:') && keys.open('demo', sealed) === null && alone.open('demo', sealed) !== null)).toBe(true);
});

it('C-15 a command carries its card sealed to the gateway that sends it; the same request twice is one command, another card is another request', async () => {
  const ledger = openCommandLedger({ pool, cards: keys });
  const stationId = under.stationId('demo', 'S1');
  const ask = (tokenUid: string) => ledger.create({ tenantId: 'demo', id: randomUUID(), stationId, idempotencyKey: 'one-key', createdBy: 'test', createdAt: at, deadlineAt: new Date(at.getTime() + 30_000), command: { action: 'remote-start', tokenUid, evseId: 1, remoteStartId: 7 } });
  const { record, outcome } = await ask('REMOTE-1');
  expect([outcome, (await ask('REMOTE-1')).outcome, (await ask('REMOTE-2')).outcome]).toEqual(['created', 'existing', 'conflict']);
  expect((await ledger.get('demo', record.id))?.command).toMatchObject({ tokenUid: 'REMOTE-1' });
  const [row] = await under.sql<{ payload: { tokenUid: string }; request_hash: string }>('SELECT payload, request_hash FROM command WHERE id = $1', [record.id]);
  expect([row!.payload.tokenUid.startsWith(keys.reference('demo', 'REMOTE-1')), JSON.stringify(row)]).toEqual([true, expect.not.stringContaining('REMOTE-1"')]);
  // One of the release before is sealed where it stands, and is the same request afterwards.
  const before = openCommandLedger({ pool });
  const old = await before.create({ tenantId: 'demo', id: randomUUID(), stationId, idempotencyKey: 'old-key', createdBy: 'test', createdAt: at, deadlineAt: new Date(at.getTime() + 30_000), command: { action: 'remote-start', tokenUid: 'REMOTE-3', evseId: 1, remoteStartId: 8 } });
  expect(await inTenant(pool, 'demo', (client) => sealCards(client, cards))).toBeGreaterThan(0);
  expect((await ledger.get('demo', old.record.id))?.command).toMatchObject({ tokenUid: 'REMOTE-3' });
  expect((await ledger.create({ tenantId: 'demo', id: randomUUID(), stationId, idempotencyKey: 'old-key', createdBy: 'test', createdAt: at, deadlineAt: at, command: { action: 'remote-start', tokenUid: 'REMOTE-3', evseId: 1, remoteStartId: 9 } })).outcome).toBe('existing');
  expect(await numbersLeft()).toEqual([]);
});

it('C-15 a card that was offered and that nobody took is forgotten, and one that still may be taken is not', async () => {
  const stationId = under.stationId('demo', 'S3');
  const window = (id: string, now: Date) => inTenant(pool, 'demo', (client) => openEnrolment(client, { id, stationId, until: new Date(now.getTime() + 60_000) }, { name: 'test', now }));
  const [id, seenAt] = [randomUUID(), new Date(at.getTime() + 10_000)];
  await window(id, at);
  await expect(window(randomUUID(), seenAt)).rejects.toThrow(/another enrolment/);
  const today = await under.another({ cards: keys });
  expect((await today.authorization.authorize('demo', stationId, 'SOMEBODY-S', seenAt)).status).toBe('Invalid');
  const offered = () => inTenant(pool, 'demo', (client) => offeredCard(client, id));
  expect(keys.open('demo', (await offered())?.sealedUid ?? '')).toBe('SOMEBODY-S');
  expect(await inTenant(pool, 'demo', (client) => forgetOffers(client, new Date(at.getTime() + 600_000)))).toBe(0);
  expect(await inTenant(pool, 'demo', (client) => forgetOffers(client, new Date(at.getTime() + 700_000)))).toBe(1);
  expect((await offered())?.sealedUid).toBeNull();
});

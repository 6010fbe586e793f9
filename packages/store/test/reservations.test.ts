import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aStart, booksUnderTest, from, type BooksUnderTest } from '../src/books/testing.ts';
import { openCommandLedger } from '../src/commands/command-ledger.ts';
import { openLeftBehindBooks } from '../src/commands/left-behind.ts';
import { inTenant } from '../src/in-tenant.ts';
import { openPool } from '../src/open-pool.ts';
import { expireReservations, insertReservation, listReservations } from '../src/reservation/reservation-rows.ts';

/* Facts of stations and what they do to reservations, in the transaction of the fact. */
const at = new Date('2026-11-24T08:00:00Z');
const after = (minutes: number): Date => new Date(at.getTime() + minutes * 60_000);
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

async function reserved(identity: string, more: { evseId?: number; tokenUid?: string; parentUid?: string | null; state?: string; expiresAt?: Date } = {}): Promise<{ id: string; number: number }> {
  const { evseId = 1, tokenUid = 'CARD-1', parentUid = null, state = 'active', expiresAt = after(30) } = more;
  const { reservation } = await inTenant(pool, 'demo', (client) => insertReservation(client, {
    id: randomUUID(), stationId: under.stationId('demo', identity), evseId, tokenUid, parentUid, expiresAt, idempotencyKey: randomUUID(), createdBy: 'test', createdAt: after(-10),
  }));
  await under.sql('UPDATE reservation SET state = $2 WHERE id = $1', [reservation.id, state]);
  return reservation;
}
const stored = async (id: string) => (await under.sql<{ state: string; session_id: string | null; detail: string | null }>('SELECT state, session_id, detail FROM reservation WHERE id = $1', [id]))[0]!;
const told = async (id: string) => (await under.sql<{ state: string }>(`SELECT c ->> 'state' AS state FROM outbox, jsonb_array_elements(changes) AS c WHERE c ->> 'reservationId' = $1 ORDER BY outbox.id`, [id])).map((row) => row.state);

it('a start takes its reservation in its own transaction, once, and a repeated start takes no other', async () => {
  const one = await reserved('S1');
  const fact = aStart({ startedAt: after(-1) });
  const outcome = await under.books.sessions.start(from(under), fact);
  expect(await stored(one.id)).toMatchObject({ state: 'taken', session_id: outcome.sessionId });
  expect(await told(one.id)).toEqual(['pending', 'taken']);
  const next = await reserved('S1');
  expect(await under.books.sessions.start(from(under), fact)).toMatchObject({ duplicate: true });
  expect(await stored(next.id)).toMatchObject({ state: 'active', session_id: null });
});

it('two starts in one batch take two reservations, and the station\'s own word goes before the card', async () => {
  const [any, named] = [await reserved('S2', { evseId: 0 }), await reserved('S2', { evseId: 2, tokenUid: 'CARD-2' })];
  const [first, second] = await Promise.all([
    under.books.sessions.start(from(under, 'S2'), aStart({ evseId: 1, connectorId: 1, startedAt: after(-1), reservationRef: String(named.number) })),
    under.books.sessions.start(from(under, 'S2'), aStart({ evseId: 2, connectorId: 2, startedAt: after(-1) })),
  ]);
  expect([(await stored(named.id)).session_id, (await stored(any.id)).session_id]).toEqual([first.sessionId, second.sessionId]);
});

it('a start that was queued takes a reservation that has expired since, if it names it', async () => {
  const late = await reserved('S2', { state: 'expired', expiresAt: after(-5) });
  const outcome = await under.books.sessions.start(from(under, 'S2'), aStart({ evseId: 3, connectorId: 3, tokenUid: 'CARD-2', startedAt: after(-6), reservationRef: String(late.number) }));
  expect(await stored(late.id)).toMatchObject({ state: 'taken', session_id: outcome.sessionId });
  for (const reservationRef of ['99999999999999', '-1', 'x', '2147483647']) {
    expect((await under.books.sessions.start(from(under, 'S2'), aStart({ evseId: 4, connectorId: 4, tokenUid: 'NOBODY', reservationRef }))).duplicate, reservationRef).toBe(false);
  }
});

it('a fault ends the reservation of its connector, and one of the station all of them; an old status ends none', async () => {
  const [here, there, anywhere] = [await reserved('S3', { evseId: 1 }), await reserved('S3', { evseId: 2 }), await reserved('S3', { evseId: 0 })];
  const status = (evseId: number, statusOf: 'Faulted' | 'Unavailable', when: Date | null = at) => under.books.stations.status(from(under, 'S3'), { evseId, connectorId: evseId, status: statusOf, errorCode: 'GroundFailure', info: null, at: when });
  await status(1, 'Faulted', after(-60));
  expect((await stored(here.id)).state).toBe('active');
  await status(1, 'Faulted');
  expect(await stored(here.id)).toMatchObject({ state: 'cancelled', detail: 'cancelled by the station: EVSE 1 is Faulted' });
  expect([(await stored(there.id)).state, (await stored(anywhere.id)).state]).toEqual(['active', 'active']);
  await status(0, 'Unavailable');
  expect([(await stored(there.id)).state, (await stored(anywhere.id)).state]).toEqual(['cancelled', 'cancelled']);
  expect(await told(there.id)).toEqual(['pending', 'cancelled']);
});

it('what is over by the clock is so for every reader before anybody wrote it down, and is told once', async () => {
  const over = await reserved('S1', { expiresAt: after(5), tokenUid: 'CARD-2' });
  const list = (open: boolean, now: Date) => inTenant(pool, 'demo', (client) => listReservations(client, { after: null, limit: 50 }, { stationId: under.stationId('demo', 'S1'), open }, now));
  expect((await list(true, after(4))).items.map((item) => item.id)).toContain(over.id);
  expect((await list(true, after(5))).items.map((item) => item.id)).not.toContain(over.id);
  expect((await list(false, after(5))).items.find((item) => item.id === over.id)).toMatchObject({ state: 'expired', endedAt: after(5).toISOString() });
  expect((await stored(over.id)).state).toBe('active');
  await inTenant(pool, 'demo', (client) => expireReservations(client, after(5)));
  expect(await inTenant(pool, 'demo', (client) => expireReservations(client, after(5)))).toBe(0);
  expect([(await stored(over.id)).state, await told(over.id)]).toEqual(['expired', ['pending', 'expired']]);
});

it('what the sweep ends has its effect: a reservation that was never asked for is refused, one that nobody knows of stays pending until a late answer', async () => {
  const ledger = openCommandLedger({ pool });
  const sweep = openLeftBehindBooks({ pool });
  const ask = async (reservation: { number: number }) => {
    const { record } = await ledger.create({
      tenantId: 'demo', id: randomUUID(), stationId: under.stationId('demo', 'S1'), idempotencyKey: randomUUID(), createdBy: 'test', createdAt: at, deadlineAt: after(1),
      command: { action: 'reserve-now', reservationId: reservation.number, evseId: 1, tokenUid: 'CARD-2', parentUid: null, expiresAt: after(30).toISOString() },
    });
    return record.id;
  };
  const [unsent, unknown] = [await reserved('S1', { state: 'pending', tokenUid: 'CARD-2' }), await reserved('S1', { state: 'pending', tokenUid: 'CARD-2' })];
  await ask(unsent);
  const sent = await ask(unknown);
  await ledger.markSent('demo', sent, { gateway: 'gone', epoch: 5n, messageId: 'm', at });
  await sweep.tidy('demo', after(3));
  expect(await stored(unsent.id)).toMatchObject({ state: 'refused', detail: expect.stringContaining('deadline') });
  expect(await stored(unknown.id)).toMatchObject({ state: 'pending', detail: expect.stringContaining('no answer') });
  await ledger.settle('demo', sent, { state: 'accepted', result: { status: 'Accepted' }, at: after(4) });
  expect(await stored(unknown.id)).toMatchObject({ state: 'active', detail: null });
  expect(await told(unknown.id)).toEqual(['pending', 'pending', 'active']);
});

it('a start that comes before the station\'s answer takes the reservation, and the answer changes nothing more', async () => {
  const ledger = openCommandLedger({ pool });
  const early = await reserved('S3', { state: 'pending', evseId: 5 });
  const { record } = await ledger.create({
    tenantId: 'demo', id: randomUUID(), stationId: under.stationId('demo', 'S3'), idempotencyKey: randomUUID(), createdBy: 'test', createdAt: at, deadlineAt: after(1),
    command: { action: 'reserve-now', reservationId: early.number, evseId: 5, tokenUid: 'CARD-1', parentUid: null, expiresAt: after(30).toISOString() },
  });
  await ledger.markSent('demo', record.id, { gateway: 'g', epoch: 5n, messageId: 'm', at });
  const outcome = await under.books.sessions.start(from(under, 'S3'), aStart({ evseId: 5, connectorId: 5, startedAt: at, reservationRef: String(early.number) }));
  await ledger.settle('demo', record.id, { state: 'accepted', result: { status: 'Accepted' }, at: after(1) });
  expect(await stored(early.id)).toMatchObject({ state: 'taken', session_id: outcome.sessionId });
});

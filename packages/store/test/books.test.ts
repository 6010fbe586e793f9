import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aReading, aStart, aStop, anEvent, booksUnderTest, from, newRef, type BooksUnderTest } from '../src/books/testing.ts';

let under: BooksUnderTest;
beforeAll(async () => { under = await booksUnderTest(); });
afterAll(async () => { await under[Symbol.asyncDispose](); });

const sessions = (ref: string, station = 'S1') => under.sql<{ id: string; state: string; energy_wh: number; flags: string[]; authorization_status: string; started_at: Date; start_received_at: Date }>(
  'SELECT * FROM session WHERE station_id = $1 AND transaction_ref = $2', [under.stationId('demo', station), ref]);
const bills = (sessionId: string) => under.sql<{ total_minor: string; state: string; energy_wh: number }>('SELECT * FROM bill WHERE session_id = $1', [sessionId]);
const verdicts = async (sessionId: string) => (await under.sql<{ verdict: string }>('SELECT verdict FROM session_event WHERE session_id = $1 ORDER BY id', [sessionId])).map((row) => row.verdict);

describe('1.6 starts', () => {
  it('G-01 I-2 the same start with new message ids, from two processes at once, is one row and one transaction id', async () => {
    const other = await under.another();
    const start = aStart({ connectorId: 5, evseId: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? other : under.books).sessions.start(from(under), start)));
    expect(new Set(answers.map((answer) => answer.transactionRef)).size).toBe(1);
    expect(answers.filter((answer) => !answer.duplicate).length).toBe(1);
    expect((await sessions(answers[0]!.transactionRef)).length).toBe(1);
    const later = await other.sessions.start(from(under), start);
    expect(later).toMatchObject({ transactionRef: answers[0]!.transactionRef, duplicate: true });
  });

  it('a repeated start with a new message id is neither a second session nor ConcurrentTx', async () => {
    const start = aStart({ connectorId: 6, evseId: 6, tokenUid: 'CARD-2' });
    const first = await under.books.sessions.start(from(under, 'S2'), start);
    const again = await under.books.sessions.start(from(under, 'S2'), start);
    expect(first).toMatchObject({ authorization: 'Accepted', duplicate: false });
    expect(again).toMatchObject({ authorization: 'Accepted', duplicate: true, sessionId: first.sessionId });
    await under.books.sessions.stop(from(under, 'S2'), aStop(first.transactionRef, { tokenUid: 'CARD-2' }));
  });

  it('G-03 a repeated start whose transaction is over gets the old id and opens nothing', async () => {
    const start = aStart({ connectorId: 7, evseId: 7 });
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), start);
    await under.books.sessions.stop(from(under), aStop(transactionRef));
    expect(await under.books.sessions.start(from(under), start)).toMatchObject({ transactionRef, sessionId, duplicate: true });
    expect(await sessions(transactionRef)).toMatchObject([{ state: 'ended' }]);
    expect(await verdicts(sessionId)).toEqual(['applied', 'applied', 'duplicate']);
  });

  it('G-05 transaction ids are positive 31-bit integers of the database, and two starts of one millisecond differ', async () => {
    const answers = await Promise.all([8, 9].map((connectorId) => under.books.sessions.start(from(under), aStart({ connectorId, evseId: connectorId, startedAt: new Date('2026-11-24T07:00:00Z') }))));
    const ids = answers.map((answer) => Number(answer.transactionRef));
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(Number.isInteger(id) && id > 0 && id < 2 ** 31).toBe(true);
  });

  it.each([['BLOCKED', 'Blocked'], ['NOBODY', 'Invalid']])('G-06 a start with the card %s is stored, with a real id and %s', async (tokenUid, status) => {
    const answer = await under.books.sessions.start(from(under, 'S3'), aStart({ tokenUid }));
    expect(answer.authorization).toBe(status);
    expect(Number(answer.transactionRef)).toBeGreaterThan(0);
    expect(await sessions(answer.transactionRef, 'S3')).toMatchObject([{ authorization_status: status }]);
  });

  it('G-10 a start that was queued for three days keeps its own time, has its receipt apart, and leaves the connector alone', async () => {
    const startedAt = new Date('2026-11-21T08:00:00Z');
    const source = from(under);
    const at11 = { evseId: 11, connectorId: 11 };
    const status = () => under.sql('SELECT status, status_at FROM connector WHERE station_id = $1 AND connector_id = 11', [source.stationId]);
    await under.books.stations.status(source, { ...at11, status: 'Available', errorCode: null, info: null, at: null });
    const before = await status();
    expect(before).toMatchObject([{ status: 'Available' }]);
    const { transactionRef } = await under.books.sessions.start(from(under), aStart({ ...at11, startedAt }));
    expect(await sessions(transactionRef)).toMatchObject([{ started_at: startedAt, start_received_at: source.receivedAt, flags: ['offline-start'] }]);
    // A 2.x station says the charging state with its start; one of three days ago says nothing of now, even where it is not marked as offline.
    const ref = newRef();
    await under.books.sessions.transactionEvent(from(under, 'S1', { ocppVersion: 'ocpp2.0.1' }), anEvent(ref, 0, 'Started', { ...at11, at: startedAt, tokenUid: null, chargingState: 'Charging', readings: [] }));
    expect(await sessions(ref)).toMatchObject([{ started_at: startedAt, start_received_at: source.receivedAt }]);
    expect(await status()).toEqual(before);
  });

  it('one card at two stations at once, through two processes: one is Accepted, the other ConcurrentTx, and both are on the books', async () => {
    const other = await under.another();
    await under.sql(`INSERT INTO token (tenant_id, id, uid) SELECT 'demo', gen_random_uuid(), 'TWICE-' || n FROM generate_series(1, 10) AS n`);
    for (let n = 1; n <= 10; n += 1) {
      const fact = { tokenUid: `TWICE-${n}`, connectorId: 60 + n, evseId: 60 + n };
      const answers = await Promise.all([under.books.sessions.start(from(under, 'S1'), aStart(fact)), other.sessions.start(from(under, 'S3'), aStart(fact))]);
      expect(answers.map((answer) => answer.authorization).sort()).toEqual(['Accepted', 'ConcurrentTx']);
    }
  });

  it('G-12 a start over an open transaction closes the old one as a lost stop; both bills exist, the lost one provisional until its late stop', async () => {
    const first = await under.books.sessions.start(from(under), aStart({ connectorId: 12, evseId: 12, meterStartWh: 0 }));
    await under.books.sessions.readings(from(under), [aReading(first.transactionRef, 10, 2000, { connectorId: 12, evseId: 12 })], {});
    const second = await under.books.sessions.start(from(under), aStart({ connectorId: 12, evseId: 12, meterStartWh: 2000, startedAt: new Date('2026-11-24T08:05:00Z') }));
    expect(await sessions(first.transactionRef)).toMatchObject([{ state: 'lost-stop', energy_wh: 2000 }]);
    expect(await bills(first.sessionId)).toMatchObject([{ state: 'provisional', total_minor: '4932' }]);
    await under.books.sessions.stop(from(under), aStop(first.transactionRef, { meterStopWh: 2500, endedAt: new Date('2026-11-24T08:04:00Z') }));
    expect(await bills(first.sessionId)).toMatchObject([{ state: 'final', energy_wh: 2500 }]);
    await under.books.sessions.stop(from(under), aStop(second.transactionRef, { meterStopWh: 3000 }));
    expect(await bills(second.sessionId)).toMatchObject([{ state: 'final', energy_wh: 1000 }]);
  });
});

describe('G-13 a clock that is wrong', () => {
  const far = new Date('9999-12-31T23:59:59Z');
  const never = new Date('1970-01-01T00:00:10Z');
  const heard = new Date('2026-11-24T08:00:00Z');
  // Tariffs of the times that such a clock names: none of them may ever be charged.
  beforeAll(async () => {
    for (const [name, since, until] of [['then', '1970-01-01T00:00:05Z', '1971-01-01Z'], ['some day', '9000-01-01Z', null]]) {
      await under.sql(`INSERT INTO tariff (tenant_id, id, name, currency, energy_per_kwh_minor, session_fee_minor, idle_per_minute_minor, idle_grace_minutes, valid_from, valid_until)
        VALUES ('demo', gen_random_uuid(), $1, 'IDR', 1, 0, 0, 0, $2, $3)`, [name, since, until]);
    }
  });

  it.each([[far, 80], [never, 81], [new Date('0000-01-01T00:00:00Z'), 82], [new Date('9999-12-31T23:59:59-12:00'), 83]])('a start at %s is flagged and begins at its receipt; its repetition, from two processes, is the same transaction', async (startedAt, connectorId) => {
    const other = await under.another();
    const start = aStart({ connectorId, evseId: connectorId, startedAt, tokenUid: `CLOCK-${connectorId}` });
    const answers = await Promise.all([0, 1, 2, 3].map((n) => (n % 2 ? other : under.books).sessions.start(from(under, 'S1', { receivedAt: new Date(heard.getTime() + n * 1000) }), start)));
    expect(new Set(answers.map((answer) => answer.transactionRef)).size).toBe(1);
    const [first] = answers;
    const [row] = await sessions(first!.transactionRef);
    expect(row!.flags).toContain('clock-wrong');
    expect(Math.abs(row!.started_at.getTime() - heard.getTime())).toBeLessThan(60_000);
    expect(await under.sql('SELECT DISTINCT event_at FROM session_event WHERE session_id = $1', [first!.sessionId])).toHaveLength(1);
    expect(await bills(first!.sessionId)).toEqual([]);
    await under.books.sessions.stop(from(under), aStop(first!.transactionRef, { endedAt: startedAt }));
    expect((await under.books.sessions.stop(from(under, 'S1', { receivedAt: new Date(heard.getTime() + 9000) }), aStop(first!.transactionRef, { endedAt: startedAt }))).verdict).toBe('duplicate');
    expect(await bills(first!.sessionId)).toMatchObject([{ total_minor: '12330', state: 'final' }]);
    expect((await sessions(first!.transactionRef))[0]!.flags).not.toContain('conflicting-stop');
    expect(await under.books.sessions.start(from(under), start)).toMatchObject({ transactionRef: first!.transactionRef, duplicate: true });
  });

  it('a reading of the year 9998 freezes no energy and stops no later start, and is kept with its own time', async () => {
    const at84 = { connectorId: 84, evseId: 84 };
    const first = await under.books.sessions.start(from(under), aStart(at84));
    await under.books.stations.status(from(under), { ...at84, status: 'SuspendedEV', errorCode: null, info: null, at: null });
    const odd = aReading(first.transactionRef, 0, 1500, { ...at84, at: new Date('9998-01-01T00:00:00Z') });
    await under.books.sessions.readings(from(under), [odd], {});
    await under.books.sessions.readings(from(under, 'S1', { receivedAt: new Date('2026-11-24T08:02:00Z') }), [aReading(first.transactionRef, 60, 2000, at84)], {});
    expect(await sessions(first.transactionRef)).toMatchObject([{ energy_wh: 1000, flags: ['clock-wrong'] }]);
    expect(await under.sql('SELECT at FROM meter_value WHERE transaction_ref = $1 ORDER BY at DESC LIMIT 1', [first.transactionRef])).toEqual([{ at: odd.at }]);
    for (const at of ['0000-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00']) await under.books.sessions.readings(from(under), [{ ...odd, registerWh: 1100, at: new Date(at) }], {});
    const second = await under.books.sessions.start(from(under, 'S1', { receivedAt: new Date('2026-11-24T08:10:00Z') }), aStart({ ...at84, startedAt: new Date('2026-11-24T08:09:00Z') }));
    expect(second.duplicate).toBe(false);
    expect(await sessions(first.transactionRef)).toMatchObject([{ state: 'lost-stop', energy_wh: 1000, idle_seconds: 60 }]);
  });

  it('a session that holds such times from before gives way to a new start all the same', async () => {
    const at85 = { connectorId: 85, evseId: 85 };
    const first = await under.books.sessions.start(from(under), aStart(at85));
    await under.sql(`UPDATE session SET started_at = '9998-01-01Z', last_reading_at = '9998-01-01Z', idle_since = '2026-11-24T08:00:00Z' WHERE id = $1`, [first.sessionId]);
    await under.books.sessions.start(from(under, 'S1', { receivedAt: new Date('2026-11-24T08:10:00Z') }), aStart({ ...at85, startedAt: new Date('2026-11-24T08:09:00Z') }));
    expect(await sessions(first.transactionRef)).toMatchObject([{ state: 'lost-stop' }]);
  });

  it('2.x events of such a time are flagged and known again', async () => {
    const ref = newRef();
    const source = () => from(under, 'S2', { ocppVersion: 'ocpp2.0.1' });
    const event = (seqNo: number, kind: 'Started' | 'Ended', at: Date) => under.books.sessions.transactionEvent(source(), anEvent(ref, seqNo, kind, { evseId: 86, tokenUid: null, at }));
    await event(0, 'Started', far);
    await event(1, 'Ended', never);
    expect((await event(1, 'Ended', never)).verdict).toBe('duplicate');
    expect(await sessions(ref, 'S2')).toMatchObject([{ state: 'ended', started_at: heard, energy_wh: 100, flags: ['clock-wrong'] }]);
  });
});

describe('registers that no meter can show', () => {
  it('a stop with 4e15 Wh is billed by the last sane register, flagged, and kept as it was said', async () => {
    const at = { connectorId: 90, evseId: 90 };
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), aStart(at));
    await under.books.sessions.readings(from(under), [aReading(transactionRef, 10, 2000, at), aReading(transactionRef, 20, 4e15, at)], {});
    const stop = aStop(transactionRef, { meterStopWh: 4e15, payload: { meterStop: 4e15 } });
    await under.books.sessions.stop(from(under), stop);
    expect((await under.books.sessions.stop(from(under), stop)).verdict).toBe('duplicate');
    expect(await sessions(transactionRef)).toMatchObject([{ energy_wh: 1000, flags: ['unreadable-register'] }]);
    expect(await bills(sessionId)).toMatchObject([{ total_minor: '2466', energy_wh: 1000, state: 'final' }]);
    expect(await under.sql('SELECT register_wh, other FROM meter_value WHERE transaction_ref = $1 ORDER BY at DESC LIMIT 1', [transactionRef])).toMatchObject([{ register_wh: null, other: { 'Energy.Active.Import.Register': { value: 4e15 } } }]);
    expect(await under.sql(`SELECT 1 FROM session_event WHERE session_id = $1 AND payload->>'meterStop' = '4000000000000000'`, [sessionId])).toHaveLength(2);
  });

  it('a start with such a register is one transaction, however often it is sent, and is billed nothing', async () => {
    const start = aStart({ connectorId: 91, evseId: 91, meterStartWh: 4e15 });
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), start);
    expect(await under.books.sessions.start(from(under), start)).toMatchObject({ transactionRef, duplicate: true });
    await under.books.sessions.stop(from(under), aStop(transactionRef));
    expect(await bills(sessionId)).toMatchObject([{ total_minor: '0', energy_wh: 0 }]);
  });

  it('an amount that cannot be counted exactly makes a provisional bill of nothing and a flag, and fails no other fact', async () => {
    const at = { connectorId: 92, evseId: 92, startedAt: new Date('2021-01-02T00:00:00Z') };
    await under.sql(`INSERT INTO tariff (tenant_id, id, name, currency, energy_per_kwh_minor, session_fee_minor, idle_per_minute_minor, idle_grace_minutes, valid_from, valid_until)
      VALUES ('demo', gen_random_uuid(), 'absurd', 'IDR', 2000000000, 0, 0, 0, '2021-01-01Z', '2021-01-03Z')`);
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), aStart(at));
    await under.books.sessions.stop(from(under), aStop(transactionRef, { endedAt: new Date('2021-01-02T01:00:00Z'), meterStopWh: 9e11 }));
    expect(await bills(sessionId)).toMatchObject([{ total_minor: '0', state: 'provisional' }]);
    expect((await sessions(transactionRef))[0]!.flags).toContain('unpriceable');
  });
});

describe('1.6 stops', () => {
  it.each(['0', '-1', '2147483000'])('G-07 I-11 a stop with the transaction id %s is kept as an orphan and stops nothing', async (transactionRef) => {
    const open = await under.books.sessions.start(from(under), aStart({ connectorId: 20, evseId: 20 }));
    const answer = await under.books.sessions.stop(from(under), aStop(transactionRef, { tokenUid: 'SOMEBODY' }));
    expect(answer).toMatchObject({ sessionId: null, verdict: 'orphan' });
    expect(await under.sql('SELECT meter_stop_wh FROM orphan_stop WHERE transaction_ref = $1', [transactionRef])).toEqual([{ meter_stop_wh: 6000 }]);
    expect(await sessions(open.transactionRef)).toMatchObject([{ state: 'active' }]);
    await under.books.sessions.stop(from(under), aStop(open.transactionRef));
  });

  it('G-11 a stop that comes before its start ends as one closed, billed session', async () => {
    const start = aStart({ connectorId: 21, evseId: 21, tokenUid: 'CARD-2', meterStartWh: 777, startedAt: new Date('2026-11-24T06:00:00Z') });
    await under.books.sessions.stop(from(under, 'S2'), aStop('0', { tokenUid: 'CARD-2', meterStopWh: 1777, endedAt: new Date('2026-11-24T06:30:00Z') }));
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under, 'S2'), start);
    expect(await sessions(transactionRef, 'S2')).toMatchObject([{ state: 'ended', energy_wh: 1000, flags: expect.arrayContaining(['stop-before-start']) }]);
    expect(await bills(sessionId)).toHaveLength(1);
  });

  it('G-11 I-11 both connectors lose power in one second: two stops with the id -1 are two, and each start takes its own', async () => {
    const endedAt = new Date('2026-11-24T06:40:00Z');
    const both = [aStop('-1', { tokenUid: 'CARD-1', meterStopWh: 5000, endedAt }), aStop('-1', { tokenUid: 'CARD-2', meterStopWh: 9000, endedAt })];
    for (const stop of [...both, ...both]) expect(await under.books.sessions.stop(from(under, 'S3'), stop)).toMatchObject({ verdict: 'orphan' });
    const kept = () => under.sql('SELECT token_uid FROM orphan_stop WHERE ended_at = $1 AND matched_session_id IS NULL ORDER BY 1', [endedAt]);
    expect(await kept()).toEqual([{ token_uid: 'CARD-1' }, { token_uid: 'CARD-2' }]);
    for (const [connectorId, tokenUid, energyWh] of [[31, 'CARD-1', 4000], [32, 'CARD-2', 8000]] as const) {
      const { transactionRef, sessionId } = await under.books.sessions.start(from(under, 'S3'), aStart({ connectorId, evseId: connectorId, tokenUid, startedAt: new Date('2026-11-24T06:10:00Z') }));
      expect(await sessions(transactionRef, 'S3')).toMatchObject([{ state: 'ended', energy_wh: energyWh }]);
      expect(await bills(sessionId)).toMatchObject([{ energy_wh: energyWh, state: 'final' }]);
    }
    expect(await kept()).toEqual([]);
  });

  it('G-08 I-3 a second stop changes nothing: one bill, and other values are evidence and a flag', async () => {
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), aStart({ connectorId: 22, evseId: 22 }));
    const stop = aStop(transactionRef);
    await under.books.sessions.stop(from(under), stop);
    expect((await under.books.sessions.stop(from(under), stop)).verdict).toBe('duplicate');
    expect((await under.books.sessions.stop(from(under), { ...stop, meterStopWh: 99_000 })).verdict).toBe('duplicate');
    expect(await bills(sessionId)).toMatchObject([{ total_minor: '12330', energy_wh: 5000, state: 'final' }]);
    expect(await sessions(transactionRef)).toMatchObject([{ energy_wh: 5000, flags: ['conflicting-stop'] }]);
    expect(await verdicts(sessionId)).toEqual(['applied', 'applied', 'duplicate', 'conflict']);
  });

  it("G-09 a stop with another station's or another tenant's transaction id is unknown", async () => {
    const { transactionRef } = await under.books.sessions.start(from(under), aStart({ connectorId: 23, evseId: 23 }));
    expect((await under.books.sessions.stop(from(under, 'S2'), aStop(transactionRef))).verdict).toBe('orphan');
    expect((await under.books.sessions.stop(from(under, 'S1', { tenantId: 'kota' }), aStop(transactionRef))).verdict).toBe('orphan');
    expect(await sessions(transactionRef)).toMatchObject([{ state: 'active' }]);
  });

  it("a stop for another station's transaction leaves one security event; one for nobody's leaves none", async () => {
    const { transactionRef } = await under.books.sessions.start(from(under), aStart({ connectorId: 25, evseId: 25 }));
    const stop = aStop(transactionRef);
    await under.books.sessions.stop(from(under, 'S2'), stop);
    await under.books.sessions.stop(from(under, 'S2'), stop);
    await under.books.sessions.stop(from(under, 'S2'), aStop('2147480001'));
    await under.books.sessions.stop(from(under, 'S2', { tenantId: 'kota' }), stop);
    expect(await under.sql(`SELECT tenant_id, identity, detail FROM security_event WHERE kind = 'foreign-transaction' AND detail LIKE $1`, [`%${transactionRef}%`])).toEqual([
      { tenant_id: 'demo', identity: 'S2', detail: `a stop for transaction ${transactionRef}, which is one of station S1` },
    ]);
    expect(await under.sql(`SELECT 1 FROM security_event WHERE detail LIKE '%2147480001%'`)).toEqual([]);
    await under.books.sessions.stop(from(under), stop);
  });

  it('G-19 a meter that ran backwards is flagged and billed nothing, never less', async () => {
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), aStart({ connectorId: 24, evseId: 24, meterStartWh: 9000 }));
    await under.books.sessions.stop(from(under), aStop(transactionRef, { meterStopWh: 100 }));
    expect(await sessions(transactionRef)).toMatchObject([{ energy_wh: 0, flags: ['negative-energy'] }]);
    expect(await bills(sessionId)).toMatchObject([{ total_minor: '0' }]);
  });
});

describe('readings', () => {
  const stored = (ref: string) => under.sql<{ register_wh: number; power_w: number }>('SELECT register_wh, power_w FROM meter_value WHERE transaction_ref = $1 ORDER BY at', [ref]);

  it('a repeated reading is stored once, what it lacked is added, and the repetition is seen', async () => {
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), aStart({ connectorId: 30, evseId: 30 }));
    const at30 = { connectorId: 30, evseId: 30 };
    await under.books.sessions.readings(from(under), [aReading(transactionRef, 1, 1500, at30)], {});
    await under.books.sessions.readings(from(under), [aReading(transactionRef, 1, 1500, at30)], {});
    await under.books.sessions.readings(from(under), [aReading(transactionRef, 1, null, { ...at30, powerW: 7000 })], {});
    expect(await stored(transactionRef)).toEqual([{ register_wh: 1500, power_w: 7000 }]);
    expect(await verdicts(sessionId)).toContain('duplicate');
  });

  it('a reading after the stop is kept and changes no energy', async () => {
    const { transactionRef, sessionId } = await under.books.sessions.start(from(under), aStart({ connectorId: 31, evseId: 31 }));
    await under.books.sessions.stop(from(under), aStop(transactionRef));
    await under.books.sessions.readings(from(under), [aReading(transactionRef, 601, 9999, { connectorId: 31, evseId: 31 })], { late: true });
    expect(await stored(transactionRef)).toEqual([{ register_wh: 9999, power_w: null }]);
    expect(await sessions(transactionRef)).toMatchObject([{ energy_wh: 5000 }]);
    expect(await verdicts(sessionId)).toContain('late');
  });

  it.each(['', '0', '-1'])('a reading that names no transaction (%j) belongs to the session that runs on its connector', async (nameless) => {
    const at = { connectorId: 33, evseId: 33 };
    const { transactionRef } = await under.books.sessions.start(from(under), aStart(at));
    await under.books.sessions.readings(from(under), [aReading(nameless, 1, 1500, at), aReading(nameless, 1, 7777, { connectorId: 34, evseId: 34 })], {});
    expect(await stored(transactionRef)).toEqual([{ register_wh: 1500, power_w: null }]);
    expect(await sessions(transactionRef)).toMatchObject([{ energy_wh: 500 }]);
    await under.books.sessions.stop(from(under), aStop(transactionRef));
  });

  it('I-7 readings in any order leave the values of the newest', async () => {
    const { transactionRef } = await under.books.sessions.start(from(under), aStart({ connectorId: 32, evseId: 32 }));
    const at32 = { connectorId: 32, evseId: 32 };
    for (const [seconds, wh] of [[300, 4000], [100, 2000], [200, 3000]] as const) await under.books.sessions.readings(from(under), [aReading(transactionRef, seconds, wh, at32)], {});
    expect(await sessions(transactionRef)).toMatchObject([{ energy_wh: 3000 }]);
    expect((await stored(transactionRef)).map((row) => row.register_wh)).toEqual([2000, 3000, 4000]);
  });
});

describe('2.x transactions', () => {
  const source = (identity = 'S2') => from(under, identity, { ocppVersion: 'ocpp2.0.1' });

  it('G-40 events count once by (station, transaction, seqNo), gaps are listed and filled, offline ones never touch live state', async () => {
    const ref = newRef();
    await under.books.stations.status(source(), { evseId: 40, connectorId: 1, status: 'Available', errorCode: null, info: null, at: null });
    const at40 = { evseId: 40 };
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 0, 'Started', { ...at40, offline: true, chargingState: 'Charging' }));
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 2, 'Updated', { ...at40, offline: true, tokenUid: null }));
    expect((await under.books.sessions.transactionEvent(source(), anEvent(ref, 2, 'Updated', { ...at40, offline: true, tokenUid: null }))).verdict).toBe('duplicate');
    expect((await sessions(ref, 'S2'))[0]!.flags).toContain('seq-gap');
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 1, 'Updated', { ...at40, offline: true, tokenUid: null }));
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 3, 'Ended', { ...at40, offline: true, stopReason: 'Local' }));
    const [row] = await sessions(ref, 'S2');
    expect(row).toMatchObject({ state: 'ended', energy_wh: 300 });
    expect(row!.flags).not.toContain('seq-gap');
    expect(await bills(row!.id)).toMatchObject([{ state: 'final', total_minor: '740' }]);
    expect(await under.sql('SELECT status FROM connector WHERE station_id = $1 AND evse_id = 40', [under.stationId('demo', 'S2')])).toEqual([{ status: 'Available' }]);
  });

  it('what fills a gap after the bill is final is evidence and changes neither energy nor bill', async () => {
    const ref = newRef();
    const at = { evseId: 42, tokenUid: null };
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 0, 'Started', { ...at, readings: [] }));
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 2, 'Updated', at));
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 3, 'Ended', at));
    const [before] = await sessions(ref, 'S2');
    expect(await bills(before!.id)).toMatchObject([{ state: 'provisional', energy_wh: 100 }]);
    await under.sql(`UPDATE bill SET state = 'final' WHERE session_id = $1`, [before!.id]);
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 1, 'Updated', at));
    expect((await sessions(ref, 'S2'))[0]).toMatchObject({ energy_wh: 100, flags: ['seq-gap'] });
    expect(await bills(before!.id)).toMatchObject([{ state: 'final', energy_wh: 100 }]);
    expect(await verdicts(before!.id)).toEqual(['applied', 'applied', 'applied', 'late']);
  });

  it('I-7 an end that comes first makes the transaction, and its start completes it', async () => {
    const ref = newRef();
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 2, 'Ended', { evseId: 41, tokenUid: null }));
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 1, 'Updated', { evseId: 41, tokenUid: null }));
    await under.books.sessions.transactionEvent(source(), anEvent(ref, 0, 'Started', { evseId: 41, tokenUid: null }));
    const [row] = await sessions(ref, 'S2');
    expect(row).toMatchObject({ state: 'ended', energy_wh: 200, flags: [] });
    expect(await bills(row!.id)).toMatchObject([{ state: 'final', energy_wh: 200 }]);
  });
});

describe('stations and connectors', () => {
  it('G-15 connector 0 is the station: its connectors keep their status', async () => {
    const source = from(under);
    await under.books.stations.status(source, { evseId: 50, connectorId: 50, status: 'Charging', errorCode: null, info: null, at: null });
    await under.books.stations.status(source, { evseId: 0, connectorId: 0, status: 'Faulted', errorCode: 'GroundFailure', info: null, at: null });
    expect(await under.sql('SELECT status, error_code FROM station WHERE id = $1', [source.stationId])).toEqual([{ status: 'Faulted', error_code: 'GroundFailure' }]);
    expect(await under.sql('SELECT status FROM connector WHERE station_id = $1 AND connector_id = 50', [source.stationId])).toEqual([{ status: 'Charging' }]);
  });

  it('G-16 an older status overwrites nothing', async () => {
    const source = from(under);
    const status = (word: 'Available' | 'Faulted', minute: number) => under.books.stations.status(source, { evseId: 51, connectorId: 51, status: word, errorCode: null, info: null, at: new Date(Date.UTC(2026, 10, 24, 7, minute)) });
    expect(await status('Faulted', 30)).toEqual({ applied: true });
    expect(await status('Available', 20)).toEqual({ applied: false });
    expect(await under.sql('SELECT status FROM connector WHERE station_id = $1 AND connector_id = 51', [source.stationId])).toEqual([{ status: 'Faulted' }]);
  });

  it('a station has at most 100 connectors by its own word: the next one is refused, alone, and those that are there go on', async () => {
    const status = (connectorId: number) => under.books.stations.status(from(under, 'S3', { tenantId: 'kota' }), { evseId: connectorId, connectorId, status: 'Available', errorCode: null, info: null, at: null });
    const answers = await Promise.allSettled(Array.from({ length: 104 }, (_, i) => status(i + 1)));
    expect(answers.filter((answer) => answer.status === 'rejected').map((answer) => (answer.reason as Error).name)).toEqual(Array.from({ length: 4 }, () => 'FactRefused'));
    expect(await status(7)).toEqual({ applied: true });
    expect(await under.sql('SELECT count(*)::int AS n FROM connector WHERE station_id = $1', [under.stationId('kota', 'S3')])).toEqual([{ n: 100 }]);
  });

  it('200 words of unknown connectors at first contact, from two processes, deadlock nothing', async () => {
    const other = await under.another();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => (i % 2 ? other : under.books).stations.status(from(under, i % 3 ? 'S3' : 'S1'), { evseId: 300 + (i % 40), connectorId: 300 + (i % 40), status: 'Available', errorCode: null, info: null, at: null })));
    expect(answers.every((answer) => typeof answer.applied === 'boolean')).toBe(true);
    expect((await under.sql<{ n: number }>('SELECT count(*)::int AS n FROM connector WHERE connector_id >= 300'))[0]!.n).toBeGreaterThanOrEqual(40);
  });
});

describe('the group commit', () => {
  it('one connection for everything is slow and wedges nothing: 300 look-ups, checks and readings at once all end', async () => {
    const narrow = await under.another({ connectionsMax: 1 });
    const { transactionRef } = await narrow.sessions.start(from(under), aStart({ connectorId: 77, evseId: 77 }));
    const ends = await Promise.all(Array.from({ length: 300 }, (_, n): Promise<unknown> => (n % 3 === 0 ? narrow.stations.find('demo', 'S1')
      : n % 3 === 1 ? narrow.authorization.authorize('demo', under.stationId('demo', 'S1'), 'CARD-1', new Date())
        : narrow.sessions.readings(from(under), [aReading(transactionRef, n, 1_000 + n, { connectorId: 77, evseId: 77 })], {}))));
    expect(ends.length).toBe(300);
    expect(await under.sql('SELECT count(*)::int AS n FROM meter_value WHERE transaction_ref = $1', [transactionRef])).toEqual([{ n: 100 }]);
  });

  it('a bad fact in a batch fails alone', async () => {
    const refs = await Promise.allSettled(Array.from({ length: 9 }, (_, i) =>
      under.books.sessions.start(from(under, 'S3'), aStart({ connectorId: 400 + i, evseId: 400 + i, tokenUid: i === 4 ? 'bad\u0000card' : `FAIR-${i}` }))));
    expect((refs[4] as PromiseRejectedResult).reason).toMatchObject({ name: 'FactRefused', code: expect.stringMatching(/^22/) });
    expect(refs.map((each) => each.status)).toEqual(Array.from({ length: 9 }, (_, i) => (i === 4 ? 'rejected' : 'fulfilled')));
  });

  it('I-1 what was answered is durable: every resolved reading is there after the database was killed', async () => {
    const own = await booksUnderTest();
    try {
      const { transactionRef } = await own.books.sessions.start(from(own), aStart());
      let resolved = 0;
      let killed = false;
      const loop = (async () => {
        // A connection that dies between two batches is replaced and nothing fails, so the end is not left to an error.
        for (let n = 0; !killed; n++) {
          await own.books.sessions.readings(from(own), [aReading(transactionRef, n, 1000 + n)], {});
          resolved = n + 1;
        }
      })().catch(() => undefined);
      while (resolved < 50) await new Promise((done) => setTimeout(done, 1));
      await own.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'csms-books'`);
      killed = true;
      await loop;
      const [row] = await own.sql<{ n: number }>('SELECT count(*)::int AS n FROM meter_value WHERE transaction_ref = $1', [transactionRef]);
      expect(row!.n).toBeGreaterThanOrEqual(resolved);
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });
});

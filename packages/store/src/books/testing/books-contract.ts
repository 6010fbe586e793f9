import type { FactSource } from '@csms/domain';
import { beforeEach, describe, expect, it } from 'vitest';
import { aReading, aStart, aStop, anEvent } from '../testing.ts';
import type { LaneFact } from '../facts.ts';

/** What the suite looks at, whatever keeps it. Numbers and dates as plain values. */
export interface BooksView {
  sessions(stationId: string): Promise<{ transactionRef: string; state: string; energyWh: number | null; authorization: string; flags: string[] }[]>;
  bills(stationId: string): Promise<{ transactionRef: string; totalMinor: number; final: boolean }[]>;
  readings(stationId: string): Promise<{ transactionRef: string; at: string; registerWh: number | null; other: unknown }[]>;
  openOrphans(stationId: string): Promise<number>;
  connectors(stationId: string): Promise<{ connectorId: number; status: string }[]>;
  station(stationId: string): Promise<{ online: boolean; vendor: string | null }>;
}

export interface BooksCase extends BooksView { commit(facts: readonly LaneFact[]): Promise<unknown[]>; stationId: string; otherStationId: string }

const receivedAt = new Date('2026-11-24T08:00:00Z');

/** The rules of the books as outcomes and rows: PostgreSQL and its twin in memory must agree on each. `open` gives stations without history, cards CARD-1 and BLOCKED, and Rp 2,466 a kWh. */
export function booksContract(name: string, open: () => Promise<BooksCase>): void {
  describe(`the books: ${name}`, () => {
    let books: BooksCase;
    let source: FactSource;
    let other: FactSource;
    beforeEach(async () => {
      books = await open();
      source = { tenantId: 'demo', stationId: books.stationId, ocppVersion: 'ocpp1.6', messageId: 'm', receivedAt };
      other = { ...source, stationId: books.otherStationId };
    });
    const start = async (fact = aStart(), by = source) => {
      const [outcome] = await books.commit([{ kind: 'start', source: by, fact }]);
      return outcome as { transactionRef: string; duplicate: boolean; authorization: string };
    };

    it('a start, its repetition, a reading, its repetition, a stop and its repetition are one session, one reading and one bill', async () => {
      const fact = aStart();
      const first = await start(fact);
      expect(await start(fact)).toMatchObject({ transactionRef: first.transactionRef, duplicate: true });
      const reading = aReading(first.transactionRef, 60, 2_500);
      await books.commit([{ kind: 'readings', source, readings: [reading], payload: {} }, { kind: 'readings', source, readings: [reading], payload: {} }]);
      await books.commit([{ kind: 'stop', source, fact: aStop(first.transactionRef) }]);
      const [again] = await books.commit([{ kind: 'stop', source, fact: aStop(first.transactionRef, { meterStopWh: 9_000 }) }]);
      expect(again).toMatchObject({ verdict: 'duplicate' });
      expect(await books.sessions(source.stationId)).toMatchObject([{ transactionRef: first.transactionRef, state: 'ended', energyWh: 5_000, authorization: 'Accepted' }]);
      expect(await books.bills(source.stationId)).toEqual([{ transactionRef: first.transactionRef, totalMinor: 12_330, final: true }]);
      expect(await books.readings(source.stationId)).toEqual([{ transactionRef: first.transactionRef, at: reading.at.toISOString(), registerWh: 2_500, other: null }]);
    });

    it('start and stop in one batch, and a repetition in the same batch', async () => {
      const fact = aStart();
      const outcomes = await books.commit([{ kind: 'start', source, fact }, { kind: 'start', source, fact }]);
      expect(outcomes).toMatchObject([{ duplicate: false }, { duplicate: true }]);
      expect(await books.sessions(source.stationId)).toHaveLength(1);
    });

    it('unknown and blocked cards are stored and said; a card that charges elsewhere is ConcurrentTx', async () => {
      expect(await start(aStart({ tokenUid: 'NOBODY', connectorId: 2, evseId: 2 }))).toMatchObject({ authorization: 'Invalid' });
      expect(await start(aStart({ tokenUid: 'BLOCKED', connectorId: 3, evseId: 3 }))).toMatchObject({ authorization: 'Blocked' });
      expect(await start()).toMatchObject({ authorization: 'Accepted' });
      expect(await start(aStart(), other)).toMatchObject({ authorization: 'ConcurrentTx' });
    });

    it('a stop for nobody is kept once, and the start that comes later takes it', async () => {
      const stop = aStop('-1', { meterStopWh: 4_000 });
      expect(await books.commit([{ kind: 'stop', source, fact: stop }])).toMatchObject([{ verdict: 'orphan' }]);
      await books.commit([{ kind: 'stop', source, fact: stop }]);
      expect(await books.openOrphans(source.stationId)).toBe(1);
      await start();
      expect(await books.sessions(source.stationId)).toMatchObject([{ state: 'ended', energyWh: 3_000, flags: expect.arrayContaining(['stop-before-start']) }]);
      expect(await books.openOrphans(source.stationId)).toBe(0);
    });

    it('readings of one moment that differ in value or context are one row that holds each of them once', async () => {
      const { transactionRef } = await start();
      const said = [200, 260, 270].map((registerWh, n) => aReading(transactionRef, 60, registerWh, n === 2 ? { context: 'Sample.Clock' } : {}));
      for (const reading of [...said, ...said]) await books.commit([{ kind: 'readings', source, readings: [reading], payload: {} }]);
      await books.commit([{ kind: 'readings', source, readings: said, payload: {} }]);
      const register = 'Energy.Active.Import.Register';
      expect(await books.readings(source.stationId)).toMatchObject([{ registerWh: 200, other: { [register]: { number: 260, flag: 'repeated' }, [`${register}~Sample.Clock`]: { number: 270 } } }]);
    });

    it('both connectors lose power in one second: two stops for -1, each kept once, and each start takes its own', async () => {
      const both = [aStop('-1', { tokenUid: 'CARD-1', meterStopWh: 4_000 }), aStop('-1', { tokenUid: 'CARD-2', meterStopWh: 9_000 })];
      for (const fact of [...both, ...both]) expect(await books.commit([{ kind: 'stop', source, fact }])).toMatchObject([{ verdict: 'orphan' }]);
      expect(await books.openOrphans(source.stationId)).toBe(2);
      await start(aStart({ tokenUid: 'CARD-2', connectorId: 2, evseId: 2 }));
      await start();
      expect((await books.sessions(source.stationId)).map(({ state, energyWh }) => `${state} ${energyWh}`).sort()).toEqual(['ended 3000', 'ended 8000']);
      for (const fact of both) await books.commit([{ kind: 'stop', source, fact }]);
      expect(await books.openOrphans(source.stationId)).toBe(0);
    });

    it('a stop of another station’s transaction stops nothing', async () => {
      const { transactionRef } = await start();
      expect(await books.commit([{ kind: 'stop', source: other, fact: aStop(transactionRef) }])).toMatchObject([{ verdict: 'orphan' }]);
      expect(await books.sessions(source.stationId)).toMatchObject([{ state: 'active' }]);
    });

    it('a new start on a busy connector closes the old session as lost, provisionally billed; its late stop makes the bill final', async () => {
      const lost = await start(aStart({ startedAt: new Date(receivedAt.getTime() - 3_600_000) }));
      await books.commit([{ kind: 'readings', source, readings: [aReading(lost.transactionRef, -600, 3_000)], payload: {} }]);
      const next = await start();
      const states = Object.fromEntries((await books.sessions(source.stationId)).map((session) => [session.transactionRef, [session.state, session.energyWh]]));
      expect(states).toEqual({ [lost.transactionRef]: ['lost-stop', 2_000], [next.transactionRef]: ['active', 0] });
      expect(await books.bills(source.stationId)).toMatchObject([{ transactionRef: lost.transactionRef, final: false }]);
      await books.commit([{ kind: 'stop', source, fact: aStop(lost.transactionRef, { endedAt: new Date(receivedAt.getTime() - 300_000), meterStopWh: 3_500 }) }]);
      expect(await books.bills(source.stationId)).toEqual([{ transactionRef: lost.transactionRef, totalMinor: 6_165, final: true }]);
    });

    it('2.x events in any order, and one of them twice', async () => {
      const by: FactSource = { ...source, ocppVersion: 'ocpp2.0.1' };
      const ended = anEvent('tx-1', 2, 'Ended');
      await books.commit([{ kind: 'event', source: by, fact: ended }]);
      await books.commit([{ kind: 'event', source: by, fact: anEvent('tx-1', 0, 'Started') }]);
      await books.commit([{ kind: 'event', source: by, fact: ended }, { kind: 'event', source: by, fact: anEvent('tx-1', 1, 'Updated') }]);
      expect(await books.sessions(source.stationId)).toMatchObject([{ transactionRef: 'tx-1', state: 'ended', energyWh: 200 }]);
      expect(await books.bills(source.stationId)).toEqual([{ transactionRef: 'tx-1', totalMinor: 493, final: true }]);
    });

    it('a status older than the stored one changes nothing; presence of a lower epoch changes nothing', async () => {
      const status = (word: 'Charging' | 'Faulted', second: number): LaneFact => ({ kind: 'status', source, fact: { evseId: 1, connectorId: 1, status: word, errorCode: null, info: null, at: new Date(receivedAt.getTime() - 60_000 + second * 1_000) } });
      expect(await books.commit([status('Charging', 20)])).toEqual([{ applied: true }]);
      expect(await books.commit([status('Faulted', 10)])).toEqual([{ applied: false }]);
      expect(await books.connectors(source.stationId)).toEqual([{ connectorId: 1, status: 'Charging' }]);
      const presence = (epoch: bigint, online: boolean): LaneFact => ({ kind: 'presence', stationId: source.stationId, epoch, online, at: receivedAt, ocppVersion: 'ocpp1.6' });
      await books.commit([presence(5n, true)]);
      await books.commit([presence(4n, false), { kind: 'boot', source, fact: { vendor: 'V', model: 'M', serial: null, firmware: null } }]);
      expect(await books.station(source.stationId)).toEqual({ online: true, vendor: 'V' });
    });
  });
}

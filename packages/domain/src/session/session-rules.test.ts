import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readableReading } from '../meter/readable.ts';
import type { Reading } from '../meter/reading.ts';
import type { FactSource } from '../station/station.ts';
import { applyChargingState } from './idle.ts';
import { applyReading } from './session-state.ts';
import { applyStop, closeLostStop, isSameStart, isStopOfStart, provesLostStop, startSession } from './start-stop.ts';
import type { StartFact, StopFact, TransactionEventFact } from './session.ts';
import { applyTransactionEvent, followsDirectly, isComplete, missingSeqNos, type SeenEvent } from './transaction-event.ts';
import type { SessionState } from './session-state.ts';

const t = (seconds: number) => new Date(Date.UTC(2026, 10, 24, 10, 0, seconds));
const source: FactSource = { tenantId: 'demo', stationId: 'st', ocppVersion: 'ocpp1.6', messageId: 'm', receivedAt: t(2) };
/** Where the end is heard. */
const over: FactSource = { ...source, receivedAt: t(602) };
const start: StartFact = { evseId: 1, connectorId: 1, tokenUid: 'CARD1', startedAt: t(0), meterStartWh: 1000, reservationRef: null, payload: {} };
const given = { id: 's1', transactionRef: '7', tokenId: 'tok', authorization: 'Accepted' as const };
const stop: StopFact = { transactionRef: '7', tokenUid: 'CARD1', endedAt: t(600), meterStopWh: 4000, reason: 'Local', readings: [], payload: {} };
const reading = (seconds: number, registerWh: number | null, powerW: number | null = null): Reading =>
  ({ evseId: 1, connectorId: 1, transactionRef: '7', at: t(seconds), context: null, registerWh, powerW, currentA: null, voltageV: null, socPct: null, temperatureC: null, other: null });
const running = startSession(given, source, start);

describe('a 1.6 session', () => {
  it('takes energy from meterStop minus meterStart', () => {
    const { session, verdict } = applyStop(running, over, stop, false);
    expect({ verdict, state: session.state, energyWh: session.energyWh, reason: session.stopReason }).toEqual({ verdict: 'applied', state: 'ended', energyWh: 3000, reason: 'Local' });
  });
  it('G-19 flags a meter that went backwards and never counts less than nothing', () => {
    const { session } = applyStop(running, over, { ...stop, meterStopWh: 10 }, false);
    expect(session).toMatchObject({ energyWh: 0, flags: ['negative-energy'] });
  });
  it('knows its own repeated start, and no other', () => {
    expect(isSameStart(running, { ...start })).toBe(true);
    expect(isSameStart(running, { ...start, startedAt: t(1) })).toBe(false);
    expect(isSameStart(running, { ...start, connectorId: 2 })).toBe(false);
  });
  it('takes register and power of the newest reading, whatever comes last', () => {
    const both = [reading(120, 1500, 7000), reading(60, 1200, 3000)].reduce((session, one) => applyReading(session, one, over.receivedAt).session, running);
    expect(both).toMatchObject({ lastRegisterWh: 1500, lastPowerW: 7000, energyWh: 500, lastReadingAt: t(120) });
  });
  it('keeps a reading after the stop as evidence and changes nothing', () => {
    const ended = applyStop(running, over, stop, false).session;
    expect(applyReading(ended, reading(601, 4100), over.receivedAt)).toMatchObject({ session: ended, verdict: 'late' });
  });
  it('counts idle time from SuspendedEV to the end, and to a resumption', () => {
    const idle = applyChargingState(running, 'SuspendedEV', t(300));
    expect(applyStop(idle, over, stop, false).session).toMatchObject({ idleSeconds: 300, chargingEndedAt: t(300) });
    const resumed = applyChargingState(idle, 'Charging', t(400));
    expect(applyStop(resumed, over, stop, false).session).toMatchObject({ idleSeconds: 100, chargingEndedAt: t(600) });
    expect(applyChargingState(resumed, 'SuspendedEV', t(350))).toBe(resumed);
  });
  it('G-12 is closed as a lost stop by the next start, and a late stop settles it while its bill is provisional', () => {
    const withReading = applyReading(running, reading(60, 1700), over.receivedAt).session;
    expect(provesLostStop(withReading, { evseId: 1, connectorId: 1, startedAt: t(900), sessionId: 's2' })).toBe(true);
    expect(provesLostStop(withReading, { evseId: 1, connectorId: 1, startedAt: t(-900), sessionId: 's2' })).toBe(false);
    expect(provesLostStop(withReading, { evseId: 2, connectorId: 2, startedAt: t(900), sessionId: 's2' })).toBe(false);
    const lost = closeLostStop(withReading, t(901));
    expect(lost).toMatchObject({ state: 'lost-stop', energyWh: 700, endedAt: t(60), flags: ['lost-stop'] });
    expect(applyStop(lost, over, stop, false)).toMatchObject({ verdict: 'late', session: { state: 'ended', energyWh: 3000, flags: ['late-stop', 'lost-stop'] } });
    expect(applyStop(lost, over, stop, true)).toMatchObject({ verdict: 'conflict', session: { state: 'lost-stop', energyWh: 700 } });
  });
  it('matches an orphan stop by card, time and register, and only so', () => {
    expect(isStopOfStart(running, { tokenUid: 'card1', endedAt: t(600), meterStopWh: 4000 })).toBe(true);
    expect(isStopOfStart(running, { tokenUid: 'OTHER', endedAt: t(600), meterStopWh: 4000 })).toBe(false);
    expect(isStopOfStart(running, { tokenUid: 'CARD1', endedAt: t(-1), meterStopWh: 4000 })).toBe(false);
    expect(isStopOfStart(running, { tokenUid: 'CARD1', endedAt: t(600), meterStopWh: 999 })).toBe(false);
    expect(isStopOfStart(running, { tokenUid: null, endedAt: t(600), meterStopWh: 4000 })).toBe(false);
  });
});

describe('a register that no meter can show', () => {
  it.each([4e15, -4e15, Number.NaN, Infinity])('%d at the stop: energy is that of the last sane one, and it is flagged', (meterStopWh) => {
    const { session } = applyStop(applyReading(running, reading(60, 1700), over.receivedAt).session, over, { ...stop, meterStopWh }, false);
    expect(session).toMatchObject({ state: 'ended', energyWh: 700, meterStopWh: 1700, flags: ['unreadable-register'] });
    expect(applyStop(session, { ...over, receivedAt: t(700) }, { ...stop, meterStopWh }, false).verdict).toBe('duplicate');
  });
  it('at the start: no energy, and the same start is known again', () => {
    const odd = startSession(given, source, { ...start, meterStartWh: 4e15 });
    expect(odd).toMatchObject({ meterStartWh: null, lastRegisterWh: null, flags: ['unreadable-register'] });
    expect(isSameStart(odd, { ...start, meterStartWh: 4e15 })).toBe(true);
    expect(applyStop(odd, over, stop, false).session).toMatchObject({ energyWh: 0, flags: ['no-register', 'unreadable-register'] });
  });
  it('in a reading: it is in no energy, flagged, and kept as it was', () => {
    const odd = readableReading(reading(60, 4e15));
    expect(odd).toMatchObject({ registerWh: null, other: { 'Energy.Active.Import.Register': { value: 4e15, flag: 'unreadable' } } });
    expect(applyReading(running, odd, over.receivedAt).session).toMatchObject({ lastRegisterWh: 1000, energyWh: 0, flags: ['unreadable-register'] });
  });
});

describe('G-13 a clock that is wrong', () => {
  const far = new Date('9998-01-01T00:00:00Z');
  const never = new Date('1970-01-01T00:01:00Z');
  it.each([far, never])('a start at %s begins when it was heard, is flagged, and is known again', (startedAt) => {
    const odd = startSession(given, source, { ...start, startedAt });
    expect(odd).toMatchObject({ startedAt: source.receivedAt, statedStartedAt: startedAt, flags: ['clock-wrong'] });
    expect(isSameStart(odd, { ...start, startedAt })).toBe(true);
    expect(isSameStart(odd, { ...start, startedAt: source.receivedAt })).toBe(false);
  });
  it.each([far, never])('a stop at %s ends when it was heard, and its repetition is one', (endedAt) => {
    const idle = applyChargingState(running, 'SuspendedEV', t(300));
    const { session } = applyStop(idle, over, { ...stop, endedAt }, false);
    expect(session).toMatchObject({ endedAt: over.receivedAt, idleSeconds: 302, flags: ['clock-wrong'] });
    expect(applyStop(session, { ...over, receivedAt: t(900) }, { ...stop, endedAt }, false).verdict).toBe('duplicate');
  });
  it('a reading of the year 9998 counts when it was heard and freezes nothing', () => {
    const odd = applyReading(running, { ...reading(0, 1200), at: far }, t(60)).session;
    expect(odd).toMatchObject({ lastReadingAt: t(60), energyWh: 200, flags: ['clock-wrong'] });
    expect(applyReading(odd, reading(120, 1500), t(121)).session).toMatchObject({ lastReadingAt: t(120), energyWh: 500 });
    expect(applyReading(odd, { ...reading(0, 1100), at: never }, t(121)).session).toMatchObject({ lastRegisterWh: 1200 });
  });
  it('a session that holds such a time can still be closed as lost, with an idle time that is possible', () => {
    const poisoned = { ...running, startedAt: far, lastReadingAt: far, idleSince: t(10) };
    expect(provesLostStop(poisoned, { evseId: 1, connectorId: 1, startedAt: t(900), sessionId: 's2' })).toBe(true);
    expect(closeLostStop(poisoned, t(901))).toMatchObject({ endedAt: t(901), idleSeconds: 891 });
  });
  it('idle time never runs beyond receipt', () => {
    const idle = applyChargingState(running, 'SuspendedEV', t(300));
    expect(applyStop(idle, { ...source, receivedAt: t(400) }, stop, false).session.idleSeconds).toBe(100);
  });
  it('2.x events of such a time begin, order and end by receipt, and are known again', () => {
    const { session, verdicts } = play([event(0, 'Started', { at: far }), event(1, 'Updated', { at: never }), event(2, 'Ended', { at: far }), event(2, 'Ended', { at: far })]);
    expect(verdicts).toEqual(['applied', 'applied', 'applied', 'duplicate']);
    expect(session).toMatchObject({ state: 'ended', startedAt: over.receivedAt, endedAt: over.receivedAt, energyWh: 200, flags: ['clock-wrong'] });
  });
});

/** Plays events as the books do: seen events are looked up only where the event does not follow directly. */
function play(facts: TransactionEventFact[]): { session: SessionState | null; verdicts: string[] } {
  let session: SessionState | null = null;
  const seen: SeenEvent[] = [];
  const verdicts: string[] = [];
  for (const fact of facts) {
    const direct = session !== null && followsDirectly(session, fact);
    const result = applyTransactionEvent(session, fact, { newId: 's1', source: { ...over, ocppVersion: 'ocpp2.0.1' }, tokenId: null, authorization: fact.tokenUid ? 'Accepted' : null, seen: direct ? [] : [...seen] });
    session = result.session;
    verdicts.push(result.verdict);
    if (result.verdict === 'applied' || result.verdict === 'late') seen.push({ seqNo: fact.seqNo, at: fact.at, receivedAt: over.receivedAt, kind: fact.kind, chargingState: fact.chargingState });
  }
  return { session, verdicts };
}

const event = (seqNo: number, kind: TransactionEventFact['kind'], more: Partial<TransactionEventFact> = {}): TransactionEventFact => ({
  kind, transactionRef: 'tx', seqNo, at: t(seqNo * 60), offline: false, trigger: 'x', evseId: seqNo === 0 ? 1 : null, connectorId: seqNo === 0 ? 1 : null, tokenUid: seqNo === 0 ? 'CARD1' : null,
  remoteStartId: null, stopReason: kind === 'Ended' ? 'Local' : null, chargingState: null, readings: [{ ...reading(seqNo * 60, 1000 + seqNo * 100), transactionRef: 'tx' }], payload: {}, ...more,
});
const story = [
  event(0, 'Started', { chargingState: 'EVConnected' }), event(1, 'Updated', { chargingState: 'Charging' }), event(2, 'Updated'),
  event(3, 'Updated', { chargingState: 'SuspendedEV' }), event(4, 'Updated', { chargingState: 'Charging' }), event(5, 'Updated', { chargingState: 'SuspendedEV' }), event(6, 'Ended', { chargingState: 'Idle' }),
];

describe('G-40 a 2.x transaction', () => {
  it('is told once in order', () => {
    expect(play(story).session).toMatchObject({ state: 'ended', energyWh: 600, idleSeconds: 120, evseId: 1, connectorId: 1, tokenUid: 'CARD1', startedAt: t(0), endedAt: t(360), chargingEndedAt: t(300), flags: [] });
  });
  it('I-7 comes out the same in any order of arrival, with any of its events repeated', () => {
    const expected = play(story).session;
    fc.assert(fc.property(fc.shuffledSubarray(story, { minLength: story.length }), fc.array(fc.nat(story.length - 1), { maxLength: 4 }), (order, repeats) => {
      const arrivals = [...order];
      for (const index of repeats) arrivals.push(order[index]!);
      const { session, verdicts } = play(arrivals);
      expect({ ...session, id: '' }).toEqual({ ...expected, id: '' });
      expect(verdicts.slice(story.length).every((verdict) => verdict === 'duplicate')).toBe(true);
    }), { numRuns: 300 });
  });
  it('is incomplete while a number or its Started is missing, and says so', () => {
    const gap = play(story.filter((one) => one.seqNo !== 2)).session!;
    expect(gap.flags).toEqual(['seq-gap']);
    expect(isComplete(gap)).toBe(false);
    const headless = play(story.slice(1)).session!;
    expect(headless.flags).toContain('start-missing');
    expect(isComplete(play(story).session!)).toBe(true);
  });
  it('does not take a missing connector for connector 1', () => {
    expect(play([event(0, 'Started', { evseId: null, connectorId: null })]).session).toMatchObject({ evseId: 0, connectorId: null });
  });
  it('takes a known number at another time for one after a reboot', () => {
    const { session, verdicts } = play([story[0]!, story[1]!, event(1, 'Updated', { at: t(500), readings: [reading(500, 1900)] }), event(2, 'Ended', { at: t(600), readings: [] })]);
    expect(verdicts).toEqual(['applied', 'applied', 'applied', 'applied']);
    expect(session).toMatchObject({ state: 'ended', energyWh: 900, flags: ['seq-restart'] });
  });
  it('keeps the first end when there are two, and what comes after it as evidence', () => {
    const { session, verdicts } = play([...story, event(7, 'Ended', { readings: [reading(420, 9999)] }), event(8, 'Updated', { readings: [reading(480, 9999)] })]);
    expect(verdicts.slice(-2)).toEqual(['conflict', 'late']);
    expect(session).toMatchObject({ energyWh: 600, flags: ['conflicting-stop'] });
  });
});

describe('numbers far apart', () => {
  it('are a gap that is counted and not walked', () => {
    const { session } = play([event(0, 'Started'), event(2_000_000_000, 'Updated', { at: t(60), readings: [] })]);
    expect(session!.flags).toEqual(['seq-gap']);
    expect(missingSeqNos([{ seqNo: 0 }, { seqNo: 2_000_000_000 }])).toEqual([{ from: 1, to: 1_999_999_999 }]);
    expect(missingSeqNos([{ seqNo: 4 }, { seqNo: 1 }, { seqNo: 2 }, { seqNo: 9 }])).toEqual([{ from: 3, to: 3 }, { from: 5, to: 8 }]);
  });
  it('are listed up to a limit, however many events there are', () => {
    expect(missingSeqNos(Array.from({ length: 300_000 }, (_, n) => ({ seqNo: 2 * n })))).toHaveLength(20);
  });
});

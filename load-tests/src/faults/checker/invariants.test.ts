import { describe, expect, it } from 'vitest';
import { emptyTruth } from '../chargers/truth.ts';
import { checkInvariants, type Evidence } from './invariants.ts';

const nowMs = Date.parse('2026-11-24T12:00:00Z');
const at = (minutes: number): string => new Date(nowMs - 3 * 86_400_000 + minutes * 60_000).toISOString();

/** One station with one finished transaction, an orphan, a status and a command, and books that say the same. */
function clean(): Evidence {
  const truth = emptyTruth('F-0');
  truth.transactions.push({ connectorId: 1, idTag: 'CARD', startedAt: at(0), meterStartWh: 1_000, startTries: 2, ids: [7, 7], readings: [{ at: at(5), registerWh: 1_500, tries: 1, acknowledged: true }], stop: { at: at(9), meterStopWh: 2_001, tries: 1, acknowledged: true } });
  truth.orphans.push({ transactionId: -1, at: at(20), meterStopWh: 5, acknowledged: true });
  truth.statuses.push({ connectorId: 1, status: 'Charging', at: at(1), acknowledged: true }, { connectorId: 1, status: 'Available', at: at(10), acknowledged: true });
  truth.calls.push({ messageId: 'm', action: 'ClearCache', socket: 1, newestSocket: 1, atMs: nowMs });
  return {
    nowMs, truths: [truth], tariffs: [{ perKwh: 2_466, fee: 1_000, fromMs: nowMs - 10 * 86_400_000, untilMs: null }],
    books: {
      sessions: [{ id: 's', identity: 'F-0', ref: '7', connectorId: 1, idTag: 'CARD', saidStartMs: Date.parse(at(0)), startMs: Date.parse(at(0)), meterStartWh: 1_000, meterStopWh: 2_001, endMs: Date.parse(at(9)), state: 'ended', energyWh: 1_001, flags: [], lastRegisterWh: 2_001, lastRegisterMs: Date.parse(at(9)), idleSeconds: 0 }],
      // 1.001 kWh at 2,466 rupiah are 2,468.466, and a fee of 1,000.
      bills: [{ sessionId: 's', state: 'final', totalMinor: 3_468, energyWh: 1_001, linesMinor: 3_468, currency: 'IDR' }],
      readings: [{ identity: 'F-0', ref: '7', connectorId: 1, atMs: Date.parse(at(5)), registerWh: 1_500 }],
      orphans: [{ identity: 'F-0', ref: '-1', endMs: Date.parse(at(20)), meterStopWh: 5, matched: null }],
      commands: [{ id: 'c', identity: 'F-0', action: 'clear-cache', state: 'accepted', messageId: 'm', sentMs: nowMs - 10, sentEpoch: '5', deadlineMs: nowMs - 5 }, { id: 'd', identity: 'F-0', action: 'unlock', state: 'unknown', messageId: 'n', sentMs: nowMs - 5, sentEpoch: '6', deadlineMs: nowMs - 5 }],
      connectors: [{ identity: 'F-0', connectorId: 1, status: 'Available', statusMs: Date.parse(at(10)) }],
      stations: [{ identity: 'F-0', online: true, onlineEpoch: '6' }],
    },
  };
}

const broken = (evidence: Evidence): string[] => checkInvariants(evidence).filter(({ violations }) => violations.length > 0).map(({ id }) => id);

describe('the checker', () => {
  it('finds nothing where truth and books agree, and has looked at everything', () => {
    const findings = checkInvariants(clean());
    expect(findings.flatMap(({ violations }) => violations)).toEqual([]);
    expect(findings.every(({ checked }) => checked > 0)).toBe(true);
  });

  it.each<[string, (evidence: Evidence) => void]>([
    ['I-1', ({ books }) => { books.readings.length = 0; }],
    ['I-1', ({ books }) => { books.readings[0]!.registerWh = 1_501; }],
    ['I-1', ({ books }) => { books.sessions[0]!.state = 'active'; }],
    ['I-2', ({ books }) => { books.sessions.push({ ...books.sessions[0]!, id: 't', ref: '8' }); }],
    ['I-2', ({ truths }) => { truths[0]!.transactions[0]!.ids = [7, 8]; }],
    ['I-2', ({ books }) => { books.sessions.push({ ...books.sessions[0]!, id: 't', ref: '8', saidStartMs: 5 }); }],
    ['I-3', ({ books }) => { books.bills.push({ ...books.bills[0]! }); }],
    ['I-3', ({ books }) => { books.bills[0]!.state = 'provisional'; }],
    ['I-4', ({ books }) => { books.bills[0]!.totalMinor = 3_469; books.bills[0]!.linesMinor = 3_469; }],
    ['I-4', ({ books }) => { books.bills[0]!.linesMinor = 3_467; }],
    ['I-4', ({ tariffs }) => { tariffs.unshift({ perKwh: 2_467, fee: 1_000, fromMs: 0, untilMs: nowMs }); }],
    ['I-4', ({ books }) => { books.sessions[0]!.energyWh = 1_000; }],
    ['I-4', ({ truths }) => { truths[0]!.transactions[0]!.stop!.acknowledged = false; }],
    ['I-5', ({ truths }) => { truths[0]!.calls.push({ ...truths[0]!.calls[0]! }); }],
    ['I-5', ({ books }) => { books.commands[0]!.state = 'expired'; }],
    ['I-5', ({ books }) => { books.commands[1]!.state = 'sent'; }],
    ['I-5', ({ truths }) => { truths[0]!.calls.push({ ...truths[0]!.calls[0]!, messageId: 'of nobody' }); }],
    ['I-6', ({ books }) => { books.commands[1]!.sentEpoch = '4'; }],
    ['I-6', ({ books }) => { books.stations[0]!.online = false; }],
    ['I-7', ({ books }) => { books.sessions[0]!.endMs! += 1; }],
    ['I-7', ({ books }) => { books.sessions[0]!.meterStopWh = 1_500; }],
    ['I-8', ({ books }) => { books.connectors[0]!.status = 'Charging'; }],
    ['I-11', ({ books }) => { books.orphans.length = 0; }],
    ['I-11', ({ truths }) => { truths[0]!.orphans[0]!.acknowledged = false; }],
  ])('%s is found broken where it is (%#)', (id, spoil) => {
    const evidence = clean();
    spoil(evidence);
    expect(broken(evidence)).toContain(id);
  });
});

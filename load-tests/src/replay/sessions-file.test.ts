import { describe, expect, it } from 'vitest';
import { fileTruthOf } from '../audit/file-truth.ts';
import { idTagOf, identityOf, scheduleReplay, shiftWeeksOf } from './schedule.ts';
import { scriptOf } from './script.ts';
import { parseCsv, parseSessions } from './sessions-file.ts';

const header = 'session_id,site_id,station_id,connector_id,start_utc,end_utc,charge_end_utc,charge_end_src,energy_kwh,user_id';
const line = (id: string, station: string, connector: string, start: string, end: string, kwh = '1.5', user = '', chargeEnd = '') =>
  `${id},"Car park, ""A""",${station},${connector},2026-11-02T${start}:00Z,2026-11-02T${end}:00Z,${chargeEnd && `2026-11-02T${chargeEnd}:00Z`},reported,${kwh},${user}`;
const csv = (...lines: string[]) => [header, ...lines, ''].join('\n');
const now = Date.parse('2026-11-24T12:00:00Z');

describe('a sessions file', () => {
  it('is read with its quotes, doubled quotes and line breaks within them', () => {
    expect(parseCsv('a,"b, ""c""\nd",e\r\n1,2,').map(({ line: at, fields }) => [at, fields])).toEqual([[1, ['a', 'b, "c"\nd', 'e']], [3, ['1', '2', '']]]);
  });

  it('refuses rows without a station and rows that cannot be played, and lists those that repeat a natural key', () => {
    const file = parseSessions(csv(
      line('s1', 'A', '1', '08:00', '09:00'), line('s2', '', '1', '08:00', '09:00'), line('s3', 'A', '1', '08:00', '08:30'), line('s4', 'A', '1', '10:00', '09:00'),
      line('s5', 'A', '1', '10:00', '11:00', 'much'), line('s1', 'A', '2', '12:00', '13:00'), line('s6', 'A', '', '99:00', '11:00')));
    expect(file.rowCount).toBe(7);
    expect(file.rows.map((row) => row.sessionId)).toEqual(['s1', 's3']);
    expect(file.refused.map(({ line: at, reason }) => [at, reason])).toEqual([[3, 'no station'], [5, 'ends before it starts'], [6, 'bad energy'], [7, 'session id repeated'], [8, 'bad time']]);
    expect(file.repeated).toEqual([{ line: 4, sessionId: 's3', sameAsLine: 2 }]);
    expect(() => parseSessions('a,b\n1,2\n')).toThrow(/column session_id is missing/);
  });

  it('moves by whole weeks so that the last session ends within the last seven days', () => {
    const week = 7 * 86_400_000;
    for (const end of ['2018-08-30T20:17:00Z', '2026-11-17T12:00:00Z', '2026-11-17T12:00:01Z', '2026-11-24T12:00:00Z', '2031-01-01T00:00:00Z']) {
      const endMs = Date.parse(end);
      const shifted = endMs + shiftWeeksOf([{ endMs }, { endMs: endMs - 5 * week }], now) * week;
      expect(shifted).toBeLessThanOrEqual(now);
      expect(shifted).toBeGreaterThan(now - week);
    }
  });

  it('gives a session without a user the card of its hash, and a user the user', () => {
    expect(idTagOf({ sessionId: 'perth-13676' })).toMatch(/^[0-9a-f]{16}$/);
    expect(idTagOf({ sessionId: 'x', userId: '000324' })).toBe('000324');
    expect(idTagOf({ sessionId: 'x', userId: 'a user with a very long name' })).toMatch(/^[0-9a-f]{16}$/);
    expect(identityOf('BOULDER / JUNCTION ST1')).toBe('BOULDER-JUNCTION-ST1');
  });

  it('puts overlapping sessions on further connectors and no others', () => {
    const { rows } = parseSessions(csv(
      line('a', 'A', '1', '08:00', '10:00'), line('b', 'A', '2', '08:30', '09:00'), line('c', 'A', '1', '09:00', '09:30'), line('d', 'A', '1', '09:10', '09:20'),
      line('e', 'A', '1', '10:00', '10:00'), line('f', 'A', '1', '10:00', '11:00'), line('g', 'B', '', '08:00', '10:00'), line('h', 'B', '', '09:00', '10:00')));
    const { stations } = scheduleReplay(rows, { nowMs: now, dialect: 'mixed' });
    expect(stations.map(({ identity, connectorCount }) => [identity, connectorCount])).toEqual([['A', 4], ['B', 2]]);
    expect(stations[0]?.sessions.map(({ sessionId, connectorId }) => [sessionId, connectorId])).toEqual([['a', 1], ['b', 2], ['c', 3], ['d', 4], ['e', 1], ['f', 3]]);
    expect(stations[1]?.sessions.map(({ connectorId }) => connectorId)).toEqual([1, 2]);
    // On each connector the register goes on where the last session left it.
    expect(stations[0]?.sessions.filter(({ connectorId }) => connectorId === 1).map(({ meterStartWh }) => meterStartWh)).toEqual([0, 1_500]);
  });

  it('mixed: about half of the stations speak each dialect, and a station keeps its own whatever else the file holds', () => {
    const lines = Array.from({ length: 60 }, (_, i) => line(`s${i}`, `ST-${i}`, '1', '08:00', '09:00'));
    const dialects = (text: string) => new Map(scheduleReplay(parseSessions(text).rows, { nowMs: now, dialect: 'mixed' }).stations.map(({ identity, dialect }) => [identity, dialect]));
    const all = dialects(csv(...lines));
    const on201 = [...all.values()].filter((dialect) => dialect === '2.0.1').length;
    expect(on201).toBeGreaterThan(20);
    expect(on201).toBeLessThan(40);
    for (const [identity, dialect] of dialects(csv(...lines.slice(7, 31)))) expect(dialect).toBe(all.get(identity));
  });

  it('is told as a charger would: start, readings that rise, the end of the flow, the stop; a stop before the next start', () => {
    const { rows } = parseSessions(csv(line('a', 'A', '1', '08:00', '10:00', '12.345', '', '09:00'), line('b', 'A', '1', '10:00', '10:00', '0')));
    const script = scriptOf(scheduleReplay(rows, { nowMs: now, dialect: '1.6' }).stations[0]?.sessions ?? []);
    expect(script.map(({ kind, chargingState, reading }) => [kind, chargingState, reading?.registerWh])).toEqual([
      ['started', 'charging', 0], ['updated', 'charging', 2469], ['updated', 'charging', 4938], ['updated', 'charging', 7407], ['updated', 'charging', 9876],
      ['updated', 'suspendedEv', undefined], ['stopped', 'idle', 12345], ['started', 'charging', 12345], ['stopped', 'idle', 12345]]);
  });
});

describe('the audit reads the same file by itself', () => {
  it('and comes to the same sessions, cards, times and energy', () => {
    const text = csv(
      line('s1', 'A / x', '1', '08:00', '09:00', '1.0045', '', '08:30'), line('s2', '', '1', '08:00', '09:00'), line('s3', 'A / x', '1', '08:00', '08:30', '0', 'user-7'),
      line('s4', 'A | x', '', '07:00', '09:10', '3'), line('s4', 'A', '', '07:00', '09:10', '3'), line('s5', 'A / x', '1', '10:00', '09:00'));
    const { rows, refused, repeated } = parseSessions(text);
    const { stations, shiftWeeks } = scheduleReplay(rows, { nowMs: now, dialect: 'mixed' });
    const truth = fileTruthOf(text, new Date(now));
    expect(truth).toMatchObject({ rows: 6, refused: refused.length, refusedWithoutStation: 1, shiftWeeks, repeatedLines: repeated.map((row) => row.line) });
    const played = stations.flatMap(({ identity, sessions }) => sessions.map(({ sessionId, idTag, startMs, endMs, chargeEndMs, energyWh }) =>
      ({ identity, sessionId, idTag, startedAt: startMs, endedAt: endMs, energyWh, idleSeconds: (endMs - chargeEndMs) / 1_000 })));
    const bySession = (a: { sessionId: string }, b: { sessionId: string }) => (a.sessionId < b.sessionId ? -1 : 1);
    expect(truth.expected.map(({ line: _line, ...session }) => session).sort(bySession)).toEqual(played.sort(bySession));
  });
});

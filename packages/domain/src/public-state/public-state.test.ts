import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { offlineGraceMs, publicState, type ShownConnector, type ShownSession, type ShownStation } from './public-state.ts';

const now = new Date('2026-11-24T12:00:00Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1_000);
const session = (more: Partial<ShownSession> = {}): ShownSession => ({ startedAt: ago(600), endedAt: null, chargingEndedAt: null, energyWh: 1_234.5, powerW: 7_360, lastReadingAt: ago(10), ...more });
const connector = (status: string, more: Partial<ShownConnector> = {}): ShownConnector => ({ status, statusAt: ago(500), receivedAt: ago(500), session: null, ...more });
const station = (connectors: ShownConnector[], more: Partial<ShownStation> = {}): ShownStation => ({ isOnline: true, onlineSince: ago(3_600), offlineSince: null, status: 'Available', statusAt: ago(3_600), connectors, ...more });
const stateOf = (given: ShownStation) => publicState(given, now).state;

describe('the public state of a station', () => {
  it('says STANDBY, CHARGING with figures, FINISHED with the whole, and STANDBY again', () => {
    expect(stateOf(station([connector('Available')]))).toEqual({ status: 'STANDBY', power: 0, energy: 0, duration: 0, last_updated: ago(500).toISOString() });
    expect(stateOf(station([connector('Preparing')]))).toMatchObject({ status: 'STANDBY', power: 0 });
    expect(stateOf(station([connector('Charging', { session: session() })]))).toEqual({ status: 'CHARGING', power: 7.36, energy: 1.235, duration: 590, last_updated: ago(10).toISOString() });
    const ended = session({ endedAt: ago(5), energyWh: 1_300 });
    expect(stateOf(station([connector('Finishing', { session: ended })]))).toEqual({ status: 'FINISHED', power: 0, energy: 1.3, duration: 595, last_updated: ago(5).toISOString() });
    expect(stateOf(station([connector('Available', { statusAt: ago(1), receivedAt: ago(1), session: ended })]))).toEqual({ status: 'STANDBY', power: 0, energy: 0, duration: 0, last_updated: ago(1).toISOString() });
  });

  it('has finished when the vehicle takes no more, or its transaction ended and nothing was said since (2.x)', () => {
    expect(stateOf(station([connector('SuspendedEV', { session: session({ powerW: 0, chargingEndedAt: ago(100) }) })]))).toMatchObject({ status: 'FINISHED', power: 0, duration: 500 });
    expect(stateOf(station([connector('SuspendedEV', { session: session({ energyWh: 0, powerW: 0 }) })]))).toMatchObject({ status: 'CHARGING', power: 0 });
    expect(stateOf(station([connector('Charging', { session: session({ endedAt: ago(5) }) })]))).toMatchObject({ status: 'FINISHED', energy: 1.235 });
    expect(stateOf(station([connector('Occupied', { statusAt: ago(1), session: session({ endedAt: ago(50) }) })]))).toMatchObject({ status: 'STANDBY', energy: 0 });
    expect(stateOf(station([connector('SuspendedEVSE', { session: session({ powerW: 0 }) })]))).toMatchObject({ status: 'CHARGING', power: 0 });
  });

  it('is a FAULT where nobody can charge, and adds up the connectors of the liveliest word', () => {
    expect(stateOf(station([connector('Faulted')]))).toMatchObject({ status: 'FAULT' });
    expect(stateOf(station([connector('Available')], { status: 'Faulted' }))).toMatchObject({ status: 'FAULT' });
    expect(stateOf(station([connector('Faulted'), connector('Available')]))).toMatchObject({ status: 'STANDBY' });
    expect(stateOf(station([connector('Charging', { session: session({ startedAt: ago(60) }) }), connector('Charging', { session: session() }), connector('Available')]))).toMatchObject({ status: 'CHARGING', power: 14.72, energy: 2.469, duration: 590 });
    expect(stateOf(station([]))).toMatchObject({ status: 'STANDBY' });
    expect(stateOf(station([], { isOnline: false }))).toMatchObject({ status: 'FAULT' });
  });

  it('keeps its last word while a station changes its gateway, and says when that is over', () => {
    const away = station([connector('Charging', { session: session() })], { isOnline: false, offlineSince: ago(100) });
    expect(publicState(away, now)).toMatchObject({ state: { status: 'CHARGING' }, changesAt: new Date(ago(100).getTime() + offlineGraceMs) });
    expect(publicState({ ...away, offlineSince: ago(120) }, now)).toMatchObject({ state: { status: 'FAULT', power: 0, energy: 0, last_updated: ago(10).toISOString() }, changesAt: null });
  });

  it('D-04 holds the listed fields alone, each of its kind and within its bounds, whatever the books hold', () => {
    const time = fc.option(fc.date(), { nil: null });
    const number = fc.option(fc.double(), { nil: null });
    const secret = fc.constantFrom('04A1B2C3D4', 'CP-0001', '10.1.2.3', 'hunter2-password', 'WVWZZZ1JZXW000001');
    const anything = fc.dictionary(fc.constantFrom('idTag', 'tokenUid', 'identity', 'serial', 'vin', 'address', 'password', 'driverName', '__proto__'), secret);
    const words = fc.oneof(secret, fc.constantFrom('Available', 'Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Finishing', 'Reserved', 'Unavailable', 'Faulted', 'Occupied', 'Unknown'));
    const with_ = <T extends object>(shape: fc.Arbitrary<T>): fc.Arbitrary<T> => fc.tuple(anything, shape).map(([more, given]) => ({ ...more, ...given }));
    const sessions = with_(fc.record({ startedAt: fc.date(), endedAt: time, chargingEndedAt: time, energyWh: number, powerW: number, lastReadingAt: time }));
    const connectors = with_(fc.record({ status: words, statusAt: time, receivedAt: time, session: fc.option(sessions, { nil: null }) }));
    const stations = with_(fc.record({ isOnline: fc.boolean(), onlineSince: time, offlineSince: time, status: fc.option(words, { nil: null }), statusAt: time, connectors: fc.array(connectors, { maxLength: 4 }) }));
    fc.assert(fc.property(stations, (given) => {
      const { state } = publicState(given, now);
      expect(Object.keys(state).sort()).toEqual(['duration', 'energy', 'last_updated', 'power', 'status']);
      expect(['STANDBY', 'CHARGING', 'FINISHED', 'FAULT']).toContain(state.status);
      for (const figure of [state.power, state.energy, state.duration]) expect(Number.isFinite(figure) && figure >= 0 && figure <= 2_678_400).toBe(true);
      expect(state.last_updated <= now.toISOString() && /^\d{4}-\d\d-\d\dT/.test(state.last_updated)).toBe(true);
      expect(JSON.stringify(state)).not.toMatch(/04A1B2C3D4|CP-0001|10\.1\.2\.3|hunter2|WVWZZZ/);
    }), { numRuns: 500 });
  });
});

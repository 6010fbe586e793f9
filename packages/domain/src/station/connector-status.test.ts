import { expect, it } from 'vitest';
import { orderingTime, refineOccupied, speaksOfNow, statusIsNewer, statusTarget, worstStatus } from './connector-status.ts';

const now = new Date('2026-11-24T10:00:00Z');
const before = new Date('2026-11-24T09:59:00Z');

it('G-15 connector 0 is the station', () => {
  expect(statusTarget({ evseId: 0, connectorId: 0 })).toBe('station');
  expect(statusTarget({ evseId: 2, connectorId: 1 })).toBe('connector');
});

it('G-16 an older status overwrites nothing; without a time, or with a clock ahead or never set, receipt counts', () => {
  expect(statusIsNewer(now, before)).toBe(false);
  expect(statusIsNewer(now, now)).toBe(true);
  expect(statusIsNewer(null, before)).toBe(true);
  expect(orderingTime(null, now)).toBe(now);
  expect(orderingTime(new Date('1970-01-01T00:00:10Z'), now)).toBe(now);
  expect(orderingTime(new Date('2027-01-01T00:00:00Z'), now)).toBe(now);
  expect(orderingTime(before, now)).toBe(before);
});

it('a fact of minutes ago speaks of now, one of days ago does not', () => {
  expect(speaksOfNow(before, now)).toBe(true);
  expect(speaksOfNow(new Date('2026-11-21T10:00:00Z'), now)).toBe(false);
});

it('Occupied is refined by the running session', () => {
  expect(refineOccupied('Occupied', 'Charging', false)).toBe('Charging');
  expect(refineOccupied('Occupied', 'EVConnected', false)).toBe('Preparing');
  expect(refineOccupied('Occupied', 'EVConnected', true)).toBe('Finishing');
  expect(refineOccupied('Occupied', null, false)).toBe('Occupied');
  expect(refineOccupied('Available', 'Charging', true)).toBe('Available');
});

it('a station is as well as its worst connector', () => {
  expect(worstStatus(['Available', 'Faulted', 'Charging'])).toBe('Faulted');
  expect(worstStatus(['Available', 'Charging'])).toBe('Charging');
  expect(worstStatus([])).toBe('Unknown');
});

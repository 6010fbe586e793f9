import { expect, it } from 'vitest';
import { byUrgency, statusKey, statusKeys } from './status.ts';

it('knows the words of both dialects', () => {
  expect(statusKey('SuspendedEVSE')).toBe('suspended-evse');
  expect(statusKey('Occupied')).toBe('preparing');
  expect(statusKey('Occupied', { idleSince: null })).toBe('charging');
  expect(statusKey('Occupied', { idleSince: '2026-11-24T07:00:00Z' })).toBe('suspended-ev');
  expect(statusKey('Offline')).toBe('offline');
  expect(statusKey(null)).toBe('unknown');
  expect(statusKey('SomethingNew')).toBe('unknown');
});

it('puts what needs someone first', () => {
  expect([...statusKeys].sort(byUrgency).slice(0, 2)).toEqual(['offline', 'faulted']);
});

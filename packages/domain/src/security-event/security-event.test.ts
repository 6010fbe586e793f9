import { describe, expect, it } from 'vitest';
import { countedAs, sameEventKey, severityOf } from './security-event.ts';

const event = { stationId: 's', identity: 'CP_1', kind: 'TamperDetectionActivated', detail: 'door', at: new Date('2026-11-24T10:00:00.000Z') };
const later = new Date('2026-11-24T10:00:01.000Z');

describe('security events', () => {
  it('a name that nobody knows is a notice, and no label', () => {
    expect([severityOf('TamperDetectionActivated'), severityOf('MyOwnEvent'), severityOf('__proto__')]).toEqual(['critical', 'notice', 'notice']);
    expect([countedAs('InvalidMessages'), countedAs('MyOwnEvent'), countedAs('constructor')]).toEqual(['InvalidMessages', 'other', 'other']);
  });

  it('C-11 a station\'s event is the same by type, time and text; one of ours within the minute', () => {
    expect(sameEventKey({ ...event })).toBe(sameEventKey(event));
    for (const other of [{ ...event, stationId: 't' }, { ...event, kind: 'InvalidMessages' }, { ...event, detail: 'lid' }, { ...event, at: later }]) expect(sameEventKey(other)).not.toBe(sameEventKey(event));
    const ours = { ...event, kind: 'bad-certificate' };
    expect(sameEventKey({ ...ours, at: later })).toBe(sameEventKey(ours));
    expect(sameEventKey({ ...ours, at: new Date('2026-11-24T10:01:00Z') })).not.toBe(sameEventKey(ours));
  });

  it('strangers are told apart by the name that they gave', () => {
    const stranger = { ...event, stationId: null };
    expect(sameEventKey({ ...stranger, identity: 'X' })).not.toBe(sameEventKey(stranger));
  });
});

import { describe, expect, it } from 'vitest';
import { decideAuthorization } from './decide.ts';
import type { Token } from './token.ts';

const at = new Date('2026-11-24T10:00:00Z');
const token: Token = { tenantId: 'demo', id: 't', uid: 'CARD1', status: 'active', validUntil: null, parentUid: null };
const here = { sessionId: 's1', stationId: 'a' };
const elsewhere = { sessionId: 's2', stationId: 'b', heardAt: new Date('2026-11-24T09:59:00Z') };

describe('the decision for a card', () => {
  it.each([
    ['unknown', null, 'Invalid'],
    ['active', token, 'Accepted'],
    ['blocked', { ...token, status: 'blocked' as const }, 'Blocked'],
    ['past its time', { ...token, validUntil: at }, 'Expired'],
    ['before its time', { ...token, validFrom: new Date(at.getTime() + 1) }, 'Invalid'],
    ['from its first moment', { ...token, validFrom: at }, 'Accepted'],
    ['within its time', { ...token, validUntil: new Date(at.getTime() + 1) }, 'Accepted'],
  ])('%s', (_name, card, expected) => {
    expect(decideAuthorization(card, [], at, here)).toBe(expected);
  });

  it('is ConcurrentTx while the card charges at another station', () => {
    expect(decideAuthorization(token, [elsewhere], at, here)).toBe('ConcurrentTx');
  });
  it('G-04 does not count the own earlier copy of the transaction', () => {
    expect(decideAuthorization(token, [{ ...elsewhere, sessionId: 's1' }], at, here)).toBe('Accepted');
  });
  it('lets a card stop its own session where it charges', () => {
    expect(decideAuthorization(token, [{ ...elsewhere, stationId: 'a' }], at, { sessionId: null, stationId: 'a' })).toBe('Accepted');
  });
  it('forgets a session of which nobody has heard for a day', () => {
    expect(decideAuthorization(token, [{ ...elsewhere, heardAt: new Date('2026-11-23T10:00:00Z') }], at, here)).toBe('Accepted');
  });
  it('does not hold a later session against a start that was queued offline', () => {
    expect(decideAuthorization(token, [{ ...elsewhere, startedAt: new Date(at.getTime() + 3_600_000) }], at, here)).toBe('Accepted');
    expect(decideAuthorization(token, [{ ...elsewhere, startedAt: new Date(at.getTime() + 1000) }], at, here)).toBe('ConcurrentTx');
  });
  it('C-14 lets a card charge at several stations where its tenant allows it, and still not a blocked one', () => {
    expect(decideAuthorization({ ...token, concurrentUse: 'allow' }, [elsewhere], at, here)).toBe('Accepted');
    expect(decideAuthorization({ ...token, concurrentUse: 'refuse' }, [elsewhere], at, here)).toBe('ConcurrentTx');
    expect(decideAuthorization({ ...token, concurrentUse: 'allow', status: 'blocked' }, [elsewhere], at, here)).toBe('Blocked');
  });
  it('lets the operator’s own token run several', () => {
    expect(decideAuthorization({ ...token, kind: 'central' }, [elsewhere], at, here)).toBe('Accepted');
  });
});

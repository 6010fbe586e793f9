import { describe, expect, it } from 'vitest';
import { isDueForRenewal, refusalOfRequest, validityFrom, wrongName } from './judge.ts';

const station = { identity: 'CP_1', operatorName: 'Demo' };
const good = { commonNames: ['CP_1'], organizations: ['Demo'], strongKey: true, asksTooMuch: false };
const now = new Date('2026-11-24T10:00:00.500Z');

describe('whose certificate it is', () => {
  it('one CN that is the identity and one O that is the operator, and nothing beside them', () => {
    expect(wrongName(good, station)).toBeNull();
    for (const commonNames of [[], ['CP_2'], ['cp_1'], ['CP_1 '], ['CP_1', 'CP_2'], ['CP_2', 'CP_1']]) expect(wrongName({ ...good, commonNames }, station)).toBe('wrong-name');
    for (const organizations of [[], ['Kota'], ['Demo', 'Kota']]) expect(wrongName({ ...good, organizations }, station)).toBe('wrong-operator');
  });

  it('a request for another station, with a short key, or for an authority is refused with its reason', () => {
    expect(refusalOfRequest(good, station)).toBeNull();
    expect(refusalOfRequest({ ...good, commonNames: ['CP_2'] }, station)).toMatch(/identity/);
    expect(refusalOfRequest({ ...good, organizations: [] }, station)).toMatch(/CpoName/);
    expect(refusalOfRequest({ ...good, strongKey: false }, station)).toMatch(/RSA 2048/);
    expect(refusalOfRequest({ ...good, asksTooMuch: true }, station)).toMatch(/more than a client/);
  });

  it('C-10 a certificate is valid for a year at most, from whole seconds, and never beyond its authority', () => {
    const { notBefore, notAfter } = validityFrom(now, { notAfter: new Date('2036-01-01T00:00:00Z') });
    expect(notBefore).toEqual(new Date('2026-11-24T09:00:00Z'));
    expect(notAfter.getTime() - notBefore.getTime()).toBe(365 * 86_400_000);
    expect(validityFrom(now, { notAfter: new Date('2026-12-24T00:00:00Z') }).notAfter).toEqual(new Date('2026-12-24T00:00:00Z'));
  });

  it('C-10 renewal begins 30 days before the end', () => {
    expect(isDueForRenewal({ notAfter: new Date(now.getTime() + 30 * 86_400_000 + 1) }, now)).toBe(false);
    expect(isDueForRenewal({ notAfter: new Date(now.getTime() + 30 * 86_400_000) }, now)).toBe(true);
  });
});

import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate, makeSubordinateAuthority, type KeyAndCertificate } from './make-certificate.ts';
import { verifyClientChain } from './verify-chain.ts';

const times = { notBefore: new Date('2026-11-01T00:00:00Z'), notAfter: new Date('2027-11-01T00:00:00Z') };
const now = new Date('2026-11-24T00:00:00Z');
const der = (...each: KeyAndCertificate[]): Buffer[] => each.map(({ certificatePem }) => new X509Certificate(certificatePem).raw);

let ours: KeyAndCertificate;
let theirs: KeyAndCertificate;
let leaf: KeyAndCertificate;
beforeAll(async () => {
  [ours, theirs] = await Promise.all([makeAuthority({ commonName: 'CA', organization: 'Demo', ...times }), makeAuthority({ commonName: 'CA', organization: 'Demo', ...times })]);
  leaf = await makeCertificate({ commonName: 'CP_1', organization: 'Demo', usage: 'client', ...times }, ours);
});
const verdictOf = (chain: Buffer[], at = now, authorities = [ours.certificatePem]) => verifyClientChain({ chain, authorities, now: at });
const reasonOf = (...args: Parameters<typeof verdictOf>) => { const verdict = verdictOf(...args); return verdict.ok ? 'ok' : verdict.reason; };

describe('a client\'s chain', () => {
  it('is good under its own authority, alone or with the authority sent along', () => {
    expect(verdictOf(der(leaf))).toMatchObject({ ok: true, leaf: { commonNames: ['CP_1'], organizations: ['Demo'] } });
    expect(reasonOf(der(leaf, ours))).toBe('ok');
  });

  it('is nobody\'s under another authority, also one of the same name, and under one that it brings along itself', () => {
    expect(reasonOf(der(leaf), now, [theirs.certificatePem])).toBe('untrusted');
    expect(reasonOf(der(leaf, ours), now, [theirs.certificatePem])).toBe('untrusted');
    expect(reasonOf(der(leaf), now, [])).toBe('untrusted');
    expect(reasonOf(der(ours))).toBe('untrusted');
  });

  it('has its dates to the second', () => {
    expect(reasonOf(der(leaf), new Date(times.notAfter.getTime() + 999))).toBe('ok');
    expect(reasonOf(der(leaf), new Date(times.notAfter.getTime() + 1_000))).toBe('expired');
    expect(reasonOf(der(leaf), times.notBefore)).toBe('ok');
    expect(reasonOf(der(leaf), new Date(times.notBefore.getTime() - 1))).toBe('not-yet-valid');
  });

  it('a certificate of a client is no authority, however long the chain', async () => {
    const forged = await makeCertificate({ commonName: 'CP_2', organization: 'Demo', usage: 'client', ...times }, leaf);
    expect(reasonOf(der(forged, leaf))).toBe('untrusted');
    expect(reasonOf(der(forged, leaf, ours))).toBe('untrusted');
  });

  it('goes over authorities in between, in any order, as far as their path length and their dates allow', async () => {
    const upper = await makeSubordinateAuthority({ commonName: 'upper', pathLength: 0, ...times }, ours);
    const lower = await makeSubordinateAuthority({ commonName: 'lower', ...times }, upper);
    const ended = await makeSubordinateAuthority({ commonName: 'ended', notBefore: times.notBefore, notAfter: new Date(now.getTime() - 1_000) }, ours);
    const below = (issuer: KeyAndCertificate) => makeCertificate({ commonName: 'CP_1', organization: 'Demo', usage: 'client', ...times }, issuer);
    const [one, two, late] = await Promise.all([below(upper), below(lower), below(ended)]);
    expect(reasonOf(der(one, upper))).toBe('ok');
    expect(reasonOf(der(one, ours, upper))).toBe('ok');
    expect(reasonOf(der(one))).toBe('untrusted');
    expect(reasonOf(der(one), now, [ours.certificatePem, upper.certificatePem])).toBe('ok');
    expect(reasonOf(der(two, lower, upper))).toBe('untrusted');
    expect(reasonOf(der(late, ended))).toBe('expired');
  });

  it('short keys and a server\'s certificate are refused', async () => {
    const [short, server] = await Promise.all([
      makeCertificate({ commonName: 'CP_1', organization: 'Demo', usage: 'client', key: 'rsa-1024', ...times }, ours),
      makeCertificate({ commonName: 'CP_1', organization: 'Demo', usage: 'server', ...times }, ours),
    ]);
    expect(reasonOf(der(short))).toBe('weak-key');
    expect(reasonOf(der(server))).toBe('not-for-clients');
  });

  it('what is no certificate costs nothing', () => {
    expect(reasonOf([])).toBe('no-certificate');
    expect(reasonOf([Buffer.from('nonsense')])).toBe('unreadable');
    expect(reasonOf([...der(leaf), Buffer.alloc(0)])).toBe('unreadable');
    expect(reasonOf(Array.from({ length: 50 }, () => der(leaf)[0]!))).toBe('unreadable');
    expect(reasonOf(der(leaf), now, ['no PEM at all'])).toBe('untrusted');
  });
});

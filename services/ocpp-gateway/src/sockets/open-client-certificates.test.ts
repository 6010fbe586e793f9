import type { CertificateName, SeenCertificate, TenantTrust } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { makeAuthority, makeCertificate, makeSubordinateAuthority, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openClientCertificates } from './open-client-certificates.ts';

const now = new Date('2026-11-24T10:00:00Z');
const times = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
let ca: KeyAndCertificate;
let chains: Record<'CP_1' | 'CP_2', Buffer[]>;
beforeAll(async () => {
  ca = await makeAuthority({ commonName: 'CA', organization: 'Demo', ...times });
  const chainOf = async (commonName: string) => [readCertificate((await makeCertificate({ commonName, organization: 'Demo', usage: 'client', ...times }, ca)).certificatePem)!.openssl.raw];
  chains = { CP_1: await chainOf('CP_1'), CP_2: await chainOf('CP_2') };
});

const books = {
  away: false, trusts: 0, seen: [] as string[], events: [] as string[], revoked: new Set<string>(), chains: new Map<string, string>(), authority: null as TenantTrust | null,
  ask<T>(answer: T): Promise<T> { return books.away ? Promise.reject(new BooksUnavailable('a test')) : Promise.resolve(answer); },
};
beforeEach(() => Object.assign(books, { away: false, trusts: 0, seen: [], events: [], revoked: new Set(), chains: new Map(), authority: { operatorName: 'Demo', authorities: [ca.certificatePem] } }));
const open = () => openClientCertificates({
  certificates: {
    trust: () => { books.trusts += 1; return books.ask(books.authority); },
    isRevoked: (_tenant: string, { serialNumber }: CertificateName) => books.ask(books.revoked.has(serialNumber)),
    seen: (_tenant: string, { identity, certificatePem, fingerprintSha256 }: SeenCertificate) => { books.seen.push(identity); books.chains.set(`${identity}/${fingerprintSha256}`, certificatePem); return books.ask(undefined); },
    chainOf: (_tenant: string, identity: string, fingerprint: string) => books.ask(books.chains.get(`${identity}/${fingerprint}`) ?? null),
  },
  stations: { securityEvent: async (_tenant, { detail }) => { books.events.push(detail); } }, proxies: null, onError: () => undefined,
});
const claim = (identity: 'CP_1' | 'CP_2', at = now) => ({ tenantId: 'demo', identity, chain: chains[identity], now: at });

describe('client certificates and the books', () => {
  it('authorities are asked for once by a crowd, a revocation each time, and a certificate is noted once', async () => {
    const certificates = open();
    for (let i = 0; i < 5; i++) expect((await certificates.verify(claim('CP_1'))).ok).toBe(true);
    expect([books.trusts, books.seen]).toEqual([1, ['CP_1']]);
    books.authority = null;
    const later = new Date(now.getTime() + 5_000);
    expect(await certificates.verify(claim('CP_1', later))).toEqual({ ok: false, reason: 'untrusted' });
    expect(books.events).toEqual(['untrusted']);
  });

  it('C-04 while the books are away who was good comes back, and who was never seen cannot be judged', async () => {
    const certificates = open();
    const first = await certificates.verify(claim('CP_1'));
    books.away = true;
    const later = new Date(now.getTime() + 60_000);
    expect(await certificates.verify(claim('CP_1', later))).toEqual(first);
    await expect(certificates.verify(claim('CP_2', later))).rejects.toThrow(BooksUnavailable);
    expect(await certificates.verify(claim('CP_1', new Date(times.notAfter.getTime() + 1_000)))).toEqual({ ok: false, reason: 'expired' });
  });

  it('C-04 a certificate that comes alone is judged with what it came with before, here or at another gateway, and never where it was not good', async () => {
    const between = await makeSubordinateAuthority({ commonName: 'Between', organization: 'Demo', ...times }, ca);
    const der = ({ certificatePem }: KeyAndCertificate) => readCertificate(certificatePem)!.openssl.raw;
    const leafOf = async (issuer: KeyAndCertificate) => der(await makeCertificate({ commonName: 'CP_1', organization: 'Demo', usage: 'client', ...times }, issuer));
    const leaf = await leafOf(between);
    const ask = (gateway: ReturnType<typeof open>, chain: Buffer[], identity: 'CP_1' | 'CP_2' = 'CP_1') => gateway.verify({ tenantId: 'demo', identity, chain, now });
    const [here, there] = [open(), open()];
    expect(await ask(here, [leaf])).toEqual({ ok: false, reason: 'untrusted' });
    const first = await ask(here, [leaf, der(between)]);
    expect(first.ok).toBe(true);
    expect(await ask(there, [leaf])).toEqual(first);
    expect((await ask(there, [leaf], 'CP_2')).ok, 'somebody else\'s').toBe(false);
    const foreign = await makeSubordinateAuthority({ commonName: 'Between', organization: 'Demo', ...times }, await makeAuthority({ commonName: 'CA', organization: 'Demo', ...times }));
    const bad = await leafOf(foreign);
    for (const chain of [[bad, der(foreign)], [bad], [bad, der(between)]]) expect(await ask(here, chain)).toEqual({ ok: false, reason: 'untrusted' });
    books.away = true;
    expect(await ask(here, [leaf]), 'from memory').toEqual(first);
    await expect(ask(open(), [leaf])).rejects.toThrow(BooksUnavailable);
  });

  it('C-04 who was revoked is not remembered as good', async () => {
    const certificates = open();
    const verdict = await certificates.verify(claim('CP_1'));
    if (!verdict.ok) throw new Error(verdict.reason);
    books.revoked.add(verdict.certificate.serialNumber);
    expect(await certificates.stillGood('demo', verdict.certificate, now)).toBe(false);
    expect(await certificates.verify(claim('CP_1'))).toEqual({ ok: false, reason: 'revoked' });
    books.away = true;
    await expect(certificates.verify(claim('CP_1'))).rejects.toThrow(BooksUnavailable);
  });
});

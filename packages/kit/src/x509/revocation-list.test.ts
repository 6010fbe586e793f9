import { beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate, makeRevocationList, type KeyAndCertificate } from './make-certificate.ts';
import { readCertificate } from './read-certificate.ts';
import { readRevocationList, revocationListUrls } from './revocation-list.ts';

const now = new Date('2026-11-24T10:00:00Z');
const times = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') };
const week = { thisUpdate: new Date('2026-11-23T00:00:00Z'), nextUpdate: new Date('2026-11-30T00:00:00Z') };
let ours: KeyAndCertificate;
let theirs: KeyAndCertificate;
beforeAll(async () => { [ours, theirs] = await Promise.all([makeAuthority({ commonName: 'CA', ...times }), makeAuthority({ commonName: 'CA', ...times })]); });

describe('a revocation list', () => {
  it('names what its own authority revoked, by the name that a certificate has here', async () => {
    const certificate = readCertificate((await makeCertificate({ commonName: 'CP_1', usage: 'client', ...times }, ours)).certificatePem)!;
    const list = await makeRevocationList({ serialNumbers: [certificate.serialNumber, '00ab'], ...week }, ours);
    expect(await readRevocationList(list, readCertificate(ours.certificatePem)!, now)).toEqual({
      issuer: certificate.issuer, ...week,
      revoked: [{ serialNumber: certificate.serialNumber, revokedAt: week.thisUpdate, reason: 'keyCompromise' }, { serialNumber: 'AB', revokedAt: week.thisUpdate, reason: 'keyCompromise' }],
    });
  });

  it('of another authority, out of date or garbled is none', async () => {
    const issuer = readCertificate(ours.certificatePem)!;
    expect(await readRevocationList(await makeRevocationList({ serialNumbers: ['01'], ...week }, theirs), issuer, now)).toBeNull();
    const list = await makeRevocationList({ serialNumbers: ['01'], ...week }, ours);
    expect(await readRevocationList(list, issuer, new Date('2026-12-01T00:00:00Z'))).toBeNull();
    expect(await readRevocationList(list, issuer, new Date('2026-11-01T00:00:00Z'))).toBeNull();
    for (const each of [Buffer.alloc(0), Buffer.from('nonsense'), list.subarray(0, 80)]) expect(await readRevocationList(each, issuer, now)).toBeNull();
  });

  it('is where its certificates say, over http or https', async () => {
    const pemOf = async (revocationListUrl?: string) => (await makeCertificate({ commonName: 'CP_1', usage: 'client', ...times, ...(revocationListUrl === undefined ? {} : { revocationListUrl }) }, ours)).certificatePem;
    expect(revocationListUrls(await pemOf('http://crl.example/ca.crl'))).toEqual(['http://crl.example/ca.crl']);
    expect(revocationListUrls(await pemOf('ldap://crl.example/cn=ca'))).toEqual([]);
    expect(revocationListUrls(await pemOf())).toEqual([]);
    expect(revocationListUrls('nonsense')).toEqual([]);
  });
});

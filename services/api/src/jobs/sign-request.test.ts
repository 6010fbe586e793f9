import type { GuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { makeAuthority, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { makeSigningRequest, signRequest } from '@csms/kit/x509/signing-request';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TenantAuthority, TenantSigner } from './authority-folder.ts';
import { signFor } from './sign-request.ts';

const now = new Date('2026-11-24T10:00:00Z');
const times = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };
let ca: KeyAndCertificate;
let other: KeyAndCertificate;
let csrPem: string;
beforeAll(async () => {
  [ca, other] = await Promise.all([makeAuthority({ commonName: 'CA', organization: 'Demo', ...times }), makeAuthority({ commonName: 'CA', organization: 'Demo', ...times })]);
  ({ csrPem } = await makeSigningRequest({ commonName: 'CP_1', organization: 'Demo' }));
});

const nobody: GuardedFetch = async () => { throw new Error('nobody is asked'); };
const authority = (signer: TenantSigner): TenantAuthority => ({ tenantId: 'demo', operatorName: 'Demo', certificates: [readCertificate(ca.certificatePem)!], signer });
const service: TenantSigner = { kind: 'service', url: 'https://signer.example/sign', bearerToken: 'secret' };
const yearFrom = (start: Date, days = 365) => ({ notBefore: start, notAfter: new Date(start.getTime() + days * 86_400_000) });

describe('who signs', () => {
  it('C-10 with the key of its folder makes a certificate of a year at most', async () => {
    const { leaf } = await signFor(authority({ kind: 'key', ...ca }), { csrPem, identity: 'CP_1' }, now, nobody);
    expect([leaf.commonNames, leaf.organizations]).toEqual([['CP_1'], ['Demo']]);
    expect(leaf.notAfter.getTime() - leaf.notBefore.getTime()).toBe(365 * 86_400_000);
  });

  it('C-10 as a service is asked with its token and is believed when it signed what was asked', async () => {
    const asked: { url: string; authorization: string | undefined; body: unknown }[] = [];
    const { leaf } = await signFor(authority(service), { csrPem, identity: 'CP_1' }, now, async ({ url, headers, body }) => {
      asked.push({ url, authorization: headers?.['authorization'], body: JSON.parse(String(body)) });
      return { status: 201, headers: {}, body: Buffer.from(JSON.stringify({ certificatePem: await signRequest({ csrPem, commonName: 'CP_1', organization: 'Demo', ...yearFrom(now) }, ca) })) };
    });
    expect(leaf.commonNames).toEqual(['CP_1']);
    expect(asked).toMatchObject([{ url: 'https://signer.example/sign', authorization: 'Bearer secret', body: { csrPem, commonName: 'CP_1', organization: 'Demo' } }]);
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['another name', () => signRequest({ csrPem, commonName: 'CP_2', organization: 'Demo', ...yearFrom(now) }, ca), /wrong-name/],
    ['another operator', () => signRequest({ csrPem, commonName: 'CP_1', organization: 'Kota', ...yearFrom(now) }, ca), /wrong-operator/],
    ['another key', async () => signRequest({ csrPem: (await makeSigningRequest({ commonName: 'CP_1', organization: 'Demo' })).csrPem, commonName: 'CP_1', organization: 'Demo', ...yearFrom(now) }, ca), /another key/],
    ['another authority', () => signRequest({ csrPem, commonName: 'CP_1', organization: 'Demo', ...yearFrom(now) }, other), /untrusted/],
    ['two years', () => signRequest({ csrPem, commonName: 'CP_1', organization: 'Demo', ...yearFrom(now, 730) }, ca), /more than a year/],
    ['garbage', async () => 'garbage', /no certificate/],
  ])('C-10 as a service that signs %s is not believed', async (_title, answer, reason) => {
    const fetch: GuardedFetch = async () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify({ certificatePem: await answer() })) });
    await expect(signFor(authority(service), { csrPem, identity: 'CP_1' }, now, fetch)).rejects.toThrow(reason);
  });

  it('that answers with an error, or with no JSON, leaves the request where it is', async () => {
    await expect(signFor(authority(service), { csrPem, identity: 'CP_1' }, now, async () => ({ status: 500, headers: {}, body: Buffer.alloc(0) }))).rejects.toThrow(/500/);
    await expect(signFor(authority(service), { csrPem, identity: 'CP_1' }, now, async () => ({ status: 200, headers: {}, body: Buffer.from('<html>') }))).rejects.toThrow();
  });
});

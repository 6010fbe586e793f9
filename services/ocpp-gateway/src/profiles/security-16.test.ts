import { standardEvents } from '@csms/domain/security-event/security-event';
import { makeSigningRequest } from '@csms/kit/x509/signing-request';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryBooks } from '../testing/memory-books.ts';
import { testSession } from '../testing/test-session.ts';

let books: MemoryBooks;
beforeEach(() => {
  books = new MemoryBooks();
  books.trust = { operatorName: 'Demo', authorities: [] };
});

async function ask(action: string, request: object): Promise<unknown> {
  const { receive, frames } = testSession(books);
  receive([2, '1', action, request]);
  await expect.poll(frames).toHaveLength(1);
  return frames()[0]?.[2];
}

describe('SignCertificate', () => {
  it('C-10 a request of this station and this operator is stored and accepted, with the use of edition 4 or without', async () => {
    const { csrPem } = await makeSigningRequest({ commonName: 'CP_1', organization: 'Demo' });
    expect(await ask('SignCertificate', { csr: csrPem })).toEqual({ status: 'Accepted' });
    expect(await ask('SignCertificate', { csr: csrPem, typeOfCertificate: 'ChargingStationCertificate' })).toEqual({ status: 'Accepted' });
    expect(books.signingRequests.map((request) => request.csrPem)).toEqual([csrPem, csrPem]);
    expect(books.securityEvents).toEqual([]);
  });

  it.each([
    ['another\'s CN', { commonName: 'CP_2', organization: 'Demo' }, /identity/],
    ['another operator\'s O', { commonName: 'CP_1', organization: 'Kota' }, /CpoName/],
    ['a key of 1024 bits', { commonName: 'CP_1', organization: 'Demo', key: 'rsa-1024' }, /RSA 2048/],
    ['CA:TRUE', { commonName: 'CP_1', organization: 'Demo', authority: true }, /more than a client/],
  ] as const)('C-10 a request with %s is refused at once, with its reason, and stored nowhere', async (_title, wanted, reason) => {
    const { csrPem } = await makeSigningRequest(wanted);
    expect(await ask('SignCertificate', { csr: csrPem })).toEqual({ status: 'Rejected' });
    expect(books.signingRequests).toEqual([]);
    expect(books.securityEvents).toEqual(['signing-request-refused']);
    expect(books.securityDetails[0]).toMatch(reason);
  });

  it('C-10 garbage, 11 KB and a use that is not ours are refused', async () => {
    const { csrPem } = await makeSigningRequest({ commonName: 'CP_1', organization: 'Demo' });
    for (const request of [{ csr: 'garbage' }, { csr: csrPem.padEnd(11_000, '\n') }, { csr: csrPem, typeOfCertificate: 'V2GCertificate' }]) expect(await ask('SignCertificate', request)).toEqual({ status: 'Rejected' });
    expect(books.signingRequests).toEqual([]);
  });

  it.each(['too-many', 'no-authority', 'key-reused'] as const)('C-10 what the books do not take (%s) is refused', async (outcome) => {
    books.signingOutcome = outcome;
    const { csrPem } = await makeSigningRequest({ commonName: 'CP_1', organization: 'Demo' });
    expect(await ask('SignCertificate', { csr: csrPem })).toEqual({ status: 'Rejected' });
  });
});

describe('SecurityEventNotification', () => {
  it.each(Object.keys(standardEvents))('C-11 %s is stored under its own name', async (type) => {
    expect(await ask('SecurityEventNotification', { type, timestamp: '2026-11-24T08:00:00Z', techInfo: 'seen' })).toEqual({});
    expect([books.securityEvents, books.securityDetails]).toEqual([[type], ['seen']]);
  });
});

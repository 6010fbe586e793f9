import { openReplyDesk } from '@csms/bus';
import { CertificateAuthorityPage, InstalledCertificatePage, SigningRequestPage, StationCertificate, StationCertificatePage } from '@csms/contracts/http/certificates';
import { Command } from '@csms/contracts/http/commands';
import { StationCreated } from '@csms/contracts/http/stations';
import { createLogger, createMetrics, uuidv7 } from '@csms/kit';
import { createGuardedFetch } from '@csms/kit/outgoing/guarded-fetch';
import { hashOfRoot } from '@csms/kit/x509/certificate-hash';
import { makeAuthority, makeCertificate, makeRevocationList, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { readBundle, readCertificate } from '@csms/kit/x509/read-certificate';
import { makeSigningRequest } from '@csms/kit/x509/signing-request';
import { makeOcspAnswer } from '@csms/kit/x509/testing/ocsp-answer';
import { openBooks, openCommandLedger } from '@csms/store';
import { createPrivateKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '../../ocpp-gateway/src/commands/testing/gateway-process.ts';
import { createWireCharger, type WireCharger } from '../../ocpp-gateway/src/commands/testing/wire-charger.ts';
import { readRevocations } from '../src/jobs/revocations.ts';
import { startCertificateJobs } from '../src/jobs/start-certificate-jobs.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* Certificates from a station's request to its end: a gateway of its own process, the API and its jobs here, one real PostgreSQL under both. */

let api: TestApi;
let gateway: GatewayProcess;
let stop: () => Promise<void>;
let ca: KeyAndCertificate;
let [admin, operator, siteId] = ['', '', ''];
const dir = mkdtempSync(join(tmpdir(), 'csms-ca-'));
const log = createLogger('test', 'silent');
const chargers: WireCharger[] = [];
const metrics = createMetrics('api');
const dayMs = 86_400_000;
const times = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + 3_650 * dayMs) };

beforeAll(async () => {
  api = await startTestApi();
  [admin, operator, siteId] = [await api.tokenFor('demo', 'admin'), await api.tokenFor('demo', 'operator'), await api.site('demo', 'bandung-01')];
  await api.site('kota', 'kota-01');
  ca = await makeAuthority({ commonName: 'Demo CA', organization: 'Demo', ...times });
  mkdirSync(join(dir, 'demo'));
  writeFileSync(join(dir, 'demo/ca.pem'), ca.certificatePem);
  writeFileSync(join(dir, 'demo/ca.key'), ca.keyPem);
  mkdirSync(join(dir, 'broken'));
  writeFileSync(join(dir, 'broken/ca.pem'), 'nonsense');
  const replies = await openReplyDesk(api.bus, `certificates-${uuidv7()}`);
  const parts = { pool: api.pool, bus: api.bus, replies, ledger: openCommandLedger({ pool: api.pool }), now: () => new Date(), newId: uuidv7, log };
  const running = startCertificateJobs(parts, { CSMS_CA_DIR: dir, CSMS_SIGNER_HOSTS: [], CSMS_SIGNER_ADDRESSES: [], CSMS_REVOCATION_HOSTS: [] }, metrics, { runEveryMs: 50 });
  stop = async () => { await running(); await replies.close(); };
  gateway = await startGatewayProcess({ DATABASE_URL: api.database.appUrl, BUS_DATABASE_URL: api.database.busUrl, CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: 'a-pepper-for-tests-only' });
  await vi.waitFor(async () => {
    expect(CertificateAuthorityPage.parse((await api.call('GET', '/certificate-authorities', operator)).body).items).toMatchObject([{ operatorName: 'Demo', signs: true, state: 'active' }]);
  }, { timeout: 20_000, interval: 50 });
});
afterAll(async () => {
  for (const charger of chargers) charger.close();
  await gateway?.kill('SIGKILL');
  await stop?.();
  await api?.close();
  rmSync(dir, { recursive: true, force: true });
});

interface Given { identity: string; stationId: string; charger: WireCharger }

async function aCharger(identity: string): Promise<Given> {
  const made = StationCreated.parse((await api.call('POST', '/stations', admin, { siteId, identity })).body);
  const charger = createWireCharger(identity, made.credential.password);
  chargers.push(charger);
  await charger.connect(gateway.port);
  await charger.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  // A socket is claimed beside its first message: a command that comes before finds nobody.
  await expect.poll(async () => (await api.bus.ownerOf('demo', made.station.id))?.gateway).toBe(gateway.name);
  return { identity, stationId: made.station.id, charger };
}
const certificatesOf = async (stationId: string) => StationCertificatePage.parse((await api.call('GET', `/certificates?stationId=${stationId}`, operator)).body).items;
/** The earliest end of a certificate, as the metric has it. */
const earliestEnd = async (kind: string) => new Date(1_000 * Number(new RegExp(`csms_certificate_expiry_timestamp_seconds\\{kind="${kind}".*\\} (\\S+)`).exec(await metrics.metrics())?.[1]));
const callsOf = (charger: WireCharger, action: string) => charger.calls.filter((call) => call.action === action);
const request = (identity: string) => makeSigningRequest({ commonName: identity, organization: 'Demo' });
/** Asks for a certificate and takes it. */
async function certified(identity: string) {
  const given = await aCharger(identity);
  const { csrPem, keyPem } = await request(identity);
  expect(await given.charger.call('SignCertificate', { csr: csrPem })).toEqual({ status: 'Accepted' });
  await expect.poll(async () => (await certificatesOf(given.stationId)).map(({ state }) => state)).toEqual(['installed']);
  return { ...given, csrPem, keyPem, certificate: (await certificatesOf(given.stationId))[0]! };
}

describe('a station\'s own certificate', () => {
  it('C-10 is signed by its tenant\'s authority for a year at most, delivered and installed, and its end is known', async () => {
    const { identity, stationId, charger, keyPem, certificate } = await certified('SIGN');
    const [delivered] = callsOf(charger, 'CertificateSigned');
    const leaf = readBundle(String(delivered?.payload['certificateChain']))?.[0];
    expect([leaf?.commonNames, leaf?.organizations, leaf?.openssl.checkPrivateKey(createPrivateKey(keyPem))]).toEqual([[identity], ['Demo'], true]);
    expect(leaf?.openssl.verify(readCertificate(ca.certificatePem)!.openssl.publicKey)).toBe(true);
    expect(leaf!.notAfter.getTime() - Date.now()).toBeLessThanOrEqual(365 * dayMs);
    expect(certificate).toMatchObject({ origin: 'signed-here', serialNumber: leaf!.serialNumber, identity });
    expect(callsOf(charger, 'CertificateSigned')).toHaveLength(1);
    expect(SigningRequestPage.parse((await api.call('GET', `/signing-requests?stationId=${stationId}`, operator)).body).items).toMatchObject([{ state: 'signed' }]);
    await expect.poll(() => earliestEnd('station')).toEqual(leaf!.notAfter);
    const { rows } = await api.admin.query("SELECT actor FROM audit WHERE action = 'certificate.sign' AND target = $1", [certificate.id]);
    expect(rows).toEqual([{ actor: 'certificates' }]);
  });

  it('C-10 is asked for three times a day at most; the same request again is no other one', async () => {
    const { identity, charger, stationId, csrPem } = await certified('OFTEN');
    expect(await charger.call('SignCertificate', { csr: csrPem })).toEqual({ status: 'Accepted' });
    await expect.poll(() => callsOf(charger, 'CertificateSigned').length).toBe(2);
    for (const status of ['Accepted', 'Accepted', 'Rejected', 'Rejected']) expect(await charger.call('SignCertificate', { csr: (await request(identity)).csrPem })).toEqual({ status });
    await expect.poll(async () => (await certificatesOf(stationId)).filter(({ state }) => state === 'installed').length).toBe(3);
    const { rows } = await api.admin.query("SELECT detail, times FROM security_event WHERE identity = $1 AND kind = 'signing-request-refused'", [identity]);
    expect(rows.reduce((sum: number, row: { times: number }) => sum + row.times, 0)).toBe(2);
  });

  it('C-10 waits for a station that is away or silent, and is the same one when it comes back', async () => {
    const { identity, charger, stationId } = await aCharger('AWAY');
    charger.respond = async (call) => (call.action === 'CertificateSigned' ? null : { status: 'Accepted' });
    expect(await charger.call('SignCertificate', { csr: (await request(identity)).csrPem })).toEqual({ status: 'Accepted' });
    await expect.poll(() => callsOf(charger, 'CertificateSigned').length).toBe(1);
    expect(await certificatesOf(stationId)).toMatchObject([{ state: 'issued' }]);
    charger.close();
    charger.respond = async () => ({ status: 'Accepted' });
    await charger.connect(gateway.port);
    await expect.poll(async () => certificatesOf(stationId)).toMatchObject([{ state: 'installed' }]);
    const [first, second] = callsOf(charger, 'CertificateSigned');
    expect(second?.payload).toEqual(first?.payload);
  });

  it('C-10 that the station does not take is kept with its reason and not sent again', async () => {
    const { identity, charger, stationId } = await aCharger('REFUSES');
    charger.respond = async () => ({ status: 'Rejected' });
    await charger.call('SignCertificate', { csr: (await request(identity)).csrPem });
    await expect.poll(async () => certificatesOf(stationId)).toMatchObject([{ state: 'rejected', detail: 'Rejected' }]);
  });

  it('C-10 is renewed from 30 days before its end, once a day', async () => {
    const { identity, charger, certificate, stationId } = await certified('RENEW');
    await api.admin.query('UPDATE station_certificate SET not_after = $2 WHERE id = $1', [certificate.id, new Date(Date.now() + 31 * dayMs)]);
    await expect.poll(async () => (await earliestEnd('station')).getTime()).toBeLessThan(Date.now() + 32 * dayMs);
    expect(callsOf(charger, 'ExtendedTriggerMessage')).toEqual([]);
    await api.admin.query('UPDATE station_certificate SET not_after = $2 WHERE id = $1', [certificate.id, new Date(Date.now() + 30 * dayMs - 60_000)]);
    await expect.poll(() => callsOf(charger, 'ExtendedTriggerMessage').map((call) => call.payload)).toEqual([{ requestedMessage: 'SignChargePointCertificate' }]);
    expect(StationCertificatePage.parse((await api.call('GET', '/certificates?expiringWithinDays=30', operator)).body).items.map((each) => each.id)).toEqual([certificate.id]);
    expect(await charger.call('SignCertificate', { csr: (await request(identity)).csrPem })).toEqual({ status: 'Accepted' });
    await expect.poll(async () => (await certificatesOf(stationId)).map(({ state }) => state)).toEqual(['installed', 'installed']);
    await api.admin.query("UPDATE station_certificate SET renewal_asked_at = now() - interval '2 days' WHERE id = $1", [certificate.id]);
    // The newer one is renewed in its own time: another station's certificate goes its whole way meanwhile, and nothing is asked again for the old one.
    await certified('MEANWHILE');
    expect(callsOf(charger, 'ExtendedTriggerMessage')).toHaveLength(1);
  });

  it('C-04 is revoked by an admin alone, once, on record, and sent nowhere any more', async () => {
    const { certificate } = await certified('REVOKE');
    expect((await api.call('POST', `/certificates/${certificate.id}/revocation`, operator, {})).status).toBe(403);
    expect((await api.call('POST', `/certificates/${certificate.id}/revocation`, await api.tokenFor('kota', 'admin'), {})).status).toBe(404);
    const revoke = async () => StationCertificate.parse((await api.call('POST', `/certificates/${certificate.id}/revocation`, admin, { reason: 'stolen' })).body);
    expect(await revoke()).toMatchObject({ state: 'revoked', revocationReason: 'stolen' });
    const again = await revoke();
    expect(again.revokedAt).toBe((await revoke()).revokedAt);
    const { rows } = await api.admin.query("SELECT count(*)::int AS n FROM audit WHERE action = 'certificate.revoke' AND target = $1", [certificate.id]);
    expect(rows).toEqual([{ n: 1 }]);
  });

  it.each(['list', 'ocsp'] as const)('C-04 is revoked by what its authority says elsewhere (%s), where that host may be asked', async (way) => {
    const { stationId, identity } = await aCharger(`ELSEWHERE-${way}`);
    const issuer = readCertificate(ca.certificatePem)!;
    const said = () => (way === 'list' ? makeRevocationList({ serialNumbers: [leaf.serialNumber], thisUpdate: times.notBefore, nextUpdate: times.notAfter }, ca)
      : makeOcspAnswer({ about: leaf, issuer, by: ca, revokedAt: times.notBefore, thisUpdate: times.notBefore, nextUpdate: times.notAfter }));
    const server = createServer((_request, response) => void said().then((answer) => response.end(answer)));
    await new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); });
    const { port } = server.address() as AddressInfo;
    const url = `http://revocation.example:${port}/`;
    const leaf = readCertificate((await makeCertificate({ commonName: identity, organization: 'Demo', usage: 'client', ...times, ...(way === 'list' ? { revocationListUrl: url } : { ocspUrl: url }) }, ca)).certificatePem)!;
    const books = await openBooks({ databaseUrl: api.database.appUrl, log });
    await books.certificates.seen('demo', { identity, issuer: leaf.issuer, serialNumber: leaf.serialNumber, certificatePem: leaf.pem, fingerprintSha256: leaf.fingerprintSha256, notBefore: leaf.notBefore, notAfter: leaf.notAfter }, new Date());
    const warnings: object[] = [];
    const read = (allowedHosts: string[]) => readRevocations({
      pool: api.pool, now: () => new Date(), log: { warn: (fields) => warnings.push(fields) },
      fetch: createGuardedFetch({ allowedHosts, plainHttp: true, resolve: async () => ['127.0.0.1'], alsoAddresses: ['127.0.0.1'] }),
    });
    await read([]);
    expect([await books.certificates.isRevoked('demo', leaf), warnings.length]).toEqual([false, 1]);
    await read([`revocation.example:${port}`]);
    expect(await books.certificates.isRevoked('demo', leaf)).toBe(true);
    expect(await certificatesOf(stationId)).toMatchObject([{ state: 'revoked', origin: 'seen', revocationReason: way === 'list' ? 'keyCompromise' : 'OCSP' }]);
    await books.close();
    server.close();
  });
});

describe('roots on a station', () => {
  it('C-10 are installed, listed and deleted, and what the station has is known', async () => {
    const { charger, stationId } = await aCharger('ROOTS');
    const path = `/stations/${stationId}/installed-certificates`;
    const ask = async (suffix: string, body: object) => Command.parse((await api.call('POST', `${path}${suffix}`, admin, body)).body).state;
    const listed = async () => InstalledCertificatePage.parse((await api.call('GET', path, operator)).body).items;
    const root = (await hashOfRoot(readCertificate(ca.certificatePem)!))!;
    expect((await api.call('POST', path, admin, { certificatePem: 'nonsense' })).status).toBe(400);
    expect(await ask('', { certificatePem: ca.certificatePem })).toBe('accepted');
    expect(callsOf(charger, 'InstallCertificate')).toMatchObject([{ payload: { certificateType: 'CentralSystemRootCertificate' } }]);
    expect(await listed()).toMatchObject([{ ...root, use: 'CentralSystemRootCertificate', subject: expect.stringContaining('Demo CA') }]);

    const another = { hashAlgorithm: 'SHA256', issuerNameHash: 'aa'.repeat(32), issuerKeyHash: 'bb'.repeat(32), serialNumber: '0c' };
    charger.respond = async () => ({ status: 'Accepted', certificateHashData: [root, another] });
    expect(await ask('/list', {})).toBe('accepted');
    expect((await listed()).map(({ serialNumber, subject }) => [serialNumber, subject !== null])).toEqual(expect.arrayContaining([[root.serialNumber, true], ['0c', false]]));
    charger.respond = async () => ({ status: 'Accepted' });
    expect(await ask('/deletion', { hash: another })).toBe('accepted');
    expect((await listed()).map(({ serialNumber }) => serialNumber)).toEqual([root.serialNumber]);
    charger.respond = async () => ({ status: 'NotFound' });
    await ask('/list', {});
    expect(await listed()).toEqual([]);
  });
});

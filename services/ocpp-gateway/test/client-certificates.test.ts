import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type SecureVersion } from 'node:tls';
import { makeAuthority, makeCertificate, makeSubordinateAuthority, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { readCertificate } from '@csms/kit/x509/read-certificate';
import { publishAuthorities } from '@csms/store/certificates/authority-rows';
import { revokeCertificate } from '@csms/store/certificates/revocation-rows';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { testAuthority, testTls } from '../src/testing/tls-material.ts';
import { actor, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

/* Security profile 3 at a real gateway: whose certificate lets whom in (C-04). Each caller has an address of its own, so that limits per source stay out of it. */

let platform: Platform;
let gateway: GatewayProcess;
let settings: Record<string, string>;
let server: KeyAndCertificate;
let ours: KeyAndCertificate;
let theirs: KeyAndCertificate;
let proxies: KeyAndCertificate;
const folder = mkdtempSync(join(tmpdir(), 'csms-client-certificates-'));
const dayMs = 86_400_000;
const times = () => ({ notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) });

beforeAll(async () => {
  platform = await openPlatform();
  [server, ours, theirs, proxies] = await Promise.all([
    testAuthority(), makeAuthority({ commonName: 'CA', organization: 'Demo', ...times() }), makeAuthority({ commonName: 'CA', organization: 'Demo', ...times() }), testAuthority('CA of proxies'),
  ]);
  const { pairs: [pair] } = await testTls(server);
  for (const [name, text] of [['tls.crt', pair?.certificatePem], ['tls.key', pair?.keyPem], ['proxies.pem', proxies.certificatePem]] as const) writeFileSync(join(folder, name), text ?? '');
  const authority = readCertificate(ours.certificatePem)!;
  await platform.inTenant((client) => publishAuthorities(client, [{
    fingerprintSha256: authority.fingerprintSha256, subject: authority.subject, operatorName: 'Demo', certificatePem: ours.certificatePem, notBefore: authority.notBefore, notAfter: authority.notAfter, signs: true,
  }], new Date()));
  writeFileSync(join(folder, 'tickets'), randomBytes(48));
  settings = {
    CSMS_TLS_CERT_FILE: join(folder, 'tls.crt'), CSMS_TLS_KEY_FILE: join(folder, 'tls.key'), CSMS_OCPPS_PORT: '0', CSMS_RECHECK_SECONDS: '1', CSMS_FAILURES_PER_MINUTE_IDENTITY: '100',
    CSMS_TLS_PROXY_CA_FILE: join(folder, 'proxies.pem'), CSMS_TLS_PROXY_NAMES: 'edge-proxy',
    CSMS_TLS_TICKET_KEY_FILE: join(folder, 'tickets'),
  };
  gateway = await platform.startGateway(settings);
});
afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function register(...identities: string[]): Promise<void> {
  await platform.register(...identities);
  await platform.inTenant((client) => client.query('UPDATE station SET security_profile = 3 WHERE identity = ANY ($1)', [identities]));
}

const clientOf = (commonName: string, more: { organization?: string; issuer?: KeyAndCertificate; notBefore?: Date; notAfter?: Date } = {}) => {
  const { issuer = ours, ...rest } = more;
  return makeCertificate({ commonName, organization: 'Demo', usage: 'client', ...times(), ...rest }, issuer);
};

let callers = 0;
/** The socket where the station is let in, or the status of its refusal. */
function comesIn(identity: string, certificate: KeyAndCertificate | null, headers: Record<string, string> = {}): Promise<WebSocket | number> {
  const tls: ConnectionOptions = { ca: server.certificatePem, ...(certificate === null ? {} : { cert: certificate.certificatePem, key: certificate.keyPem }) };
  callers += 1;
  const ws = new WebSocket(`wss://127.0.0.1:${gateway.tlsPort}/ocpp/demo/${identity}`, ['ocpp1.6'], { ...tls, headers, localAddress: `127.1.0.${callers}` });
  return new Promise((resolve, reject) => {
    ws.on('open', () => resolve(ws));
    ws.on('unexpected-response', (request, response) => { resolve(response.statusCode ?? 0); request.destroy(); });
    ws.on('error', reject);
  });
}
async function statusOf(...args: Parameters<typeof comesIn>): Promise<number> {
  const came = await comesIn(...args);
  if (typeof came === 'number') return came;
  came.terminate();
  return 101;
}
const forwarded = (certificate: KeyAndCertificate) => encodeURIComponent(certificate.certificatePem);
const eventsOf = (identity: string) => platform.sql<{ detail: string; times: number }>("SELECT detail, times FROM security_event WHERE identity = $1 AND kind = 'bad-certificate' ORDER BY received_at", [identity]);

describe('a client certificate', () => {
  it('C-04 lets in the station that it names, and the books know it from then on', async () => {
    await register('OWN');
    expect(await statusOf('OWN', await clientOf('OWN'))).toBe(101);
    await expect.poll(() => platform.sql("SELECT c.state, c.request_id AS request FROM station_certificate c JOIN station st ON st.id = c.station_id WHERE st.identity = 'OWN' AND c.first_used_at IS NOT NULL")).toEqual([{ state: 'installed', request: null }]);
  });

  it('C-04 lets its station in when a TLS session is resumed, which leaves out the authority in between: at this gateway and at another one, TLS 1.2 and 1.3', async () => {
    await register('RESUMED');
    const between = await makeSubordinateAuthority({ commonName: 'Between', organization: 'Demo', ...times() }, ours);
    const own = await clientOf('RESUMED', { issuer: between });
    const upgrade = 'GET /ocpp/demo/RESUMED HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n';
    /** The status of the upgrade, whether the session was resumed, and the session for the next time. */
    const come = (by: GatewayProcess, maxVersion: SecureVersion, session?: Buffer) => new Promise<{ status: number; reused: boolean; session: Buffer }>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: by.tlsPort ?? 0, ca: server.certificatePem, cert: `${own.certificatePem.trim()}\n${between.certificatePem}`, key: own.keyPem, maxVersion, ...(session === undefined ? {} : { session }) }, () => socket.write(upgrade));
      let newest: Buffer | undefined;
      socket.on('session', (each) => { newest = each; });
      socket.on('data', (data) => {
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? 0);
        resolve({ status, reused: socket.isSessionReused(), session: newest ?? socket.getSession() ?? Buffer.alloc(0) });
        socket.destroy();
      });
      socket.on('error', reject);
    });
    const other = await platform.startGateway(settings);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await come(gateway, version);
      expect([first.status, first.reused], version).toEqual([101, false]);
      const second = await come(gateway, version, first.session);
      expect([second.status, second.reused], version).toEqual([101, true]);
      // The other one has it from the books.
      await expect.poll(() => platform.sql("SELECT 1 FROM station_certificate c JOIN station st ON st.id = c.station_id WHERE st.identity = 'RESUMED'")).toHaveLength(1);
      const elsewhere = await come(other, version, second.session);
      expect([elsewhere.status, elsewhere.reused], version).toEqual([101, true]);
    }
  });

  it.each<[string, string, () => Promise<KeyAndCertificate>]>([
    ['wrong-name', 'of another station', () => clientOf('OWN')],
    ['untrusted', 'of an authority of the same name that is another tenant\'s', () => clientOf('OTHER-CA', { issuer: theirs })],
    ['wrong-operator', 'of another operator', () => clientOf('OTHER-OPERATOR', { organization: 'Kota' })],
    ['expired', 'that ended a second ago', () => clientOf('ENDED', { notAfter: new Date(Math.floor(Date.now() / 1_000) * 1_000 - 1_000) })],
    ['not-yet-valid', 'of tomorrow', () => clientOf('TOMORROW', { notBefore: new Date(Date.now() + 3_600_000) })],
  ])('C-04 is no way in: %s, %s', async (reason, title, certificate) => {
    const identity = { 'wrong-name': 'VICTIM', untrusted: 'OTHER-CA', 'wrong-operator': 'OTHER-OPERATOR', expired: 'ENDED', 'not-yet-valid': 'TOMORROW' }[reason]!;
    await register(identity);
    expect(await statusOf(identity, await certificate()), title).toBe(401);
    await expect.poll(() => eventsOf(identity)).toMatchObject([{ detail: reason }]);
    expect(await statusOf(identity, null)).toBe(401);
  });

  it('C-04 that is revoked is no way in, and the socket that it opened is closed by the recheck', async () => {
    await register('REVOKED');
    const certificate = await clientOf('REVOKED');
    const ws = await comesIn('REVOKED', certificate);
    if (typeof ws === 'number') throw new Error(`refused with ${ws}`);
    const closed = new Promise<number>((resolve) => ws.on('close', resolve));
    const idOf = async () => (await platform.sql<{ id: string }>("SELECT c.id FROM station_certificate c JOIN station st ON st.id = c.station_id WHERE st.identity = 'REVOKED'"))[0]?.id;
    await expect.poll(idOf).toBeDefined();
    const id = (await idOf())!;
    expect(await platform.inTenant((client) => revokeCertificate(client, id, 'lost', { ...actor, now: new Date() }))).toBe(true);
    expect(await closed).toBe(1008);
    expect(await statusOf('REVOKED', certificate)).toBe(401);
    expect(await statusOf('REVOKED', await clientOf('REVOKED'))).toBe(101);
  });

  it('C-04 in a header is believed from a proxy that proves itself, and from nobody else', async () => {
    await register('BEHIND', 'FORGER');
    const [behind, forger, proxy, stranger, selfMade] = await Promise.all([
      clientOf('BEHIND'), clientOf('FORGER'), clientOf('edge-proxy', { issuer: proxies }), clientOf('some-proxy', { issuer: proxies }), clientOf('edge-proxy', { issuer: theirs }),
    ]);
    const header = (value: string) => ({ 'x-forwarded-client-cert': value });
    expect(await statusOf('BEHIND', null, header(forwarded(behind))), 'no certificate of its own').toBe(401);
    expect(await statusOf('BEHIND', forger, header(forwarded(behind))), 'another station').toBe(401);
    expect(await statusOf('BEHIND', stranger, header(forwarded(behind))), 'a proxy that is not on the list').toBe(401);
    expect(await statusOf('BEHIND', selfMade, header(forwarded(behind))), 'a proxy of another authority').toBe(401);
    expect(await statusOf('BEHIND', proxy), 'a proxy without a header').toBe(401);
    expect(await statusOf('BEHIND', proxy, header(forwarded(forger))), 'the header names another').toBe(401);
    // What came with the request stands before what the proxy added.
    expect(await statusOf('BEHIND', proxy, header(`${forwarded(behind)}, ${forwarded(forger)}`)), 'a forged element first').toBe(401);
    expect(await statusOf('BEHIND', proxy, header(forwarded(behind))), 'nginx').toBe(101);
    expect(await statusOf('BEHIND', proxy, header(`By=spiffe://x;Hash=00;Subject="CN=BEHIND,O=Demo";Cert="${forwarded(behind)}"`)), 'Envoy').toBe(101);
  });

  it('C-04 what is wrong with one is counted, and strangers fill no table', async () => {
    expect(await statusOf('NOBODY-KNOWS', await clientOf('NOBODY-KNOWS', { issuer: theirs }))).toBe(401);
    expect(await statusOf('FORGER', await clientOf('FORGER', { issuer: theirs }))).toBe(401);
    await expect.poll(() => eventsOf('FORGER')).toMatchObject([{ detail: 'untrusted' }]);
    expect(await gateway.metrics()).toMatch(/csms_security_events_total\{type="bad-certificate",severity="critical",.*\} [1-9]/);
    expect(await eventsOf('NOBODY-KNOWS')).toEqual([]);
  });
});

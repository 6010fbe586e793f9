import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { delimiter, join } from 'node:path';
import { connect, type ConnectionOptions, type PeerCertificate, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { aCharger } from '../testing/charger.ts';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';
import { aRawStation, until } from '../testing/raw-station.ts';
import { testAuthority, testTls } from '../testing/tls-material.ts';

let authority: KeyAndCertificate;
let ecdsaAndRsa: Awaited<ReturnType<typeof testTls>>;
beforeAll(async () => {
  authority = await testAuthority();
  ecdsaAndRsa = await testTls(authority, { kinds: ['ecdsa', 'rsa'] });
});
const tlsWith = (material: typeof ecdsaAndRsa, more: { plainRsaExchange?: boolean; handshakeTimeoutMs?: number } = {}) => ({ port: 0, material, plainRsaExchange: false, handshakeTimeoutMs: 5_000, ...more });
const isInstalled = (program: string): boolean => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
const books = () => new MemoryBooks().register(aStation({ securityProfile: 2 }));

/** What a client that checks everything makes of the server; a word where it does not come to an agreement. */
function greet(port: number, options: ConnectionOptions = {}): Promise<{ protocol: string | null; cipher: string; key: string; certificate: PeerCertificate; reused: boolean; socket: TLSSocket } | { error: string }> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.certificatePem, ALPNProtocols: ['http/1.1'], ...options }, () => {
      const certificate = socket.getPeerCertificate();
      resolve({ protocol: socket.getProtocol(), cipher: socket.getCipher().name, key: 'modulus' in certificate && certificate.modulus ? 'rsa' : 'ecdsa', certificate, reused: socket.isSessionReused(), socket });
    });
    socket.on('error', (error: Error & { code?: string }) => resolve({ error: error.code ?? error.message }));
  });
}
const only = (cipher: string): ConnectionOptions => ({ maxVersion: 'TLSv1.2', ciphers: `${cipher}:@SECLEVEL=0` });

describe('the TLS listener', () => {
  let gateway: Awaited<ReturnType<typeof openGateway>>;
  beforeAll(async () => { gateway = await openGateway(books(), { tls: tlsWith(ecdsaAndRsa) }); });
  afterAll(() => gateway[Symbol.asyncDispose]());

  it('a charger of security profile 2 boots over wss', async () => {
    const client = await aCharger({ port: gateway.tlsPort, identity: 'CP_1', ca: authority.certificatePem });
    expect(await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toMatchObject({ status: 'Accepted' });
    await client.close();
    await expect(aCharger({ port: gateway.port, identity: 'CP_1' })).rejects.toThrow(/401|Unauthorized/);
  });

  it('C-01 TLS 1.3 is preferred, 1.2 is taken, older versions are not', async () => {
    expect(await greet(gateway.tlsPort)).toMatchObject({ protocol: 'TLSv1.3' });
    expect(await greet(gateway.tlsPort, { maxVersion: 'TLSv1.2' })).toMatchObject({ protocol: 'TLSv1.2' });
    for (const version of ['TLSv1', 'TLSv1.1'] as const) expect(await greet(gateway.tlsPort, { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' }), version).toMatchObject({ error: expect.stringMatching(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ECONNRESET/) });
  });

  it('C-01 the suites with forward secrecy are offered for an ECDSA and for an RSA certificate, and no other', async () => {
    for (const [cipher, key] of [['ECDHE-ECDSA-AES128-GCM-SHA256', 'ecdsa'], ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ecdsa'], ['ECDHE-RSA-AES128-GCM-SHA256', 'rsa'], ['ECDHE-RSA-AES256-GCM-SHA384', 'rsa']] as const) {
      expect(await greet(gateway.tlsPort, only(cipher)), cipher).toMatchObject({ cipher, key });
    }
    for (const weak of ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'AES128-SHA', 'AES256-SHA256', 'ECDHE-RSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384', 'DHE-RSA-AES128-GCM-SHA256', 'AECDH-AES128-SHA', 'NULL-SHA256']) {
      expect(await greet(gateway.tlsPort, only(weak)), weak).toMatchObject({ error: expect.stringMatching(/HANDSHAKE_FAILURE|ECONNRESET/) });
    }
  });

  it('C-01 the rest of A00.FR.318, without forward secrecy, is taken where the listener is told so', async () => {
    const mappedPorts = [{ port: 0, tenant: 'demo', paths: 'ocpp' as const, tls: true, plainRsa: true, withoutSubprotocol: null }];
    await using old = await openGateway(books(), { tls: tlsWith(ecdsaAndRsa), mappedPorts });
    const [port = 0] = old.ports().mapped;
    for (const cipher of ['AES128-GCM-SHA256', 'AES256-GCM-SHA384']) {
      expect(await greet(port, only(cipher)), cipher).toMatchObject({ cipher, key: 'rsa' });
      expect(await greet(old.tlsPort, only(cipher)), `${cipher} on the main port`).toHaveProperty('error');
    }
    expect(await greet(port, only('AES128-SHA'))).toHaveProperty('error');
  });

  if (!isInstalled('openssl')) process.stdout.write('not run: openssl is not on this machine\n');
  else it('C-01 there is no compression and no renegotiation, as openssl sees it', async () => {
    const said = await new Promise<string>((resolve) => {
      const child = execFile('openssl', ['s_client', '-connect', `127.0.0.1:${gateway.tlsPort}`, '-tls1_2', '-comp'], (_error, stdout, stderr) => resolve(stdout + stderr));
      child.stdin?.end('R\n');
    });
    expect(said).toContain('Compression: NONE');
    expect(said).toMatch(/RENEGOTIATING[^]*(no renegotiation|handshake failure)/i);
  });

  // What is not installed is no test that passed.
  if (!isInstalled('sslscan')) process.stdout.write('not run: sslscan is not on this machine\n');
  else it('C-01 sslscan finds the same', async () => {
    const said = await new Promise<string>((resolve, reject) => {
      execFile('sslscan', ['--no-colour', '--no-failed', `127.0.0.1:${gateway.tlsPort}`], (error, stdout) => { if (error === null) resolve(stdout); else reject(error); });
    });
    for (const version of ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1']) expect(said, version).not.toMatch(new RegExp(`^${version.replace('.', '\\.')}\\s+enabled`, 'm'));
    expect(said).toMatch(/TLSv1\.3\s+enabled/);
    expect(said.match(/^\s*(?:Accepted|Preferred)\s.*(?:RC4|3DES|CBC|NULL|EXP|_SHA\b|-SHA\b).*$/gm) ?? []).toEqual([]);
  });

  it('C-01 a client that checks refuses us with an expired certificate and with one for another host', async () => {
    await using expired = await openGateway(books(), { tls: tlsWith(await testTls(authority, { notAfter: new Date(Date.now() - 1_000) })) });
    await using other = await openGateway(books(), { tls: tlsWith(await testTls(authority, { hostNames: ['other.example.com'] })) });
    expect(await greet(expired.tlsPort)).toEqual({ error: 'CERT_HAS_EXPIRED' });
    expect(await greet(other.tlsPort)).toEqual({ error: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    expect(await greet(gateway.tlsPort, { ca: (await testAuthority('another')).certificatePem })).toHaveProperty('error');
  });

  it('new certificates are for new connections; an open one goes on, and files that do not fit change nothing', async () => {
    await using renewed = await openGateway(books(), { tls: tlsWith(ecdsaAndRsa) });
    const station = await aRawStation({ port: renewed.tlsPort, tls: { ca: authority.certificatePem } });
    const serialOf = async () => { const seen = await greet(renewed.tlsPort); return 'error' in seen ? seen.error : seen.certificate.serialNumber; };
    const before = await serialOf();
    const other = await testTls(authority);
    const mixed = { ...other, pairs: [{ certificatePem: other.pairs[0]?.certificatePem ?? '', keyPem: ecdsaAndRsa.pairs[0]?.keyPem ?? '' }] };
    expect(() => renewed.useCertificates(mixed)).toThrow();
    expect(await serialOf()).toBe(before);
    renewed.useCertificates(other);
    expect(await serialOf()).not.toBe(before);
    station.send([2, 'still', 'Heartbeat', {}]);
    expect((await station.answer('still'))[0]).toBe(3);
    station.ws.terminate();
  });

  it('a session of one gateway is resumed at another that has the same secret for tickets', async () => {
    const material = { ...ecdsaAndRsa, ticketSecret: Buffer.from('a secret of tickets that all gateways know') };
    await using first = await openGateway(books(), { tls: tlsWith(material) });
    await using second = await openGateway(books(), { tls: tlsWith({ ...material, pairs: (await testTls(authority)).pairs }) });
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const seen = await greet(first.tlsPort, { maxVersion: version });
      if ('error' in seen) throw new Error(seen.error);
      const session = seen.socket.getSession() !== undefined && version === 'TLSv1.2' ? seen.socket.getSession() : await new Promise<Buffer>((resolve) => seen.socket.once('session', resolve));
      seen.socket.destroy();
      expect(await greet(second.tlsPort, { maxVersion: version, session }), version).toMatchObject({ reused: true });
      expect(await greet(gateway.tlsPort, { maxVersion: version, session }), `${version}, another secret`).toMatchObject({ reused: false });
    }
  });

  it('whoever says nothing, on either port, is cut when its time is over, and nobody else is', async () => {
    await using hasty = await openGateway(books(), { tls: tlsWith(ecdsaAndRsa, { handshakeTimeoutMs: 300 }), silentMs: 300 });
    const station = await aRawStation({ port: hasty.tlsPort, tls: { ca: authority.certificatePem } });
    let ended = 0;
    for (const port of [hasty.tlsPort, hasty.port]) connectTcp(port, '127.0.0.1').on('error', () => undefined).on('close', () => { ended += 1; });
    const shaken = await greet(hasty.tlsPort);
    if ('error' in shaken) throw new Error(shaken.error);
    shaken.socket.on('close', () => { ended += 1; });
    await until(() => ended === 3);
    station.send([2, 'still', 'Heartbeat', {}]);
    expect((await station.answer('still'))[0]).toBe(3);
    station.ws.terminate();
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { freePort } from '@csms/store/embedded-postgres';
import { aRawStation } from '../src/testing/raw-station.ts';
import { testAuthority, testTls } from '../src/testing/tls-material.ts';
import { openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

let platform: Platform;
let authority: KeyAndCertificate;
let lab: GatewayProcess;
let production: GatewayProcess;
let plainPort: number;
const folder = mkdtempSync(join(tmpdir(), 'csms-tls-'));
const file = (name: string): string => join(folder, name);

async function writeTls(): Promise<void> {
  const { pairs: [pair] } = await testTls(authority);
  writeFileSync(file('tls.key'), pair?.keyPem ?? '');
  writeFileSync(file('tls.crt'), pair?.certificatePem ?? '');
}

beforeAll(async () => {
  platform = await openPlatform();
  authority = await testAuthority();
  await writeTls();
  plainPort = await freePort();
  const tls = { CSMS_TLS_CERT_FILE: file('tls.crt'), CSMS_TLS_KEY_FILE: file('tls.key'), CSMS_OCPPS_PORT: '0', CSMS_TLS_RELOAD_SECONDS: '0.2' };
  lab = await platform.startGateway(tls);
  production = await platform.startGateway({ ...tls, CSMS_MODE: 'production', CSMS_OCPP_HOST: '127.0.0.1', CSMS_OCPP_PORT: String(plainPort) });
});
afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Tries to come in as the given profile asks; true where the station is let in. */
async function comesIn(gateway: GatewayProcess, identity: string, offered: number, password: string): Promise<boolean> {
  const port = offered < 2 ? gateway.plainPort : gateway.tlsPort;
  if (port === null) return false;
  try {
    const station = await aRawStation({ port, identity, password: offered === 1 || offered === 2 ? password : null, ...(offered < 2 ? {} : { tls: { ca: authority.certificatePem } }) });
    station.ws.terminate();
    return true;
  } catch (error) {
    expect(String(error)).toContain('401');
    return false;
  }
}

describe('security profiles of whole gateways', () => {
  it('C-02 production opens no plain port, whatever is configured, and says so; a lab gateway has one and says that it is insecure', async () => {
    expect([production.plainPort, production.tlsPort]).toEqual([null, expect.any(Number)]);
    expect(production.heard.some((line) => line.includes('"event":"plain_port_refused"') && line.includes(`:${plainPort}`))).toBe(true);
    await expect(new Promise((resolve, reject) => { connectTcp(plainPort, '127.0.0.1').once('connect', resolve).once('error', reject); })).rejects.toThrow('ECONNREFUSED');
    expect(await production.metrics()).toMatch(/^csms_insecure_listener.* 0$/m);
    expect(await lab.metrics()).toMatch(/^csms_insecure_listener.* 1$/m);
    expect(lab.plainPort).toEqual(expect.any(Number));
  });

  it('C-02 production without a certificate does not start', async () => {
    await expect(platform.startGateway({ CSMS_MODE: 'production' })).rejects.toThrow('CSMS_TLS_CERT_FILE is not set: production lets stations in over TLS alone');
  });

  it('F24 a certificate that changes on disk is taken without a restart, and open sockets stay', async () => {
    const identity = 'RENEWED';
    const password = (await platform.register(identity)).get(identity) ?? '';
    await platform.sql(`UPDATE station SET security_profile = 2 WHERE identity = $1`, [identity]);
    const serialOf = () => new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: production.tlsPort ?? 0, ca: authority.certificatePem }, () => { resolve(socket.getPeerCertificate().serialNumber); socket.destroy(); }).once('error', reject);
    });
    const station = await aRawStation({ port: production.tlsPort ?? 0, identity, password, tls: { ca: authority.certificatePem } });
    const before = await serialOf();
    writeFileSync(file('tls.crt'), 'damaged');
    await expect.poll(() => production.heard.some((line) => line.includes('"event":"certificates_unusable"'))).toBe(true);
    expect(await serialOf()).toBe(before);
    await writeTls();
    await expect.poll(serialOf).not.toBe(before);
    station.send([2, 'still', 'Heartbeat', {}]);
    expect((await station.answer('still'))[0]).toBe(3);
    expect(station.closed).toEqual([]);
    station.ws.terminate();
  });

  it('C-03 of 4 configured and 4 offered profiles, lab lets in 4 and production 2', async () => {
    const passwords = await platform.register('PROFILE-0', 'PROFILE-1', 'PROFILE-2', 'PROFILE-3');
    for (const profile of [0, 1, 2, 3]) await platform.sql(`UPDATE station SET security_profile = $1 WHERE identity = $2`, [profile, `PROFILE-${profile}`]);
    const passed = async (gateway: GatewayProcess) => {
      const pairs: string[] = [];
      for (const configured of [0, 1, 2, 3]) {
        for (const offered of [0, 1, 2, 3]) if (await comesIn(gateway, `PROFILE-${configured}`, offered, passwords.get(`PROFILE-${configured}`) ?? '')) pairs.push(`${configured}-${offered}`);
      }
      return pairs;
    };
    expect(await passed(lab)).toEqual(['0-0', '1-1', '2-2']);
    expect(await passed(production)).toEqual(['2-2']);
  });
});

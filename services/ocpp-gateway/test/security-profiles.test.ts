import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { publishAuthorities } from '@csms/store/certificates/authority-rows';
import { askSecurityProfile } from '@csms/store/station-security';
import { freePort } from '@csms/store/embedded-postgres';
import type { SecurityProfile } from '@csms/domain';
import { aRawStation, until } from '../src/testing/raw-station.ts';
import { testAuthority, testTls } from '../src/testing/tls-material.ts';
import { actor, eventually, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

let platform: Platform;
let authority: KeyAndCertificate;
let lab: GatewayProcess;
let production: GatewayProcess;
let plainPort: number;
let tenantAuthority: KeyAndCertificate;
const dayMs = 86_400_000;
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
  tenantAuthority = await makeAuthority({ commonName: 'Demo CA', organization: 'Charge-IT', notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) });
  const { fingerprint256, subject, validFromDate, validToDate } = new X509Certificate(tenantAuthority.certificatePem);
  await platform.inTenant((client) => publishAuthorities(client, [{
    fingerprintSha256: fingerprint256.replaceAll(':', '').toLowerCase(), subject, operatorName: 'Charge-IT', certificatePem: tenantAuthority.certificatePem, notBefore: validFromDate, notAfter: validToDate, signs: true,
  }], new Date()));
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
    const station = await aRawStation({ port, identity, password: offered === 1 || offered === 2 ? password : null, ...(offered < 2 ? {} : { tls: { ca: authority.certificatePem, ...(offered === 3 ? await certificateOf(identity) : {}) } }) });
    station.ws.terminate();
    return true;
  } catch (error) {
    expect(String(error)).toContain('401');
    return false;
  }
}

/** A client certificate of the tenant's authority. */
async function certificateOf(identity: string): Promise<{ cert: string; key: string }> {
  const { certificatePem, keyPem } = await makeCertificate({ commonName: identity, organization: 'Charge-IT', usage: 'client', notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) }, tenantAuthority);
  return { cert: certificatePem, key: keyPem };
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
    expect(await passed(lab)).toEqual(['0-0', '1-1', '2-2', '3-3']);
    expect(await passed(production)).toEqual(['2-2', '3-3']);
  });

  it('G-34 a profile is raised 1, 2, 3 by a change of configuration and a new connection, and then the old way is closed', async () => {
    const identity = 'RISER';
    const password = (await platform.register(identity)).get(identity) ?? '';
    const profileOf = () => platform.sql(`SELECT security_profile AS now, security_profile_next AS next FROM station WHERE identity = $1`, [identity]);
    /** Asks as the API does; the station, which is connected under its present profile, says yes and comes back under the new one when it likes. */
    const raise = async (present: number, wanted: SecurityProfile): Promise<void> => {
      const tls = present < 2 ? {} : { tls: { ca: authority.certificatePem } };
      const station = await aRawStation({ port: (present < 2 ? lab.plainPort : lab.tlsPort) ?? 0, identity, password, ...tls });
      await platform.held(identity, lab);
      await platform.inTenant(async (client, stationId) => askSecurityProfile(client, await stationId(identity), wanted, actor));
      const asked = platform.ask(identity, { action: 'set-security-profile', profile: wanted });
      await until(() => station.received.some(([type]) => type === 2));
      const [, id, action, payload] = station.received.find(([type]) => type === 2) ?? [];
      expect([action, payload]).toEqual(['ChangeConfiguration', { key: 'SecurityProfile', value: String(wanted) }]);
      station.send([3, id, { status: 'Accepted' }]);
      expect((await asked).state).toBe('accepted');
      station.ws.terminate();
    };
    for (const [present, wanted] of [[1, 2], [2, 3]] as const) {
      await raise(present, wanted);
      expect(await comesIn(lab, identity, present, password), 'until it has come in under the new one').toBe(true);
      expect(await comesIn(lab, identity, wanted, password)).toBe(true);
      expect(await profileOf()).toEqual([{ now: wanted, next: null }]);
      for (const lower of [0, 1, 2].filter((each) => each < wanted)) expect(await comesIn(lab, identity, lower, password), `${lower} after ${wanted}`).toBe(false);
      expect(await comesIn(lab, identity, wanted, password)).toBe(true);
    }
    await platform.inTenant(async (client, stationId) => askSecurityProfile(client, await stationId(identity), 1, actor));
    expect(await profileOf(), 'asking for a lower one changes nothing').toEqual([{ now: 3, next: null }]);
  });

  it('G-34 an outage of the books neither opens the old way again nor closes the new one, also where the raise is seen for the first time during the outage', async () => {
    const passwords = await platform.register('RISEN', 'RISING');
    const come = async (identity: string, offered: number) => comesIn(lab, identity, offered, passwords.get(identity) ?? '');
    for (const identity of ['RISEN', 'RISING']) {
      await platform.sql('UPDATE station SET security_profile = 0 WHERE identity = $1', [identity]);
      expect(await come(identity, 0)).toBe(true);
      await platform.inTenant(async (client, stationId) => askSecurityProfile(client, await stationId(identity), 1, actor));
    }
    expect([await come('RISEN', 1), await come('RISING', 0)]).toEqual([true, true]);
    await platform.booksAway(lab, async () => {
      expect([await come('RISEN', 0), await come('RISEN', 1)]).toEqual([false, true]);
      expect([await come('RISING', 1), await come('RISING', 0), await come('RISING', 1)]).toEqual([true, false, true]);
    });
    expect([await come('RISING', 0), await come('RISING', 1)], 'the books are back').toEqual([false, true]);
    await eventually(() => platform.sql<{ profile: number }>(`SELECT security_profile AS profile FROM station WHERE identity = 'RISING'`), ([row]) => row?.profile === 1);
  });

  it('G-34 a profile that the station refuses is not expected of it', async () => {
    const identity = 'STAYER';
    const password = (await platform.register(identity)).get(identity) ?? '';
    const station = await aRawStation({ port: lab.plainPort ?? 0, identity, password });
    await platform.held(identity, lab);
    await platform.inTenant(async (client, stationId) => askSecurityProfile(client, await stationId(identity), 2, actor));
    const asked = platform.ask(identity, { action: 'set-security-profile', profile: 2 });
    await until(() => station.received.some(([type]) => type === 2));
    station.send([3, station.received.find(([type]) => type === 2)?.[1], { status: 'Rejected' }]);
    expect((await asked).state).toBe('rejected');
    station.ws.terminate();
    expect([await comesIn(lab, identity, 2, password), await comesIn(lab, identity, 1, password)]).toEqual([false, true]);
  });
});

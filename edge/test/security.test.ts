import { createHash } from 'node:crypto';
import { makeAuthority, makeCertificate, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import { readSigningRequest, signRequest } from '@csms/kit/x509/signing-request';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryStorage, type StationOptions } from '../src/index.ts';
import { until, type CsmsPeer } from './csms-peer.ts';
import { aBootedCharger, aCharger, aPeer, stopAll } from './one-charger.ts';

afterEach(stopAll);

const day = 86_400_000;
const validity = { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + day) };
let root: KeyAndCertificate, stranger: KeyAndCertificate, server: KeyAndCertificate;
beforeAll(async () => {
  root = await makeAuthority({ commonName: 'CSMS root', ...validity });
  stranger = await makeAuthority({ commonName: 'Stranger', ...validity });
  server = await makeCertificate({ commonName: 'csms', ...validity, usage: 'server', ipAddresses: ['127.0.0.1'] }, root);
});

const aTlsPeer = (more: { password?: string; clientCa?: string; certificate?: KeyAndCertificate } = {}) => {
  const { certificatePem, keyPem } = more.certificate ?? server;
  return aPeer({ password: more.password, tls: { cert: certificatePem, key: keyPem, clientCa: more.clientCa } });
};
const events = (csms: CsmsPeer) => csms.of('SecurityEventNotification').map((call) => call.params['type']);
const change = async (csms: CsmsPeer, key: string, value: string) => (await csms.command('ChangeConfiguration', { key, value }))['status'];
const install = async (csms: CsmsPeer, certificate: string, certificateType = 'CentralSystemRootCertificate') => (await csms.command('InstallCertificate', { certificateType, certificate }))['status'];

describe('a line over TLS', () => {
  it('stands when the server chains to whom the charger trusts, by its own address, and not otherwise', async () => {
    const csms = await aTlsPeer({ password: 'a-password-of-sixteen' });
    const { station } = aCharger(csms.url, { password: 'a-password-of-sixteen', tls: { trustAnchors: [root.certificatePem] } });
    station.start();
    await until('boot over TLS', () => station.view().booted);
    expect(await csms.command('GetConfiguration', { key: ['SecurityProfile'] })).toMatchObject({ configurationKey: [{ value: '2' }] });

    const elsewhere = await makeCertificate({ commonName: 'csms', ...validity, usage: 'server', hostNames: ['csms.example.com'] }, root);
    for (const [certificate, trustAnchors] of [[server, [stranger.certificatePem]], [elsewhere, [root.certificatePem]]] as const) {
      const other = await aTlsPeer({ certificate });
      const reasons: string[] = [];
      aCharger(other.url, { tls: { trustAnchors: [...trustAnchors] }, onEvent: (event) => { if (event.kind === 'retrying') reasons.push(event.reason); } }).station.start();
      await until('two tries', () => reasons.length >= 2);
      expect(other.connections).toBe(0);
    }
  });

  it('shows the certificate of security profile 3, and no password', async () => {
    const own = await makeCertificate({ commonName: 'CP_TEST', ...validity, usage: 'client' }, root);
    const csms = await aTlsPeer({ clientCa: root.certificatePem });
    const { station } = aCharger(csms.url, { tls: { trustAnchors: [root.certificatePem], certificate: own.certificatePem, key: own.keyPem } });
    station.start();
    await until('boot', () => station.view().booted);
    expect(csms.letIn).toEqual([{ password: undefined, client: 'CN=CP_TEST' }]);
  });
});

describe('the way up through the security profiles', () => {
  it('goes from a password to TLS to a certificate of its own by commands alone, and is kept over a power loss', async () => {
    const storage = createMemoryStorage();
    const secure = await aTlsPeer();
    const options: Partial<StationOptions> = { storage, secureUrl: secure.url, password: 'a-password-of-sixteen' };
    const { csms: plain, station } = await aBootedCharger(options);
    expect(await change(plain, 'SecurityProfile', '2')).toBe('Rejected');
    expect(await install(plain, root.certificatePem)).toBe('Accepted');
    expect(await change(plain, 'SecurityProfile', '3')).toBe('Rejected');
    expect(await change(plain, 'SecurityProfile', '2')).toBe('Accepted');
    await until('the line over TLS', () => station.view().connected && secure.connections === 1);
    await until('its event', () => events(secure).includes('ReconfigurationOfSecurityParameters'));
    expect(await change(secure, 'SecurityProfile', '1')).toBe('Rejected');
    expect(await change(secure, 'SecurityProfile', '2')).toBe('Rejected');

    expect(await secure.command('ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' })).toEqual({ status: 'Rejected' });
    expect(await change(secure, 'CpoName', 'Charge-IT')).toBe('Accepted');
    expect(await secure.command('ExtendedTriggerMessage', { requestedMessage: 'SignChargePointCertificate' })).toEqual({ status: 'Accepted' });
    const csrPem = String((await until('the request', () => secure.of('SignCertificate')[0])).params['csr']);
    expect(await readSigningRequest(csrPem)).toMatchObject({ commonNames: ['CP_TEST'], organizations: ['Charge-IT'], strongKey: true, asksTooMuch: false });

    const signed = (commonName: string, by = root, more: object = {}) => signRequest({ csrPem, commonName, organization: 'Charge-IT', ...validity, ...more }, by);
    const adopt = async (certificateChain: string) => (await secure.command('CertificateSigned', { certificateChain }))['status'];
    const another = await makeCertificate({ commonName: 'CP_TEST', ...validity, usage: 'client' }, root);
    for (const chain of ['nonsense', another.certificatePem, await signed('CP_OTHER'), await signed('CP_TEST', root, { notAfter: new Date(Date.now() - 1_000) }), `${await signed('CP_TEST')}\n${stranger.certificatePem}`]) {
      expect(await adopt(chain)).toBe('Rejected');
    }
    await until('five events', () => events(secure).filter((type) => type === 'InvalidChargePointCertificate').length === 5);
    expect(await adopt(`${await signed('CP_TEST')}\n${root.certificatePem}`)).toBe('Accepted');

    await station.stop();
    await secure.close();
    const third = await aPeer({ port: Number(new URL(secure.url).port), tls: { cert: server.certificatePem, key: server.keyPem, clientCa: root.certificatePem, isClientOptional: true } });
    const again = aCharger(plain.url, options);
    again.station.start();
    await until('profile 2 after the power loss', () => again.station.view().booted);
    expect(await change(third, 'SecurityProfile', '3')).toBe('Accepted');
    await until('profile 3', () => third.letIn.length === 2 && again.station.view().connected);
    expect(third.letIn).toEqual([{ password: Buffer.from('a-password-of-sixteen'), client: undefined }, { password: undefined, client: 'O=Charge-IT\nCN=CP_TEST' }]);
    expect(plain.connections).toBe(1);
  });

  it('goes back to the profile that worked when the higher one does not connect', async () => {
    const { csms, station } = await aBootedCharger({ secureUrl: 'wss://127.0.0.1:1', password: 'a-password-of-sixteen', tls: { trustAnchors: [root.certificatePem] } });
    expect(await change(csms, 'SecurityProfile', '2')).toBe('Accepted');
    await until('away', () => !station.view().connected);
    await until('back', () => station.view().connected && csms.connections === 2);
    expect(await csms.command('GetConfiguration', { key: ['SecurityProfile'] })).toMatchObject({ configurationKey: [{ value: '1' }] });
  });
});

describe('a new AuthorizationKey', () => {
  const newKey = '00ff10a0b0c0d0e0f001020304050607080900ff';

  it('is used at once, as bytes, and kept over a power loss', async () => {
    const storage = createMemoryStorage();
    let password: string | Buffer = 'the-first-password';
    const csms = await aPeer({ password: () => password });
    const { station } = aCharger(csms.url, { storage, password: 'the-first-password' });
    station.start();
    await until('boot', () => station.view().booted);
    expect(await change(csms, 'AuthorizationKey', 'short')).toBe('Rejected');
    expect(await change(csms, 'AuthorizationKey', newKey)).toBe('Accepted');
    password = Buffer.from(newKey, 'hex');
    await until('the new key', () => csms.letIn.length === 2 && station.view().connected);
    await station.stop();
    aCharger(csms.url, { storage, password: 'the-first-password' }).station.start();
    await until('the new key again', () => csms.letIn.length === 3);
    expect(csms.letIn.map((entry) => entry.password?.toString('hex'))).toEqual([Buffer.from('the-first-password').toString('hex'), newKey, newKey]);
    expect(JSON.stringify(await csms.command('GetConfiguration', {}))).not.toContain(newKey);
  });

  it('that the CSMS does not know after all gives way to the old one', async () => {
    const csms = await aPeer({ password: 'the-first-password' });
    const { station } = aCharger(csms.url, { password: 'the-first-password' });
    station.start();
    await until('boot', () => station.view().booted);
    expect(await change(csms, 'AuthorizationKey', newKey)).toBe('Accepted');
    await until('in again', () => csms.letIn.length === 2 && station.view().connected);
    await until('the refusal as an event', () => events(csms).includes('FailedToAuthenticateAtCentralSystem'));
    csms.dropAll();
    await until('in by the old one', () => csms.letIn.length === 3);
    expect(events(csms)).toEqual(['FailedToAuthenticateAtCentralSystem']);
  });
});

describe('installed roots', () => {
  it('are named by the hashes of the text, deleted by them, and bounded', async () => {
    const { csms } = await aBootedCharger({ configuration: { CertificateStoreMaxLength: '2' } });
    const ids = (certificateType = 'CentralSystemRootCertificate') => csms.command('GetInstalledCertificateIds', { certificateType });
    expect(await ids()).toEqual({ status: 'NotFound' });
    const leaf = await makeCertificate({ commonName: 'leaf', ...validity, usage: 'server' }, root);
    const old = await makeAuthority({ commonName: 'old', notBefore: new Date(Date.now() - 2 * day), notAfter: new Date(Date.now() - day) });
    for (const pem of ['nonsense', leaf.certificatePem, old.certificatePem]) expect(await install(csms, pem)).toBe('Rejected');
    expect(await install(csms, root.certificatePem)).toBe('Accepted');
    expect(await install(csms, root.certificatePem)).toBe('Accepted');
    expect(await install(csms, stranger.certificatePem, 'ManufacturerRootCertificate')).toBe('Accepted');
    expect(await install(csms, stranger.certificatePem)).toBe('Failed');
    const { certificateHashData } = await ids() as { certificateHashData: { issuerNameHash: string }[] };
    expect(certificateHashData).toHaveLength(1);
    // The DER of CN=CSMS root, written out by hand: SEQUENCE { SET { SEQUENCE { OID 2.5.4.3, string } } }.
    const name = Buffer.from('CSMS root');
    const attribute = (tag: number) => Buffer.concat([Buffer.from([0x30, 20, 0x31, 18, 0x30, 16, 0x06, 3, 0x55, 4, 3, tag, name.length]), name]);
    const hashes = [0x0c, 0x13].map((tag) => createHash('sha256').update(attribute(tag)).digest('hex'));
    expect(hashes).toContain(certificateHashData[0]?.issuerNameHash);
    const hash = { ...certificateHashData[0] };
    expect(await csms.command('DeleteCertificate', { certificateHashData: { ...hash, serialNumber: '1' } })).toEqual({ status: 'NotFound' });
    expect(await csms.command('DeleteCertificate', { certificateHashData: hash })).toEqual({ status: 'Accepted' });
    expect(await ids()).toEqual({ status: 'NotFound' });
    expect(await ids('ManufacturerRootCertificate')).toMatchObject({ status: 'Accepted' });
  });

  it('with AdditionalRootCertificateCheck a new one has to be signed by the present one', async () => {
    const { csms } = await aBootedCharger({ configuration: { AdditionalRootCertificateCheck: 'true' } });
    expect(await install(csms, root.certificatePem)).toBe('Accepted');
    expect(await install(csms, stranger.certificatePem)).toBe('Rejected');
    expect(await install(csms, stranger.certificatePem, 'ManufacturerRootCertificate')).toBe('Accepted');
  });

  it('the only one that the line stands on is not deleted', async () => {
    const csms = await aTlsPeer({ password: 'a-password-of-sixteen' });
    const storage = createMemoryStorage();
    const first = await aBootedCharger({ storage, password: 'a-password-of-sixteen', secureUrl: csms.url });
    expect(await install(first.csms, root.certificatePem)).toBe('Accepted');
    expect(await change(first.csms, 'SecurityProfile', '2')).toBe('Accepted');
    await until('the line over TLS', () => csms.connections === 1 && first.station.view().connected);
    const { certificateHashData } = await csms.command('GetInstalledCertificateIds', { certificateType: 'CentralSystemRootCertificate' }) as { certificateHashData: object[] };
    expect(await csms.command('DeleteCertificate', { certificateHashData: certificateHashData[0] })).toEqual({ status: 'Failed' });
  });
});

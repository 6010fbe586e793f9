import { constants, createPrivateKey, sign } from 'node:crypto';
import { makeAuthority, makeCertificate } from '@csms/kit/x509/make-certificate';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStorage, createPlainVehicle, type StationBehaviour } from '../src/index.ts';
import { until, type CsmsPeer } from './csms-peer.ts';
import { aFileServer } from './file-server.ts';
import { aBootedCharger, aCharger, stopAll } from './one-charger.ts';

afterEach(stopAll);

const now = () => new Date().toISOString();
const statuses = (csms: CsmsPeer, action = 'FirmwareStatusNotification') => csms.of(action).map((call) => call.params['status']);
const versions = (csms: CsmsPeer) => csms.of('BootNotification').map((call) => call.params['firmwareVersion']);

function signatureOf(content: Buffer, keyPem: string): string {
  const key = createPrivateKey(keyPem);
  return sign('sha256', content, key.asymmetricKeyType === 'rsa' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING } : key).toString('base64');
}

describe('a firmware update', () => {
  it('is fetched, installed, and told by the version of the next boot, also after a power loss', async () => {
    const files = await aFileServer();
    files.files.set('/edge.bin', Buffer.from('firmwareVersion: 2.1.0-rc.1\nrest of the image'));
    const storage = createMemoryStorage();
    const { csms, station } = await aBootedCharger({ storage, behaviour: { installMs: 10 } });
    expect(await csms.command('UpdateFirmware', { location: `${files.url}/edge.bin`, retrieveDate: now() })).toEqual({});
    await until('its second boot', () => csms.of('BootNotification').length === 2);
    await until('all of it', () => statuses(csms).at(-1) === 'Installed');
    expect(statuses(csms).filter((status, index, all) => status !== all[index - 1])).toEqual(['Downloading', 'Downloaded', 'Installing', 'Installed']);
    expect(versions(csms)).toEqual(['1.0.0', '2.1.0-rc.1']);
    await station.stop();
    const again = aCharger(csms.url, { storage });
    again.station.start();
    await until('its third boot', () => versions(csms).length === 3);
    expect(versions(csms)[2]).toBe('2.1.0-rc.1');
  });

  it('tries as often as it may, and says when the download or the installation failed', async () => {
    const files = await aFileServer();
    files.files.set('/good.bin', Buffer.from('image'));
    const behaviour: StationBehaviour = { installMs: 10, downloadsToFail: 2 };
    const { csms } = await aBootedCharger({ behaviour });
    const update = (path: string, more: object = {}) => csms.command('UpdateFirmware', { location: files.url + path, retrieveDate: now(), retries: 1, retryInterval: 0, ...more });
    await update('/good.bin');
    await until('failed', () => statuses(csms).at(-1) === 'DownloadFailed');
    await update('/none.bin');
    await until('failed again', () => statuses(csms).filter((status) => status === 'DownloadFailed').length === 2);
    expect(files.asked).toEqual(['GET /none.bin', 'GET /none.bin']);
    behaviour.failInstall = true;
    await update('/good.bin');
    await until('not installed', () => statuses(csms).at(-1) === 'InstallationFailed');
    await update('/x', { location: 'ftp://127.0.0.1/x' });
    await until('not spoken', () => statuses(csms).filter((status) => status === 'DownloadFailed').length === 3);
    expect(csms.of('BootNotification')).toHaveLength(1);
    expect(await csms.command('TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' })).toEqual({ status: 'Accepted' });
    await until('idle', () => statuses(csms).at(-1) === 'Idle');
  });

  it('that a power loss has interrupted is over, and the CSMS hears it', async () => {
    const files = await aFileServer();
    files.files.set('/edge.bin', Buffer.from('image'));
    const storage = createMemoryStorage();
    const { csms, station } = await aBootedCharger({ storage, behaviour: { installMs: 3_600_000 } });
    await csms.command('UpdateFirmware', { location: `${files.url}/edge.bin`, retrieveDate: now() });
    await until('installing', () => statuses(csms).at(-1) === 'Installing');
    await station.stop();
    const again = aCharger(csms.url, { storage });
    again.station.start();
    await until('the end', () => statuses(csms).at(-1) === 'InstallationFailed');
    expect(versions(csms)).toEqual(['1.0.0', '1.0.0']);
  });

  it('waits for the one who is charging, and tells without a line what it owes', async () => {
    const files = await aFileServer();
    files.files.set('/edge-3.0.1.bin', Buffer.from('image'));
    const { csms, station, hardware } = await aBootedCharger({ behaviour: { installMs: 10 } });
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    hardware.tap(1, 'CARD1');
    await until('charging', () => station.truth()[0]?.startAcknowledged);
    await csms.command('UpdateFirmware', { location: `${files.url}/edge-3.0.1.bin`, retrieveDate: now() });
    await until('fetched', () => statuses(csms).at(-1) === 'Downloaded');
    expect(await csms.command('TriggerMessage', { requestedMessage: 'FirmwareStatusNotification' })).toEqual({ status: 'Accepted' });
    await until('told again', () => statuses(csms).length === 3);
    expect(statuses(csms)).toEqual(['Downloading', 'Downloaded', 'Downloaded']);
    station.cut();
    hardware.unplug(1);
    await until('installed', () => station.view().booted === false);
    station.restore();
    await until('its second boot', () => versions(csms)[1] === '3.0.1');
    await until('what it owed', () => statuses(csms).at(-1) === 'Installed');
    // The cut and the reboot may each cost the answer to one, which is then said again.
    expect(statuses(csms).slice(2).filter((status, index, all) => status !== all[index - 1])).toEqual(['Downloaded', 'Installing', 'Installed']);
  });
});

describe('a signed firmware update', () => {
  const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };

  it('is installed when its signature is the manufacturer\'s, and told step by step under its number', async () => {
    const files = await aFileServer();
    const image = Buffer.from('firmwareVersion: 2.0.0\nimage');
    files.files.set('/f', image);
    const root = await makeAuthority({ commonName: 'Manufacturer', ...validity });
    const stranger = await makeAuthority({ commonName: 'Stranger', ...validity });
    const { csms } = await aBootedCharger({ behaviour: { installMs: 10 } });
    const signedStatuses = () => statuses(csms, 'SignedFirmwareStatusNotification');
    const events = () => csms.of('SecurityEventNotification').map((call) => call.params['type']);
    let requestId = 0;
    const update = async (signer: { certificatePem: string; keyPem: string }, content: Buffer, more: object = {}) => (await csms.command('SignedUpdateFirmware', {
      requestId: ++requestId,
      firmware: {
        location: `${files.url}/f`, retrieveDateTime: now(), signingCertificate: signer.certificatePem, ...more,
        signature: signatureOf(content, signer.keyPem),
      },
    }))['status'];

    expect(await update(await makeCertificate({ commonName: 'Signer', ...validity, usage: 'client' }, root), image)).toBe('InvalidCertificate');
    expect(await csms.command('InstallCertificate', { certificateType: 'ManufacturerRootCertificate', certificate: root.certificatePem })).toEqual({ status: 'Accepted' });
    expect(await update(await makeCertificate({ commonName: 'Signer', ...validity, usage: 'client' }, stranger), image)).toBe('InvalidCertificate');
    expect(await update(await makeCertificate({ commonName: 'Old', ...validity, notAfter: new Date(Date.now() - 1_000), usage: 'client' }, root), image)).toBe('InvalidCertificate');
    await until('the events', () => events().length === 3);
    expect(new Set(events())).toEqual(new Set(['InvalidFirmwareSigningCertificate']));

    const signer = await makeCertificate({ commonName: 'Signer', key: 'rsa', ...validity, usage: 'client' }, root);
    expect(await update(signer, Buffer.from('another image'))).toBe('Accepted');
    await until('not its signature', () => signedStatuses().at(-1) === 'InvalidSignature');
    await until('the event', () => events().at(-1) === 'InvalidFirmwareSignature');
    // One that waits for its time, and another in its place.
    expect(await update(signer, image, { retrieveDateTime: new Date(Date.now() + 3_600_000).toISOString() })).toBe('Accepted');
    await until('scheduled', () => signedStatuses().at(-1) === 'DownloadScheduled');
    expect(await csms.command('ExtendedTriggerMessage', { requestedMessage: 'FirmwareStatusNotification' })).toEqual({ status: 'Accepted' });
    await until('told again', () => signedStatuses().filter((status) => status === 'DownloadScheduled').length === 2);
    expect(await update(signer, image)).toBe('AcceptedCanceled');
    await until('its second boot', () => versions(csms)[1] === '2.0.0');
    expect(csms.of('SignedFirmwareStatusNotification').filter((call) => call.params['requestId'] === requestId).map((call) => call.params['status']))
      .toEqual(['Downloading', 'Downloaded', 'SignatureVerified', 'Installing', 'Installed']);
    await until('the update as an event', () => events().at(-1) === 'FirmwareUpdated');
  });
});

describe('diagnostics and logs', () => {
  it('are put to the address that the CSMS gives, with progress, without secrets or cards', async () => {
    const files = await aFileServer();
    const behaviour: StationBehaviour = {};
    const { csms, station, hardware } = await aBootedCharger({ behaviour, password: 'a-secret-password', configuration: { AuthorizationKey: 'a-secret-key-of-sixteen' } });
    hardware.plug(1, createPlainVehicle({ powerW: 7_000, needWh: 10_000 }));
    hardware.tap(1, 'CARD_OF_A_PERSON');
    await until('charging', () => station.truth()[0]?.startAcknowledged);
    const { fileName } = await csms.command('GetDiagnostics', { location: `${files.url}/folder/` });
    expect(fileName).toMatch(/^CP_TEST-diagnostics-.*\.jsonl$/);
    await until('uploaded', () => statuses(csms, 'DiagnosticsStatusNotification').at(-1) === 'Uploaded');
    const file = files.uploads.get(`/folder/${String(fileName)}`) ?? '';
    expect(file).toContain('"identity":"CP_TEST"');
    expect(file).toContain('"event":"booted"');
    expect(file).toContain('"key":"HeartbeatInterval"');
    expect(file).not.toMatch(/secret|CARD_OF_A_PERSON/);

    const getLog = (logType: string, remoteLocation: string, requestId: number) => csms.command('GetLog', { logType, requestId, log: { remoteLocation }, retries: 0 });
    const logs = () => csms.of('LogStatusNotification').map((call) => [call.params['requestId'], call.params['status']]);
    station.raiseSecurityEvent('TamperDetectionActivated', 'door');
    expect(await getLog('SecurityLog', `${files.url}/security`, 4)).toMatchObject({ status: 'Accepted' });
    await until('uploaded', () => logs().at(-1)?.[1] === 'Uploaded');
    expect(files.uploads.get('/security')).toMatch(/^{"type":"TamperDetectionActivated".*"door"}\n$/);
    files.files.set('/closed', 403);
    behaviour.uploadsToFail = 0;
    for (const [id, location, ended] of [[5, `${files.url}/closed`, 'PermissionDenied'], [6, 'sftp://127.0.0.1/x', 'NotSupportedOperation'], [7, 'http://127.0.0.1:1/x', 'UploadFailure']] as const) {
      await getLog('DiagnosticsLog', location, id);
      await until(ended, () => logs().some(([requestId, status]) => requestId === id && status === ended));
    }
    expect(logs().slice(0, 4)).toEqual([[4, 'Uploading'], [4, 'Uploaded'], [5, 'Uploading'], [5, 'PermissionDenied']]);
    // One that is waiting for its next try is given up for the next.
    behaviour.uploadsToFail = 1;
    await csms.command('GetLog', { logType: 'SecurityLog', requestId: 8, log: { remoteLocation: `${files.url}/eight` }, retries: 5, retryInterval: 3_600 });
    await until('trying', () => behaviour.uploadsToFail === 0);
    expect(await getLog('SecurityLog', `${files.url}/nine`, 9)).toMatchObject({ status: 'AcceptedCanceled' });
    await until('uploaded', () => files.uploads.has('/nine'));
    expect(files.uploads.has('/eight')).toBe(false);
    expect(await csms.command('ExtendedTriggerMessage', { requestedMessage: 'LogStatusNotification' })).toEqual({ status: 'Accepted' });
    await until('idle', () => logs().at(-1)?.[1] === 'Idle');
  });
});

it('security events that happened without a line are told when it is back, once each, also after a power loss', async () => {
  const storage = createMemoryStorage();
  const { csms, station } = await aBootedCharger({ storage });
  station.cut();
  station.raiseSecurityEvent('MemoryExhaustion');
  station.raiseSecurityEvent('TamperDetectionActivated', 'door');
  await station.stop();
  const again = aCharger(csms.url, { storage });
  again.station.start();
  await until('both', () => csms.of('SecurityEventNotification').length === 2);
  expect(csms.of('SecurityEventNotification').map((call) => call.params['type'])).toEqual(['MemoryExhaustion', 'TamperDetectionActivated']);
  again.station.cut();
  again.station.restore();
  await until('the line again', () => again.station.view().connected && csms.connections === 3);
  again.station.raiseSecurityEvent('ResetOrReboot');
  await until('a third', () => csms.of('SecurityEventNotification').length === 3);
  expect(csms.of('SecurityEventNotification').at(-1)?.params['type']).toBe('ResetOrReboot');
});

import { optional, type OutgoingProfile } from './outgoing-table.ts';

/** OCPP 1.6, profile FirmwareManagement, and the signed and log parts of the security extension, to the charge point. */
export const firmwareCommands16 = {
  'update-firmware': ({ location, retrieveAt, retries, retryIntervalS }) => ({
    action: 'UpdateFirmware', payload: { location, retrieveDate: retrieveAt, ...optional('retries', retries), ...optional('retryInterval', retryIntervalS) },
  }),
  'signed-update-firmware': ({ requestId, location, retrieveAt, installAt, signingCertificatePem, signature, retries, retryIntervalS }) => ({
    action: 'SignedUpdateFirmware',
    payload: {
      requestId, ...optional('retries', retries), ...optional('retryInterval', retryIntervalS),
      firmware: { location, retrieveDateTime: retrieveAt, ...optional('installDateTime', installAt), signingCertificate: signingCertificatePem, signature },
    },
  }),
  'get-diagnostics': ({ location, startAt, stopAt, retries, retryIntervalS }) => ({
    action: 'GetDiagnostics',
    payload: { location, ...optional('startTime', startAt), ...optional('stopTime', stopAt), ...optional('retries', retries), ...optional('retryInterval', retryIntervalS) },
  }),
  'get-log': ({ requestId, logType, location, oldestAt, latestAt, retries, retryIntervalS }) => ({
    action: 'GetLog',
    payload: {
      requestId, logType, ...optional('retries', retries), ...optional('retryInterval', retryIntervalS),
      log: { remoteLocation: location, ...optional('oldestTimestamp', oldestAt), ...optional('latestTimestamp', latestAt) },
    },
  }),
} satisfies OutgoingProfile<'ocpp1.6'>;

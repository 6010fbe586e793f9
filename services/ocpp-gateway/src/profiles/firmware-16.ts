import type { ProfileTable } from './handler.ts';
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

/** The same profile from the charge point: how it fares with what it was asked. Each is on the books before it is answered. */
export const firmware16 = {
  DiagnosticsStatusNotification: {
    handle: async ({ status }, { firmware, source }) => { await firmware.uploadStatus(source, { of: 'diagnostics', status, requestId: null }); return {}; },
  },
  FirmwareStatusNotification: {
    handle: async ({ status }, { firmware, source }) => { await firmware.firmwareStatus(source, { status, requestId: null }); return {}; },
  },
  LogStatusNotification: {
    handle: async ({ status, requestId }, { firmware, source }) => { await firmware.uploadStatus(source, { of: 'log', status, requestId: requestId ?? null }); return {}; },
  },
  SignedFirmwareStatusNotification: {
    handle: async ({ status, requestId }, { firmware, source }) => { await firmware.firmwareStatus(source, { status, requestId: requestId ?? null }); return {}; },
  },
} satisfies ProfileTable<'ocpp1.6'>;

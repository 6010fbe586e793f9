import { number, object, optionalNumber, optionalText, text, type Json } from '../../fields.ts';
import type { CommandTable } from '../dialect.ts';

/** OCPP 1.6, feature profile FirmwareManagement, with the signed updates and logs of the security whitepaper. */
export const firmwareAndLogCommands = {
  UpdateFirmware(params, station) {
    station.updateFirmware({ location: text(params, 'location'), retrieveAtMs: Date.parse(text(params, 'retrieveDate')), ...readRetries(params) });
    return {};
  },
  SignedUpdateFirmware(params, station) {
    const firmware = object(params['firmware'], 'firmware');
    return {
      status: station.updateFirmware({
        location: text(firmware, 'location'), retrieveAtMs: Date.parse(text(firmware, 'retrieveDateTime')), installAtMs: optionalTime(firmware, 'installDateTime'), ...readRetries(params),
        signed: { requestId: number(params, 'requestId'), signingCertificate: text(firmware, 'signingCertificate'), signature: text(firmware, 'signature') },
      }),
    };
  },
  GetDiagnostics(params, station) {
    const span = { fromMs: optionalTime(params, 'startTime'), toMs: optionalTime(params, 'stopTime') };
    return { fileName: station.upload({ location: text(params, 'location'), span, ...readRetries(params) }).fileName };
  },
  GetLog(params, station) {
    const log = object(params['log'], 'log');
    const { fileName, replaced } = station.upload({
      location: text(log, 'remoteLocation'), span: { fromMs: optionalTime(log, 'oldestTimestamp'), toMs: optionalTime(log, 'latestTimestamp') }, ...readRetries(params),
      log: { type: text(params, 'logType') === 'SecurityLog' ? 'SecurityLog' : 'DiagnosticsLog', requestId: number(params, 'requestId') },
    });
    return { status: replaced ? 'AcceptedCanceled' : 'Accepted', filename: fileName };
  },
} satisfies CommandTable;

function optionalTime(json: Json, name: string): number | undefined {
  const value = optionalText(json, name);
  return value === undefined ? undefined : Date.parse(value);
}

function readRetries(params: Json) {
  return { retries: optionalNumber(params, 'retries'), retryIntervalSeconds: optionalNumber(params, 'retryInterval') };
}

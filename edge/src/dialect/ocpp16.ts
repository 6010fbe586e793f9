import { number, object, oneOf, optionalNumber, optionalObject, optionalText, list, text, type Json } from '../fields.ts';
import type { Reading, ReadingContext } from '../queue/transaction-record.ts';
import { ChargingProfile } from '../smart-charging/charging-profile.ts';
import { certificateCommands } from './commands-16/certificates.ts';
import { triggerCommands } from './commands-16/extended-trigger.ts';
import { firmwareAndLogCommands } from './commands-16/firmware-and-logs.ts';
import { localListCommands } from './commands-16/local-list.ts';
import { smartChargingCommands } from './commands-16/smart-charging.ts';
import type { CommandTable, Dialect, OutgoingCall, TokenVerdict } from './dialect.ts';

/** OCPP 1.6 with JSON: Core, RemoteTrigger and Reservation, as a charger says and hears them. */
export const ocpp16: Dialect = {
  subprotocol: 'ocpp1.6',
  featureProfiles: {
    UpdateFirmware: 'FirmwareManagement', GetDiagnostics: 'FirmwareManagement', SendLocalList: 'LocalAuthListManagement', GetLocalListVersion: 'LocalAuthListManagement',
    ReserveNow: 'Reservation', CancelReservation: 'Reservation', SetChargingProfile: 'SmartCharging', ClearChargingProfile: 'SmartCharging', GetCompositeSchedule: 'SmartCharging',
    TriggerMessage: 'RemoteTrigger',
  },

  boot: (identity) => ({
    action: 'BootNotification',
    params: {
      chargePointVendor: identity.vendor,
      chargePointModel: identity.model,
      ...(identity.serialNumber && { chargePointSerialNumber: identity.serialNumber }),
      ...(identity.firmwareVersion && { firmwareVersion: identity.firmwareVersion }),
    },
  }),
  readBoot: (answer) => ({
    status: oneOf(answer, 'status', ['Accepted', 'Pending', 'Rejected']),
    intervalSeconds: number(answer, 'interval'),
  }),

  heartbeat: () => ({ action: 'Heartbeat', params: {} }),

  authorize: (token) => ({ action: 'Authorize', params: { idTag: token.idToken } }),
  readAuthorize: (answer) => readIdTagInfo(object(answer['idTagInfo'], 'idTagInfo')),

  status: ({ connectorId, status, fault, at }) => ({
    action: 'StatusNotification',
    // Connector 0 is the station as a whole and has three states only (1.6, 4.9).
    params: { connectorId, errorCode: fault ?? 'NoError', status, timestamp: at },
  }),

  transaction(record, transactionId): OutgoingCall | undefined {
    if (record.kind === 'started') {
      return {
        action: 'StartTransaction',
        params: {
          connectorId: record.connectorId,
          idTag: record.idToken ?? '',
          meterStart: Math.round(record.reading?.registerWh ?? 0),
          timestamp: record.at,
          ...(record.reservationId !== undefined && { reservationId: record.reservationId }),
        },
      };
    }
    if (record.kind === 'updated') {
      if (!record.reading) return undefined;
      return {
        action: 'MeterValues',
        params: {
          connectorId: record.connectorId,
          ...(transactionId !== undefined && { transactionId }),
          meterValue: [meterValue(record.at, record.reading, record.context ?? 'periodic')],
        },
      };
    }
    return {
      action: 'StopTransaction',
      params: {
        // A start that was never answered leaves no number; -1 lets the CSMS keep the stop as an orphan (1.6 errata).
        transactionId: transactionId ?? -1,
        meterStop: Math.round(record.reading?.registerWh ?? 0),
        timestamp: record.at,
        ...(record.reason && { reason: record.reason }),
        ...(record.idToken && { idTag: record.idToken }),
        ...(record.begin && record.reading && {
          transactionData: [meterValue(record.begin.at, { registerWh: record.begin.registerWh }, 'begin'), meterValue(record.at, record.reading, 'end')],
        }),
      },
    };
  },
  readTransaction(record, answer) {
    const info = optionalObject(answer, 'idTagInfo');
    const verdict = info && readIdTagInfo(info);
    return record.kind === 'started' ? { transactionId: number(answer, 'transactionId'), verdict } : { verdict };
  },

  meterValues: (connectorId, at, reading, context) => ({
    action: 'MeterValues',
    params: { connectorId, meterValue: [meterValue(at, reading, context)] },
  }),

  dataTransfer: (vendorId, messageId, data) => ({
    action: 'DataTransfer',
    params: { vendorId, ...(messageId !== undefined && { messageId }), ...(data !== undefined && { data }) },
  }),

  commands: {
    RemoteStartTransaction(params, station) {
      const given = optionalObject(params, 'chargingProfile');
      const profile = given && ChargingProfile.safeParse(given);
      const accepted = (!profile || profile.success) && station.remoteStart({
        connectorId: optionalNumber(params, 'connectorId'),
        token: { idToken: text(params, 'idTag'), type: 'ISO14443' },
        profile: profile?.data,
      });
      return { status: accepted ? 'Accepted' : 'Rejected' };
    },
    RemoteStopTransaction(params, station) {
      return { status: station.remoteStop({ transactionId: number(params, 'transactionId') }) ? 'Accepted' : 'Rejected' };
    },
    Reset(params, station) {
      const status = station.reset({ hard: text(params, 'type') === 'Hard', onIdle: false });
      return { status: status === 'Rejected' ? 'Rejected' : 'Accepted' };
    },
    UnlockConnector(params, station) {
      const status = station.unlock(number(params, 'connectorId'));
      return { status: status === 'UnknownConnector' ? 'NotSupported' : status === 'Unlocked' ? 'Unlocked' : 'UnlockFailed' };
    },
    ChangeAvailability(params, station) {
      return { status: station.changeAvailability(number(params, 'connectorId'), text(params, 'type') === 'Operative') };
    },
    ChangeConfiguration(params, station) {
      return { status: station.setConfiguration(text(params, 'key'), text(params, 'value')) };
    },
    GetConfiguration(params, station) {
      const asked = list(params, 'key').filter((key) => typeof key === 'string');
      const configurationKey: Json[] = [];
      const unknownKey: string[] = [];
      for (const key of asked.length > 0 ? asked : station.configurationKeys()) {
        const found = station.getConfiguration(key);
        if (found) configurationKey.push({ key, readonly: found.readonly, ...(found.value !== undefined && { value: found.value }) });
        else unknownKey.push(key);
      }
      return { configurationKey, ...(unknownKey.length > 0 && { unknownKey }) };
    },
    ClearCache: (_params, station) => ({ status: station.clearCache() ? 'Accepted' : 'Rejected' }),
    DataTransfer(params, station) {
      const { status, data } = station.dataTransfer(text(params, 'vendorId'), optionalText(params, 'messageId'), optionalText(params, 'data'));
      return { status: status === 'UnknownMessageId' ? 'UnknownMessageId' : status, ...(data !== undefined && { data }) };
    },
    ReserveNow(params, station) {
      return {
        status: station.reserve({
          connectorId: number(params, 'connectorId'), reservationId: number(params, 'reservationId'),
          idToken: text(params, 'idTag'), group: optionalText(params, 'parentIdTag'),
          expiresAtMs: Date.parse(text(params, 'expiryDate')),
        }),
      };
    },
    CancelReservation(params, station) {
      return { status: station.cancelReservation(number(params, 'reservationId')) ? 'Accepted' : 'Rejected' };
    },
    ...certificateCommands,
    ...triggerCommands,
    ...firmwareAndLogCommands,
    ...localListCommands,
    ...smartChargingCommands,
  } satisfies CommandTable,
};

const contexts: { readonly [context in ReadingContext]: string } = {
  begin: 'Transaction.Begin', periodic: 'Sample.Periodic', clock: 'Sample.Clock', end: 'Transaction.End', trigger: 'Trigger',
};

function readIdTagInfo(info: Json): TokenVerdict {
  const status = text(info, 'status');
  return { accepted: status === 'Accepted', status, group: optionalText(info, 'parentIdTag') };
}

/** 1.6 writes numbers as text, one sampledValue a measurand. */
function meterValue(at: string, reading: Reading, context: ReadingContext): Json {
  const sample = (measurand: string, unit: string, value: number, digits: number) =>
    ({ value: value.toFixed(digits), context: contexts[context], measurand, unit });
  return {
    timestamp: at,
    sampledValue: [
      sample('Energy.Active.Import.Register', 'Wh', reading.registerWh, 0),
      ...(reading.powerW === undefined ? [] : [sample('Power.Active.Import', 'W', reading.powerW, 0)]),
      ...(reading.voltageV === undefined ? [] : [sample('Voltage', 'V', reading.voltageV, 1)]),
      ...(reading.currentA === undefined ? [] : [sample('Current.Import', 'A', reading.currentA, 2)]),
      ...(reading.socPercent === undefined ? [] : [sample('SoC', 'Percent', reading.socPercent, 0)]),
    ],
  };
}


import type { ConnectorStatus, StopReason, Token, Trigger } from '../connector/connector.ts';
import { list, number, object, oneOf, optionalNumber, optionalObject, optionalText, text, type Json } from '../fields.ts';
import type { ChargingState, Reading, ReadingContext } from '../queue/transaction-record.ts';
import type { CommandTable, Dialect, TokenVerdict } from './dialect.ts';

/** OCPP 2.0.1: the part of the core that a simple charger speaks. Connector n of ours is EVSE n, connector 1. */
export const ocpp201: Dialect = {
  subprotocol: 'ocpp2.0.1',

  boot: (identity, reason) => ({
    action: 'BootNotification',
    params: {
      reason: { powerUp: 'PowerUp', remoteReset: 'RemoteReset', triggered: 'Triggered' }[reason],
      chargingStation: {
        model: identity.model,
        vendorName: identity.vendor,
        ...(identity.serialNumber && { serialNumber: identity.serialNumber }),
        ...(identity.firmwareVersion && { firmwareVersion: identity.firmwareVersion }),
      },
    },
  }),
  readBoot: (answer) => ({
    status: oneOf(answer, 'status', ['Accepted', 'Pending', 'Rejected']),
    intervalSeconds: number(answer, 'interval'),
  }),

  heartbeat: () => ({ action: 'Heartbeat', params: {} }),

  authorize: (token) => ({ action: 'Authorize', params: { idToken: { idToken: token.idToken, type: token.type } } }),
  readAuthorize: (answer) => readTokenInfo(object(answer['idTokenInfo'], 'idTokenInfo')),

  status({ connectorId, status, at }) {
    if (connectorId === 0) return undefined;
    return { action: 'StatusNotification', params: { timestamp: at, connectorStatus: statuses[status], evseId: connectorId, connectorId: 1 } };
  },

  transaction(record) {
    const context = record.context ?? (record.kind === 'started' ? 'begin' : record.kind === 'stopped' ? 'end' : 'periodic');
    return {
      action: 'TransactionEvent',
      params: {
        eventType: { started: 'Started', updated: 'Updated', stopped: 'Ended' }[record.kind],
        timestamp: record.at,
        triggerReason: triggerReasons[record.trigger],
        seqNo: record.seqNo,
        offline: record.offline,
        transactionInfo: {
          transactionId: record.localId,
          chargingState: chargingStates[record.chargingState],
          ...(record.reason && { stoppedReason: stoppedReasons[record.reason] }),
          ...(record.remoteStartId !== undefined && { remoteStartId: record.remoteStartId }),
        },
        // evse and idToken belong into the first event that has them (E02.FR.05, E03.FR.01); later ones may leave them out.
        ...(record.kind === 'started' && { evse: { id: record.connectorId, connectorId: 1 } }),
        ...(record.idToken && { idToken: { idToken: record.idToken, type: record.idTokenType ?? 'ISO14443' } }),
        ...(record.reservationId !== undefined && { reservationId: record.reservationId }),
        ...(record.reading && { meterValue: [meterValue(record.at, record.reading, context)] }),
      },
    };
  },
  readTransaction(_record, answer) {
    const info = optionalObject(answer, 'idTokenInfo');
    return { verdict: info && readTokenInfo(info) };
  },

  meterValues: (connectorId, at, reading, context) => ({
    action: 'MeterValues',
    params: { evseId: connectorId, meterValue: [meterValue(at, reading, context)] },
  }),

  dataTransfer: (vendorId, messageId, data) => ({
    action: 'DataTransfer',
    params: { vendorId, ...(messageId !== undefined && { messageId }), ...(data !== undefined && { data }) },
  }),

  commands: {
    RequestStartTransaction(params, station) {
      const idToken = object(params['idToken'], 'idToken');
      const group = optionalObject(params, 'groupIdToken');
      const token: Token = { idToken: text(idToken, 'idToken'), type: text(idToken, 'type'), group: group && text(group, 'idToken') };
      const accepted = station.remoteStart({ connectorId: optionalNumber(params, 'evseId'), token, remoteStartId: number(params, 'remoteStartId') });
      return { status: accepted ? 'Accepted' : 'Rejected' };
    },
    RequestStopTransaction(params, station) {
      return { status: station.remoteStop({ localId: text(params, 'transactionId') }) ? 'Accepted' : 'Rejected' };
    },
    Reset(params, station) {
      if (optionalNumber(params, 'evseId') !== undefined) return { status: 'Rejected', statusInfo: { reasonCode: 'UnsupportedParam' } };
      return { status: station.reset({ hard: text(params, 'type') === 'Immediate', onIdle: text(params, 'type') === 'OnIdle' }) };
    },
    UnlockConnector: (params, station) => ({ status: station.unlock(number(params, 'evseId')) }),
    ChangeAvailability(params, station) {
      const evse = optionalObject(params, 'evse');
      return { status: station.changeAvailability(evse ? number(evse, 'id') : 0, text(params, 'operationalStatus') === 'Operative') };
    },
    ClearCache: (_params, station) => ({ status: station.clearCache() ? 'Accepted' : 'Rejected' }),
    TriggerMessage(params, station) {
      const message = triggered[text(params, 'requestedMessage')];
      const evse = optionalObject(params, 'evse');
      return { status: message ? station.trigger(message, evse && number(evse, 'id')) : 'NotImplemented' };
    },
    SetVariables(params, station) {
      return {
        setVariableResult: list(params, 'setVariableData').map((entry) => {
          const { component, variable, key } = readVariable(object(entry, 'setVariableData'));
          const attributeType = optionalText(object(entry), 'attributeType') ?? 'Actual';
          if (attributeType !== 'Actual') return { component, variable, attributeType, attributeStatus: 'NotSupportedAttributeType' };
          if (!key) return { component, variable, attributeStatus: 'UnknownVariable' };
          const status = station.setConfiguration(key, text(object(entry), 'attributeValue'));
          return { component, variable, attributeStatus: status === 'NotSupported' ? 'UnknownVariable' : status };
        }),
      };
    },
    GetVariables(params, station) {
      return {
        getVariableResult: list(params, 'getVariableData').map((entry) => {
          const { component, variable, key } = readVariable(object(entry, 'getVariableData'));
          const found = key === undefined ? undefined : station.getConfiguration(key);
          if (!found) return { component, variable, attributeStatus: 'UnknownVariable' };
          if (found.value === undefined) return { component, variable, attributeStatus: 'Rejected' };
          return { component, variable, attributeStatus: 'Accepted', attributeValue: found.value };
        }),
      };
    },
    DataTransfer(params, station) {
      const data = params['data'];
      const answer = station.dataTransfer(text(params, 'vendorId'), optionalText(params, 'messageId'), typeof data === 'string' ? data : undefined);
      return { status: answer.status, ...(answer.data !== undefined && { data: answer.data }) };
    },
    ReserveNow(params, station) {
      const evseId = optionalNumber(params, 'evseId');
      const idToken = object(params['idToken'], 'idToken');
      const group = optionalObject(params, 'groupIdToken');
      if (evseId === undefined) return { status: 'Rejected', statusInfo: { reasonCode: 'UnsupportedParam' } };
      return {
        status: station.reserve({
          connectorId: evseId, reservationId: number(params, 'id'), idToken: text(idToken, 'idToken'),
          group: group && text(group, 'idToken'), expiresAtMs: Date.parse(text(params, 'expiryDateTime')),
        }),
      };
    },
    CancelReservation(params, station) {
      return { status: station.cancelReservation(number(params, 'reservationId')) ? 'Accepted' : 'Rejected' };
    },
  } satisfies CommandTable,
};

const triggered: { readonly [message: string]: 'boot' | 'heartbeat' | 'status' | 'meterValues' | 'transaction' | undefined } = {
  BootNotification: 'boot', Heartbeat: 'heartbeat', StatusNotification: 'status', MeterValues: 'meterValues', TransactionEvent: 'transaction',
};

const statuses: { readonly [status in ConnectorStatus]: string } = {
  Available: 'Available', Preparing: 'Occupied', Charging: 'Occupied', SuspendedEV: 'Occupied', SuspendedEVSE: 'Occupied',
  Finishing: 'Occupied', Reserved: 'Reserved', Unavailable: 'Unavailable', Faulted: 'Faulted',
};

const chargingStates: { readonly [state in ChargingState]: string } = {
  charging: 'Charging', evConnected: 'EVConnected', suspendedEv: 'SuspendedEV', suspendedEvse: 'SuspendedEVSE', idle: 'Idle',
};

const triggerReasons: { readonly [trigger in Trigger]: string } = {
  authorized: 'Authorized', cablePlugged: 'CablePluggedIn', remoteStart: 'RemoteStart', remoteStop: 'RemoteStop',
  stopAuthorized: 'StopAuthorized', evDeparted: 'EVCommunicationLost', deauthorized: 'Deauthorized',
  chargingStateChanged: 'ChargingStateChanged', meterPeriodic: 'MeterValuePeriodic', meterClock: 'MeterValueClock',
  triggered: 'Trigger', reset: 'ResetCommand', unlock: 'UnlockCommand', abnormal: 'AbnormalCondition',
};

const stoppedReasons: { readonly [reason in StopReason]: string } = {
  DeAuthorized: 'DeAuthorized', EmergencyStop: 'EmergencyStop', EVDisconnected: 'EVDisconnected', HardReset: 'ImmediateReset',
  Local: 'Local', Other: 'Other', PowerLoss: 'PowerLoss', Reboot: 'Reboot', Remote: 'Remote', SoftReset: 'Reboot',
  UnlockCommand: 'Other',
};

const contexts: { readonly [context in ReadingContext]: string } = {
  begin: 'Transaction.Begin', periodic: 'Sample.Periodic', clock: 'Sample.Clock', end: 'Transaction.End', trigger: 'Trigger',
};

/** Which of our settings a 2.0.1 variable is (Appendix 3 of the text): component.variable. */
const variableKeys: { readonly [name: string]: string | undefined } = {
  'OCPPCommCtrlr.HeartbeatInterval': 'HeartbeatInterval',
  'OCPPCommCtrlr.MessageAttempts': 'TransactionMessageAttempts',
  'OCPPCommCtrlr.MessageAttemptInterval': 'TransactionMessageRetryInterval',
  'OCPPCommCtrlr.WebSocketPingInterval': 'WebSocketPingInterval',
  'SampledDataCtrlr.TxUpdatedInterval': 'MeterValueSampleInterval',
  'SampledDataCtrlr.TxUpdatedMeasurands': 'MeterValuesSampledData',
  'AlignedDataCtrlr.Interval': 'ClockAlignedDataInterval',
  'TxCtrlr.EVConnectionTimeOut': 'ConnectionTimeOut',
  'TxCtrlr.StopTxOnEVSideDisconnect': 'StopTransactionOnEVSideDisconnect',
  'TxCtrlr.StopTxOnInvalidId': 'StopTransactionOnInvalidId',
  'AuthCtrlr.AuthorizeRemoteStart': 'AuthorizeRemoteTxRequests',
  'AuthCtrlr.LocalAuthorizeOffline': 'LocalAuthorizeOffline',
  'AuthCtrlr.LocalPreAuthorize': 'LocalPreAuthorize',
  'AuthCtrlr.OfflineTxForUnknownIdEnabled': 'AllowOfflineTxForUnknownId',
  'AuthCacheCtrlr.Enabled': 'AuthorizationCacheEnabled',
  'SecurityCtrlr.BasicAuthPassword': 'AuthorizationKey',
};

function readVariable(entry: Json): { component: Json; variable: Json; key: string | undefined } {
  const component = object(entry['component'], 'component');
  const variable = object(entry['variable'], 'variable');
  return { component, variable, key: variableKeys[`${text(component, 'name')}.${text(variable, 'name')}`] };
}

function readTokenInfo(info: Json): TokenVerdict {
  const status = text(info, 'status');
  const group = optionalObject(info, 'groupIdToken');
  return { accepted: status === 'Accepted', status, group: group && text(group, 'idToken') };
}

function meterValue(at: string, reading: Reading, context: ReadingContext): Json {
  const sample = (measurand: string, unit: string, value: number, digits: number) =>
    ({ value: Number(value.toFixed(digits)), context: contexts[context], measurand, unitOfMeasure: { unit } });
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

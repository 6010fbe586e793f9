import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { TransactionRecord } from '../queue/transaction-record.ts';
import { stopReasons, type ConnectorStatus, type Trigger } from '../connector/connector.ts';
import type { Dialect, StationCommands } from './dialect.ts';
import { ocpp16 } from './ocpp16.ts';
import { ocpp201 } from './ocpp201.ts';

/** ocpp-rpc's own strict validators: the OCPP schemas, compiled by somebody else. */
interface Validator { subprotocol: string; validate(id: string, params: unknown): unknown }
const validators = createRequire(import.meta.url)('ocpp-rpc/lib/standard-validators') as Validator[];

function validate(dialect: Dialect, id: string, params: unknown): void {
  const validator = validators.find((candidate) => candidate.subprotocol === dialect.subprotocol);
  if (!validator) throw new Error('no validator');
  validator.validate(`urn:${id}`, params);
}

const triggers: Trigger[] = ['authorized', 'cablePlugged', 'remoteStart', 'remoteStop', 'stopAuthorized', 'evDeparted', 'deauthorized', 'chargingStateChanged', 'meterPeriodic', 'meterClock', 'triggered', 'reset', 'unlock', 'abnormal'];
const reading = { registerWh: 1234.56, powerW: 7012.3, voltageV: 230.1, currentA: 30.49, socPercent: 55 };

function aRecord(more: Partial<TransactionRecord>): TransactionRecord {
  return {
    kind: 'updated', localId: '0190b0c0-0000-7000-8000-000000000000', seqNo: 3, connectorId: 2, at: '2026-11-24T09:00:00.000Z', trigger: 'meterPeriodic',
    chargingState: 'charging', offline: false, ...more,
  };
}

const station: StationCommands = {
  remoteStart: () => true, remoteStop: () => true, reset: () => 'Accepted', unlock: () => 'Unlocked', changeAvailability: () => 'Scheduled',
  setConfiguration: () => 'Accepted', getConfiguration: (key) => (key.startsWith('No') ? undefined : { value: '5', readonly: false }), configurationKeys: () => ['HeartbeatInterval'],
  clearCache: () => true, reserve: () => 'Occupied', cancelReservation: () => true, localListVersion: () => 4, updateLocalList: () => 'VersionMismatch', setChargingProfile: () => 'Accepted', clearChargingProfile: () => false,
  compositeSchedule: () => ({ startMs: 0, durationSeconds: 60, unit: 'A', periods: [{ startPeriod: 0, limit: 6.3, numberPhases: 3 }], minChargingRate: 0.1 }), trigger: () => 'Accepted', updateFirmware: () => 'InvalidCertificate', 
  installCertificate: () => 'Rejected', adoptCertificate: () => 'Accepted', deleteCertificate: () => 'NotFound', installedCertificates: () => [{ hashAlgorithm: 'SHA256', issuerNameHash: '0a', issuerKeyHash: '0b', serialNumber: '1' }],
  upload: () => ({ fileName: 'log.jsonl', replaced: true }),
  dataTransfer: () => ({ status: 'UnknownVendorId' }),
};

describe.each([['1.6', ocpp16], ['2.0.1', ocpp201]] as const)('the %s translator', (_name, dialect) => {
  it('writes every message of its own as the schema wants it', () => {
    const about = { vendor: 'Charge-IT', model: 'edge', serialNumber: 'S1', firmwareVersion: '1.0' };
    const calls = [
      dialect.boot(about, 'powerUp'), dialect.boot(about, 'triggered'), dialect.heartbeat(), dialect.authorize({ idToken: 'CARD', type: 'ISO14443' }),
      dialect.meterValues(1, '2026-11-24T09:00:00.000Z', reading, 'clock'), dialect.dataTransfer('vendor', 'message', 'data'),
      ...(['Available', 'Preparing', 'Charging', 'SuspendedEV', 'SuspendedEVSE', 'Finishing', 'Reserved', 'Unavailable', 'Faulted'] satisfies ConnectorStatus[])
        .map((status) => dialect.status({ connectorId: 1, status, fault: status === 'Faulted' ? 'GroundFailure' : null, at: '2026-11-24T09:00:00.000Z' })),
      dialect.transaction(aRecord({ kind: 'started', idToken: 'CARD', idTokenType: 'ISO14443', reading: { registerWh: 0.4 }, remoteStartId: 9, reservationId: 3 }), undefined),
      ...triggers.map((trigger) => dialect.transaction(aRecord({ trigger, reading }), 7)),
      ...stopReasons.map((reason) => dialect.transaction(aRecord({ kind: 'stopped', reason, reading, idToken: 'CARD', chargingState: 'idle' }), 7)),
      dialect.transaction(aRecord({ kind: 'stopped', reading, begin: { at: '2026-11-24T08:00:00.000Z', registerWh: 7 } }), 7),
      dialect.transaction(aRecord({ kind: 'stopped', reading }), undefined),
    ];
    for (const call of calls) if (call) validate(dialect, `${call.action}.req`, call.params);
    expect(calls.filter(Boolean).length).toBeGreaterThan(30);
  });

  it('answers every command as the schema wants it', () => {
    const evse = { id: 1, connectorId: 1 };
    const requests: { [action: string]: { [name: string]: unknown } } = dialect === ocpp16 ? {
      RemoteStartTransaction: { idTag: 'CARD', connectorId: 1 }, RemoteStopTransaction: { transactionId: 1 }, Reset: { type: 'Soft' }, UnlockConnector: { connectorId: 1 },
      ChangeAvailability: { connectorId: 0, type: 'Operative' }, ChangeConfiguration: { key: 'HeartbeatInterval', value: '5' }, GetConfiguration: { key: ['HeartbeatInterval', 'NoSuchKey'] },
      ClearCache: {}, TriggerMessage: { requestedMessage: 'MeterValues' }, DataTransfer: { vendorId: 'v' },
      ReserveNow: { connectorId: 1, expiryDate: '2026-11-24T09:00:00Z', idTag: 'CARD', reservationId: 1 }, CancelReservation: { reservationId: 1 }, GetLocalListVersion: {}, CertificateSigned: { certificateChain: 'pem' }, GetInstalledCertificateIds: { certificateType: 'ManufacturerRootCertificate' }, InstallCertificate: { certificateType: 'CentralSystemRootCertificate', certificate: 'pem' },
      DeleteCertificate: { certificateHashData: { hashAlgorithm: 'SHA256', issuerNameHash: '0a', issuerKeyHash: '0b', serialNumber: '1' } }, ExtendedTriggerMessage: { requestedMessage: 'SignChargePointCertificate' },
      UpdateFirmware: { location: 'http://127.0.0.1/f', retrieveDate: '2026-11-24T09:00:00Z', retries: 1 }, GetDiagnostics: { location: 'http://127.0.0.1/d' },
      SignedUpdateFirmware: { requestId: 1, firmware: { location: 'http://127.0.0.1/f', retrieveDateTime: '2026-11-24T09:00:00Z', signingCertificate: 'pem', signature: 'AA==' } },
      GetLog: { requestId: 1, logType: 'SecurityLog', log: { remoteLocation: 'http://127.0.0.1/l' } },
      SetChargingProfile: { connectorId: 1, csChargingProfiles: { chargingProfileId: 1, stackLevel: 0, chargingProfilePurpose: 'TxDefaultProfile', chargingProfileKind: 'Relative', chargingSchedule: { chargingRateUnit: 'W', chargingSchedulePeriod: [{ startPeriod: 0, limit: 1.5 }] } } },
      ClearChargingProfile: { id: 1 }, GetCompositeSchedule: { connectorId: 1, duration: 60, chargingRateUnit: 'A' },
      SendLocalList: { listVersion: 1, updateType: 'Differential', localAuthorizationList: [{ idTag: 'CARD' }, { idTag: 'OTHER', idTagInfo: { status: 'Accepted', expiryDate: '2026-11-24T09:00:00Z' } }] },
    } : {
      RequestStartTransaction: { idToken: { idToken: 'CARD', type: 'Central' }, remoteStartId: 1, evseId: 1 }, RequestStopTransaction: { transactionId: 'x' }, Reset: { type: 'OnIdle' },
      UnlockConnector: { evseId: 1, connectorId: 1 }, ChangeAvailability: { operationalStatus: 'Inoperative', evse }, ClearCache: {}, TriggerMessage: { requestedMessage: 'StatusNotification', evse },
      SetVariables: { setVariableData: [{ attributeValue: '5', component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } }, { attributeValue: '5', component: { name: 'No' }, variable: { name: 'No' } }] },
      GetVariables: { getVariableData: [{ component: { name: 'OCPPCommCtrlr' }, variable: { name: 'HeartbeatInterval' } }, { component: { name: 'No' }, variable: { name: 'No' } }] },
      DataTransfer: { vendorId: 'v' }, ReserveNow: { id: 1, expiryDateTime: '2026-11-24T09:00:00Z', idToken: { idToken: 'CARD', type: 'Central' }, evseId: 1 }, CancelReservation: { reservationId: 1 },
    };
    expect(Object.keys(dialect.commands).sort()).toEqual(Object.keys(requests).sort());
    for (const [action, params] of Object.entries(requests)) {
      validate(dialect, `${action}.req`, params);
      validate(dialect, `${action}.conf`, dialect.commands[action]?.(params, station));
    }
  });
});

it('1.6 says nothing of a change of state alone, and names a transaction whose start was never answered -1', () => {
  expect(ocpp16.transaction(aRecord({}), 7)).toBeUndefined();
  expect(ocpp16.transaction(aRecord({ kind: 'stopped', reading }), undefined)?.params).toMatchObject({ transactionId: -1, meterStop: 1235 });
});

import type { ConnectorStatus, Token } from '../connector/connector.ts';
import type { Subprotocol } from '../link.ts';
import type { Json } from '../fields.ts';
import type { FaultCode } from '../ports.ts';
import type { CertificateHash, CertificateStore } from '../security/certificate-store.ts';
import type { ChargingProfile } from '../smart-charging/charging-profile.ts';
import type { Firmware } from '../station/firmware.ts';
import type { LocalList } from '../station/local-list.ts';
import type { SmartCharging } from '../station/smart-charging.ts';
import type { Uploads } from '../station/uploads.ts';
import type { Reading, ReadingContext, TransactionRecord } from '../queue/transaction-record.ts';

/** A CALL before it has a message id. */
export interface OutgoingCall {
  action: string;
  params: Json;
}

export interface StationIdentity {
  vendor: string;
  model: string;
  serialNumber?: string;
  firmwareVersion?: string;
}

export type BootReason = 'powerUp' | 'remoteReset' | 'triggered';

export interface StatusReport {
  connectorId: number;
  status: ConnectorStatus;
  /** LocalListConflict: the CSMS has just said something else of a card than the local list (OCPP 1.6, 3.5.2). */
  fault: FaultCode | 'LocalListConflict' | null;
  at: string;
}

/** What the CSMS says about a card. */
export interface TokenVerdict {
  accepted: boolean;
  /** The CSMS's word: Accepted, Blocked, Expired, Invalid, ConcurrentTx ... */
  status: string;
  group?: string;
}

/** What a command of the CSMS may do at a station; the answers are words that both versions can say. */
export interface StationCommands {
  remoteStart(request: { connectorId?: number; token: Token; remoteStartId?: number; profile?: ChargingProfile }): boolean;
  remoteStop(transaction: { transactionId?: number; localId?: string }): boolean;
  reset(request: { hard: boolean; onIdle: boolean }): 'Accepted' | 'Rejected' | 'Scheduled';
  unlock(connectorId: number): 'Unlocked' | 'UnlockFailed' | 'OngoingAuthorizedTransaction' | 'UnknownConnector';
  changeAvailability(connectorId: number, operative: boolean): 'Accepted' | 'Rejected' | 'Scheduled';
  setConfiguration(key: string, value: string): 'Accepted' | 'Rejected' | 'RebootRequired' | 'NotSupported';
  getConfiguration(key: string): { value?: string; readonly: boolean } | undefined;
  configurationKeys(): string[];
  clearCache(): boolean;
  reserve(request: { connectorId: number; reservationId: number; idToken: string; group?: string; expiresAtMs: number }): 'Accepted' | 'Faulted' | 'Occupied' | 'Rejected' | 'Unavailable';
  cancelReservation(reservationId: number): boolean;
  localListVersion: LocalList['version'];
  updateLocalList: LocalList['update'];
  setChargingProfile: SmartCharging['set'];
  clearChargingProfile: SmartCharging['clear'];
  compositeSchedule: SmartCharging['compositeSchedule'];
  /** Sends the message once more, soon after the answer. */
  trigger(message: TriggeredMessage, connectorId?: number): 'Accepted' | 'Rejected' | 'NotImplemented';
  updateFirmware: Firmware['update'];
  upload: Uploads['start'];
  installCertificate: CertificateStore['install'];
  deleteCertificate(asked: CertificateHash): 'Accepted' | 'Failed' | 'NotFound';
  installedCertificates: CertificateStore['ids'];
  adoptCertificate(chainPem: string): 'Accepted' | 'Rejected';
  dataTransfer(vendorId: string, messageId: string | undefined, data: string | undefined): { status: 'Accepted' | 'Rejected' | 'UnknownVendorId' | 'UnknownMessageId'; data?: string };
}

export type TriggeredMessage =
  | 'boot' | 'heartbeat' | 'status' | 'meterValues' | 'transaction'
  | 'firmwareStatus' | 'signedFirmwareStatus' | 'diagnosticsStatus' | 'logStatus' | 'signCertificate';

export type CommandTable = { readonly [action: string]: (params: Json, station: StationCommands) => Json };

/** One OCPP version, as a translation between a station's words and JSON. No I/O, no state, no clock. */
export interface Dialect {
  readonly subprotocol: Subprotocol;
  boot(identity: StationIdentity, reason: BootReason): OutgoingCall;
  readBoot(answer: Json): { status: 'Accepted' | 'Pending' | 'Rejected'; intervalSeconds: number };
  heartbeat(): OutgoingCall;
  authorize(token: Token): OutgoingCall;
  readAuthorize(answer: Json): TokenVerdict;
  /** Undefined where this version has no such message (connector 0 on 2.0.1). */
  status(report: StatusReport): OutgoingCall | undefined;
  /** Undefined where this version says nothing of it (a change of the charging state on 1.6). */
  transaction(record: TransactionRecord, transactionId: number | undefined): OutgoingCall | undefined;
  readTransaction(record: TransactionRecord, answer: Json): { transactionId?: number; verdict?: TokenVerdict };
  /** A reading outside a transaction. */
  meterValues(connectorId: number, at: string, reading: Reading, context: ReadingContext): OutgoingCall;
  dataTransfer(vendorId: string, messageId: string | undefined, data: string | undefined): OutgoingCall;
  readonly commands: CommandTable;
  /** 1.6: the feature profile of an action, where it is not of Core (SupportedFeatureProfiles). */
  readonly featureProfiles?: { readonly [action: string]: string };
}

import type { OcppVersion } from './error-codes.ts';
import type { FromStation16, ToStation16 } from './messages-16.ts';
import type { FromStation201, ToStation201 } from './messages-201.ts';

/** Each dialect's exchanges by direction: action name -> request and response. */
export interface Exchanges {
  'ocpp1.6': { fromStation: FromStation16; toStation: ToStation16 };
  'ocpp2.0.1': { fromStation: FromStation201; toStation: ToStation201 };
}
export type FromStationAction<V extends OcppVersion> = keyof Exchanges[V]['fromStation'] & string;
export type ToStationAction<V extends OcppVersion> = keyof Exchanges[V]['toStation'] & string;

/** An object with exactly the keys of `T`: a missing or misspelt action does not compile. */
type ExactlyTheKeysOf<T> = { readonly [K in keyof T]: true };

const fromStation16: ExactlyTheKeysOf<FromStation16> = {
  Authorize: true, BootNotification: true, DataTransfer: true, Heartbeat: true, MeterValues: true, SecurityEventNotification: true,
  SignCertificate: true, StartTransaction: true, StatusNotification: true, StopTransaction: true,
  DiagnosticsStatusNotification: true, FirmwareStatusNotification: true, LogStatusNotification: true, SignedFirmwareStatusNotification: true,
};
const toStation16: ExactlyTheKeysOf<ToStation16> = {
  CancelReservation: true, CertificateSigned: true, ChangeAvailability: true, ChangeConfiguration: true, ClearCache: true,
  ClearChargingProfile: true, DataTransfer: true, DeleteCertificate: true, ExtendedTriggerMessage: true, GetCompositeSchedule: true,
  GetConfiguration: true, GetDiagnostics: true, GetInstalledCertificateIds: true, GetLocalListVersion: true, GetLog: true,
  InstallCertificate: true, RemoteStartTransaction: true, RemoteStopTransaction: true, ReserveNow: true, Reset: true, SendLocalList: true,
  SetChargingProfile: true, SignedUpdateFirmware: true, TriggerMessage: true, UnlockConnector: true, UpdateFirmware: true,
};
const fromStation201: ExactlyTheKeysOf<FromStation201> = {
  Authorize: true, BootNotification: true, DataTransfer: true, Heartbeat: true, MeterValues: true, SecurityEventNotification: true,
  StatusNotification: true, TransactionEvent: true,
};
const toStation201: ExactlyTheKeysOf<ToStation201> = {
  ChangeAvailability: true, ClearCache: true, DataTransfer: true, GetVariables: true, RequestStartTransaction: true,
  RequestStopTransaction: true, Reset: true, SetVariables: true, TriggerMessage: true, UnlockConnector: true,
};

/** The names of what we speak, by version and direction. */
export const actions: Record<OcppVersion, { fromStation: readonly string[]; toStation: readonly string[] }> = {
  'ocpp1.6': { fromStation: Object.keys(fromStation16), toStation: Object.keys(toStation16) },
  'ocpp2.0.1': { fromStation: Object.keys(fromStation201), toStation: Object.keys(toStation201) },
};

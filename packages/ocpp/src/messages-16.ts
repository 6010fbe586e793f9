import type * as t from 'typed-ocpp/dist/ocpp16/types.js';

interface Exchange<Request, Response> { request: Request; response: Response }

/** OCPP 1.6: what a charge point may ask of us. */
export interface FromStation16 {
  Authorize: Exchange<t.AuthorizeRequest, t.AuthorizeResponse>;
  BootNotification: Exchange<t.BootNotificationRequest, t.BootNotificationResponse>;
  DataTransfer: Exchange<t.DataTransferRequest, t.DataTransferResponse>;
  DiagnosticsStatusNotification: Exchange<t.DiagnosticsStatusNotificationRequest, t.DiagnosticsStatusNotificationResponse>;
  FirmwareStatusNotification: Exchange<t.FirmwareStatusNotificationRequest, t.FirmwareStatusNotificationResponse>;
  Heartbeat: Exchange<t.HeartbeatRequest, t.HeartbeatResponse>;
  LogStatusNotification: Exchange<t.LogStatusNotificationRequest, t.LogStatusNotificationResponse>;
  MeterValues: Exchange<t.MeterValuesRequest, t.MeterValuesResponse>;
  SecurityEventNotification: Exchange<t.SecurityEventNotificationRequest, t.SecurityEventNotificationResponse>;
  SignCertificate: Exchange<t.SignCertificateRequest, t.SignCertificateResponse>;
  SignedFirmwareStatusNotification: Exchange<t.SignedFirmwareStatusNotificationRequest, t.SignedFirmwareStatusNotificationResponse>;
  StartTransaction: Exchange<t.StartTransactionRequest, t.StartTransactionResponse>;
  StatusNotification: Exchange<t.StatusNotificationRequest, t.StatusNotificationResponse>;
  StopTransaction: Exchange<t.StopTransactionRequest, t.StopTransactionResponse>;
}

/** OCPP 1.6: what we ask of a charge point. */
export interface ToStation16 {
  CancelReservation: Exchange<t.CancelReservationRequest, t.CancelReservationResponse>;
  CertificateSigned: Exchange<t.CertificateSignedRequest, t.CertificateSignedResponse>;
  ChangeAvailability: Exchange<t.ChangeAvailabilityRequest, t.ChangeAvailabilityResponse>;
  ChangeConfiguration: Exchange<t.ChangeConfigurationRequest, t.ChangeConfigurationResponse>;
  ClearCache: Exchange<t.ClearCacheRequest, t.ClearCacheResponse>;
  ClearChargingProfile: Exchange<t.ClearChargingProfileRequest, t.ClearChargingProfileResponse>;
  DataTransfer: Exchange<t.DataTransferRequest, t.DataTransferResponse>;
  DeleteCertificate: Exchange<t.DeleteCertificateRequest, t.DeleteCertificateResponse>;
  ExtendedTriggerMessage: Exchange<t.ExtendedTriggerMessageRequest, t.ExtendedTriggerMessageResponse>;
  GetCompositeSchedule: Exchange<t.GetCompositeScheduleRequest, t.GetCompositeScheduleResponse>;
  GetConfiguration: Exchange<t.GetConfigurationRequest, t.GetConfigurationResponse>;
  GetDiagnostics: Exchange<t.GetDiagnosticsRequest, t.GetDiagnosticsResponse>;
  GetInstalledCertificateIds: Exchange<t.GetInstalledCertificateIdsRequest, t.GetInstalledCertificateIdsResponse>;
  GetLocalListVersion: Exchange<t.GetLocalListVersionRequest, t.GetLocalListVersionResponse>;
  GetLog: Exchange<t.GetLogRequest, t.GetLogResponse>;
  InstallCertificate: Exchange<t.InstallCertificateRequest, t.InstallCertificateResponse>;
  RemoteStartTransaction: Exchange<t.RemoteStartTransactionRequest, t.RemoteStartTransactionResponse>;
  RemoteStopTransaction: Exchange<t.RemoteStopTransactionRequest, t.RemoteStopTransactionResponse>;
  ReserveNow: Exchange<t.ReserveNowRequest, t.ReserveNowResponse>;
  Reset: Exchange<t.ResetRequest, t.ResetResponse>;
  SendLocalList: Exchange<t.SendLocalListRequest, t.SendLocalListResponse>;
  SetChargingProfile: Exchange<t.SetChargingProfileRequest, t.SetChargingProfileResponse>;
  SignedUpdateFirmware: Exchange<t.SignedUpdateFirmwareRequest, t.SignedUpdateFirmwareResponse>;
  TriggerMessage: Exchange<t.TriggerMessageRequest, t.TriggerMessageResponse>;
  UnlockConnector: Exchange<t.UnlockConnectorRequest, t.UnlockConnectorResponse>;
  UpdateFirmware: Exchange<t.UpdateFirmwareRequest, t.UpdateFirmwareResponse>;
}

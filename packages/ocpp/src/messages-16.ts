import type * as t from 'typed-ocpp/dist/ocpp16/types.js';

interface Exchange<Request, Response> { request: Request; response: Response }

/** OCPP 1.6: what a charge point may ask of us. */
export interface FromStation16 {
  Authorize: Exchange<t.AuthorizeRequest, t.AuthorizeResponse>;
  BootNotification: Exchange<t.BootNotificationRequest, t.BootNotificationResponse>;
  DataTransfer: Exchange<t.DataTransferRequest, t.DataTransferResponse>;
  Heartbeat: Exchange<t.HeartbeatRequest, t.HeartbeatResponse>;
  MeterValues: Exchange<t.MeterValuesRequest, t.MeterValuesResponse>;
  SecurityEventNotification: Exchange<t.SecurityEventNotificationRequest, t.SecurityEventNotificationResponse>;
  StartTransaction: Exchange<t.StartTransactionRequest, t.StartTransactionResponse>;
  StatusNotification: Exchange<t.StatusNotificationRequest, t.StatusNotificationResponse>;
  StopTransaction: Exchange<t.StopTransactionRequest, t.StopTransactionResponse>;
}

/** OCPP 1.6: what we ask of a charge point. */
export interface ToStation16 {
  ChangeAvailability: Exchange<t.ChangeAvailabilityRequest, t.ChangeAvailabilityResponse>;
  ChangeConfiguration: Exchange<t.ChangeConfigurationRequest, t.ChangeConfigurationResponse>;
  ClearCache: Exchange<t.ClearCacheRequest, t.ClearCacheResponse>;
  DataTransfer: Exchange<t.DataTransferRequest, t.DataTransferResponse>;
  GetConfiguration: Exchange<t.GetConfigurationRequest, t.GetConfigurationResponse>;
  RemoteStartTransaction: Exchange<t.RemoteStartTransactionRequest, t.RemoteStartTransactionResponse>;
  RemoteStopTransaction: Exchange<t.RemoteStopTransactionRequest, t.RemoteStopTransactionResponse>;
  Reset: Exchange<t.ResetRequest, t.ResetResponse>;
  TriggerMessage: Exchange<t.TriggerMessageRequest, t.TriggerMessageResponse>;
  UnlockConnector: Exchange<t.UnlockConnectorRequest, t.UnlockConnectorResponse>;
}

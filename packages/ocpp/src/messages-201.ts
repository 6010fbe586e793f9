import type * as t from 'typed-ocpp/dist/ocpp20/types.js';

interface Exchange<Request, Response> { request: Request; response: Response }

/** OCPP 2.0.1: what a charging station may ask of us. */
export interface FromStation201 {
  Authorize: Exchange<t.AuthorizeRequest, t.AuthorizeResponse>;
  BootNotification: Exchange<t.BootNotificationRequest, t.BootNotificationResponse>;
  DataTransfer: Exchange<t.DataTransferRequest, t.DataTransferResponse>;
  Heartbeat: Exchange<t.HeartbeatRequest, t.HeartbeatResponse>;
  MeterValues: Exchange<t.MeterValuesRequest, t.MeterValuesResponse>;
  SecurityEventNotification: Exchange<t.SecurityEventNotificationRequest, t.SecurityEventNotificationResponse>;
  StatusNotification: Exchange<t.StatusNotificationRequest, t.StatusNotificationResponse>;
  TransactionEvent: Exchange<t.TransactionEventRequest, t.TransactionEventResponse>;
}

/** OCPP 2.0.1: what we ask of a charging station. */
export interface ToStation201 {
  ChangeAvailability: Exchange<t.ChangeAvailabilityRequest, t.ChangeAvailabilityResponse>;
  ClearCache: Exchange<t.ClearCacheRequest, t.ClearCacheResponse>;
  DataTransfer: Exchange<t.DataTransferRequest, t.DataTransferResponse>;
  GetVariables: Exchange<t.GetVariablesRequest, t.GetVariablesResponse>;
  RequestStartTransaction: Exchange<t.RequestStartTransactionRequest, t.RequestStartTransactionResponse>;
  RequestStopTransaction: Exchange<t.RequestStopTransactionRequest, t.RequestStopTransactionResponse>;
  Reset: Exchange<t.ResetRequest, t.ResetResponse>;
  SetVariables: Exchange<t.SetVariablesRequest, t.SetVariablesResponse>;
  TriggerMessage: Exchange<t.TriggerMessageRequest, t.TriggerMessageResponse>;
  UnlockConnector: Exchange<t.UnlockConnectorRequest, t.UnlockConnectorResponse>;
}

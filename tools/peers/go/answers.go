package main

import (
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/certificates"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/core"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/extendedtriggermessage"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/firmware"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/localauth"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/logging"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/remotetrigger"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/reservation"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/securefirmware"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/security"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/smartcharging"
)

// answering says yes to every CALL of the central system, and tells of it.
type answering struct{}

func called(action string, request any) {
	say(map[string]any{"event": "called", "action": action, "payload": request})
}

func (answering) OnChangeAvailability(request *core.ChangeAvailabilityRequest) (*core.ChangeAvailabilityConfirmation, error) {
	called("ChangeAvailability", request)
	return core.NewChangeAvailabilityConfirmation("Accepted"), nil
}

func (answering) OnChangeConfiguration(request *core.ChangeConfigurationRequest) (*core.ChangeConfigurationConfirmation, error) {
	called("ChangeConfiguration", request)
	return core.NewChangeConfigurationConfirmation("Accepted"), nil
}

func (answering) OnClearCache(request *core.ClearCacheRequest) (*core.ClearCacheConfirmation, error) {
	called("ClearCache", request)
	return core.NewClearCacheConfirmation("Accepted"), nil
}

func (answering) OnDataTransfer(request *core.DataTransferRequest) (*core.DataTransferConfirmation, error) {
	called("DataTransfer", request)
	return core.NewDataTransferConfirmation("Accepted"), nil
}

func (answering) OnGetConfiguration(request *core.GetConfigurationRequest) (*core.GetConfigurationConfirmation, error) {
	called("GetConfiguration", request)
	return core.NewGetConfigurationConfirmation([]core.ConfigurationKey{{Key: "HeartbeatInterval", Readonly: false}}), nil
}

func (answering) OnRemoteStartTransaction(request *core.RemoteStartTransactionRequest) (*core.RemoteStartTransactionConfirmation, error) {
	called("RemoteStartTransaction", request)
	return core.NewRemoteStartTransactionConfirmation("Accepted"), nil
}

func (answering) OnRemoteStopTransaction(request *core.RemoteStopTransactionRequest) (*core.RemoteStopTransactionConfirmation, error) {
	called("RemoteStopTransaction", request)
	return core.NewRemoteStopTransactionConfirmation("Accepted"), nil
}

func (answering) OnReset(request *core.ResetRequest) (*core.ResetConfirmation, error) {
	called("Reset", request)
	return core.NewResetConfirmation("Accepted"), nil
}

func (answering) OnUnlockConnector(request *core.UnlockConnectorRequest) (*core.UnlockConnectorConfirmation, error) {
	called("UnlockConnector", request)
	return core.NewUnlockConnectorConfirmation("Unlocked"), nil
}

func (answering) OnGetLocalListVersion(request *localauth.GetLocalListVersionRequest) (*localauth.GetLocalListVersionConfirmation, error) {
	called("GetLocalListVersion", request)
	return localauth.NewGetLocalListVersionConfirmation(1), nil
}

func (answering) OnSendLocalList(request *localauth.SendLocalListRequest) (*localauth.SendLocalListConfirmation, error) {
	called("SendLocalList", request)
	return localauth.NewSendLocalListConfirmation("Accepted"), nil
}

func (answering) OnGetDiagnostics(request *firmware.GetDiagnosticsRequest) (*firmware.GetDiagnosticsConfirmation, error) {
	called("GetDiagnostics", request)
	return &firmware.GetDiagnosticsConfirmation{FileName: "diagnostics.txt"}, nil
}

func (answering) OnUpdateFirmware(request *firmware.UpdateFirmwareRequest) (*firmware.UpdateFirmwareConfirmation, error) {
	called("UpdateFirmware", request)
	return firmware.NewUpdateFirmwareConfirmation(), nil
}

func (answering) OnReserveNow(request *reservation.ReserveNowRequest) (*reservation.ReserveNowConfirmation, error) {
	called("ReserveNow", request)
	return reservation.NewReserveNowConfirmation("Accepted"), nil
}

func (answering) OnCancelReservation(request *reservation.CancelReservationRequest) (*reservation.CancelReservationConfirmation, error) {
	called("CancelReservation", request)
	return reservation.NewCancelReservationConfirmation("Accepted"), nil
}

func (answering) OnTriggerMessage(request *remotetrigger.TriggerMessageRequest) (*remotetrigger.TriggerMessageConfirmation, error) {
	called("TriggerMessage", request)
	return remotetrigger.NewTriggerMessageConfirmation("Accepted"), nil
}

func (answering) OnSetChargingProfile(request *smartcharging.SetChargingProfileRequest) (*smartcharging.SetChargingProfileConfirmation, error) {
	called("SetChargingProfile", request)
	return smartcharging.NewSetChargingProfileConfirmation("Accepted"), nil
}

func (answering) OnClearChargingProfile(request *smartcharging.ClearChargingProfileRequest) (*smartcharging.ClearChargingProfileConfirmation, error) {
	called("ClearChargingProfile", request)
	return smartcharging.NewClearChargingProfileConfirmation("Accepted"), nil
}

func (answering) OnGetCompositeSchedule(request *smartcharging.GetCompositeScheduleRequest) (*smartcharging.GetCompositeScheduleConfirmation, error) {
	called("GetCompositeSchedule", request)
	return smartcharging.NewGetCompositeScheduleConfirmation("Accepted"), nil
}

func (answering) OnCertificateSigned(request *security.CertificateSignedRequest) (*security.CertificateSignedResponse, error) {
	called("CertificateSigned", request)
	return security.NewCertificateSignedResponse("Accepted"), nil
}

func (answering) OnGetLog(request *logging.GetLogRequest) (*logging.GetLogResponse, error) {
	called("GetLog", request)
	return logging.NewGetLogResponse("Accepted"), nil
}

func (answering) OnExtendedTriggerMessage(request *extendedtriggermessage.ExtendedTriggerMessageRequest) (*extendedtriggermessage.ExtendedTriggerMessageResponse, error) {
	called("ExtendedTriggerMessage", request)
	return extendedtriggermessage.NewExtendedTriggerMessageResponse("Accepted"), nil
}

func (answering) OnSignedUpdateFirmware(request *securefirmware.SignedUpdateFirmwareRequest) (*securefirmware.SignedUpdateFirmwareResponse, error) {
	called("SignedUpdateFirmware", request)
	return securefirmware.NewSignedUpdateFirmwareResponse("Accepted"), nil
}

func (answering) OnDeleteCertificate(request *certificates.DeleteCertificateRequest) (*certificates.DeleteCertificateResponse, error) {
	called("DeleteCertificate", request)
	return certificates.NewDeleteCertificateResponse("Accepted"), nil
}

func (answering) OnGetInstalledCertificateIds(request *certificates.GetInstalledCertificateIdsRequest) (*certificates.GetInstalledCertificateIdsResponse, error) {
	called("GetInstalledCertificateIds", request)
	return certificates.NewGetInstalledCertificateIdsResponse("NotFound"), nil
}

func (answering) OnInstallCertificate(request *certificates.InstallCertificateRequest) (*certificates.InstallCertificateResponse, error) {
	called("InstallCertificate", request)
	return certificates.NewInstallCertificateResponse("Accepted"), nil
}

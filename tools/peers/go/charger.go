// A charger made of ocpp-go (OCPP 1.6), told what to do by lines of JSON on standard input; what happens goes to standard output as lines of JSON.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"sync"

	"github.com/lorenzodonini/ocpp-go/ocpp"
	ocpp16 "github.com/lorenzodonini/ocpp-go/ocpp1.6"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/core"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/firmware"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/logging"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/securefirmware"
	"github.com/lorenzodonini/ocpp-go/ocpp1.6/security"
	"github.com/lorenzodonini/ocpp-go/ws"
)

type order struct {
	Do       string          `json:"do"`
	URL      string          `json:"url"`
	Identity string          `json:"identity"`
	Password string          `json:"password"`
	Action   string          `json:"action"`
	Payload  json.RawMessage `json:"payload"`
}

var output sync.Mutex

func say(event map[string]any) {
	output.Lock()
	defer output.Unlock()
	line, err := json.Marshal(event)
	if err != nil {
		line = []byte(fmt.Sprintf(`{"event":"failed","reason":%q}`, err.Error()))
	}
	os.Stdout.Write(append(line, '\n'))
}

// What a charge point may ask, by the name of the action.
var requests = map[string]ocpp.Request{
	"Authorize": &core.AuthorizeRequest{}, "BootNotification": &core.BootNotificationRequest{}, "DataTransfer": &core.DataTransferRequest{},
	"Heartbeat": &core.HeartbeatRequest{}, "MeterValues": &core.MeterValuesRequest{}, "StartTransaction": &core.StartTransactionRequest{},
	"StatusNotification": &core.StatusNotificationRequest{}, "StopTransaction": &core.StopTransactionRequest{},
	"DiagnosticsStatusNotification": &firmware.DiagnosticsStatusNotificationRequest{}, "FirmwareStatusNotification": &firmware.FirmwareStatusNotificationRequest{},
	"LogStatusNotification": &logging.LogStatusNotificationRequest{}, "SecurityEventNotification": &security.SecurityEventNotificationRequest{},
	"SignedFirmwareStatusNotification": &securefirmware.SignedFirmwareStatusNotificationRequest{}, "SignCertificate": &security.SignCertificateRequest{},
}

func connect(to order) (ocpp16.ChargePoint, error) {
	client := ws.NewClient()
	if to.Password != "" {
		client.SetBasicAuth(to.Identity, to.Password)
	}
	station := ocpp16.NewChargePoint(to.Identity, nil, client)
	answers := &answering{}
	station.SetCoreHandler(answers)
	station.SetLocalAuthListHandler(answers)
	station.SetFirmwareManagementHandler(answers)
	station.SetReservationHandler(answers)
	station.SetRemoteTriggerHandler(answers)
	station.SetSmartChargingHandler(answers)
	station.SetSecurityHandler(answers)
	station.SetLogHandler(answers)
	station.SetExtendedTriggerMessageHandler(answers)
	station.SetSecureFirmwareHandler(answers)
	station.SetCertificateHandler(answers)
	// The library adds the identity itself.
	return station, station.Start(to.URL[:strings.LastIndex(to.URL, "/")])
}

func call(station ocpp16.ChargePoint, what order) {
	prototype, known := requests[what.Action]
	if !known {
		say(map[string]any{"event": "failed", "reason": "ocpp-go does not ask " + what.Action})
		return
	}
	request := reflect.New(reflect.TypeOf(prototype).Elem()).Interface().(ocpp.Request)
	if err := json.Unmarshal(what.Payload, request); err != nil {
		say(map[string]any{"event": "failed", "reason": err.Error()})
		return
	}
	answer, err := station.SendRequest(request)
	if err != nil {
		say(map[string]any{"event": "failed", "reason": err.Error()})
		return
	}
	say(map[string]any{"event": "result", "action": what.Action, "payload": answer})
}

func main() {
	var station ocpp16.ChargePoint
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var todo order
		if err := json.Unmarshal(lines.Bytes(), &todo); err != nil {
			say(map[string]any{"event": "failed", "reason": err.Error()})
			continue
		}
		switch todo.Do {
		case "connect":
			connected, err := connect(todo)
			if err != nil {
				say(map[string]any{"event": "failed", "reason": err.Error()})
				continue
			}
			station = connected
			say(map[string]any{"event": "connected"})
		case "call":
			if station == nil {
				say(map[string]any{"event": "failed", "reason": "not connected"})
				continue
			}
			call(station, todo)
		case "disconnect":
			if station != nil {
				station.Stop()
				station = nil
			}
			say(map[string]any{"event": "disconnected"})
		}
	}
}

"""A charger made of the Python package ocpp (OCPP 1.6), told what to do by lines of JSON on standard input; what happens goes to standard output."""

import asyncio
import json
import sys
from base64 import b64encode

import websockets
from ocpp.charge_point import camel_to_snake_case
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result
from ocpp.v16.enums import Action

# The answer to each CALL of the central system: its name and the fields of a yes.
YES = {
    "CancelReservation": {"status": "Accepted"},
    "CertificateSigned": {"status": "Accepted"},
    "ChangeAvailability": {"status": "Accepted"},
    "ChangeConfiguration": {"status": "Accepted"},
    "ClearCache": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "DataTransfer": {"status": "Accepted"},
    "DeleteCertificate": {"status": "Accepted"},
    "ExtendedTriggerMessage": {"status": "Accepted"},
    "GetCompositeSchedule": {"status": "Accepted", "connector_id": 1},
    "GetConfiguration": {"configuration_key": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]},
    "GetDiagnostics": {"file_name": "diagnostics.txt"},
    "GetInstalledCertificateIds": {"status": "NotFound"},
    "GetLocalListVersion": {"list_version": 1},
    "GetLog": {"status": "Accepted", "filename": "log.txt"},
    "InstallCertificate": {"status": "Accepted"},
    "RemoteStartTransaction": {"status": "Accepted"},
    "RemoteStopTransaction": {"status": "Accepted"},
    "ReserveNow": {"status": "Accepted"},
    "Reset": {"status": "Accepted"},
    "SendLocalList": {"status": "Accepted"},
    "SetChargingProfile": {"status": "Accepted"},
    "SignedUpdateFirmware": {"status": "Accepted"},
    "TriggerMessage": {"status": "Accepted"},
    "UnlockConnector": {"status": "Unlocked"},
    "UpdateFirmware": {},
}


def say(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def answering(name, fields):
    def answer(self, **request):
        say(event="called", action=name, payload=request)
        return getattr(call_result, name)(**fields)

    answer.__name__ = f"on_{name}"  # the library finds its routes by the names of methods
    return on(Action(name))(answer)


Charger = type("Charger", (ChargePoint,), {f"on_{name}": answering(name, fields) for name, fields in YES.items()})


class Peer:
    def __init__(self):
        self.socket = None
        self.charger = None
        self.listening = None

    async def connect(self, order):
        identity, password = order["identity"], order.get("password", "")
        headers = {}
        if password:
            headers["Authorization"] = "Basic " + b64encode(f"{identity}:{password}".encode()).decode()
        self.socket = await websockets.connect(order["url"], subprotocols=["ocpp1.6"], additional_headers=headers)
        self.charger = Charger(identity, self.socket)
        self.listening = asyncio.ensure_future(self.charger.start())
        self.listening.add_done_callback(lambda done: done.cancelled() or done.exception())
        say(event="connected")

    async def call(self, order):
        request = getattr(call, order["action"])(**camel_to_snake_case(order["payload"]))
        answer = await self.charger.call(request, suppress=False)
        say(event="result", action=order["action"], payload={key: value for key, value in vars(answer).items() if value is not None})

    async def disconnect(self, _order):
        if self.socket is not None:
            await self.socket.close()
            self.listening.cancel()
        self.socket = None
        say(event="disconnected")

    async def obey(self):
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            try:
                order = json.loads(line)
                await {"connect": self.connect, "call": self.call, "disconnect": self.disconnect}[order["do"]](order)
            except Exception as error:  # whatever the library says is what the suite wants to read
                say(event="failed", reason=f"{type(error).__name__}: {error}")


asyncio.run(Peer().obey())

import { optionalNumber, text } from '../../fields.ts';
import type { CommandTable, TriggeredMessage } from '../dialect.ts';

const triggered: { readonly [message: string]: TriggeredMessage | undefined } = {
  BootNotification: 'boot', Heartbeat: 'heartbeat', StatusNotification: 'status', MeterValues: 'meterValues',
  FirmwareStatusNotification: 'firmwareStatus', DiagnosticsStatusNotification: 'diagnosticsStatus', LogStatusNotification: 'logStatus',
  SignChargePointCertificate: 'signCertificate',
};

/** TriggerMessage (OCPP 1.6, 5.17) and ExtendedTriggerMessage (security whitepaper, 5.3). */
export const triggerCommands = {
  TriggerMessage(params, station) {
    const message = triggered[text(params, 'requestedMessage')];
    return { status: message ? station.trigger(message, optionalNumber(params, 'connectorId')) : 'NotImplemented' };
  },
  ExtendedTriggerMessage(params, station) {
    const message = triggered[text(params, 'requestedMessage')];
    const signed = message === 'firmwareStatus' ? 'signedFirmwareStatus' : message;
    return { status: signed ? station.trigger(signed, optionalNumber(params, 'connectorId')) : 'NotImplemented' };
  },
} satisfies CommandTable;

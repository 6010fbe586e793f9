import type { Exchanges } from '@csms/ocpp';
import { certificateCommands16 } from './certificates-16.ts';
import { chargingPlanCommands16 } from './smart-charging-16.ts';
import { firmwareCommands16 } from './firmware-16.ts';
import { localListCommands16 } from './local-list-16.ts';
import type { OutgoingProfile, OutgoingTable } from './outgoing-table.ts';
import { reservationCommands16 } from './reservation-16.ts';
import { stationSecurityCommands16 } from './station-security-16.ts';

type ExtendedTrigger16 = Exchanges['ocpp1.6']['toStation']['ExtendedTriggerMessage']['request']['requestedMessage'];
type Trigger16 = Exchanges['ocpp1.6']['toStation']['TriggerMessage']['request']['requestedMessage'];

/** OCPP 1.6, to the charge point: profiles Core and RemoteTrigger, and the security extension's trigger. A 1.6 connector is an EVSE of its own. */
const core = {
  'remote-start': ({ tokenUid, evseId }) => ({
    action: 'RemoteStartTransaction', payload: { idTag: tokenUid, ...(evseId === null || evseId === 0 ? {} : { connectorId: evseId }) },
  }),
  'remote-stop': ({ transactionRef }) => ({ action: 'RemoteStopTransaction', payload: { transactionId: Number(transactionRef) } }),
  reset: ({ kind }) => ({ action: 'Reset', payload: { type: kind === 'hard' ? 'Hard' : 'Soft' } }),
  unlock: ({ evseId, connectorId }) => ({ action: 'UnlockConnector', payload: { connectorId: evseId === 0 ? connectorId : evseId } }),
  'change-availability': ({ evseId, available }) => ({
    action: 'ChangeAvailability', payload: { connectorId: evseId, type: available ? 'Operative' : 'Inoperative' },
  }),
  'clear-cache': () => ({ action: 'ClearCache', payload: {} }),
  'change-configuration': ({ key, value }) => ({ action: 'ChangeConfiguration', payload: { key, value } }),
  'get-configuration': ({ keys }) => ({ action: 'GetConfiguration', payload: keys.length === 0 ? {} : { key: keys } }),
  // The message's name is the caller's text; the schema says whether it is one.
  trigger: ({ message, evseId }) => ({
    action: 'TriggerMessage', payload: { requestedMessage: message as Trigger16, ...(evseId === null || evseId === 0 ? {} : { connectorId: evseId }) },
  }),
  'extended-trigger': ({ message, evseId }) => ({
    action: 'ExtendedTriggerMessage', payload: { requestedMessage: message as ExtendedTrigger16, ...(evseId === null || evseId === 0 ? {} : { connectorId: evseId }) },
  }),
  'data-transfer': ({ vendorId, messageId, data }) => ({
    action: 'DataTransfer', payload: { vendorId, ...(messageId === null ? {} : { messageId }), ...(data === null ? {} : { data }) },
  }),
} satisfies OutgoingProfile<'ocpp1.6'>;

/** Each feature profile's commands, in the order of docs/reference/ocpp-support.md. */
export const outgoingProfiles16 = {
  Core: core, LocalAuthListManagement: localListCommands16, Reservation: reservationCommands16, SmartCharging: chargingPlanCommands16,
  FirmwareManagement: firmwareCommands16, 'Security extension': { ...certificateCommands16, ...stationSecurityCommands16 },
} as const;

export const outgoing16: OutgoingTable<'ocpp1.6'> = {
  ...core, ...localListCommands16, ...reservationCommands16, ...chargingPlanCommands16, ...firmwareCommands16, ...certificateCommands16,
  ...stationSecurityCommands16,
};

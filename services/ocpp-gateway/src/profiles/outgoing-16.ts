import type { CommandAction, StationCommand } from '@csms/domain';
import type { Exchanges } from '@csms/ocpp';

/** One of a version's CALLs to the station: the action's name and the request that it takes. */
export type OutgoingCall<V extends keyof Exchanges> = {
  [A in keyof Exchanges[V]['toStation'] & string]: Exchanges[V]['toStation'][A] extends { request: infer Request } ? { action: A; payload: Request } : never;
}[keyof Exchanges[V]['toStation'] & string];

/** Each command as a CALL of a version; a command without a translation does not compile. */
export type OutgoingTable<V extends keyof Exchanges> = {
  readonly [C in CommandAction]: (command: Extract<StationCommand, { action: C }>) => OutgoingCall<V>;
};

type Trigger16 = Exchanges['ocpp1.6']['toStation']['TriggerMessage']['request']['requestedMessage'];

/** OCPP 1.6, to the charge point: profiles Core and RemoteTrigger. A 1.6 connector is an EVSE of its own. */
export const outgoing16: OutgoingTable<'ocpp1.6'> = {
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
  'data-transfer': ({ vendorId, messageId, data }) => ({
    action: 'DataTransfer', payload: { vendorId, ...(messageId === null ? {} : { messageId }), ...(data === null ? {} : { data }) },
  }),
};

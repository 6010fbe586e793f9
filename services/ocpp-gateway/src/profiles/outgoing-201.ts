import type { Exchanges } from '@csms/ocpp';
import type { OutgoingProfile } from './outgoing-table.ts';

type Trigger201 = Exchanges['ocpp2.0.1']['toStation']['TriggerMessage']['request']['requestedMessage'];

/** OCPP 2.0.1, to the station: blocks B, E, F, G and P. A command that is not here has no form in this dialect yet, and its caller is told so. */
export const outgoing201 = {
  'remote-start': ({ tokenUid, evseId, remoteStartId }) => ({
    action: 'RequestStartTransaction',
    payload: { remoteStartId, idToken: idToken(tokenUid), ...(evseId === null || evseId === 0 ? {} : { evseId }) },
  }),
  'remote-stop': ({ transactionRef }) => ({ action: 'RequestStopTransaction', payload: { transactionId: transactionRef } }),
  reset: ({ kind }) => ({ action: 'Reset', payload: { type: kind === 'hard' ? 'Immediate' : 'OnIdle' } }),
  unlock: ({ evseId, connectorId }) => ({ action: 'UnlockConnector', payload: { evseId, connectorId } }),
  'change-availability': ({ evseId, available }) => ({
    action: 'ChangeAvailability',
    payload: { operationalStatus: available ? 'Operative' : 'Inoperative', ...(evseId === 0 ? {} : { evse: { id: evseId } }) },
  }),
  'clear-cache': () => ({ action: 'ClearCache', payload: {} }),
  'change-configuration': ({ key, value }) => ({
    action: 'SetVariables', payload: { setVariableData: [{ ...variableAt(key), attributeValue: value }] },
  }),
  // Part 2, A01: 40 hexadecimal digits are a password of 16 to 40 characters too.
  'push-credential': (_command, secret) => ({
    action: 'SetVariables', payload: { setVariableData: [{ ...variableAt('SecurityCtrlr.BasicAuthPassword'), attributeValue: secret }] },
  }),
  // 2.0.1 reads variables by name only. Without names the request is invalid by its schema, and the caller is told so.
  'get-configuration': ({ keys }) => ({ action: 'GetVariables', payload: { getVariableData: atLeastOne(keys.map(variableAt)) } }),
  trigger: ({ message, evseId }) => ({
    action: 'TriggerMessage',
    payload: { requestedMessage: message as Trigger201, ...(evseId === null || evseId === 0 ? {} : { evse: { id: evseId } }) },
  }),
  'data-transfer': ({ vendorId, messageId, data }) => ({
    action: 'DataTransfer', payload: { vendorId, ...(messageId === null ? {} : { messageId }), ...(data === null ? {} : { data: anyJson(data) }) },
  }),
} satisfies OutgoingProfile<'ocpp2.0.1'>;

/** The standard lets `data` be any JSON (block P); the type made from its schema says object. */
function anyJson(data: string): Record<string, unknown> {
  return data as unknown as Record<string, unknown>;
}

/** `Component.Variable`; a key without a component speaks of the station itself. */
function variableAt(key: string): { component: { name: string }; variable: { name: string } } {
  const dot = key.indexOf('.');
  return dot > 0
    ? { component: { name: key.slice(0, dot) }, variable: { name: key.slice(dot + 1) } }
    : { component: { name: 'ChargingStation' }, variable: { name: key } };
}

/** The schema's type is a non-empty tuple; an empty list stays empty and fails validation before anything is written. */
function atLeastOne<T>(items: T[]): [T, ...T[]] {
  return items as [T, ...T[]];
}

/** UIDs of RFID cards have 4, 7 or 10 bytes (ISO 14443-3); any other token is one that a central system gave out. */
function idToken(uid: string): { idToken: string; type: 'ISO14443' | 'Central' } {
  return { idToken: uid, type: /^(?:[0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})$/i.test(uid) ? 'ISO14443' : 'Central' };
}

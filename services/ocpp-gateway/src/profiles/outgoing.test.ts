import type { StationCommand } from '@csms/domain';
import { compileProtocol, ocppVersions } from '@csms/ocpp';
import { describe, expect, it } from 'vitest';
import { readAnswer, translateCommand as translate } from './outgoing.ts';

/** These commands have a form in both dialects. */
function translateCommand(...asked: Parameters<typeof translate>): { action: string; payload: unknown } {
  const call = translate(...asked);
  if (call === null) throw new Error(`${asked[1].action} has no form in ${asked[0]}`);
  return call;
}

const commands: StationCommand[] = [
  { action: 'remote-start', evseId: 1, tokenUid: '04A2B3C4', remoteStartId: 5 }, { action: 'remote-start', evseId: null, tokenUid: 'app-1', remoteStartId: 6 },
  { action: 'remote-stop', transactionRef: '17' }, { action: 'reset', kind: 'hard' }, { action: 'reset', kind: 'soft' }, { action: 'unlock', evseId: 1, connectorId: 1 },
  { action: 'change-availability', evseId: 0, available: false }, { action: 'change-availability', evseId: 2, available: true }, { action: 'clear-cache' },
  { action: 'change-configuration', key: 'OCPPCommCtrlr.HeartbeatInterval', value: '60' }, { action: 'get-configuration', keys: ['HeartbeatInterval'] },
  { action: 'trigger', message: 'StatusNotification', evseId: 1 }, { action: 'data-transfer', vendorId: 'x', messageId: 'm', data: 'd' },
];

describe.each(ocppVersions)('commands in %s', (version) => {
  const protocol = compileProtocol(version);
  it.each(commands)('$action is a call that its schema accepts: %j', (command) => {
    const { action, payload } = translateCommand(version, command);
    expect(protocol.asks(action)).toBe(true);
    expect(protocol.checkOutgoing(action, payload)).toBeNull();
  });

  it('a trigger for a message that the version does not have is refused by its schema', () => {
    const { action, payload } = translateCommand(version, { action: 'trigger', message: 'Coffee', evseId: null });
    expect(protocol.checkOutgoing(action, payload)).not.toBeNull();
  });
});

describe('what a command becomes', () => {
  it('1.6 speaks of connectors and numbers', () => {
    expect(translateCommand('ocpp1.6', { action: 'remote-start', evseId: 2, tokenUid: 'A', remoteStartId: 1 })).toEqual({ action: 'RemoteStartTransaction', payload: { idTag: 'A', connectorId: 2 } });
    expect(translateCommand('ocpp1.6', { action: 'remote-stop', transactionRef: '17' })).toEqual({ action: 'RemoteStopTransaction', payload: { transactionId: 17 } });
    expect(translateCommand('ocpp1.6', { action: 'get-configuration', keys: [] })).toEqual({ action: 'GetConfiguration', payload: {} });
  });

  it('2.0.1 speaks of EVSEs, typed tokens and variables', () => {
    expect(translateCommand('ocpp2.0.1', { action: 'remote-start', evseId: 2, tokenUid: '04A2B3C4', remoteStartId: 9 }))
      .toEqual({ action: 'RequestStartTransaction', payload: { remoteStartId: 9, evseId: 2, idToken: { idToken: '04A2B3C4', type: 'ISO14443' } } });
    expect(translateCommand('ocpp2.0.1', { action: 'remote-start', evseId: null, tokenUid: 'app-user', remoteStartId: 9 }).payload).toMatchObject({ idToken: { type: 'Central' } });
    expect(translateCommand('ocpp2.0.1', { action: 'reset', kind: 'soft' }).payload).toEqual({ type: 'OnIdle' });
  });
});

describe('what an answer means', () => {
  const stop: StationCommand = { action: 'remote-stop', transactionRef: '1' };
  it.each([
    [stop, { status: 'Accepted' }, { state: 'accepted', detail: 'Accepted' }],
    [stop, { status: 'Rejected', statusInfo: { reasonCode: 'TxNotFound' } }, { state: 'rejected', detail: 'Rejected: TxNotFound' }],
    [{ action: 'unlock', evseId: 1, connectorId: 1 }, { status: 'Unlocked' }, { state: 'accepted', detail: 'Unlocked' }],
    [{ action: 'unlock', evseId: 1, connectorId: 1 }, { status: 'UnlockFailed' }, { state: 'rejected', detail: 'UnlockFailed' }],
    [{ action: 'change-availability', evseId: 0, available: true }, { status: 'Scheduled' }, { state: 'accepted', detail: 'Scheduled' }],
    [{ action: 'change-configuration', key: 'a', value: 'b' }, { status: 'RebootRequired' }, { state: 'accepted', detail: 'RebootRequired' }],
    [{ action: 'change-configuration', key: 'a', value: 'b' }, { setVariableResult: [{ attributeStatus: 'UnknownVariable' }] }, { state: 'rejected', detail: 'UnknownVariable' }],
    [{ action: 'get-configuration', keys: ['a'] }, { unknownKey: ['a'] }, { state: 'rejected', detail: '0 of 1 keys known' }],
    [{ action: 'get-configuration', keys: [] }, { configurationKey: [{ key: 'a', readonly: false }] }, { state: 'accepted', detail: '1 of 1 keys known' }],
    [{ action: 'get-configuration', keys: ['a'] }, { getVariableResult: [{ attributeStatus: 'Accepted' }] }, { state: 'accepted', detail: '1 of 1 variables known' }],
    [stop, null, { state: 'rejected', detail: 'the answer has no status' }],
    [stop, 'yes', { state: 'rejected', detail: 'the answer has no status' }],
  ] as const)('%j answered with %j', (command, response, read) => expect(readAnswer('ocpp1.6', command as StationCommand, response)).toEqual(read));
});

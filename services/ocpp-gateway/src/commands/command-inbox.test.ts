import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { InboxEntry, StationCommand } from '@csms/domain';
import { createMemoryLedger } from '@csms/domain/command/testing/memory-ledger';
import { readAnswer, translateCommand } from '../profiles/outgoing.ts';
import type { CallOutcome } from '../sockets/session-registry.ts';
import { startCommandInbox, type CommandInbox } from './command-inbox.ts';
import { FakeRegistry, aSession } from './testing/fake-session.ts';
import { MemoryBusServer } from '@csms/bus/testing/memory-bus';

const start: StationCommand = { action: 'remote-start', evseId: 1, tokenUid: 'CARD-1', remoteStartId: 7 };
const opened: CommandInbox[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((inbox) => inbox.close()));
});

async function aGateway(epoch: bigint | null = 5n) {
  const server = new MemoryBusServer();
  const bus = server.view();
  const ledger = createMemoryLedger();
  const registry = new FakeRegistry();
  const session = aSession({ epoch });
  registry.enter(session);
  const kicks: InboxEntry[] = [];
  const replies: InboxEntry['outcome'][] = [];
  const ended: string[] = [];
  opened.push(await startCommandInbox({
    bus, registry, ledger, translate: translateCommand, readAnswer, gatewayName: 'gw', now: () => new Date(), onKick: (entry) => kicks.push(entry), log: { warn: () => undefined },
    onEnded: (action, state) => ended.push(`${action} ${state}`),
  }));
  await bus.receive('api', (entry) => replies.push(entry.outcome));
  const create = async (id: string, command: StationCommand = start, timeoutMs = 30_000) => {
    const now = new Date();
    await ledger.create({ tenantId: 'demo', id, stationId: 'CP', command, idempotencyKey: id, createdBy: 'operator', createdAt: now, deadlineAt: new Date(now.getTime() + timeoutMs) });
  };
  const ask = (id: string, entryEpoch = 5n) => bus.send('gw', { kind: 'command', tenantId: 'demo', stationId: 'CP', epoch: entryEpoch, commandId: id, replyTo: 'api' });
  const replied = async (): Promise<InboxEntry['outcome']> => {
    while (replies.length === 0) await pause(1);
    return replies.shift();
  };
  return { server, ledger, registry, session, kicks, ended, create, ask, replied };
}

describe('the inbox of a gateway', () => {
  it('calls the station in its dialect, marks the frame before it is written, and settles with the answer', async () => {
    const gateway = await aGateway();
    await gateway.create('c1');
    let stateAtWrite: string | undefined;
    gateway.session.answer = async (options) => {
      await options.beforeWrite('m1');
      stateAtWrite = (await gateway.ledger.get('demo', 'c1'))?.state;
      return { kind: 'result', payload: { status: 'Rejected' } };
    };
    await gateway.ask('c1');
    expect(await gateway.replied()).toBe('done');
    expect(gateway.session.calls).toMatchObject([{ action: 'RemoteStartTransaction', payload: { idTag: 'CARD-1', connectorId: 1 } }]);
    expect(stateAtWrite).toBe('sent');
    expect(await gateway.ledger.get('demo', 'c1')).toMatchObject({ state: 'rejected', result: { status: 'Rejected' } });
    expect(gateway.ended).toEqual(['remote-start rejected']);
  });

  it.each<[string, CallOutcome, string, string]>([
    ['an error', { kind: 'error', code: 'NotSupported', description: '', details: {} }, 'failed', 'done'],
    ['no answer', { kind: 'timeout' }, 'unknown', 'done'],
    ['a lost socket', { kind: 'socket-lost' }, 'unknown', 'done'],
  ])('after the frame: %s', async (_what, outcome, state, reply) => {
    const gateway = await aGateway();
    await gateway.create('c1');
    gateway.session.answer = async (options) => {
      await options.beforeWrite('m1');
      return outcome;
    };
    await gateway.ask('c1');
    expect(await gateway.replied()).toBe(reply);
    expect(await gateway.ledger.get('demo', 'c1')).toMatchObject({ state });
  });

  it.each<[string, CallOutcome, string, string]>([
    ['the deadline passed', { kind: 'expired' }, 'expired', 'expired'],
    ['the queue is full', { kind: 'refused', reason: 'queue-full' }, 'rejected', 'done'],
    ['the socket is closing', { kind: 'refused', reason: 'closing' }, 'queued', 'not-owner'],
  ])('before the frame: %s', async (_what, outcome, state, reply) => {
    const gateway = await aGateway();
    await gateway.create('c1');
    gateway.session.answer = async () => outcome;
    await gateway.ask('c1');
    expect(await gateway.replied()).toBe(reply);
    expect(await gateway.ledger.get('demo', 'c1')).toMatchObject({ state });
  });

  it('I-6 an entry for another epoch, or for a station that is not here, is not carried out', async () => {
    const gateway = await aGateway();
    await gateway.create('c1');
    await gateway.ask('c1', 4n);
    expect(await gateway.replied()).toBe('not-owner');
    gateway.registry.leave(gateway.session);
    await gateway.ask('c1');
    expect(await gateway.replied()).toBe('not-owner');
    expect(gateway.session.calls).toEqual([]);
  });

  it('the same command twice in the inbox is one call, and both askers are told', async () => {
    const gateway = await aGateway();
    await gateway.create('c1');
    let finish = (): void => undefined;
    gateway.session.answer = async (options) => {
      await options.beforeWrite('m1');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { kind: 'result', payload: { status: 'Accepted' } };
    };
    await gateway.ask('c1');
    await gateway.ask('c1');
    while (gateway.session.calls.length === 0) await pause(1);
    await pause(5);
    finish();
    expect(await gateway.replied()).toBe('done');
    await gateway.ask('c1');
    expect(await gateway.replied(), 'a repeat after the end').toBe('done');
    expect(gateway.session.calls).toHaveLength(1);
  });

  it('G-27 an answer after our timeout is kept as late', async () => {
    const gateway = await aGateway();
    await gateway.create('c1');
    let late: (() => void) | undefined;
    gateway.session.answer = async (options) => {
      await options.beforeWrite('m1');
      late = () => options.onLate?.({ kind: 'result', payload: { status: 'Accepted' } });
      return { kind: 'timeout' };
    };
    await gateway.ask('c1');
    await gateway.replied();
    late?.();
    while ((await gateway.ledger.get('demo', 'c1'))?.state === 'unknown') await pause(1);
    expect(await gateway.ledger.get('demo', 'c1')).toMatchObject({ state: 'accepted', lateResult: { status: 'Accepted' } });
  });

  it('a kick goes to ownership', async () => {
    const gateway = await aGateway();
    await gateway.server.view().send('gw', { kind: 'kick', tenantId: 'demo', stationId: 'CP', epoch: 9n });
    expect(gateway.kicks).toMatchObject([{ epoch: 9n }]);
  });

  it('while the bus is away the ledger is read for the stations that are here', async () => {
    const gateway = await aGateway();
    await gateway.create('c1');
    gateway.server.setAway(true);
    while ((await gateway.ledger.get('demo', 'c1'))?.state !== 'accepted') await pause(10);
    expect(gateway.session.calls).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import type { InboxEntry, Owner } from './bus.ts';
import { BusUnavailable } from './bus-unavailable.ts';
import type { StationCommand } from './command.ts';
import { sendCommand, type SendCommandParts } from './send-command.ts';
import { createMemoryLedger } from './testing/memory-ledger.ts';

const start: StationCommand = { action: 'remote-start', evseId: 1, tokenUid: 'CARD-1', remoteStartId: 7 };
const owner = (epoch: bigint, gateway = 'gw-a'): Owner => ({ gateway, socketId: `s${epoch}`, epoch });

/** A world in which time passes only while someone waits for a reply, and a gateway does what the test says with each entry. */
function aWorld(options: { owner?: () => Owner | null; onEntry?: (to: string, entry: InboxEntry) => Promise<InboxEntry['outcome'] | void>; busAway?: () => boolean; whileWaiting?: () => Promise<void> } = {}) {
  let nowMs = Date.UTC(2026, 4, 1);
  let ids = 0;
  const ledger = createMemoryLedger();
  const sent: { to: string; entry: InboxEntry }[] = [];
  const replies: InboxEntry['outcome'][] = [];
  const parts: SendCommandParts = {
    ledger, now: () => new Date(nowMs), newId: () => `command-${(ids += 1)}`, replyTo: 'api',
    bus: {
      ownerOf: async () => {
        if (options.busAway?.()) throw new BusUnavailable('ownerOf');
        return options.owner ? options.owner() : owner(5n);
      },
      send: async (to, entry) => {
        if (options.busAway?.()) throw new BusUnavailable('send');
        sent.push({ to, entry });
        const reply = await options.onEntry?.(to, entry);
        if (reply) replies.push(reply);
      },
    },
    waitForReply: async (_id, timeoutMs) => {
      await new Promise((resolve) => setImmediate(resolve));
      const reply = replies.shift();
      if (reply) return reply;
      await options.whileWaiting?.();
      nowMs += timeoutMs;
      return null;
    },
  };
  const request = (more: { idempotencyKey?: string; command?: StationCommand; timeoutMs?: number } = {}) =>
    sendCommand(parts, { tenantId: 'demo', stationId: 'CP', command: start, idempotencyKey: 'key', createdBy: 'operator', timeoutMs: 30_000, ...more });
  const write = async (entry: InboxEntry) => ledger.markSent('demo', entry.commandId!, { gateway: 'gw-a', epoch: entry.epoch, messageId: 'm', at: new Date(nowMs) });
  const answer = async (entry: InboxEntry) => {
    await write(entry);
    await ledger.settle('demo', entry.commandId!, { state: 'accepted', result: { status: 'Accepted' }, at: new Date(nowMs) });
  };
  return { ledger, sent, parts, request, write, answer, nowMs: () => nowMs };
}

describe('sendCommand', () => {
  it('asks the owner under its epoch and returns the station\'s answer', async () => {
    const world = aWorld({ onEntry: async (_to, entry) => { await world.answer(entry); return 'done'; } });
    const outcome = await world.request();
    expect(outcome).toMatchObject({ kind: 'ended', repeated: false, record: { state: 'accepted', result: { status: 'Accepted' } } });
    expect(world.sent).toMatchObject([{ to: 'gw-a', entry: { kind: 'command', tenantId: 'demo', stationId: 'CP', epoch: 5n, replyTo: 'api' } }]);
  });

  it('a lost reply costs a read of the ledger, not an answer', async () => {
    const world = aWorld({ onEntry: async (_to, entry) => { await world.answer(entry); } });
    expect(await world.request()).toMatchObject({ record: { state: 'accepted' } });
  });

  it('nobody holds the station: not-connected at once, without waiting', async () => {
    const world = aWorld({ owner: () => null });
    const before = world.nowMs();
    expect(await world.request()).toMatchObject({ kind: 'ended', record: { state: 'not-connected' } });
    expect(world.nowMs() - before).toBeLessThan(1_000);
    expect(world.sent).toEqual([]);
  });

  it('not the owner any more: the next owner is asked, at most three in all', async () => {
    let epoch = 5n;
    const world = aWorld({
      owner: () => owner(epoch, `gw-${epoch}`),
      onEntry: async (_to, entry) => {
        if (entry.epoch === 7n) { await world.answer(entry); return 'done'; }
        epoch += 1n;
        return 'not-owner';
      },
    });
    expect(await world.request()).toMatchObject({ record: { state: 'accepted' } });
    expect(world.sent.map(({ to }) => to)).toEqual(['gw-5', 'gw-6', 'gw-7']);

    const restless = aWorld({ onEntry: async () => 'not-owner' });
    expect(await restless.request()).toMatchObject({ record: { state: 'not-connected' } });
    expect(restless.sent).toHaveLength(3);
  });

  it('the owner died with the entry unread: the new owner is asked', async () => {
    let current = owner(5n);
    const world = aWorld({
      owner: () => current,
      onEntry: async (_to, entry) => { if (entry.epoch === 6n) await world.answer(entry); },
      whileWaiting: async () => { current = owner(6n, 'gw-b'); },
    });
    expect(await world.request()).toMatchObject({ record: { state: 'accepted' } });
    expect(world.sent.map(({ to }) => to)).toEqual(['gw-a', 'gw-b']);
  });

  it('G-45 the deadline passes before a frame was written: expired, and nobody may write it later', async () => {
    const world = aWorld({ onEntry: async () => undefined });
    const outcome = await world.request({ timeoutMs: 5_000 });
    expect(outcome).toMatchObject({ record: { state: 'expired', sentAt: null } });
    expect(world.nowMs() - Date.UTC(2026, 4, 1)).toBe(5_000);
    expect(await world.write(world.sent[0]!.entry)).toBe(false);
  });

  it('I-5 written and never answered: unknown, said so shortly after the deadline, and not sent again', async () => {
    const world = aWorld({ onEntry: async (_to, entry) => { await world.write(entry); } });
    expect(await world.request({ timeoutMs: 5_000 })).toMatchObject({ record: { state: 'unknown' } });
    expect(world.nowMs() - Date.UTC(2026, 4, 1)).toBe(7_000);
    expect(world.sent).toHaveLength(1);
  });

  it('the same key at once from two processes: one command, the same result for both', async () => {
    const world = aWorld({ onEntry: async (_to, entry) => { await world.answer(entry); return 'done'; } });
    const [one, two] = await Promise.all([world.request(), world.request({ command: { ...start, remoteStartId: 99 } })]);
    expect(one).toMatchObject({ kind: 'ended', record: { state: 'accepted' } });
    expect(two).toEqual({ ...one, repeated: true });
  });

  it('the same key for another request is a conflict', async () => {
    const world = aWorld({ owner: () => null });
    await world.request();
    expect(await world.request({ command: { ...start, tokenUid: 'CARD-2' } })).toMatchObject({ kind: 'conflict', record: { command: { tokenUid: 'CARD-1' } } });
  });

  it('the bus is away: the row stays queued, and a gateway that reads the ledger carries it out', async () => {
    let turns = 0;
    const world = aWorld({
      busAway: () => true,
      whileWaiting: async () => {
        turns += 1;
        const [waiting] = await world.ledger.queued('demo', new Date(world.nowMs()));
        if (turns === 2 && waiting) await world.answer({ kind: 'command', tenantId: 'demo', stationId: 'CP', epoch: 5n, commandId: waiting.id });
      },
    });
    expect(await world.request()).toMatchObject({ record: { state: 'accepted' } });
  });

  it('the bus is away and no gateway holds the station: expired, nothing was written', async () => {
    const world = aWorld({ busAway: () => true });
    expect(await world.request({ timeoutMs: 3_000 })).toMatchObject({ record: { state: 'expired' } });
  });
});

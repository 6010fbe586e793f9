import { openReplyDesk } from '@csms/bus';
import { createLeftBehindSweep, type LeftBehindBooks } from '@csms/domain/command/left-behind';
import { hasEnded, sendCommand, type SendCommandParts } from '@csms/domain/command/send-command';
import { createMemoryLedger } from '@csms/domain/command/testing/memory-ledger';
import type { CommandLedger, CommandRecord } from '@csms/domain';
import type { SimStation } from './sim-station.ts';
import type { World } from './world.ts';

export type SimLedger = ReturnType<typeof createMemoryLedger>;

/** The callers' side of commands: two APIs that ask stations for things, now and then both for the same one. */
export interface CommandDesk {
  ledger: CommandLedger & Pick<SimLedger, 'fence'>;
  asked: { id: string; key: string; station: SimStation; record: CommandRecord | null }[];
  ask(station: SimStation): Promise<void>;
  /** Ends what dead gateways left, as the sweep of every gateway does. */
  sweep(): Promise<void>;
  ledgerState(id: string): Promise<CommandRecord | null>;
}

export async function openCommandDesk(world: World): Promise<CommandDesk> {
  const memory = createMemoryLedger();
  const writtenBy = new Map<string, string>();
  const created = new Map<string, string>();
  const ledger: CommandDesk['ledger'] = {
    ...memory,
    create: async (input) => {
      const made = await memory.create(input);
      created.set(made.record.id, input.tenantId);
      return made;
    },
    markSent: async (tenantId, id, by) => {
      const marked = await memory.markSent(tenantId, id, by);
      if (marked) writtenBy.set(id, by.gateway);
      return marked;
    },
  };
  const apis: SendCommandParts[] = [];
  for (const name of ['api-1', 'api-2']) {
    const bus = world.bus.view();
    const desk = await openReplyDesk(bus, name);
    apis.push({ ledger, bus, now: () => new Date(), newId: () => world.newId('command'), replyTo: desk.name, waitForReply: desk.waitForReply });
  }
  const books: LeftBehindBooks = {
    tenants: async () => ['demo'],
    async tidy(tenantId, now) {
      const sent: { id: string; gateway: string }[] = [];
      for (const id of created.keys()) {
        const row = await memory.get(tenantId, id);
        if (row === null || hasEnded(row.state)) continue;
        const overMs = now.getTime() - row.deadlineAt.getTime();
        if (row.state === 'queued' && overMs > 0) await memory.settle(tenantId, id, { state: 'expired', at: now });
        else if (row.state === 'sent' && overMs > 60_000) await memory.settle(tenantId, id, { state: 'unknown', at: now });
        else if (row.state === 'sent') sent.push({ id, gateway: writtenBy.get(id) ?? '' });
      }
      return { sent, online: [...world.tables.stations.values()].filter((station) => station.online).map((station) => ({ stationId: station.id, epoch: station.onlineEpoch })) };
    },
    markUnknown: async (tenantId, ids, detail, now) => { for (const id of ids) await memory.settle(tenantId, id, { state: 'unknown', detail, at: now }); },
    markOffline: async (_tenantId, stations) => {
      for (const { stationId, epoch } of stations) {
        const station = world.tables.stations.get(stationId);
        if (station !== undefined && station.onlineEpoch <= epoch) station.online = false;
      }
    },
  };
  const { sweep } = createLeftBehindSweep({ books, bus: world.bus.view() });
  const asked: CommandDesk['asked'] = [];

  return {
    ledger, asked,
    async ask(station) {
      const key = world.newId('key');
      const entry: CommandDesk['asked'][number] = { id: key, key, station, record: null };
      asked.push(entry);
      const callers = world.chance(0.3) ? apis : [apis[world.between(0, 1)]!];
      const ends = await Promise.all(callers.map((api) => sendCommand(api, {
        tenantId: 'demo', stationId: station.station.id, idempotencyKey: key, createdBy: 'api', timeoutMs: world.between(2_000, 30_000),
        command: { action: 'data-transfer', vendorId: 'sim', messageId: null, data: key },
      })));
      entry.record = ends[0]?.record ?? null;
      if (ends.some((end) => end.record.id !== entry.record?.id)) world.violations.push(`G-44: key ${key} became two commands`);
    },
    sweep: () => sweep(new Date()),
    ledgerState: (id) => memory.get('demo', id),
  };
}

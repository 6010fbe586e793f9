import { randomUUID } from 'node:crypto';
import { openBus, openReplyDesk } from '@csms/bus';
import type { CommandRecord, StationCommand } from '@csms/domain';
import { sendCommand, type SendCommandParts } from '@csms/domain/command/send-command';
import { uuidv7 } from '@csms/kit';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { openCommandLedger } from '@csms/store/commands/command-ledger';
import { openPool } from '@csms/store/open-pool';

/** The asking side of commands, as the API has it: a bus, a ledger and a desk for replies, with connections of its own. */
export interface Asker {
  /** Resolves with the command's end, or null where the ledger could not be reached. */
  send(stationId: string, command: StationCommand, timeoutMs?: number): Promise<CommandRecord | null>;
  ownerOf(stationId: string): Promise<string | null>;
  close(): Promise<void>;
}

/** `pepper`: that of the gateways, under whose keys card numbers are sealed; without it no command may name a card. */
export async function openAsker(options: { databaseUrl: string; busUrl: string; redisUrl?: string | undefined; pepper?: string | undefined }): Promise<Asker> {
  const quiet = { info: () => undefined, warn: () => undefined };
  const bus = await openBus({ databaseUrl: options.busUrl, redisUrl: options.redisUrl, log: quiet });
  const pool = openPool({ connectionString: options.databaseUrl, max: 4 }, () => undefined);
  const ledger = openCommandLedger({ pool, cards: options.pepper === undefined ? null : cardKeysOfPepper(options.pepper) });
  const desk = await openReplyDesk(bus, `asker-${randomUUID()}`);
  const parts: SendCommandParts = { ledger, bus, now: () => new Date(), newId: () => uuidv7(), replyTo: desk.name, waitForReply: desk.waitForReply };
  return {
    send: async (stationId, command, timeoutMs = 5_000) => {
      try {
        return (await sendCommand(parts, { tenantId: 'demo', stationId, command, idempotencyKey: randomUUID(), createdBy: 'faults', timeoutMs })).record;
      } catch {
        return null;
      }
    },
    ownerOf: async (stationId) => (await bus.ownerOf('demo', stationId).catch(() => null))?.gateway ?? null,
    close: async () => { await desk.close(); await bus.close(); await pool.end(); },
  };
}

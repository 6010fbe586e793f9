import type { CommandLedger, CommandRecord, CommandState, StationCommand } from './command.ts';
import type { Bus, InboxEntry } from './bus.ts';
import { BusUnavailable } from './bus-unavailable.ts';

/*
 * The caller's side of a command, at most once and with an honest end (notes/gateway.md 4.3). The ledger decides everything; the bus only makes it
 * quick. While the bus is away the row stays queued, and gateways read the ledger for the stations that they hold.
 */

export interface SendCommandParts {
  ledger: Pick<CommandLedger, 'create' | 'get' | 'settle'>;
  bus: Pick<Bus, 'ownerOf' | 'send'>;
  now: () => Date;
  newId: () => string;
  /** The inbox in which this process reads replies, and the next reply about a command in it; null: none within `timeoutMs`. */
  replyTo: string;
  waitForReply: (commandId: string, timeoutMs: number) => Promise<InboxEntry['outcome'] | null>;
}

export interface SendCommandRequest {
  tenantId: string;
  stationId: string;
  command: StationCommand;
  /** The same key again, from anyone of this tenant, is the same command: one frame at most, one result. */
  idempotencyKey: string;
  createdBy: string;
  /** No frame is written after this, and the caller has an answer at most `answerGraceMs` later. */
  timeoutMs: number;
}

/** `repeated`: the command was in the ledger before. `conflict`: its key was used for another request, which `record` is. */
export type SendCommandOutcome =
  | { kind: 'ended'; record: CommandRecord; repeated: boolean }
  | { kind: 'conflict'; record: CommandRecord };

export type StartCommandOutcome =
  | { kind: 'started'; record: CommandRecord; repeated: boolean; ended: Promise<CommandRecord> }
  | { kind: 'conflict'; record: CommandRecord };

/** A lost reply costs a read of the ledger after this long. */
const readEveryMs = 1_000;
/** A frame written just before the deadline may still be answered, or given up by its gateway, in this time. */
const answerGraceMs = 2_000;
/** After the first owner, at most two more are asked. */
const ownersAskedMax = 3;

/** True for a state in which a command stays, but for a late answer or the facts that may still settle `unknown`. */
export function hasEnded(state: CommandState): boolean {
  return state !== 'queued' && state !== 'sent';
}

/**
 * Enters a command in the ledger, has it written at most once, and waits for its end: accepted, rejected, failed, unknown, expired or
 * not-connected. Rejects only when the ledger itself cannot be reached.
 */
export async function sendCommand(parts: SendCommandParts, request: SendCommandRequest): Promise<SendCommandOutcome> {
  const started = await startCommand(parts, request);
  if (started.kind === 'conflict') return started;
  return { kind: 'ended', record: await started.ended, repeated: started.repeated };
}

/** The same for a caller who does not wait: resolves once the command is in the ledger. `ended` must be handled: it rejects when the ledger cannot be reached. */
export async function startCommand(parts: SendCommandParts, request: SendCommandRequest): Promise<StartCommandOutcome> {
  const { timeoutMs, ...what } = request;
  const createdAt = parts.now();
  const { record, outcome } = await parts.ledger.create({ ...what, id: parts.newId(), createdAt, deadlineAt: new Date(createdAt.getTime() + timeoutMs) });
  if (outcome === 'conflict') return { kind: 'conflict', record };
  return { kind: 'started', record, repeated: outcome === 'existing', ended: follow(parts, record) };
}

async function follow(parts: SendCommandParts, started: CommandRecord): Promise<CommandRecord> {
  const { ledger, bus, now } = parts;
  const { tenantId, id, stationId, deadlineAt } = started;
  const settle = async (state: 'expired' | 'not-connected' | 'unknown', detail: string): Promise<CommandRecord> =>
    (await ledger.settle(tenantId, id, { state, detail, at: now() })) ?? record;

  let record = started;
  let asked = 0;
  let askedEpoch: bigint | null = null;
  while (!hasEnded(record.state)) {
    const leftMs = deadlineAt.getTime() - now().getTime();
    if (leftMs <= 0 && record.state === 'queued') {
      // Conditional in the ledger: either this, or a gateway that was faster, and then the frame counts.
      record = await settle('expired', 'the deadline passed before a frame was written');
      continue;
    }
    if (leftMs <= -answerGraceMs) {
      record = await settle('unknown', 'sent, and no answer came in time');
      continue;
    }

    // Begun before anything is sent, so that a quick reply meets its waiter.
    const reply = parts.waitForReply(id, Math.min(readEveryMs, leftMs > 0 ? leftMs : leftMs + answerGraceMs));
    if (record.state === 'queued') {
      const owner = await ask(() => bus.ownerOf(tenantId, stationId));
      if (owner === null || (owner !== 'bus-away' && owner.epoch !== askedEpoch && asked === ownersAskedMax)) {
        record = await settle('not-connected', owner === null ? 'no gateway holds a socket of this station' : 'the station moves from gateway to gateway');
        continue;
      }
      if (owner !== 'bus-away' && owner.epoch !== askedEpoch) {
        const entry: InboxEntry = { kind: 'command', tenantId, stationId, epoch: owner.epoch, commandId: id, replyTo: parts.replyTo };
        if (await ask(() => bus.send(owner.gateway, entry)) !== 'bus-away') {
          asked += 1;
          askedEpoch = owner.epoch;
        }
      }
    }
    if (await reply === 'not-owner') askedEpoch = null;
    record = (await ledger.get(tenantId, id)) ?? record;
  }
  return record;
}

/** What the bus says, or that it is away: then the gateways find the queued row by themselves. */
async function ask<T>(question: () => Promise<T>): Promise<T | 'bus-away'> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof BusUnavailable) return 'bus-away';
    throw error;
  }
}


import type { StoredCommand } from '@csms/contracts/stored-command';

/** What we may ask of a station, as the ledger keeps it; a dialect translates it into its own call. */
export type StationCommand = StoredCommand;

export type CommandAction = StationCommand['action'];

/**
 * queued: nothing was written to a socket. sent: one frame was written, no answer yet. accepted, rejected, failed: the station's answer
 * (failed: a CALLERROR). unknown: sent, and nobody can say what happened. expired: the deadline passed before a frame was written.
 */
export type CommandState = 'queued' | 'sent' | 'accepted' | 'rejected' | 'failed' | 'unknown' | 'expired' | 'not-connected';

export interface CommandRecord {
  tenantId: string; id: string; stationId: string;
  command: StationCommand;
  state: CommandState;
  idempotencyKey: string;
  createdAt: Date; deadlineAt: Date; sentAt: Date | null; answeredAt: Date | null;
  result: unknown; detail: string | null; lateResult: unknown;
  sessionId: string | null;
}

/** The ledger of commands. "sent" is a conditional update, so at most one frame is ever written (DESIGN: Ownership). */
export interface CommandLedger {
  /** Inserts, or returns the command already stored under this idempotency key; `conflict` when its request differs. */
  create(input: { tenantId: string; id: string; stationId: string; command: StationCommand; idempotencyKey: string; createdBy: string; createdAt: Date; deadlineAt: Date }):
    Promise<{ record: CommandRecord; outcome: 'created' | 'existing' | 'conflict' }>;
  get(tenantId: string, id: string): Promise<CommandRecord | null>;
  /** queued -> sent; false when another gateway (or an earlier try) was first, or the deadline passed. */
  markSent(tenantId: string, id: string, by: { gateway: string; epoch: bigint; messageId: string; at: Date }): Promise<boolean>;
  /** Commands of a tenant that wait for a frame and whose deadline has not come: what a gateway reads when the bus cannot tell it. */
  queued(tenantId: string, now: Date): Promise<{ id: string; stationId: string }[]>;
  /** The station's answer. After `unknown` it is kept as late and may settle the state. */
  settle(tenantId: string, id: string, outcome: { state: 'accepted' | 'rejected' | 'failed' | 'unknown' | 'expired' | 'not-connected'; result?: unknown; detail?: string; at: Date }): Promise<CommandRecord | null>;
}

import { sendCommand } from '@csms/domain/command/send-command';
import type { CommandRecord, StationCommand } from '@csms/domain';
import type { ApiParts } from './api-parts.ts';

/** What it takes to ask a station: the ledger, the bus, and where the reply comes in. */
export type AskingParts = Pick<ApiParts, 'pool' | 'ledger' | 'bus' | 'replies' | 'now' | 'newId' | 'log'>;

export interface StationQuestion {
  tenant: string; stationId: string; command: StationCommand; createdBy: string; timeoutMs: number;
  /** The same key again is the same command; absent: a new one. */
  idempotencyKey?: string;
}

/**
 * Asks a station by the ledger and waits for the end, for what the API itself has to ask on the way to an answer. Rejects where the ledger cannot be
 * reached; every other end is the record's state.
 */
export async function askStation(parts: AskingParts, question: StationQuestion): Promise<CommandRecord> {
  const { tenant, idempotencyKey = parts.newId(), ...rest } = question;
  const { ledger, bus, now, newId, replies } = parts;
  const outcome = await sendCommand({ ledger, bus, now, newId, replyTo: replies.name, waitForReply: replies.waitForReply }, { tenantId: tenant, idempotencyKey, ...rest });
  if (outcome.kind === 'conflict') throw new Error('a key of our own names another command');
  return outcome.record;
}

/** Why a command did not end as accepted, in words. */
export function whyNot(record: CommandRecord): string {
  return `${record.command.action}: ${record.state}${record.detail === null ? '' : `, ${record.detail}`}`;
}

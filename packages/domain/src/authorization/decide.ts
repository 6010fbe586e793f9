import { liveToleranceMs } from '../station/connector-status.ts';
import type { AuthorizationStatus, Token } from './token.ts';

/** A running session of the same card, anywhere in the tenant. */
export interface OpenSessionOfToken {
  sessionId: string;
  stationId: string;
  /** By the charger's clock; a fact of well before that time (queued offline) met no such session; clocks of two chargers differ by a little. */
  startedAt?: Date | undefined;
  /** Its last sign of life: newest reading, or the receipt of its start. */
  heardAt: Date;
}

/** Where the question comes from. */
export interface AuthorizationContext {
  /** The session that asks; its own earlier copy is no second session (G-04). */
  sessionId: string | null;
  /** A card at the station where it already charges stops or continues that session; it is never ConcurrentTx there. */
  stationId: string;
}

/** A session that nobody has heard of for a day no longer keeps its card from charging elsewhere. */
const forgottenAfterMs = 24 * 3_600_000;

/**
 * The decision for a card (G-06: a start is stored whatever this says). Unknown: Invalid; blocked: Blocked; past `validUntil` at the fact's own
 * time: Expired; before `validFrom`: Invalid, for which 1.6 has no other word; running at another station: ConcurrentTx, except for tokens of kind central,
 * which are not a card in one hand, and where the tenant allows it.
 */
export function decideAuthorization(token: Token | null, openSessionsOfToken: readonly OpenSessionOfToken[], at: Date, context: AuthorizationContext): AuthorizationStatus {
  if (token === null) return 'Invalid';
  if (token.status === 'blocked') return 'Blocked';
  if (token.validUntil !== null && token.validUntil <= at) return 'Expired';
  if (token.validFrom != null && token.validFrom > at) return 'Invalid';
  if (token.kind === 'central' || token.concurrentUse === 'allow') return 'Accepted';
  const elsewhere = openSessionsOfToken.some((open) =>
    open.sessionId !== context.sessionId && open.stationId !== context.stationId && (open.startedAt === undefined || open.startedAt.getTime() - at.getTime() <= liveToleranceMs)
    && at.getTime() - open.heardAt.getTime() < forgottenAfterMs);
  return elsewhere ? 'ConcurrentTx' : 'Accepted';
}

import { randomUUID } from 'node:crypto';
import type { CallOptions, CallOutcome, CloseReason, LiveSession, SessionRegistry } from '../../sockets/session-registry.ts';

/** A session without a socket: what it was called with, and `answer` decides how each call ends. */
export interface FakeSession extends LiveSession {
  calls: { action: string; payload: unknown; options: CallOptions }[];
  ended: CloseReason[];
  answer: (options: CallOptions) => Promise<CallOutcome>;
}

/** Asks `beforeWrite`, and answers Accepted. */
export async function acceptIt(options: CallOptions): Promise<CallOutcome> {
  return await options.beforeWrite(randomUUID()) ? { kind: 'result', payload: { status: 'Accepted' } } : { kind: 'not-sent' };
}

export function aSession(given: Partial<LiveSession> & { onTerminate?: (session: FakeSession, reason: CloseReason) => void } = {}): FakeSession {
  let epoch: bigint | null = given.epoch ?? null;
  const session: FakeSession = {
    tenantId: given.tenantId ?? 'demo', stationId: given.stationId ?? 'CP', identity: given.identity ?? 'CP_1', version: given.version ?? 'ocpp1.6',
    socketId: given.socketId ?? randomUUID(), connectedAt: given.connectedAt ?? new Date(),
    get epoch() { return epoch; },
    setEpoch: (value) => {
      epoch = value;
    },
    calls: [], ended: [], answer: acceptIt,
    terminate: (reason) => {
      session.ended.push(reason);
      given.onTerminate?.(session, reason);
    },
    call: (action, payload, options) => {
      session.calls.push({ action, payload, options });
      return session.answer(options);
    },
  };
  return session;
}

/** The sockets of one process: a session that enters takes the place of the one before. */
export class FakeRegistry implements SessionRegistry {
  #sessions = new Map<string, LiveSession>();

  get(tenantId: string, stationId: string): LiveSession | undefined {
    return this.#sessions.get(`${tenantId}/${stationId}`);
  }

  all(): Iterable<LiveSession> {
    return this.#sessions.values();
  }

  enter(session: LiveSession): LiveSession | undefined {
    const previous = this.get(session.tenantId, session.stationId);
    this.#sessions.set(`${session.tenantId}/${session.stationId}`, session);
    return previous;
  }

  leave(session: LiveSession): void {
    if (this.get(session.tenantId, session.stationId) === session) this.#sessions.delete(`${session.tenantId}/${session.stationId}`);
  }
}

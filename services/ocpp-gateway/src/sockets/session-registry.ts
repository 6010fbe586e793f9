import type { OcppVersion } from '@csms/ocpp';

/** How one of our calls to a station ended. */
export type CallOutcome =
  | { kind: 'result'; payload: unknown }
  | { kind: 'error'; code: string; description: string; details: unknown }
  /** Written, and no answer before the call's own time was over: nobody can say what happened. */
  | { kind: 'timeout' }
  /** Written, and the socket went away before an answer: nobody can say what happened. */
  | { kind: 'socket-lost' }
  /** The deadline passed before a frame was written. */
  | { kind: 'expired' }
  /** `beforeWrite` said no: someone else wrote this command. */
  | { kind: 'not-sent' }
  /** Nothing was written: the queue is full, the payload is invalid, or the session is closing. */
  | { kind: 'refused'; reason: 'queue-full' | 'invalid-request' | 'closing' };

export interface CallOptions {
  /** No frame is written after this moment (G-45). */
  deadline: Date;
  /** Awaited when it is this call's turn, after the deadline was tested and before the frame is written; false: do not write. */
  beforeWrite: (messageId: string) => Promise<boolean>;
  /** The station answered after this call had ended with `timeout` (G-27). */
  onLate?: (result: { kind: 'result'; payload: unknown } | { kind: 'error'; code: string; description: string; details: unknown }) => void;
}

/** One open socket with an authenticated station behind it. */
export interface LiveSession {
  readonly tenantId: string;
  readonly stationId: string;
  readonly identity: string;
  readonly version: OcppVersion;
  /** New for every socket. */
  readonly socketId: string;
  readonly connectedAt: Date;
  /** When it answered a ping last, in milliseconds; null: never. */
  readonly pongedAtMs?: number | null;
  /** The ownership epoch, once the bus has granted it. */
  readonly epoch: bigint | null;
  setEpoch(epoch: bigint): void;
  /** Ends the socket at once, without a closing handshake: for a half-open peer it would only wait. */
  terminate(reason: CloseReason): void;
  /** Calls the station; one call is in flight at a time, the others wait in order. Never rejects. */
  call(action: string, payload: unknown, options: CallOptions): Promise<CallOutcome>;
}

/** Why a socket ended; the label of `csms_gateway_closes_total`. */
export type CloseReason =
  | 'station' | 'replaced' | 'superseded' | 'silent' | 'stuck-writer' | 'bad-messages' | 'message-too-big' | 'protocol-error' | 'drained' | 'error'
  | 'station-removed' | 'certificate-revoked' | 'too-many-messages';

/** The sockets of this process, one a station. */
export interface SessionRegistry {
  get(tenantId: string, stationId: string): LiveSession | undefined;
  all(): Iterable<LiveSession>;
}

/** What the ownership side wants to hear. Both are called synchronously and must not throw. */
export interface SessionHooks {
  onConnected(session: LiveSession): void;
  onClosed(session: LiveSession, reason: CloseReason): void;
}

/** The registry itself, for the code that opens and ends sessions. */
export class StationSockets<S extends LiveSession> implements SessionRegistry {
  #byStation = new Map<string, S>();

  get size(): number { return this.#byStation.size; }

  get(tenantId: string, stationId: string): S | undefined {
    return this.#byStation.get(key(tenantId, stationId));
  }

  all(): Iterable<S> { return this.#byStation.values(); }

  /** Enters a session and returns the one whose place it took, which the caller ends at once (G-35). */
  enter(session: S): S | undefined {
    const at = key(session.tenantId, session.stationId);
    const previous = this.#byStation.get(at);
    this.#byStation.set(at, session);
    return previous;
  }

  /** Removes this very session; the late close of an old socket removes nothing (G-35). */
  leave(session: S): boolean {
    const at = key(session.tenantId, session.stationId);
    if (this.#byStation.get(at) !== session) return false;
    return this.#byStation.delete(at);
  }
}

function key(tenantId: string, stationId: string): string {
  return `${tenantId}/${stationId}`;
}

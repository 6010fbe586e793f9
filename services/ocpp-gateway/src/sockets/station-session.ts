import type { Station } from '@csms/domain';
import { decodeFrame, frameLimits, type OcppVersion, type Protocol } from '@csms/ocpp';
import type { HandlerContext } from '../profiles/handler.ts';
import type { AnyHandler } from '../profiles/inbound.ts';
import type { Patience } from './answer-call.ts';
import { InboundCalls, malformedAnswer } from './inbound-calls.ts';
import type { Observer } from './observer.ts';
import type { OverdueWatch } from './overdue-watch.ts';
import { OutboundCalls } from './outbound-calls.ts';
import type { CallOptions, CallOutcome, CloseReason, LiveSession } from './session-registry.ts';

/** What a session needs of its WebSocket; the `ws` package's socket has all of it. */
export interface Wire {
  send(text: string): void;
  close(code: number, reason: string): void;
  terminate(): void;
  pause(): void;
  resume(): void;
  ping(): void;
  readonly bufferedAmount: number;
}

export interface SessionParts {
  wire: Wire;
  /** Bytes received on the socket so far: whatever they are, they are a sign of life. */
  bytesReceived: () => number;
  station: Station;
  protocol: Protocol;
  handlers: ReadonlyMap<string, AnyHandler>;
  books: Pick<HandlerContext, 'stations' | 'sessions' | 'authorization'>;
  /** See HandlerContext; the key is already this station's own. */
  later: (key: string, write: () => Promise<unknown>) => void;
  socketId: string;
  connectedAt: Date;
  now: () => Date;
  newMessageId: () => string;
  answerTimeoutMs: number;
  patience: Patience;
  overdue: OverdueWatch;
  limits: SessionLimits;
  observer: Observer;
  onFailure: (session: LiveSession, action: string, error: unknown) => void;
}

export interface SessionLimits {
  pingIntervalMs: number;
  /** Intervals without a byte after which a station is taken for gone. */
  silentIntervalsMax: number;
  stuckBytes: number;
  stuckMs: number;
  badMessagesMax: number;
}

export const usualLimits: SessionLimits = { pingIntervalMs: 30_000, silentIntervalsMax: 3, stuckBytes: 256 * 1024, stuckMs: 30_000, badMessagesMax: 20 };

/** One authenticated station on one socket: frames in, frames out, and the signs of life. Knows no WebSocket, only a Wire. */
export class StationSession implements LiveSession {
  readonly tenantId: string;
  readonly stationId: string;
  readonly identity: string;
  readonly version: OcppVersion;
  readonly socketId: string;
  readonly connectedAt: Date;
  #epoch: bigint | null = null;
  #closeReason: CloseReason | null = null;
  #badMessages = 0;
  #bytesSeen = 0;
  #heardMs: number;
  #pongSeen = false;
  #stuckSinceMs: number | null = null;
  readonly #parts: SessionParts;
  readonly #inbound: InboundCalls;
  readonly #outbound: OutboundCalls;

  constructor(parts: SessionParts) {
    const { station, protocol, wire, books, observer } = parts;
    this.#parts = parts;
    this.tenantId = station.tenantId;
    this.stationId = station.id;
    this.identity = station.identity;
    this.version = protocol.version;
    this.socketId = parts.socketId;
    this.connectedAt = parts.connectedAt;
    this.#heardMs = parts.connectedAt.getTime();
    const write = (text: string): void => wire.send(text);
    this.#inbound = new InboundCalls({
      protocol, handlers: parts.handlers, tenantId: station.tenantId, stationId: station.id, write, observer,
      // B02.FR.09 and 1.6 section 4.2: a rejected station has nothing to say but that it boots.
      refusal: (action) => (station.registration === 'Rejected' && action !== 'BootNotification' ? 'the station is not accepted' : null),
      contextFor: (source) => ({ source, station, stations: books.stations, sessions: books.sessions, authorization: books.authorization, later: parts.later }),
      pause: () => wire.pause(), resume: () => wire.resume(), now: parts.now, patience: parts.patience, overdue: parts.overdue,
      onFailure: (action, error) => parts.onFailure(this, action, error),
    });
    this.#outbound = new OutboundCalls({ protocol, write, newMessageId: parts.newMessageId, now: parts.now, answerTimeoutMs: parts.answerTimeoutMs, observer });
  }

  get epoch(): bigint | null { return this.#epoch; }
  setEpoch(epoch: bigint): void { this.#epoch = epoch; }

  /** Why the socket ended, as far as this side decided it. */
  get closeReason(): CloseReason | null { return this.#closeReason; }

  get busy(): boolean { return this.#inbound.busy || this.#outbound.busy; }

  call(action: string, payload: unknown, options: CallOptions): Promise<CallOutcome> {
    return this.#outbound.call(action, payload, options);
  }

  terminate(reason: CloseReason): void {
    this.#closeReason ??= reason;
    this.#parts.wire.terminate();
    this.ended();
  }

  /** Ends the socket in an orderly way once what is in work, in both directions, is answered. */
  async finish(code: number, reason: CloseReason): Promise<void> {
    await this.#outbound.drain();
    await this.#inbound.whenIdle();
    this.#close(code, 'the service is restarting', reason);
  }

  /** The socket is gone, whoever ended it. Idempotent. */
  ended(): void {
    this.#inbound.close();
    this.#outbound.close();
  }

  /** A text or binary message came; a binary one is read as text, because some firmware sends JSON so (G-28). */
  message(data: Buffer): void {
    const text = data.toString();
    const decoded = decodeFrame(text);
    if (!decoded.ok) {
      this.#parts.observer.invalid('unreadable', decoded.problem);
      // An empty message is how some firmware keeps a line open, and a newer dialect's message types are to be passed over (OCPP-J 1.6, 4.1.3).
      if (decoded.problem === 'empty' || decoded.problem === 'unknown-message-type') return;
      if (decoded.answerTo !== null) this.#parts.wire.send(malformedAnswer(this.#parts.protocol, decoded.answerTo, decoded.problem));
      this.#badMessages += 1;
      if (this.#badMessages > this.#parts.limits.badMessagesMax) this.#close(1002, 'too many unreadable messages', 'bad-messages');
      return;
    }
    const { frame } = decoded;
    if (frame.kind === 'call') this.#inbound.accept(frame, text);
    else this.#outbound.answered(frame);
  }

  pong(): void { this.#pongSeen = true; }

  /**
   * Looks after the socket, once every ping interval. Any byte received is a sign of life; a station that never answered a ping is given the time of
   * its heartbeats, because its firmware may not know pings (G-36).
   */
  inspect(nowMs: number): void {
    const { limits, wire, station, bytesReceived } = this.#parts;
    const bytes = bytesReceived();
    if (bytes !== this.#bytesSeen) {
      this.#bytesSeen = bytes;
      if (this.#heardMs < nowMs) this.#parts.books.stations.seen(this.tenantId, this.stationId, new Date(nowMs));
      this.#heardMs = nowMs;
    }
    const intervalMs = this.#pongSeen ? limits.pingIntervalMs : Math.max(limits.pingIntervalMs, station.heartbeatIntervalS * 1000);
    // A socket that is not being read cannot be heard.
    if (this.#inbound.paused) this.#heardMs = nowMs;
    if (nowMs - this.#heardMs >= limits.silentIntervalsMax * intervalMs) {
      this.terminate('silent');
      return;
    }
    if (wire.bufferedAmount <= limits.stuckBytes) this.#stuckSinceMs = null;
    else if (this.#stuckSinceMs === null) this.#stuckSinceMs = nowMs;
    else if (nowMs - this.#stuckSinceMs >= limits.stuckMs) {
      this.terminate('stuck-writer');
      return;
    }
    wire.ping();
  }

  #close(code: number, text: string, reason: CloseReason): void {
    this.#closeReason ??= reason;
    this.#outbound.close();
    this.#parts.wire.close(code, text);
  }
}

export const maxPayloadBytes = frameLimits.bytesMax;

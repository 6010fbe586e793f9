import type { BootFact, FactSource, Station, Tolerance } from '@csms/domain';
import { toleranceOf } from '@csms/domain/tolerance/tolerance-of';
import { decodeFrame, frameLimits, type OcppVersion } from '@csms/ocpp';
import type { HandlerContext } from '../profiles/handler.ts';
import type { SocketWork } from './drain.ts';
import { InboundCalls, malformedAnswer, type InboundOwner, type InboundSetting } from './inbound-calls.ts';
import { OutboundCalls } from './outbound-calls.ts';
import { transactionMessages } from './read-call.ts';
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
  /** Bytes received on the socket so far: whatever they are, they are a sign of life. */
  readonly bytesReceived: number;
}

/** What all sessions of a version in a process share. */
export interface SessionSetting extends InboundSetting {
  books: Pick<HandlerContext, 'stations' | 'sessions' | 'authorization' | 'firmware' | 'certificates'>;
  newMessageId: () => string;
  answerTimeoutMs: number;
  limits: SessionLimits;
  /** Keeps a fact for later (see HandlerContext); the key is of the whole process. */
  later: (key: string, write: () => Promise<unknown>) => void;
  onFailure: (session: LiveSession, action: string, error: unknown) => void;
}

/** What is one socket's own. */
export interface SessionOwn {
  wire: Wire;
  /** Without its credentials: they have done their work. */
  station: Pick<Station, 'tenantId' | 'id' | 'identity' | 'heartbeatIntervalS' | 'registration'>;
  /** What the table says of its make, as the books know it. */
  tolerance: Tolerance;
  socketId: string;
  connectedAt: Date;
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

/** Our own close code (RFC 6455, 7.4.2: 4000 to 4999) for a socket whose station has a newer one. */
const placeTaken = 4001;
/** 1008, Policy Violation (RFC 6455, 7.4.1). */
const policyViolation = 1008;

/** One authenticated station on one socket: frames in, frames out, and the signs of life. Knows no WebSocket, only a Wire. */
export class StationSession implements LiveSession, InboundOwner {
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
  #pongedAtMs: number | null = null;
  #stuckSinceMs: number | null = null;
  readonly #setting: SessionSetting;
  readonly #wire: Wire;
  #station: SessionOwn['station'];
  readonly #inbound: InboundCalls;
  /** Made at the first call: most sockets are never called at all. */
  #outbound: OutboundCalls | null = null;
  #ended = false;
  #tolerance: Tolerance;
  #spoken = false;
  #pongMissed = false;

  constructor(setting: SessionSetting, own: SessionOwn) {
    this.#setting = setting;
    this.#wire = own.wire;
    this.#station = own.station;
    this.#tolerance = own.tolerance;
    this.tenantId = own.station.tenantId;
    this.stationId = own.station.id;
    this.identity = own.station.identity;
    this.version = setting.protocol.version;
    this.socketId = own.socketId;
    this.connectedAt = own.connectedAt;
    this.#heardMs = own.connectedAt.getTime();
    this.#inbound = new InboundCalls(setting, this);
  }

  get epoch(): bigint | null { return this.#epoch; }
  setEpoch(epoch: bigint): void { this.#epoch = epoch; }

  /** Why the socket ended, as far as this side decided it. */
  get closeReason(): CloseReason | null { return this.#closeReason; }

  get busy(): boolean { return this.#inbound.busy || (this.#outbound?.busy ?? false); }

  get work(): SocketWork {
    if (!this.busy) return 'idle';
    return transactionMessages.has(this.#inbound.actionInWork ?? '') ? 'transaction' : 'call';
  }

  call(action: string, payload: unknown, options: CallOptions): Promise<CallOutcome> {
    if (this.#ended || this.#closeReason !== null) return Promise.resolve({ kind: 'refused', reason: 'closing' });
    this.#outbound ??= new OutboundCalls({ ...this.#setting, write: (text) => this.write(text) });
    return this.#outbound.call(action, payload, options);
  }

  write(text: string): void {
    this.#wire.send(text);
    if (this.#wire.bufferedAmount > bufferedBytesMax) this.terminate('stuck-writer');
  }

  pause(): void { this.#wire.pause(); }
  resume(): void { this.#wire.resume(); }
  failed(action: string, error: unknown): void { this.#setting.onFailure(this, action, error); }

  factRefused(action: string, text: string, at: Date): void {
    const { books, onFailure } = this.#setting;
    books.stations.securityEvent(this.tenantId, { stationId: this.stationId, identity: this.identity, kind: 'fact-refused', detail: firstBytes(text, refusedBytesMax), at })
      .catch((error: unknown) => onFailure(this, action, error));
  }

  get tolerance(): Tolerance { return this.#tolerance; }

  /** It said who made it: from its next message on that counts. */
  booted({ vendor, model, firmware }: BootFact): void { this.#tolerance = toleranceOf({ vendor, model, firmware }); }

  contextFor(source: FactSource): HandlerContext {
    const { books, later } = this.#setting;
    return {
      source, station: this.#station, stations: books.stations, sessions: books.sessions, authorization: books.authorization, firmware: books.firmware, certificates: books.certificates,
      tolerance: this.#tolerance, session: this,
      later: (key, write) => later(`${this.tenantId}/${this.stationId}/${key}`, write),
    };
  }

  /** B02.FR.09 and 1.6 section 4.2: a rejected station has nothing to say but that it boots. */
  refusal(action: string): string | null {
    return this.#station.registration === 'Rejected' && action !== 'BootNotification' ? 'the station is not accepted' : null;
  }

  terminate(reason: CloseReason): void {
    this.#closeReason ??= reason;
    // Said for a peer that still listens; nobody waits for its answer.
    if (reason === 'replaced' || reason === 'superseded') this.#wire.close(placeTaken, 'another connection of this station took its place');
    if (reason === 'too-many-messages') this.#wire.close(policyViolation, 'too many messages');
    this.#wire.terminate();
    this.ended();
  }

  /** Takes over what the books say of the station now; what it is and whose does not change. */
  update({ heartbeatIntervalS, registration }: Pick<Station, 'heartbeatIntervalS' | 'registration'>): void {
    this.#station = { ...this.#station, heartbeatIntervalS, registration };
  }

  /** Ends the socket in an orderly way once what is in work, in both directions, is answered. */
  async finish(code: number, text: string, reason: CloseReason): Promise<void> {
    await this.#outbound?.drain();
    await this.#inbound.whenIdle();
    // Some firmware never comes back after a closing handshake, and at once after a cut.
    if (this.#tolerance.closing === 'cut') this.terminate(reason);
    else this.#close(code, text, reason);
  }

  /** The socket is gone, whoever ended it. Idempotent. */
  ended(): void {
    this.#ended = true;
    this.#inbound.close();
    this.#outbound?.close();
  }

  /** A text or binary message came; a binary one is read as text, because some firmware sends JSON so (G-28). */
  message(data: Buffer): void {
    // Once the close frame is written nothing can be answered any more: what is not taken up is said again at the next socket, and is not a repetition then.
    if (this.#closeReason !== null) return;
    const text = data.toString();
    const decoded = decodeFrame(text);
    if (!decoded.ok) {
      this.#setting.observer.invalid('unreadable', decoded.problem);
      this.#unreadable(text, decoded.problem);
      // An empty message is how some firmware keeps a line open, and a newer dialect's message types are to be passed over (OCPP-J 1.6, 4.1.3).
      if (decoded.problem === 'empty' || decoded.problem === 'unknown-message-type') return;
      if (decoded.answerTo !== null) this.write(malformedAnswer(this.#setting.protocol, decoded.answerTo, decoded.problem));
      this.#badMessages += 1;
      if (this.#badMessages > this.#setting.limits.badMessagesMax) this.#close(1002, 'too many unreadable messages', 'bad-messages');
      return;
    }
    const { frame } = decoded;
    if (frame.kind === 'call') {
      if (!this.#spoken) this.#firstCall(frame.action);
      this.#inbound.accept(frame, text);
    }
    else if (this.#outbound !== null) this.#outbound.answered(frame);
    else this.#setting.observer.invalid('answer', 'unknown-id');
  }

  #firstCall(action: string): void {
    this.#spoken = true;
    if (action !== 'BootNotification') this.#setting.deviations.note(this, 'no-boot', action.slice(0, 50), this.#setting.now());
  }

  /** Nobody can answer it, but a person can look at it. */
  #unreadable(text: string, problem: string): void {
    if (problem === 'empty') return;
    const at = this.#setting.now();
    this.#setting.deviations.note(this, 'unreadable-frame', problem, at);
    this.#setting.deviations.example(this, { key: `unreadable ${problem}`, action: '', outcome: 'unreadable', kinds: ['unreadable-frame'], reason: problem, frame: text, at });
  }

  pong(): void { this.#pongedAtMs = this.#setting.now().getTime(); }
  get pongedAtMs(): number | null { return this.#pongedAtMs; }

  /**
   * Looks after the socket, once every ping interval. Any byte received is a sign of life; a station that never answered a ping is given the time of
   * its heartbeats, because its firmware may not know pings (G-36).
   */
  inspect(nowMs: number): void {
    const { limits, books } = this.#setting;
    const wire = this.#wire;
    const bytes = wire.bytesReceived;
    if (bytes !== this.#bytesSeen) {
      this.#bytesSeen = bytes;
      if (this.#heardMs < nowMs) books.stations.seen(this.tenantId, this.stationId, new Date(nowMs));
      this.#heardMs = nowMs;
    }
    const intervalMs = this.#pongedAtMs !== null ? limits.pingIntervalMs : Math.max(limits.pingIntervalMs, this.#station.heartbeatIntervalS * 1000);
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
    if (this.#pongedAtMs === null && !this.#pongMissed && nowMs - this.connectedAt.getTime() >= limits.silentIntervalsMax * limits.pingIntervalMs) {
      this.#pongMissed = true;
      this.#setting.deviations.note(this, 'never-pongs', '', new Date(nowMs));
    }
    wire.ping();
  }

  #close(code: number, text: string, reason: CloseReason): void {
    this.#closeReason ??= reason;
    this.#outbound?.close();
    this.#wire.close(code, text);
  }
}

/** Whoever reads so little that this much waits in our memory is not waited for (F19). */
const bufferedBytesMax = 2 ** 20;

/** As much of a refused frame as is kept. */
const refusedBytesMax = 4096;

/** The beginning of a text, without a character that was cut in two. */
function firstBytes(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= bytesMax ? text : bytes.subarray(0, bytesMax).toString().replace(/\ufffd+$/, '');
}

export const maxPayloadBytes = frameLimits.bytesMax;

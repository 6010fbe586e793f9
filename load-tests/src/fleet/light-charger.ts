import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { closingFrame, pongFrame, readFrames, textToFrame, type FrameReader } from './client-frames.ts';

/** One CALL of a charger. The payload is made when its frame is written: a queued reading learns its transaction's number only then. */
export interface Outgoing {
  action: string;
  payload: () => string;
  /** The CALLRESULT came; `answer` is its whole frame. */
  done: (answer: string) => void;
  /** OCPP 1.6, 3.7.2 (error responses to transaction-related messages): kept and sent again until it is answered. */
  transactional: boolean;
}

/** What all chargers of a fleet share. */
export interface ChargerSetting {
  host: string;
  port: number;
  tenant: string;
  password: string;
  /** Absent: plain. */
  tls?: SecureContext;
  answerTimeoutMs: number;
  backoff: { firstMs: number; maxMs: number };
  /** Sends BootNotification at the first connection alone, as many chargers do, or at each. */
  bootAlways: boolean;
  random: () => number;
  now: () => number;
  counts: ChargerCounts;
  onReady: (charger: LightCharger) => void;
}

export interface ChargerCounts { opened: number; refused: number; failed: number; lost: number; errors: number; timeouts: number; closeCodes: Record<number, number>; lastError: string }

const retryErrorMs = 2_000;
const upgradeKey = 'dGhlIHNhbXBsZSBub25jZQ==';

/**
 * A charger on a raw socket: a queue of calls with one in flight, OCPP's rules of repetition, reconnection with backoff and jitter. It costs some
 * hundred bytes and no timer of its own: its fleet calls `tick`.
 */
export class LightCharger implements FrameReader {
  readonly identity: string;
  readonly index: number;
  readonly #setting: ChargerSetting;
  #socket: Socket | null = null;
  #open = false;
  #booted = false;
  #rest: Buffer | null = null;
  #queue: Outgoing[] = [];
  #inFlight: Outgoing | null = null;
  #wireId = '';
  #calls = 0;
  #deadlineMs = Infinity;
  #holdUntilMs = 0;
  #attempts = 0;
  #retryAtMs = Infinity;
  #lostAtMs: number | null = null;
  #stopped = false;
  /** The longest time between the end of an open socket and the next open one, in ms. */
  awayMsMax = 0;
  reconnects = 0;

  constructor(setting: ChargerSetting, index: number) {
    this.#setting = setting;
    this.index = index;
    this.identity = `B${index}`;
  }

  /** Booted, and not away. */
  get ready(): boolean { return this.#open && this.#booted; }
  get isOpen(): boolean { return this.#open; }
  get waiting(): number { return this.#queue.length + (this.#inFlight === null ? 0 : 1); }

  /** How long it has been away until now, or at most was, in ms. */
  awayMs(nowMs: number): number { return Math.max(this.awayMsMax, this.#lostAtMs === null ? 0 : nowMs - this.#lostAtMs); }

  connect(): void {
    const { host, port, tls, tenant, password, counts } = this.#setting;
    this.#retryAtMs = Infinity;
    this.#rest = null;
    // Spread over many sources: one address has 28,000 ports to call from.
    const localAddress = `127.0.0.${2 + (this.index % 253)}`;
    const socket = tls === undefined ? connect({ host, port, localAddress, noDelay: true }) : connectTls({ socket: connect({ host, port, localAddress, noDelay: true }), secureContext: tls, servername: 'localhost' });
    this.#socket = socket;
    this.#deadlineMs = this.#setting.now() + this.#setting.answerTimeoutMs;
    socket.write(
      `GET /ocpp/${tenant}/${this.identity} HTTP/1.1\r\nHost: fleet\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${upgradeKey}\r\n` +
      `Sec-WebSocket-Protocol: ocpp1.6\r\nAuthorization: Basic ${Buffer.from(`${this.identity}:${password}`).toString('base64')}\r\n\r\n`);
    socket.on('data', (bytes: Buffer) => { if (this.#socket === socket) this.#read(bytes); });
    socket.on('error', () => { if (this.#socket === socket && !this.#open) counts.failed += 1; });
    socket.on('close', () => { if (this.#socket === socket) this.#gone(); });
  }

  /** It was switched on before: it connects without BootNotification. */
  skipBoot(): void { this.#booted = true; }

  /** Queues a call; calls are made in order, also those that were queued while the charger was away. */
  send(call: Outgoing): void {
    this.#queue.push(call);
    this.#advance();
  }

  /** Takes the line away, as a cable that is cut; the charger comes back by itself. */
  drop(): void { this.#socket?.resetAndDestroy(); }

  /** Ends for good. */
  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    this.#inFlight = null;
    this.#retryAtMs = Infinity;
    this.#socket?.destroy();
  }

  /** Looks at what time has brought: a reconnection that is due, an answer that did not come. */
  tick(nowMs: number): void {
    if (nowMs >= this.#retryAtMs) this.connect();
    else if (nowMs >= this.#deadlineMs) {
      this.#setting.counts.timeouts += 1;
      this.#socket?.resetAndDestroy();
    } else if (this.#holdUntilMs !== 0 && nowMs >= this.#holdUntilMs) {
      this.#holdUntilMs = 0;
      this.#advance();
    }
  }

  onText(text: string): void {
    if (text.startsWith('[2,')) {
      const id = /^\[2,\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
      if (id !== undefined) this.#socket?.write(textToFrame(`[4,${id},"NotSupported","",{}]`));
      return;
    }
    const call = this.#inFlight;
    if (call === null || !text.startsWith(this.#wireId, 3)) return;
    this.#inFlight = null;
    this.#deadlineMs = Infinity;
    if (text.charCodeAt(1) === 0x33) call.done(text);
    else {
      this.#setting.counts.errors += 1;
      this.#setting.counts.lastError = text;
      if (!this.#booted) this.drop();
      else if (call.transactional) {
        this.#queue.unshift(call);
        this.#holdUntilMs = this.#setting.now() + retryErrorMs;
      }
    }
    this.#advance();
  }

  onPing(payload: string): void { this.#socket?.write(pongFrame(payload)); }

  onClose(code: number): void {
    const { closeCodes } = this.#setting.counts;
    closeCodes[code] = (closeCodes[code] ?? 0) + 1;
    this.#socket?.end(closingFrame(code));
  }

  #read(bytes: Buffer): void {
    let all = this.#rest === null || this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#open) {
      const end = all.indexOf('\r\n\r\n');
      if (end < 0) { this.#rest = all; return; }
      if (!all.toString('latin1', 0, 12).startsWith('HTTP/1.1 101')) {
        this.#setting.counts.refused += 1;
        this.#socket?.destroy();
        return;
      }
      all = all.subarray(end + 4);
      this.#opened();
    }
    this.#rest = readFrames(all, this);
  }

  #opened(): void {
    const { counts, now, bootAlways } = this.#setting;
    this.#open = true;
    this.#attempts = 0;
    this.#deadlineMs = Infinity;
    counts.opened += 1;
    if (this.#lostAtMs !== null) {
      this.awayMsMax = Math.max(this.awayMsMax, now() - this.#lostAtMs);
      this.reconnects += 1;
      this.#lostAtMs = null;
    }
    if (bootAlways) this.#booted = false;
    if (this.#booted) {
      if (this.reconnects === 0) this.#setting.onReady(this);
      this.#advance();
    } else this.#write({ action: 'BootNotification', payload: () => '{"chargePointVendor":"Bench","chargePointModel":"Light"}', transactional: false, done: () => { this.#booted = true; this.#setting.onReady(this); } });
  }

  #advance(): void {
    if (!this.#open || !this.#booted || this.#inFlight !== null || this.#holdUntilMs !== 0) return;
    const next = this.#queue.shift();
    if (next !== undefined) this.#write(next);
  }

  #write(call: Outgoing): void {
    this.#calls += 1;
    this.#wireId = `"${this.index}-${this.#calls}"`;
    this.#inFlight = call;
    this.#deadlineMs = this.#setting.now() + this.#setting.answerTimeoutMs;
    this.#socket?.write(textToFrame(`[2,${this.#wireId},"${call.action}",${call.payload()}]`));
  }

  #gone(): void {
    const { counts, now, backoff, random } = this.#setting;
    this.#socket = null;
    this.#deadlineMs = Infinity;
    if (this.#open) {
      counts.lost += 1;
      this.#lostAtMs = now();
    }
    this.#open = false;
    // What was in work may or may not have been heard: a transaction message is said again, under a new id.
    if (this.#inFlight?.transactional === true) this.#queue.unshift(this.#inFlight);
    this.#inFlight = null;
    if (this.#stopped) return;
    const delayMs = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(this.#attempts, 20)) * (0.5 + random());
    this.#attempts += 1;
    this.#retryAtMs = now() + delayMs;
  }
}

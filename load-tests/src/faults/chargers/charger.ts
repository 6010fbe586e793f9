import { WebSocket } from 'ws';
import type { Random } from '../random.ts';
import { emptyTruth, type StationTruth } from './truth.ts';

export interface ChargerOptions {
  identity: string;
  password: string;
  /** Where to connect now; asked anew before every try. The path is appended. Null: nowhere to go yet. */
  endpoint: (random: Random) => string | null;
  random: Random;
  timing?: Partial<ChargerTiming>;
  /** The authorities whose server it believes, PEM; with a wss endpoint. */
  trusts?: string[] | undefined;
  /** What its clock says; default: the machine's. */
  now?: () => Date;
  /** True: a socket that went silent is left open and forgotten, as a cable that was pulled leaves it. */
  leavesSockets?: boolean;
}

export interface ChargerTiming {
  /** No answer for so long: the call failed, and the charger takes a new socket. */
  callTimeoutMs: number;
  /** Pause after a CALLERROR before a transaction message is sent again (TransactionMessageRetryInterval). */
  retryMs: number;
  /** Pause between tries to connect, at most. */
  reconnectMs: number;
}

const usualTiming: ChargerTiming = { callTimeoutMs: 5_000, retryMs: 300, reconnectMs: 400 };

export type CallEnd = { kind: 'result'; payload: Record<string, unknown> } | { kind: 'error'; code: string; description: string } | { kind: 'lost' };

interface Open { id: string; settle: (end: CallEnd) => void }

/**
 * A light OCPP 1.6 charger: one call at a time, transaction messages kept and sent again in order until they are answered (OCPP 1.6, 4.1 and
 * TransactionMessageAttempts, here without limit), reconnecting with back-off, and a truth log. Answers every call of the platform.
 */
export class Charger {
  readonly truth: StationTruth;
  readonly identity: string;
  /** When its sockets were opened and when they ended, with the close code (RFC 6455, 7.4; 1006: without a word). */
  readonly line: { atMs: number; code: number | null }[] = [];
  readonly #options: ChargerOptions;
  readonly #timing: ChargerTiming;
  #ws: WebSocket | null = null;
  #sockets = 0;
  #ids = 0;
  #wanted = false;
  #connecting: Promise<void> | null = null;
  #open: Open | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #left: WebSocket[] = [];
  #opened: (() => void)[] = [];
  /** How a call of the platform is answered; null: not at all. */
  respond: (action: string) => Record<string, unknown> | null = () => ({ status: 'Accepted' });
  /** What it says after every new socket, beside BootNotification. */
  onConnected: () => void = () => {};

  constructor(options: ChargerOptions) {
    this.#options = options;
    this.#timing = { ...usualTiming, ...options.timing };
    this.identity = options.identity;
    this.truth = emptyTruth(options.identity);
  }

  get connected(): boolean { return this.#ws !== null && this.#ws.readyState === WebSocket.OPEN; }
  /** The endpoint of its socket, while it has one. */
  get at(): string | null { return this.connected ? this.#ws!.url : null; }
  get sockets(): number { return this.#sockets; }
  now(): Date { return this.#options.now?.() ?? new Date(); }

  /** Connects and stays connected; resolves at the first open socket. */
  async connect(): Promise<void> {
    this.#wanted = true;
    await this.#untilConnected();
  }

  /** Gives up for good. */
  close(): void {
    this.#wanted = false;
    this.#ws?.terminate();
    for (const ws of this.#left.splice(0)) ws.terminate();
    this.#open?.settle({ kind: 'lost' });
    for (const opened of this.#opened.splice(0)) opened();
  }

  /** Its socket breaks, as a modem does it: no close frame. */
  cut(): void { this.#ws?.terminate(); }

  /** Reads no more from its socket, or reads again. */
  stall(on: boolean): void { if (on) this.#ws?.pause(); else this.#ws?.resume(); }

  /** Writes a text as it is: a charger that keeps no rules. */
  writeRaw(text: string): void { if (this.connected) this.#ws!.send(text); }

  /** One try: the answer, the refusal, or `lost` with its socket. */
  call(action: string, payload: object): Promise<CallEnd> { return this.#inTurn(() => this.#once(action, payload)); }

  /** A message that must not be lost: tried until a CALLRESULT comes, or the charger is closed (null). `onTry` is told before each frame. */
  deliver(action: string, payload: () => object, onTry: () => void = () => {}): Promise<Record<string, unknown> | null> {
    return this.#inTurn(async () => {
      const sameId = this.#options.random.next() < 0.5 ? this.#newId() : undefined;
      while (this.#wanted) {
        await this.#untilConnected();
        if (!this.#wanted) break;
        onTry();
        const end = await this.#once(action, payload(), sameId);
        if (end.kind === 'result') { this.truth.acknowledged += 1; return end.payload; }
        if (end.kind === 'error') await pause(this.#timing.retryMs);
      }
      return null;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #once(action: string, payload: object, id = this.#newId()): Promise<CallEnd> {
    if (!this.connected) return { kind: 'lost' };
    const end = await new Promise<CallEnd>((resolve) => {
      const timer = setTimeout(() => { this.#abandonSocket(); this.#open?.settle({ kind: 'lost' }); }, this.#timing.callTimeoutMs);
      this.#open = { id, settle: (how) => { clearTimeout(timer); this.#open = null; resolve(how); } };
      this.#ws!.send(JSON.stringify([2, id, action, payload]), () => undefined);
    });
    if (end.kind === 'error') this.truth.refusals.push({ action, code: end.code, description: end.description });
    return end;
  }

  #newId(): string { return `${this.identity}-${++this.#ids}`; }

  #abandonSocket(): void {
    const ws = this.#ws;
    if (ws === null) return;
    this.#ws = null;
    this.line.push({ atMs: Date.now(), code: 1006 });
    this.truth.cuts += 1;
    if (this.#options.leavesSockets) this.#left.push(ws);
    else ws.terminate();
    if (this.#wanted) void this.#keepConnected();
  }

  #untilConnected(): Promise<void> {
    if (this.connected || !this.#wanted) return Promise.resolve();
    const opened = new Promise<void>((resolve) => this.#opened.push(resolve));
    void this.#keepConnected();
    return opened;
  }

  #keepConnected(): Promise<void> {
    this.#connecting ??= this.#connectSome().finally(() => { this.#connecting = null; });
    return this.#connecting;
  }

  async #connectSome(): Promise<void> {
    const { random, endpoint } = this.#options;
    for (let tries = 1; this.#wanted && !this.connected; tries += 1) {
      const base = endpoint(random);
      if (base !== null && await this.#tryOnce(base)) return;
      await pause(this.#timing.reconnectMs * (0.5 + random.next() / 2) * Math.min(tries, 5));
    }
  }

  #tryOnce(base: string): Promise<boolean> {
    const { identity, password, trusts } = this.#options;
    return new Promise((resolve) => {
      const ws = new WebSocket(`${base}/ocpp/demo/${encodeURIComponent(identity)}`, ['ocpp1.6'], {
        headers: { authorization: `Basic ${Buffer.from(`${identity}:${password}`).toString('base64')}` },
        perMessageDeflate: false, ...(trusts ? { ca: trusts } : {}), handshakeTimeout: this.#timing.callTimeoutMs,
      });
      const socket = this.#sockets + 1;
      ws.on('error', () => undefined);
      ws.on('message', (data: Buffer) => this.#heard(ws, socket, data.toString()));
      ws.on('close', (code) => {
        resolve(false);
        if (this.#ws !== ws) return;
        this.line.push({ atMs: Date.now(), code });
        this.#ws = null;
        this.truth.cuts += 1;
        this.#open?.settle({ kind: 'lost' });
        if (this.#wanted) void this.#keepConnected();
      });
      ws.on('open', () => {
        if (!this.#wanted) { ws.terminate(); resolve(false); return; }
        this.#ws = ws;
        this.#sockets = socket;
        this.line.push({ atMs: Date.now(), code: null });
        resolve(true);
        this.onConnected();
        for (const opened of this.#opened.splice(0)) opened();
      });
    });
  }

  #heard(ws: WebSocket, socket: number, text: string): void {
    const frame = JSON.parse(text) as unknown[];
    const id = String(frame[1]);
    if (frame[0] === 2) {
      this.truth.calls.push({ messageId: id, action: String(frame[2]), socket, newestSocket: this.#sockets, atMs: Date.now() });
      const answer = this.respond(String(frame[2]));
      if (answer !== null) ws.send(JSON.stringify([3, id, answer]), () => undefined);
      return;
    }
    if (ws !== this.#ws || this.#open?.id !== id) return;
    if (frame[0] === 3) this.#open.settle({ kind: 'result', payload: frame[2] as Record<string, unknown> });
    else this.#open.settle({ kind: 'error', code: String(frame[2]), description: String(frame[3]) });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}

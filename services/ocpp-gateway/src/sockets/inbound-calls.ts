import type { FactSource, Tolerance } from '@csms/domain';
import { encodeFrame, type CallFrame, type MessageId, type Protocol } from '@csms/ocpp';
import { FactRefused } from '@csms/domain/station/fact-refused';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import type { Answer, HandlerContext } from '../profiles/handler.ts';
import type { AnyHandler } from '../profiles/inbound.ts';
import { awaitPatiently, type Patience } from './answer-call.ts';
import type { Deviations } from './deviation-log.ts';
import { MessageRefused } from './message-refused.ts';
import type { Observer } from './observer.ts';
import { readCall } from './read-call.ts';
import { storableText } from './storable-payload.ts';
import { OverdueSlot, type OverdueWatch } from './overdue-watch.ts';

/** Calls waiting behind the one in work; with more the socket is paused, and the station's own rule of one open call does the rest. */
export const waitingMax = 8;

/** What all sessions of a version share. */
export interface InboundSetting {
  protocol: Protocol;
  handlers: ReadonlyMap<string, AnyHandler>;
  now: () => Date;
  patience: Patience;
  overdue: OverdueWatch;
  observer: Observer;
  deviations: Deviations;
}

/** The session whose calls these are. An object and no bag of closures: there is one for every open socket. */
export interface InboundOwner {
  readonly tenantId: string;
  readonly stationId: string;
  /** What is made allowance for with this station's make. */
  readonly tolerance: Tolerance;
  contextFor(source: FactSource): HandlerContext;
  /** Null, or why this station may not make this call now. */
  refusal(action: string): string | null;
  write(text: string): void;
  pause(): void;
  resume(): void;
  /** An answer could not be made; `error` is for the log, never for the wire. */
  failed(action: string, error: unknown): void;
  /** The books will never take this call; `text` is its frame. */
  factRefused(action: string, text: string, at: Date): void;
}

interface Waiting { frame: CallFrame; text: string; receivedAt: Date; copies: number }

/**
 * The station's calls on one socket: answered in order, each once, one in work at a time (G-26). A frame that repeats one still in work, byte for byte,
 * is the same call and gets the same answer (G-02); the same id with another content is another call.
 */
export class InboundCalls {
  readonly #setting: InboundSetting;
  readonly #owner: InboundOwner;
  #slot: OverdueSlot | null = null;
  #inWork: Waiting | null = null;
  #waiting: Waiting[] = [];
  #paused = false;
  #advancing = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(setting: InboundSetting, owner: InboundOwner) {
    this.#setting = setting;
    this.#owner = owner;
  }

  get busy(): boolean { return this.#inWork !== null; }
  /** The action of the call in work. */
  get actionInWork(): string | null { return this.#inWork?.frame.action ?? null; }
  /** True while the socket is not read because this side is behind: its silence says nothing about the station. */
  get paused(): boolean { return this.#paused; }

  /** A CALL came. `text` is the frame as it was written. */
  accept(frame: CallFrame, text: string): void {
    if (this.#inWork !== null) {
      const same = this.#inWork.text === text ? this.#inWork : this.#waiting.find((other) => other.text === text);
      if (same !== undefined) { same.copies += 1; return; }
      this.#waiting.push({ frame, text, receivedAt: this.#setting.now(), copies: 1 });
      if (this.#waiting.length >= waitingMax && !this.#paused) { this.#paused = true; this.#owner.pause(); }
      return;
    }
    this.#start({ frame, text, receivedAt: this.#setting.now(), copies: 1 });
  }

  /** Resolves when nothing is in work or waiting. */
  whenIdle(): Promise<void> {
    return this.#inWork === null ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  /** The socket is gone. What is in work goes on to the books (a fact is a fact), what waits was never accepted. */
  close(): void {
    this.#closed = true;
    // What is in work may still take its time; nobody waits for its answer any more.
    if (this.#slot !== null) this.#setting.overdue.leave(this.#slot);
    this.#waiting = [];
  }

  #start(call: Waiting): void {
    const { protocol, handlers, observer, deviations } = this.#setting;
    const { action, payload, id } = call.frame;
    const recognition = protocol.recognise(action);
    const handler = handlers.get(action);
    if (recognition !== 'supported' || handler === undefined) {
      observer.call('from-station', 'other', recognition, 0);
      this.#refuse(call, protocol.code(recognition === 'unknown' ? 'unknown-action' : 'unsupported-action'), `${action.slice(0, 50)} is not answered here`);
      return;
    }
    let reading: AnyHandler | null;
    try {
      reading = readCall({ protocol, deviations, who: this.#owner, tolerance: this.#owner.tolerance }, call, handler);
    } catch (error) {
      this.#fail(call, error);
      return;
    }
    const refusal = this.#owner.refusal(action);
    if (refusal !== null) {
      observer.call('from-station', action, 'refused', 0);
      this.#refuse(call, protocol.code('security'), refusal);
      return;
    }
    this.#inWork = call;
    const context = this.#owner.contextFor({
      tenantId: this.#owner.tenantId, stationId: this.#owner.stationId, ocppVersion: protocol.version, messageId: storableText(String(id)), receivedAt: call.receivedAt,
    });
    const chosen = reading ?? handler;
    let answer: Answer<Record<string, unknown>> | Promise<Answer<Record<string, unknown>>>;
    try {
      answer = chosen.handle(payload, context);
    } catch (error) {
      this.#fail(call, error);
      return;
    }
    if (!(answer instanceof Promise)) { this.#finish(call, answer); return; }
    if (this.#slot === null) this.#setting.overdue.join(this.#slot = new OverdueSlot());
    awaitPatiently({ handler: chosen, request: payload, context, first: answer }, this.#setting.patience, this.#slot, (made) => this.#finish(call, made), (error) => this.#fail(call, error));
  }

  #finish(call: Waiting, answer: Answer<Record<string, unknown>>): void {
    const { protocol, now, observer } = this.#setting;
    const { id, action } = call.frame;
    const writtenAt = now();
    const payload = typeof answer === 'function' ? answer(writtenAt) : answer;
    const violation = protocol.checkResponse(action, payload);
    if (violation !== null) { this.#fail(call, new Error(`our answer to ${action} is not valid: ${violation.description}`)); return; }
    observer.call('from-station', action, 'answered', (writtenAt.getTime() - call.receivedAt.getTime()) / 1000);
    this.#write(call, encodeFrame({ kind: 'result', id, payload }));
  }

  #fail(call: Waiting, error: unknown): void {
    const { protocol, now, observer } = this.#setting;
    const { action } = call.frame;
    if (error instanceof MessageRefused) {
      observer.invalid(action, error.kind);
      observer.call('from-station', action, 'invalid', 0);
      this.#refuse(call, error.code, error.message);
      return;
    }
    if (error instanceof FactRefused) {
      // Sent again it would be refused again: the station is told so with a code that ends its tries, and what it said is kept.
      observer.call('from-station', action, 'refused-by-books', (now().getTime() - call.receivedAt.getTime()) / 1000);
      this.#owner.failed(action, error);
      this.#owner.factRefused(action, call.text, call.receivedAt);
      this.#refuse(call, protocol.code('property'), error.message.slice(0, 255));
      return;
    }
    const unavailable = error instanceof BooksUnavailable;
    observer.call('from-station', action, unavailable ? 'books-unavailable' : 'failed', (now().getTime() - call.receivedAt.getTime()) / 1000);
    this.#owner.failed(action, error);
    this.#refuse(call, protocol.code('internal'), unavailable ? 'the books cannot be reached; please send it again' : 'the message could not be processed');
  }

  #refuse(call: Waiting, code: string, description: string): void {
    this.#write(call, encodeFrame({ kind: 'error', id: call.frame.id, code: this.#owner.tolerance.errorCodes[code] ?? code, description, details: {} }));
  }

  #write(call: Waiting, text: string): void {
    if (!this.#closed) for (let copy = 0; copy < call.copies; copy += 1) this.#owner.write(text);
    this.#inWork = null;
    this.#advance();
  }

  /** Takes up what waits. A loop, not a recursion: calls that are answered at once end inside #start. */
  #advance(): void {
    if (this.#advancing) return;
    this.#advancing = true;
    while (this.#inWork === null) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.#start(next);
    }
    this.#advancing = false;
    if (this.#paused && this.#waiting.length < waitingMax) { this.#paused = false; this.#owner.resume(); }
    if (this.#inWork === null) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** The CALLERROR for a text that was meant as a CALL and could not be read, where its id could. */
export function malformedAnswer(protocol: Protocol, id: MessageId, problem: string): string {
  return encodeFrame({ kind: 'error', id, code: protocol.code('malformed'), description: `the message cannot be read: ${problem}`, details: {} });
}

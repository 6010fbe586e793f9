import type { DeviationCount, DeviationKind, KeptFrame, QuarantinedFrame, ToleranceBooks } from '@csms/domain';
import { redactText } from '@csms/domain/station-configuration/redact-secrets';
import type { Observer } from './observer.ts';
import { storableText } from './storable-payload.ts';

/** Whose deviation it is. */
export interface Deviant { readonly tenantId: string; readonly stationId: string }

/** What is done differently is counted here and written down every few seconds, never with a message (docs/tolerance.md). */
export interface Deviations {
  note(who: Deviant, kind: DeviationKind, place: string, at: Date): void;
  /** A frame worth looking at: of one key the newest is kept. */
  example(who: Deviant, frame: Omit<QuarantinedFrame, 'stationId'>): void;
  /** A transaction message, kept whole: resolves after commit. */
  keep(who: Deviant, frame: Omit<QuarantinedFrame, 'stationId'>): Promise<KeptFrame>;
}

/** As much of an example as is kept, in characters. A fact is kept whole. */
const exampleMax = 8_192;
const countsMax = 50_000;
const examplesMax = 500;

interface Waiting { counts: Map<string, DeviationCount>; frames: Map<string, QuarantinedFrame & { times: number }> }

/** The counts of a process, coalesced: one statement a tenant and interval. What cannot be written waits for the next interval; bounded, and no fact. */
export class DeviationLog implements Deviations {
  readonly #books: ToleranceBooks;
  readonly #observer: Observer;
  readonly #everyMs: number;
  readonly #onLost: (error: unknown) => void;
  #waiting = new Map<string, Waiting>();
  #size = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(parts: { books: ToleranceBooks; observer: Observer; everyMs?: number; onLost: (error: unknown) => void }) {
    this.#books = parts.books;
    this.#observer = parts.observer;
    this.#everyMs = parts.everyMs ?? 2_000;
    this.#onLost = parts.onLost;
  }

  note({ tenantId, stationId }: Deviant, kind: DeviationKind, place: string, at: Date): void {
    this.#observer.deviated(kind);
    const { counts } = this.#of(tenantId);
    const key = `${stationId}/${kind}`;
    const known = counts.get(key);
    if (known !== undefined) counts.set(key, { ...known, count: known.count + 1, lastAt: at, place });
    else if (this.#size < countsMax) { this.#size += 1; counts.set(key, { stationId, kind, count: 1, firstAt: at, lastAt: at, place }); }
  }

  example({ tenantId, stationId }: Deviant, frame: Omit<QuarantinedFrame, 'stationId'>): void {
    const { frames } = this.#of(tenantId);
    const key = `${stationId}/${frame.key}`;
    const known = frames.get(key);
    if (known === undefined && frames.size >= examplesMax) return;
    frames.set(key, { ...frame, stationId, reason: redactText(frame.reason), frame: storableText(redactText(frame.frame.slice(0, exampleMax))), times: (known?.times ?? 0) + 1 });
  }

  keep({ tenantId, stationId }: Deviant, frame: Omit<QuarantinedFrame, 'stationId'>): Promise<KeptFrame> {
    return this.#books.keep(tenantId, { ...frame, stationId, reason: redactText(frame.reason), frame: storableText(redactText(frame.frame)) });
  }

  /** Writes what waits; resolves when it is written or has failed. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#size = 0;
    for (const [tenantId, { counts, frames }] of waiting) {
      try {
        await this.#books.note(tenantId, { counts: [...counts.values()], frames: [...frames.values()] });
      } catch (error) {
        this.#onLost(error);
        this.#putBack(tenantId, counts);
      }
    }
    if (this.#waiting.size === 0) this.close();
  }

  /** No more writing by itself; what comes later begins it anew. */
  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #of(tenantId: string): Waiting {
    this.#timer ??= setInterval(() => void this.flush(), this.#everyMs).unref();
    let waiting = this.#waiting.get(tenantId);
    if (waiting === undefined) this.#waiting.set(tenantId, waiting = { counts: new Map(), frames: new Map() });
    return waiting;
  }

  /** What could not be written joins what came since; examples are let go. */
  #putBack(tenantId: string, counts: ReadonlyMap<string, DeviationCount>): void {
    const now = this.#of(tenantId).counts;
    for (const [key, old] of counts) {
      const newer = now.get(key);
      if (newer !== undefined) now.set(key, { ...newer, count: newer.count + old.count, firstAt: old.firstAt });
      else if (this.#size < countsMax) { this.#size += 1; now.set(key, old); }
    }
  }
}

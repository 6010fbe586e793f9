import { createHash } from 'node:crypto';
import type { ClusterClient } from './client.ts';
import type { Clock } from './clock.ts';
import { eventKind } from './kind.ts';
import type { KubernetesObject } from './object.ts';

/** What happened to an object; `reason` is one CamelCase word, `message` one sentence. */
export interface Happening {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

interface Series {
  about: KubernetesObject;
  happening: Happening;
  count: number;
  firstMs: number;
  lastMs: number;
  writtenCount: number;
  waiting: boolean;
}

/** Of one series at most one write in this time, however often it happens: a count is written that late. */
export const EVENT_WRITE_EVERY_MS = 30_000;
/** An API server forgets an Event after an hour; what happens again later is a new series. */
const FORGET_AFTER_MS = 3_600_000;
const SERIES_MAX = 2000;
/** So many are written at once: what is done waits for no Event, and Events wait for what is done. */
const WRITERS_MAX = 2;
const MESSAGE_CHARACTERS_MAX = 1000;

/**
 * Writes Events (core/v1: what `kubectl describe` lists) about objects, aggregated: what happens again with the same reason and message
 * raises the count of one Event. It never waits and never throws; an Event that cannot be written is dropped, with its count kept.
 */
export class EventRecorder {
  #client: Pick<ClusterClient, 'apply'>;
  #clock: Clock;
  #component: string;
  #instance: string;
  #onFailure: (error: unknown) => void;
  #series = new Map<string, Series>();
  /** Names of those that are to be written, oldest first. */
  #due = new Map<string, Series>();
  #writers = 0;

  constructor(options: { client: Pick<ClusterClient, 'apply'>; clock: Clock; component: string; instance: string; onFailure?: (error: unknown) => void }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#component = options.component;
    this.#instance = options.instance;
    this.#onFailure = options.onFailure ?? (() => undefined);
  }

  record(about: KubernetesObject, happening: Happening): void {
    const nowMs = this.#clock.nowMs();
    const name = nameOf(about, happening);
    let series = this.#series.get(name);
    if (series === undefined || nowMs - series.lastMs >= FORGET_AFTER_MS) {
      series = { about, happening, count: 0, firstMs: nowMs, lastMs: nowMs, writtenCount: 0, waiting: false };
      this.#forgetOldest();
    }
    series.count += 1;
    series.lastMs = nowMs;
    // The map is in the order of last use.
    this.#series.delete(name);
    this.#series.set(name, series);
    if (series.waiting) return;
    if (series.count === 1) return this.#writeSoon(name, series);
    series.waiting = true;
    this.#clock.after(EVENT_WRITE_EVERY_MS, () => this.#writeSoon(name, series));
  }

  #forgetOldest(): void {
    const oldest = this.#series.keys().next();
    if (this.#series.size >= SERIES_MAX && oldest.done !== true) this.#series.delete(oldest.value);
  }

  #writeSoon(name: string, series: Series): void {
    if (this.#due.size < SERIES_MAX) this.#due.set(name, series);
    if (this.#writers < WRITERS_MAX) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#writers += 1;
    for (let next = this.#due.entries().next(); next.done !== true; next = this.#due.entries().next()) {
      const [name, series] = next.value;
      this.#due.delete(name);
      await this.#write(name, series);
    }
    this.#writers -= 1;
  }

  async #write(name: string, series: Series): Promise<void> {
    series.waiting = false;
    if (series.count === series.writtenCount) return;
    const { about, happening, count } = series;
    const { namespace = 'default', uid, resourceVersion } = about.metadata;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace },
      involvedObject: { apiVersion: about.apiVersion, kind: about.kind, name: about.metadata.name, namespace, uid, resourceVersion },
      type: happening.type,
      reason: happening.reason,
      message: happening.message.slice(0, MESSAGE_CHARACTERS_MAX),
      count,
      firstTimestamp: time(series.firstMs),
      lastTimestamp: time(series.lastMs),
      source: { component: this.#component, host: this.#instance },
      reportingComponent: this.#component,
      reportingInstance: this.#instance,
    };
    try {
      await this.#client.apply(eventKind, event, { fieldManager: this.#component, force: true });
      series.writtenCount = count;
    } catch (error) {
      this.#onFailure(error);
    }
  }
}

const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** One name for the same thing said of the same object, so that a restarted process goes on with the Event of the one before. */
function nameOf({ metadata }: KubernetesObject, { type, reason, message }: Happening): string {
  const hash = createHash('sha256').update(JSON.stringify([metadata.uid, type, reason, message])).digest('hex').slice(0, 16);
  return `${metadata.name}.${hash}`;
}

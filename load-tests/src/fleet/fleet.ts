import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { ChargerSessions, meterValues, transactionIdOf } from './charger-sessions.ts';
import { LightCharger, type ChargerCounts, type ChargerSetting } from './light-charger.ts';
import type { FleetOrder, FleetSetting, FleetState, LoadDone, SessionTruth } from './orders.ts';

const tickMs = 50;
/** The day of transactions that `start` begins; readings follow each other by the second from there. */
const startOfDayMs = Date.parse('2026-11-01T00:00:00Z');

interface Standing { transactionId: number; readings: number }

/** Thousands of light chargers in one process, and one timer for all of them. */
export class Fleet {
  readonly #chargers: LightCharger[];
  readonly #counts: ChargerCounts = { opened: 0, refused: 0, failed: 0, lost: 0, errors: 0, timeouts: 0, closeCodes: {}, lastError: '' };
  readonly #standing = new Map<number, Standing>();
  readonly #sessions: ChargerSessions[] = [];
  readonly #random: () => number;
  #begun = 0;
  #onReady: () => void = () => {};

  constructor(setting: FleetSetting) {
    this.#random = seeded(setting.seed);
    const shared: ChargerSetting = {
      host: '127.0.0.1', port: setting.port, tenant: setting.tenant, password: setting.password, answerTimeoutMs: setting.answerTimeoutMs,
      ...(setting.caFile === undefined ? {} : { tls: createSecureContext({ ca: readFileSync(setting.caFile) }) }),
      backoff: { firstMs: setting.backoffFirstMs, maxMs: setting.backoffMaxMs }, bootAlways: setting.bootAlways, random: this.#random, now: Date.now, counts: this.#counts,
      onReady: () => this.#onReady(),
    };
    this.#chargers = Array.from({ length: setting.count }, (_, index) => new LightCharger(shared, setting.firstIndex + index));
    setInterval(() => {
      const nowMs = Date.now();
      for (const charger of this.#chargers) charger.tick(nowMs);
      for (const sessions of this.#sessions) sessions.tick(nowMs);
    }, tickMs);
  }

  async obey(order: FleetOrder): Promise<unknown> {
    switch (order.do) {
      case 'connect': return this.#connect(this.#chargers.slice(order.from, order.from + order.count), order);
      case 'start': return this.#start(this.#chargers.slice(order.from, order.from + order.count));
      case 'load': return this.#load(order);
      case 'live': return this.#live(order);
      case 'finish': return this.#finish();
      case 'drop': for (const charger of this.#chargers.slice(order.from, order.from + order.count)) charger.drop(); return null;
      case 'wait-ready': return this.#waitFor(() => this.#chargers.filter((charger) => charger.ready).length >= order.count);
      case 'state': return this.#state();
      case 'truth': return this.#truths();
    }
  }

  /** Rejects where the chargers' first calls are refused rather than answered: they would try for ever. */
  #connect(chargers: LightCharger[], { window, boot }: { window: number; boot: boolean }): Promise<{ seconds: number }> {
    const began = performance.now();
    const errorsBefore = this.#counts.errors;
    let next = 0;
    let ready = 0;
    return new Promise((resolve, reject) => {
      const end = (how: () => void): void => { clearInterval(watch); this.#onReady = () => {}; how(); };
      const watch = setInterval(() => {
        if (this.#counts.errors - errorsBefore > chargers.length) end(() => reject(new Error(`boots are refused: ${this.#counts.lastError}`)));
      }, tickMs);
      const more = (): void => {
        const charger = chargers[next];
        next += 1;
        if (!boot) charger?.skipBoot();
        charger?.connect();
      };
      this.#onReady = () => {
        ready += 1;
        if (ready === chargers.length) end(() => resolve({ seconds: (performance.now() - began) / 1000 }));
        else more();
      };
      for (let n = 0; n < window; n += 1) more();
    });
  }

  async #start(chargers: LightCharger[]): Promise<null> {
    await Promise.all(chargers.map((charger) => new Promise<void>((resolve) => {
      charger.send({
        action: 'StartTransaction', transactional: true, payload: () => `{"connectorId":1,"idTag":"CARD${charger.index}","meterStart":1000,"timestamp":"${new Date(startOfDayMs).toISOString()}"}`,
        done: (answer) => { this.#standing.set(charger.index, { transactionId: transactionIdOf(answer), readings: 0 }); resolve(); },
      });
    })));
    return null;
  }

  /** Resolves when time is over and every call that was made is answered; an unanswered one is repeated for ever. */
  #load(order: Extract<FleetOrder, { do: 'load' }>): Promise<LoadDone> {
    const chargers = this.#chargers.slice(order.from, order.from + order.count);
    const latenciesMs: number[] = [];
    const began = performance.now();
    let running = true;
    let open = 0;
    let heardMs = began;
    let silenceMsMax = 0;
    return new Promise((resolve) => {
      const ended = (): void => {
        if (running || open > 0) return;
        latenciesMs.sort((a, b) => a - b);
        const share = (part: number): number => latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * part))] ?? 0;
        resolve({ acknowledged: latenciesMs.length, seconds: (performance.now() - began) / 1000, p50Ms: share(0.5), p99Ms: share(0.99), mostMs: share(1), silenceMsMax });
      };
      const one = (charger: LightCharger, then: () => void): void => {
        open += 1;
        const sentMs = performance.now();
        charger.send({ action: order.action, transactional: true, payload: this.#payloadOf(order, charger), done: () => {
          const nowMs = performance.now();
          silenceMsMax = Math.max(silenceMsMax, nowMs - heardMs);
          heardMs = nowMs;
          open -= 1;
          latenciesMs.push(nowMs - sentMs);
          then();
          ended();
        } });
      };
      if (order.perSecond === null) for (const charger of chargers) {
        const again = (): void => { if (running) one(charger, again); };
        again();
      }
      else {
        let made = 0;
        const pace = setInterval(() => {
          const due = ((performance.now() - began) / 1000) * (order.perSecond ?? 0);
          for (; made < due && running; made += 1) one(chargers[made % chargers.length]!, () => {});
        }, 5);
        setTimeout(() => clearInterval(pace), order.seconds * 1000);
      }
      setTimeout(() => { running = false; ended(); }, order.seconds * 1000);
    });
  }

  #payloadOf(order: Extract<FleetOrder, { do: 'load' }>, charger: LightCharger): () => string {
    if (order.action === 'Heartbeat') return () => '{}';
    if (order.action === 'Authorize') {
      const card = Math.floor(this.#random() * order.cards);
      return () => `{"idTag":"CARD${card}"}`;
    }
    const standing = this.#standing.get(charger.index);
    if (standing === undefined) throw new Error(`charger ${charger.index} has no transaction`);
    standing.readings += 1;
    const payload = meterValues(standing.transactionId, startOfDayMs + standing.readings * 1000, 1_000 + standing.readings);
    return () => payload;
  }

  #live(order: Extract<FleetOrder, { do: 'live' }>): null {
    const nowMs = Date.now();
    const { readingEveryMs, readings, pauseMs } = order;
    for (const charger of this.#chargers.slice(order.from, order.from + order.count)) this.#sessions.push(new ChargerSessions(charger, { readingEveryMs, readings, pauseMs }, nowMs + this.#random() * readingEveryMs));
    return null;
  }

  async #finish(): Promise<null> {
    const nowMs = Date.now();
    for (const sessions of this.#sessions) sessions.finish(nowMs);
    return this.#waitFor(() => this.#chargers.every((charger) => charger.waiting === 0));
  }

  #waitFor(holds: () => boolean): Promise<null> {
    return new Promise((resolve) => {
      const look = setInterval(() => { if (holds()) { clearInterval(look); resolve(null); } }, tickMs);
    });
  }

  #state(): FleetState {
    const { user, system } = process.cpuUsage();
    const nowMs = Date.now();
    let [open, ready, waiting, awayMsMax, reconnects] = [0, 0, 0, 0, 0];
    for (const charger of this.#chargers) {
      if (charger.isOpen) open += 1;
      if (charger.ready) ready += 1;
      waiting += charger.waiting;
      awayMsMax = Math.max(awayMsMax, charger.awayMs(nowMs));
      reconnects += charger.reconnects;
    }
    this.#begun = this.#sessions.reduce((sum, sessions) => sum + sessions.truths.length, 0);
    return { ...this.#counts, open, ready, waiting, awayMsMax, reconnects, sessionsBegun: this.#begun, cpuSeconds: (user + system) / 1e6 };
  }

  /** Transactions of `live`, and the ones that `start` began, whose readings are all answered when `load` is done. */
  #truths(): SessionTruth[] {
    const standing = [...this.#standing].map(([index, { transactionId, readings }]): SessionTruth => ({
      identity: `B${index}`, idTag: `CARD${index}`, startedAtMs: startOfDayMs, meterStartWh: 1_000, transactionId, readingsMade: readings,
      readingsMs: Array.from({ length: readings }, (_, n) => startOfDayMs + (n + 1) * 1000), stop: null,
    }));
    return [...standing, ...this.#sessions.flatMap((sessions) => sessions.truths)];
  }
}

/** mulberry32: chance that a seed repeats. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

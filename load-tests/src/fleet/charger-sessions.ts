import type { LightCharger } from './light-charger.ts';
import type { SessionTruth } from './orders.ts';

export interface Rhythm { readingEveryMs: number; readings: number; pauseMs: number }

const whPerReading = 20;

/** The payload of MeterValues with four samples. */
export function meterValues(transactionId: number, atMs: number, registerWh: number): string {
  return `{"connectorId":1,"transactionId":${transactionId},"meterValue":[{"timestamp":"${new Date(atMs).toISOString()}","sampledValue":[`
    + `{"value":"${registerWh}","context":"Sample.Periodic","measurand":"Energy.Active.Import.Register","unit":"Wh"},{"value":"7200","measurand":"Power.Active.Import","unit":"W"},`
    + '{"value":"31.2","measurand":"Current.Import","unit":"A","phase":"L1"},{"value":"229.8","measurand":"Voltage","unit":"V","phase":"L1"}]}]}';
}

export function transactionIdOf(answer: string): number {
  const found = /"transactionId":(\d+)/.exec(answer)?.[1];
  if (found === undefined) throw new Error(`no transactionId in ${answer}`);
  return Number(found);
}

/**
 * One charger's transactions, one after the other: the cable is plugged in and the meter runs whether there is a line or not, and what was not answered
 * waits in the charger's queue. Keeps the truth for the audit.
 */
export class ChargerSessions {
  readonly truths: SessionTruth[] = [];
  readonly #charger: LightCharger;
  readonly #rhythm: Rhythm;
  #current: SessionTruth | null = null;
  #registerWh = 1_000;
  #nextAtMs: number;
  #ending = false;

  constructor(charger: LightCharger, rhythm: Rhythm, firstAtMs: number) {
    this.#charger = charger;
    this.#rhythm = rhythm;
    this.#nextAtMs = firstAtMs;
  }

  /** Begins no transaction any more, and ends the one that runs now. */
  finish(nowMs: number): void {
    this.#ending = true;
    if (this.#current !== null) this.#stop(this.#current, nowMs);
  }

  tick(nowMs: number): void {
    if (nowMs < this.#nextAtMs) return;
    const { readings, readingEveryMs } = this.#rhythm;
    const session = this.#current;
    this.#nextAtMs = nowMs + readingEveryMs;
    if (session === null) { if (!this.#ending) this.#start(nowMs); } else if (session.readingsMade < readings) this.#read(session, nowMs);
    else this.#stop(session, nowMs);
  }

  #start(nowMs: number): void {
    const session: SessionTruth = {
      identity: this.#charger.identity, idTag: `CARD${this.#charger.index}`, startedAtMs: nowMs, meterStartWh: this.#registerWh, transactionId: null, readingsMs: [], readingsMade: 0, stop: null,
    };
    this.#current = session;
    this.truths.push(session);
    const payload = `{"connectorId":1,"idTag":"${session.idTag}","meterStart":${session.meterStartWh},"timestamp":"${new Date(nowMs).toISOString()}"}`;
    this.#charger.send({ action: 'StartTransaction', transactional: true, payload: () => payload, done: (answer) => { session.transactionId = transactionIdOf(answer); } });
  }

  #read(session: SessionTruth, nowMs: number): void {
    this.#registerWh += whPerReading;
    session.readingsMade += 1;
    const registerWh = this.#registerWh;
    this.#charger.send({
      action: 'MeterValues', transactional: true, payload: () => meterValues(session.transactionId ?? 0, nowMs, registerWh), done: () => { session.readingsMs.push(nowMs); },
    });
  }

  #stop(session: SessionTruth, nowMs: number): void {
    this.#current = null;
    this.#nextAtMs = nowMs + this.#rhythm.pauseMs;
    const stop = { atMs: nowMs, meterWh: this.#registerWh, acknowledged: false };
    session.stop = stop;
    this.#charger.send({
      action: 'StopTransaction', transactional: true, done: () => { stop.acknowledged = true; },
      payload: () => `{"transactionId":${session.transactionId ?? 0},"meterStop":${stop.meterWh},"timestamp":"${new Date(nowMs).toISOString()}","reason":"Local"}`,
    });
  }
}

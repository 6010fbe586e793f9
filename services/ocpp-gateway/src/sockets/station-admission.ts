import type { ArrivalTerms } from './arrival-budget.ts';
import { RateLimit, type SharedCount } from './rate-limit.ts';

export interface AdmissionLimits {
  /** Failed handshakes of one identity in a minute. */
  failuresAMinuteIdentity: number;
  /** Failed handshakes of one address in a minute: more than of an identity, because a whole site may be behind one. */
  failuresAMinuteSource: number;
  /** TLS handshakes of one address in a minute that came to nothing. */
  tlsFailuresAMinuteSource: number;
  /** Connections of one station in an hour. */
  connectionsAnHourStation: number;
}

export const usualAdmission: AdmissionLimits = { failuresAMinuteIdentity: 5, failuresAMinuteSource: 30, tlsFailuresAMinuteSource: 300, connectionsAnHourStation: 60 };

/** Who is limited; the label of `csms_ocpp_rate_limited_total`. */
export type LimitScope = 'identity' | 'source' | 'tls-source' | 'reconnects';

/** Which identity from which address (source-of.ts). */
export interface Knocker { tenantId: string; identity: string; source: string }

/** What somebody has to wait for before a failure of its own is answered with anything else than 429. */
export interface Wait { scope: LimitScope; waitMs: number }

/** What an arrival whose identity or address failed too often takes of the share of its address: each costs a look-up. */
const costWhenLimited = 5;
const minuteMs = 60_000;
const knownPlacesMax = 50_000;

/**
 * Who may try now (C-08). Failures alone count, against an identity at an address and against the address. They decide how a wrong proof is answered and how much
 * of the arrivals is left for it; a right one is let in whatever others did with its name or from its address, at any gateway. A station that came in from an
 * address before is known there, and has a part of the arrivals kept for it.
 */
export class StationAdmission {
  readonly #identities: RateLimit;
  readonly #sources: RateLimit;
  readonly #tlsSources: RateLimit;
  readonly #reconnects: RateLimit;
  /** Where each station came in from last, and how many did from each address. */
  #knownPlaces = new Map<string, string>();
  #knownSources = new Map<string, number>();
  /** Until when each lock-out was told. */
  #toldUntilMs = new Map<string, number>();

  constructor(limits: AdmissionLimits, shared: SharedCount | null) {
    const failures = { windowMs: minuteMs, waitMs: minuteMs, waitMsMax: 60 * minuteMs, sharedFrom: 1, shared };
    this.#identities = new RateLimit({ ...failures, name: 'identity', countMax: limits.failuresAMinuteIdentity });
    this.#sources = new RateLimit({ ...failures, name: 'source', countMax: limits.failuresAMinuteSource, waitMsMax: 15 * minuteMs });
    this.#tlsSources = new RateLimit({ ...failures, name: 'tls-source', countMax: limits.tlsFailuresAMinuteSource, waitMsMax: minuteMs, shared: null });
    this.#reconnects = new RateLimit({ name: 'reconnects', countMax: limits.connectionsAnHourStation, windowMs: 60 * minuteMs, waitMs: minuteMs, waitMsMax: 15 * minuteMs, sharedFrom: Math.ceil(limits.connectionsAnHourStation / 6), shared });
  }

  /** False for an address that may not even begin a TLS handshake now. */
  admitsConnection(source: string, nowMs: number): boolean {
    return this.#tlsSources.waitMs(source, nowMs) === 0;
  }

  /** On which terms somebody arrives, before anything is looked up. */
  terms(knocker: Knocker, nowMs: number): ArrivalTerms {
    const identityLimited = this.#identities.waitMs(placeOf(knocker), nowMs) > 0;
    if (this.#isKnown(knocker) && !identityLimited) return { cost: 0, mayUseReserve: true };
    return { cost: identityLimited || this.#sources.waitMs(knocker.source, nowMs) > 0 ? costWhenLimited : 1, mayUseReserve: false };
  }

  /** On which terms a TLS handshake begins: nobody has said a name yet. */
  handshakeTerms(source: string): ArrivalTerms {
    return { cost: 1, mayUseReserve: this.#knownSources.has(source) };
  }

  /** How long whoever comes with a wrong proof has to wait; null: it does not. */
  waiting(knocker: Knocker, nowMs: number): Wait | null {
    return longest([['identity', this.#identities.waitMs(placeOf(knocker), nowMs)], ['source', this.#sources.waitMs(knocker.source, nowMs)]]);
  }

  /** Somebody knocked and may not come in: whether it has to wait, and whether that begins now for this identity. What waits already is not counted again. */
  failed(knocker: Knocker, nowMs: number): { waiting: Wait | null; lockedOut: boolean } {
    const waiting = this.waiting(knocker, nowMs);
    const place = placeOf(knocker);
    if (this.#identities.waitMs(place, nowMs) === 0) this.#identities.count(place, nowMs);
    if (waiting === null) this.#sources.count(knocker.source, nowMs);
    return { waiting, lockedOut: this.#isNews(place, nowMs) };
  }

  /** Once for each wait, also for one that the other gateways' counts began. */
  #isNews(place: string, nowMs: number): boolean {
    const waitMs = this.#identities.waitMs(place, nowMs);
    if (waitMs === 0 || (this.#toldUntilMs.get(place) ?? 0) > nowMs) return false;
    this.#toldUntilMs.delete(place);
    this.#toldUntilMs.set(place, nowMs + waitMs);
    if (this.#toldUntilMs.size > knownPlacesMax) for (const oldest of this.#toldUntilMs.keys()) { this.#toldUntilMs.delete(oldest); break; }
    return true;
  }

  tlsFailed(source: string, nowMs: number): void {
    this.#tlsSources.count(source, nowMs);
  }

  /** A station proved who it is; it still has to wait where it connects over and over. */
  proved(knocker: Knocker, nowMs: number): Wait | null {
    const key = nameOf(knocker);
    this.#forgetPlace(key);
    this.#knownPlaces.set(key, knocker.source);
    this.#knownSources.set(knocker.source, (this.#knownSources.get(knocker.source) ?? 0) + 1);
    if (this.#knownPlaces.size > knownPlacesMax) for (const oldest of this.#knownPlaces.keys()) { this.#forgetPlace(oldest); break; }
    this.#identities.forget(placeOf(knocker));
    const waiting = longest([['reconnects', this.#reconnects.waitMs(key, nowMs)]]);
    if (waiting === null) this.#reconnects.count(key, nowMs);
    return waiting;
  }

  #isKnown(knocker: Knocker): boolean {
    return this.#knownPlaces.get(nameOf(knocker)) === knocker.source;
  }

  #forgetPlace(key: string): void {
    const source = this.#knownPlaces.get(key);
    if (source === undefined) return;
    this.#knownPlaces.delete(key);
    const others = (this.#knownSources.get(source) ?? 1) - 1;
    if (others === 0) this.#knownSources.delete(source);
    else this.#knownSources.set(source, others);
  }
}

function placeOf(knocker: Knocker): string {
  return `${nameOf(knocker)} at ${knocker.source}`;
}

function nameOf({ tenantId, identity }: Knocker): string {
  return `${tenantId}/${identity}`;
}

function longest(waits: [LimitScope, number][]): Wait | null {
  const [scope, waitMs] = waits.reduce((a, b) => (b[1] > a[1] ? b : a));
  return waitMs === 0 ? null : { scope, waitMs };
}

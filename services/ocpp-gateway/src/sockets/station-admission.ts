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

/** Which identity from which address. */
export interface Knocker { tenantId: string; identity: string; source: string }

const minuteMs = 60_000;
const knownPlacesMax = 50_000;

/**
 * Who may try now (C-08). Failures alone count against an identity and an address. A station that came in from an address before is known there: what strangers do
 * with its name from elsewhere, or others do from its address, does not keep it out.
 */
export class StationAdmission {
  readonly #identities: RateLimit;
  readonly #sources: RateLimit;
  readonly #tlsSources: RateLimit;
  readonly #reconnects: RateLimit;
  /** Where each station came in from last. */
  #knownPlaces = new Map<string, string>();

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

  /** Who has to wait for how long, before anything is looked up; null for who may try. */
  refusal(knocker: Knocker, nowMs: number): { scope: LimitScope; waitMs: number } | null {
    const known = this.#isKnown(knocker);
    const waits: [LimitScope, number][] = [
      ['identity', this.#identities.waitMs(this.#identityKey(knocker, known), nowMs)],
      ['source', known ? 0 : this.#sources.waitMs(knocker.source, nowMs)],
    ];
    return longest(waits);
  }

  /** Somebody knocked and may not come in. */
  failed(knocker: Knocker, nowMs: number): void {
    this.#identities.count(this.#identityKey(knocker, this.#isKnown(knocker)), nowMs);
    this.#sources.count(knocker.source, nowMs);
  }

  tlsFailed(source: string, nowMs: number): void {
    this.#tlsSources.count(source, nowMs);
  }

  /** A station proved who it is; it still has to wait where it connects over and over. */
  proved(knocker: Knocker, nowMs: number): { scope: LimitScope; waitMs: number } | null {
    const key = nameOf(knocker);
    this.#knownPlaces.delete(key);
    this.#knownPlaces.set(key, knocker.source);
    if (this.#knownPlaces.size > knownPlacesMax) for (const oldest of this.#knownPlaces.keys()) { this.#knownPlaces.delete(oldest); break; }
    this.#identities.forget(this.#identityKey(knocker, true));
    const waiting = longest([['reconnects', this.#reconnects.waitMs(key, nowMs)]]);
    if (waiting === null) this.#reconnects.count(key, nowMs);
    return waiting;
  }

  #isKnown(knocker: Knocker): boolean {
    return this.#knownPlaces.get(nameOf(knocker)) === knocker.source;
  }

  #identityKey(knocker: Knocker, known: boolean): string {
    return known ? `${nameOf(knocker)} at ${knocker.source}` : nameOf(knocker);
  }
}

function nameOf({ tenantId, identity }: Knocker): string {
  return `${tenantId}/${identity}`;
}

function longest(waits: [LimitScope, number][]): { scope: LimitScope; waitMs: number } | null {
  const [scope, waitMs] = waits.reduce((a, b) => (b[1] > a[1] ? b : a));
  return waitMs === 0 ? null : { scope, waitMs };
}

import type { SecurityProfile, Station, StationBooks } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { sameDigest } from '@csms/kit';

/** What a station proved that it took over: from the first use on it is the only one. */
export interface FirstUse { credentialHmac: Uint8Array | null; securityProfile: SecurityProfile | null }

/**
 * Stations by identity: always from the books, and from memory only while the books cannot be reached, so that a station that was here before may come
 * back during an outage. Remembers the `rememberedMax` that came last. A password or a profile that was used here for the first time is the only one here
 * from then on, whatever the books still say or an older answer of theirs said (G-33, G-34).
 */
export class StationDirectory {
  readonly #stations: Pick<StationBooks, 'find'>;
  readonly #rememberedMax: number;
  readonly #remembered = new Map<string, Station>();
  readonly #firstUses = new Map<string, FirstUse>();
  #round: Iterator<Station> = [][Symbol.iterator]();
  #refreshing = false;

  constructor(stations: Pick<StationBooks, 'find'>, rememberedMax = 20_000) {
    this.#stations = stations;
    this.#rememberedMax = rememberedMax;
  }

  /** The station, or null when nobody registered it. Rejects with BooksUnavailable for one that is not remembered either. */
  async find(tenantId: string, identity: string): Promise<Station | null> {
    const key = `${tenantId}/${identity}`;
    try {
      const station = this.#asUsed(key, await this.#stations.find(tenantId, identity));
      this.#remembered.delete(key);
      if (station !== null) putBounded(this.#remembered, key, station, this.#rememberedMax);
      return station;
    } catch (error) {
      const remembered = this.#remembered.get(key);
      if (error instanceof BooksUnavailable && remembered !== undefined) return remembered;
      throw error;
    }
  }

  /** From now on what the station used is the only one here. */
  used({ tenantId, identity }: Station, use: FirstUse): void {
    const key = `${tenantId}/${identity}`;
    const earlier = this.#firstUses.get(key);
    this.#firstUses.delete(key);
    putBounded(this.#firstUses, key, { credentialHmac: use.credentialHmac ?? earlier?.credentialHmac ?? null, securityProfile: use.securityProfile ?? earlier?.securityProfile ?? null }, this.#rememberedMax);
    const remembered = this.#remembered.get(key);
    const station = this.#asUsed(key, remembered ?? null);
    if (station !== null) this.#remembered.set(key, station);
  }

  /**
   * Reads what is remembered anew every `everyMs`, a share each second, so that an outage finds what the books said shortly before, also of a station
   * that took a new password at another gateway. Returns how to stop.
   */
  keepFresh(everyMs: number): () => void {
    const timer = setInterval(() => void this.refreshSome(Math.ceil((this.#remembered.size * refreshTickMs) / everyMs)), refreshTickMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Reads the next `count` of those that are remembered anew; what cannot be read stays. */
  async refreshSome(count: number): Promise<void> {
    if (this.#refreshing) return;
    this.#refreshing = true;
    const share: Station[] = [];
    for (let began = false; share.length < count;) {
      const next = this.#round.next();
      if (!next.done) { share.push(next.value); continue; }
      if (began) break;
      began = true;
      this.#round = this.#remembered.values();
    }
    await Promise.allSettled(share.map((station) => this.#refresh(station)));
    this.#refreshing = false;
  }

  async #refresh({ tenantId, identity }: Station): Promise<void> {
    const key = `${tenantId}/${identity}`;
    const station = this.#asUsed(key, await this.#stations.find(tenantId, identity));
    if (station === null) this.#remembered.delete(key);
    // In its place: who came last stays remembered longest.
    else if (this.#remembered.has(key)) this.#remembered.set(key, station);
  }

  #asUsed(key: string, station: Station | null): Station | null {
    const use = this.#firstUses.get(key);
    if (station === null || use === undefined) return station;
    const { credentialHmacNext, securityProfile, securityProfileNext } = station;
    return {
      ...station,
      ...(use.credentialHmac !== null && credentialHmacNext !== null && sameDigest(use.credentialHmac, credentialHmacNext) ? { credentialHmac: credentialHmacNext, credentialHmacNext: null } : {}),
      ...(use.securityProfile !== null && use.securityProfile > securityProfile && use.securityProfile === securityProfileNext ? { securityProfile: securityProfileNext, securityProfileNext: null } : {}),
    };
  }
}

const refreshTickMs = 1_000;

function putBounded<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.set(key, value);
  if (map.size > max) for (const oldest of map.keys()) { map.delete(oldest); break; }
}

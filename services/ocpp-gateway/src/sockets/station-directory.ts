import type { Station, StationBooks } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';

/**
 * Stations by identity: always from the books, and from memory only while the books cannot be reached, so that a station that was here before may come
 * back during an outage. Remembers the `rememberedMax` that came last.
 */
export class StationDirectory {
  readonly #stations: Pick<StationBooks, 'find'>;
  readonly #rememberedMax: number;
  #remembered = new Map<string, Station>();

  constructor(stations: Pick<StationBooks, 'find'>, rememberedMax = 20_000) {
    this.#stations = stations;
    this.#rememberedMax = rememberedMax;
  }

  /** The station, or null when nobody registered it. Rejects with BooksUnavailable for one that is not remembered either. */
  async find(tenantId: string, identity: string): Promise<Station | null> {
    const key = `${tenantId}/${identity}`;
    try {
      const station = await this.#stations.find(tenantId, identity);
      this.#remembered.delete(key);
      if (station !== null) this.#remembered.set(key, station);
      if (this.#remembered.size > this.#rememberedMax) {
        for (const oldest of this.#remembered.keys()) { this.#remembered.delete(oldest); break; }
      }
      return station;
    } catch (error) {
      const remembered = this.#remembered.get(key);
      if (error instanceof BooksUnavailable && remembered !== undefined) return remembered;
      throw error;
    }
  }
}

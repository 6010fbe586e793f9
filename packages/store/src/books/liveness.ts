/**
 * How often the last sign of life of a connected station is written, in ms: it is no fact, and with every reading it would double the cost of one. When its
 * socket goes, the time of that is written in any case.
 */
const everyMs = 60_000;
const stationsMax = 100_000;

/** When each station's last sign of life was last written by this process. */
export class Liveness {
  readonly #writtenAt = new Map<string, number>();

  /** Those of `seen` (station id -> time) whose turn it is; they count as written. */
  due(seen: ReadonlyMap<string, Date>): Map<string, Date> {
    const due = new Map([...seen].filter(([stationId, at]) => this.isDue(stationId, at)));
    if (this.#writtenAt.size > stationsMax) this.#writtenAt.clear();
    for (const [stationId, at] of due) this.#writtenAt.set(stationId, at.getTime());
    return due;
  }

  isDue(stationId: string, at: Date): boolean {
    return at.getTime() - (this.#writtenAt.get(stationId) ?? 0) >= everyMs;
  }
}

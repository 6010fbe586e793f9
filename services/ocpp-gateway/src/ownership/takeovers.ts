/** Counts, for each station, how often one of its sockets took the place of another in the last minute: two devices with one identity do so for ever. */
export interface Takeovers {
  /** Counts one; true when this one is the first above the limit, which is worth a security event. */
  count(stationKey: string, nowMs: number): boolean;
  /** True while a station has been taken over too often: who comes now is held off. */
  tooMany(stationKey: string, nowMs: number): boolean;
  /** A socket of this station ended by itself, so the next one takes nobody's place. */
  forget(stationKey: string): void;
  /** Drops what is older than a minute. */
  tidy(nowMs: number): void;
}

const windowMs = 60_000;

export function countTakeovers(limitAMinute: number): Takeovers {
  const times = new Map<string, number[]>();
  const recent = (stationKey: string, nowMs: number): number[] => (times.get(stationKey) ?? []).filter((at) => at > nowMs - windowMs);
  return {
    count(stationKey, nowMs) {
      const counted = [...recent(stationKey, nowMs), nowMs];
      times.set(stationKey, counted);
      return counted.length === limitAMinute + 1;
    },
    tooMany: (stationKey, nowMs) => recent(stationKey, nowMs).length > limitAMinute,
    forget: (stationKey) => void times.delete(stationKey),
    tidy(nowMs) {
      for (const stationKey of times.keys()) if (recent(stationKey, nowMs).length === 0) times.delete(stationKey);
    },
  };
}

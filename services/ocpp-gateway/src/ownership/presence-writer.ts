import type { StationBooks } from '@csms/domain';

/** What the books should say about a station's presence. */
export interface Presence { tenantId: string; stationId: string; epoch: bigint; online: boolean; at: Date; ocppVersion: string }

export interface PresenceWriter {
  /** Replaces what was still to be written for this station, unless that has a greater epoch. */
  want(presence: Presence): void;
  /** Resolves when everything wanted is written, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
  close(): void;
}

const retryMs = 1_000;

/** Writes presence to the books, one write a station at a time and the newest last; keeps trying while the books are away. */
export function writePresence(stations: Pick<StationBooks, 'presence'>, onError: (error: unknown) => void): PresenceWriter {
  const wanted = new Map<string, Presence>();
  const writing = new Map<string, Promise<void>>();
  let closed = false;

  async function write(key: string): Promise<void> {
    for (let next = wanted.get(key); next && !closed; next = wanted.get(key)) {
      try {
        await stations.presence(next.tenantId, next.stationId, next.epoch, next.online, next.at, next.ocppVersion);
        if (wanted.get(key) === next) wanted.delete(key);
      } catch (error) {
        onError(error);
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
    writing.delete(key);
  }

  return {
    want(presence) {
      const key = `${presence.tenantId}/${presence.stationId}`;
      const waiting = wanted.get(key);
      if (waiting && waiting.epoch > presence.epoch) return;
      wanted.set(key, presence);
      if (!writing.has(key)) writing.set(key, write(key));
    },
    async settled(timeoutMs) {
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([Promise.all(writing.values()), enough]);
      clearTimeout(timer);
    },
    close() {
      closed = true;
    },
  };
}

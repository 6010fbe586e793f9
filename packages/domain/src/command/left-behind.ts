import { BusUnavailable } from './bus-unavailable.ts';
import type { OwnershipBus } from './bus.ts';

/** What a process that died has left in the books: commands without an end, stations that look online. */
export interface LeftBehindBooks {
  tenants(): Promise<string[]>;
  /**
   * One transaction: queued commands past their deadline become expired, sent ones long past it become unknown, remote starts and stops are
   * compared with the sessions. Returns what only the bus can judge: who wrote each frame that waits for an answer, and who is online.
   */
  tidy(tenantId: string, now: Date): Promise<{ sent: { id: string; gateway: string }[]; online: { stationId: string; epoch: bigint }[] }>;
  markUnknown(tenantId: string, commandIds: readonly string[], detail: string, now: Date): Promise<void>;
  /** Offline, if presence was written under no later epoch. */
  markOffline(tenantId: string, stations: readonly { stationId: string; epoch: bigint }[], now: Date): Promise<void>;
}

/** A missing lease may be one that the bus forgot a moment ago: believed when it is still missing after two renewals. */
const believedAfterMs = 10_000;

/**
 * Ends what dead processes left open (I-5). Call `sweep` every few seconds, in any number of processes at once. While the bus is away nobody is
 * declared dead. It remembers, between sweeps, only since when someone is missing.
 */
export function createLeftBehindSweep(parts: { books: LeftBehindBooks; bus: Pick<OwnershipBus, 'leasesAlive' | 'ownersOf'> & { healthy(): boolean } }): { sweep(now: Date): Promise<void> } {
  const { books, bus } = parts;
  let missingSince = new Map<string, number>();

  return {
    async sweep(now) {
      const stillMissing = new Map<string, number>();
      const dead = (key: string): boolean => {
        const since = missingSince.get(key) ?? now.getTime();
        stillMissing.set(key, since);
        return now.getTime() - since >= believedAfterMs;
      };
      const failures: unknown[] = [];
      const sweepTenant = async (tenantId: string): Promise<void> => {
        const { sent, online } = await books.tidy(tenantId, now);
        if (!bus.healthy()) return;
        const alive = await bus.leasesAlive([...new Set(sent.map((command) => command.gateway))]);
        const lost = sent.filter((command) => !alive.has(command.gateway) && dead(`gateway/${command.gateway}`));
        if (lost.length > 0) await books.markUnknown(tenantId, lost.map((command) => command.id), 'the gateway that wrote it is gone', now);

        const owners = await bus.ownersOf(tenantId, online.map((station) => station.stationId));
        const gone = online.filter((station) => !owners.has(station.stationId) && dead(`station/${tenantId}/${station.stationId}/${station.epoch}`));
        if (gone.length > 0) await books.markOffline(tenantId, gone, now);
      };
      for (const tenantId of await books.tenants()) {
        await sweepTenant(tenantId).catch((error: unknown) => { if (!(error instanceof BusUnavailable)) failures.push(error); });
      }
      // While the bus is away nobody is seen missing, and the count begins anew when it is back.
      missingSince = stillMissing;
      // What failed for one tenant kept it from no other, and is said now.
      if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} tenants: ${String(failures[0])}`);
    },
  };
}

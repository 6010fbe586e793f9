import type { Bus, InboxEntry, Owner } from '@csms/domain';
import { BusUnavailable } from '@csms/domain/command/bus-unavailable';
import { standardTiming, type BusTiming } from '../bus-timing.ts';
import { createWakeCoalescer } from '../wake-coalescer.ts';

interface Lease { onLost: () => void; aliveUntilMs: number }

/**
 * A bus in this process's memory, for unit tests and the simulation; several processes' views of it share one server. It passes the suite of the
 * real adapters.
 */
export class MemoryBusServer {
  readonly #owners = new Map<string, { owner: Owner; connectedAtMs: number; held: boolean }>();
  readonly #leases = new Map<string, Lease>();
  readonly #readers = new Map<string, (entry: InboxEntry) => void>();
  readonly #unread = new Map<string, InboxEntry[]>();
  readonly #windows = new Map<string, { count: number; endsMs: number }>();
  readonly #wakeListeners = new Set<(tenantId: string) => void>();
  readonly #healthListeners = new Set<(healthy: boolean) => void>();
  #away = false;
  sent: { to: string; entry: InboxEntry }[] = [];

  /** The bus goes, or comes back. */
  setAway(away: boolean): void {
    this.#away = away;
    for (const listener of [...this.#healthListeners]) listener(!away);
  }

  /** FLUSHALL: the lease holders are told, as they are at their next renewal. */
  forgetAll(): void {
    this.#owners.clear();
    this.#windows.clear();
    this.#unread.clear();
    for (const { onLost } of [...this.#leases.values()]) onLost();
  }

  view(given: Partial<BusTiming> = {}): Bus {
    const timing = { ...standardTiming, ...given };
    const ends: (() => void)[] = [];
    const up = (operation: string): void => { if (this.#away) throw new BusUnavailable(operation); };
    const isAlive = (gateway: string): boolean => (this.#leases.get(gateway)?.aliveUntilMs ?? 0) > Date.now();
    const ownerNow = (tenantId: string, stationId: string): Owner | null => {
      const entry = this.#owners.get(`${tenantId}/${stationId}`);
      return entry?.held && isAlive(entry.owner.gateway) ? entry.owner : null;
    };
    const wakes = createWakeCoalescer(50, async (tenantId) => { for (const listener of [...this.#wakeListeners]) listener(tenantId); });
    ends.push(() => wakes.close());
    return {
      kind: 'postgres',
      healthy: () => !this.#away,
      onHealth: (listener) => {
        this.#healthListeners.add(listener);
        const end = (): void => void this.#healthListeners.delete(listener);
        ends.push(end);
        return end;
      },
      claim: async ({ tenantId, stationId, gateway, socketId, connectedAt, epochAbove = null }) => {
        up('claim');
        const key = `${tenantId}/${stationId}`;
        const known = this.#owners.get(key);
        // A clock that is far ahead of ours says nothing of who came later.
        const knownAtMs = Math.min(known?.connectedAtMs ?? 0, Date.now());
        if (known && knownAtMs > connectedAt.getTime() + (epochAbove === null ? 2_000 : 0)) return { outcome: 'superseded' };
        const epoch = [BigInt(Date.now()), (known?.owner.epoch ?? 0n) + 1n, (epochAbove ?? 0n) + 1n].reduce((a, b) => (a > b ? a : b));
        const previous = ownerNow(tenantId, stationId);
        this.#owners.set(key, { owner: { gateway, socketId, epoch }, connectedAtMs: connectedAt.getTime(), held: true });
        return { outcome: 'claimed', epoch, previous };
      },
      release: async (tenantId, stationId, epoch) => {
        up('release');
        const known = this.#owners.get(`${tenantId}/${stationId}`);
        if (!known?.held || known.owner.epoch !== epoch) return false;
        known.held = false;
        return true;
      },
      ownerOf: async (tenantId, stationId) => { up('ownerOf'); return ownerNow(tenantId, stationId); },
      ownersOf: async (tenantId, stationIds) => {
        up('ownersOf');
        return new Map(stationIds.flatMap((id) => { const owner = ownerNow(tenantId, id); return owner ? [[id, owner] as const] : []; }));
      },
      leasesAlive: async (gateways) => { up('leasesAlive'); return new Set(gateways.filter(isAlive)); },
      holdLease: async (gateway, onLost) => {
        const renew = (first: boolean): void => {
          if (this.#away) return;
          const gap = !isAlive(gateway);
          this.#leases.set(gateway, { onLost, aliveUntilMs: Date.now() + timing.leaseMs });
          if (gap && !first) onLost();
        };
        renew(true);
        const renewing = setInterval(() => renew(false), timing.renewMs);
        renewing.unref();
        // A process that is gone renews no more; its lease lasts its time.
        ends.push(() => clearInterval(renewing));
        return async () => { clearInterval(renewing); this.#leases.delete(gateway); };
      },
      send: async (to, entry) => {
        up('send');
        this.sent.push({ to, entry });
        const reader = this.#readers.get(to);
        if (reader) reader(entry);
        else this.#unread.set(to, [...(this.#unread.get(to) ?? []), entry]);
      },
      receive: async (name, onEntry) => {
        this.#readers.set(name, onEntry);
        for (const entry of this.#unread.get(name) ?? []) onEntry(entry);
        this.#unread.delete(name);
        const end = (): void => { if (this.#readers.get(name) === onEntry) this.#readers.delete(name); };
        ends.push(end);
        return async () => end();
      },
      wake: async (tenantId) => { up('wake'); await wakes.wake(tenantId); },
      onWake: async (listener) => {
        this.#wakeListeners.add(listener);
        const end = (): void => void this.#wakeListeners.delete(listener);
        ends.push(end);
        return async () => end();
      },
      countInWindow: async (key, windowMs) => {
        up('countInWindow');
        const now = Date.now();
        const known = this.#windows.get(key);
        const window = known && known.endsMs > now ? known : { count: 0, endsMs: now + windowMs };
        window.count += 1;
        this.#windows.set(key, window);
        return window.count;
      },
      close: async () => { for (const end of ends.splice(0)) end(); },
    };
  }
}

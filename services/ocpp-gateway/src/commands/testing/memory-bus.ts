import type { Bus, InboxEntry, Owner } from '@csms/domain';
import { BusUnavailable } from '@csms/domain/command/bus-unavailable';

/** A bus in this process's memory for unit tests; several processes' views of it share one MemoryBusServer. Leases last while they are held. */
export class MemoryBusServer {
  #owners = new Map<string, { owner: Owner; connectedAtMs: number; held: boolean }>();
  #leases = new Map<string, () => void>();
  #inboxes = new Map<string, (entry: InboxEntry) => void>();
  #counts = new Map<string, number>();
  #healthListeners = new Set<(healthy: boolean) => void>();
  #away = false;
  #clock = 1_000n;
  sent: { to: string; entry: InboxEntry }[] = [];

  /** The bus goes, or comes back. */
  setAway(away: boolean): void {
    this.#away = away;
    for (const listener of [...this.#healthListeners]) listener(!away);
  }

  /** FLUSHALL: the lease holders are told, as they are at their next renewal. */
  forgetAll(): void {
    this.#owners.clear();
    this.#counts.clear();
    for (const onLost of [...this.#leases.values()]) onLost();
  }

  /** A process that died: its lease is gone, its entries stay. */
  expire(gateway: string): void {
    this.#leases.delete(gateway);
    this.#inboxes.delete(gateway);
  }

  view(): Bus {
    const up = (operation: string): void => {
      if (this.#away) throw new BusUnavailable(operation);
    };
    const ownerOf = async (tenantId: string, stationId: string): Promise<Owner | null> => {
      up('ownerOf');
      const entry = this.#owners.get(`${tenantId}/${stationId}`);
      return entry?.held && this.#leases.has(entry.owner.gateway) ? entry.owner : null;
    };
    return {
      kind: 'postgres',
      healthy: () => !this.#away,
      onHealth: (listener) => {
        this.#healthListeners.add(listener);
        return () => void this.#healthListeners.delete(listener);
      },
      claim: async ({ tenantId, stationId, gateway, socketId, connectedAt, epochAbove }) => {
        up('claim');
        const key = `${tenantId}/${stationId}`;
        const known = this.#owners.get(key);
        if (known && known.connectedAtMs > connectedAt.getTime() + (epochAbove ? 0 : 2_000)) return { outcome: 'superseded' };
        this.#clock += 1n;
        const epoch = [this.#clock, (known?.owner.epoch ?? 0n) + 1n, (epochAbove ?? 0n) + 1n].reduce((a, b) => (a > b ? a : b));
        const previous = await ownerOf(tenantId, stationId);
        this.#owners.set(key, { owner: { gateway, socketId, epoch }, connectedAtMs: connectedAt.getTime(), held: true });
        return { outcome: 'claimed', epoch, previous };
      },
      countInWindow: async (key) => {
        up('countInWindow');
        const count = (this.#counts.get(key) ?? 0) + 1;
        this.#counts.set(key, count);
        return count;
      },
      release: async (tenantId, stationId, epoch) => {
        up('release');
        const known = this.#owners.get(`${tenantId}/${stationId}`);
        if (!known?.held || known.owner.epoch !== epoch) return false;
        known.held = false;
        return true;
      },
      ownerOf,
      ownersOf: async (tenantId, stationIds) => {
        const found = new Map<string, Owner>();
        for (const id of stationIds) {
          const owner = await ownerOf(tenantId, id);
          if (owner) found.set(id, owner);
        }
        return found;
      },
      leasesAlive: async (gateways) => {
        up('leasesAlive');
        return new Set(gateways.filter((name) => this.#leases.has(name)));
      },
      holdLease: async (gateway, onLost) => {
        this.#leases.set(gateway, onLost);
        return async () => void this.#leases.delete(gateway);
      },
      send: async (to, entry) => {
        up('send');
        this.sent.push({ to, entry });
        this.#inboxes.get(to)?.(entry);
      },
      receive: async (name, onEntry) => {
        this.#inboxes.set(name, onEntry);
        return async () => void this.#inboxes.delete(name);
      },
      wake: async () => up('wake'),
      onWake: async () => async () => undefined,
      close: async () => undefined,
    };
  }
}

/** Who holds which socket, and how to reach that process. Nothing here is a fact: FLUSHALL at any moment loses nothing. */
export interface Owner { gateway: string; socketId: string; epoch: bigint }

export interface InboxEntry {
  kind: 'command' | 'kick' | 'reply';
  tenantId: string;
  stationId: string;
  epoch: bigint;
  /** kind command: the command's id; its content is read from the ledger. */
  commandId?: string | undefined;
  /** kind reply: for whom, e.g. not-owner, done. */
  outcome?: 'done' | 'not-owner' | 'expired' | undefined;
  replyTo?: string | undefined;
}

/** Ownership with epochs: monotonic per station, also after the bus forgot everything. */
export interface OwnershipBus {
  /**
   * Claims a station for a socket. `superseded`: a newer socket owns it already, terminate yours.
   * `previous`: who held it before, to be kicked; null when it was given up or its process has no lease any more.
   * `epochAbove`: the epoch of a socket that claims again. The new one is greater, so that a socket that went on without the bus stays monotonic.
   * Between sockets that both claim again the later one wins, whichever asks first; a first claim is allowed 2 s of skew between two clocks.
   */
  claim(input: { tenantId: string; stationId: string; gateway: string; socketId: string; connectedAt: Date; epochAbove?: bigint | null }):
    Promise<{ outcome: 'claimed'; epoch: bigint; previous: Owner | null } | { outcome: 'superseded' }>;
  /** Gives a station up if this epoch still holds it; a late close of an old socket changes nothing. */
  release(tenantId: string, stationId: string, epoch: bigint): Promise<boolean>;
  /** The owner whose process still has its lease, or null. */
  ownerOf(tenantId: string, stationId: string): Promise<Owner | null>;
  /** The same for many stations of a tenant at once; who has no owner is absent from the map. Key: station id. */
  ownersOf(tenantId: string, stationIds: readonly string[]): Promise<Map<string, Owner>>;
  /** Those of the named processes whose lease is alive. */
  leasesAlive(gateways: readonly string[]): Promise<Set<string>>;
  /**
   * Keeps this process's lease alive until the returned function is called (5 s renewals, gone after 15 s). Resolves also while the bus is
   * away: the lease then begins when it comes back. `onLost`: the lease had to be made anew after a gap, so claims may be forgotten: claim again.
   */
  holdLease(gateway: string, onLost: () => void): Promise<() => Promise<void>>;
}

/** One inbox a process, under a name that is new at every start, so that a restarted process never executes old entries. */
export interface InboxBus {
  send(to: string, entry: InboxEntry): Promise<void>;
  receive(name: string, onEntry: (entry: InboxEntry) => void): Promise<() => Promise<void>>;
}

/** Wakes readers of the outbox; a lost wake-up costs latency, never an event. */
export interface WakeBus {
  wake(tenantId: string): Promise<void>;
  onWake(listener: (tenantId: string) => void): Promise<() => Promise<void>>;
}

/** How often something happened lately, counted by all processes together. Forgotten counts only make a limit milder. */
export interface RateBus {
  /** Counts one more and resolves with how many there are in the window, which begins with the first of them and lasts `windowMs`. */
  countInWindow(key: string, windowMs: number): Promise<number>;
}

export interface Bus extends OwnershipBus, InboxBus, WakeBus, RateBus {
  kind: 'postgres' | 'redis';
  healthy(): boolean;
  /** Told at each change of `healthy()`; the returned function ends it. */
  onHealth(listener: (healthy: boolean) => void): () => void;
  close(): Promise<void>;
}

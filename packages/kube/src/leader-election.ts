import { ClusterError, isConflict } from './client.ts';
import type { ClusterClient } from './client.ts';
import { pause } from './clock.ts';
import type { Clock } from './clock.ts';
import { leaseKind } from './kind.ts';
import { numberAt, stringAt } from './object.ts';
import type { KubernetesObject } from './object.ts';

/** How long a lease is believed after its last renewal that somebody saw. */
const LEASE_MS = 15_000;
/** How long its holder believes in it: what it began to write before then is over, or timed out, before anybody else may begin. */
const RENEW_WITHIN_MS = 10_000;
const TRY_EVERY_MS = 2000;

export interface ElectionOptions {
  client: Pick<ClusterClient, 'get' | 'apply'>;
  clock: Clock;
  lease: { namespace: string; name: string };
  /** New at every start of a process: a name that comes back would take its own old lease for a living one. */
  identity: string;
  onElected: () => void;
  /** Called once what held is over: by a lost lease, or by `stop`. The lease is given back only when it has resolved. */
  onLost: () => Promise<void> | void;
  onFailure?: (error: unknown) => void;
}

/**
 * One leader among processes, by a Lease (coordination.k8s.io/v1) that is written under its resource version. A lease alone does not stop
 * a slow process from writing in another's time: writes ask `leads` first (fenced-client.ts).
 */
export class LeaderElector {
  #options: ElectionOptions;
  #held: KubernetesObject | undefined;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #seen: { version: string | undefined; sinceMs: number } | undefined;
  #leading = false;
  #cancelExpiry = (): void => undefined;
  #ends = new AbortController();
  #run: Promise<void> | undefined;
  #losing: Promise<void> = Promise.resolve();

  constructor(options: ElectionOptions) {
    this.#options = options;
  }

  /** Whether this process may write now. */
  leads(): boolean {
    return this.#leading && this.#options.clock.nowMs() - this.#renewedMs < RENEW_WITHIN_MS;
  }

  start(): void {
    this.#run ??= this.#loop();
  }

  /** Ends what is led, then gives the lease back so that another process need not wait for it. */
  async stop(): Promise<void> {
    this.#ends.abort();
    await this.#run;
    const held = this.#leading ? this.#held : undefined;
    this.#lose();
    await this.#losing;
    if (held !== undefined && this.#options.clock.nowMs() - this.#renewedMs < RENEW_WITHIN_MS) await this.#write(held, '').catch((error: unknown) => this.#options.onFailure?.(error));
  }

  async #loop(): Promise<void> {
    const { clock, onFailure } = this.#options;
    const signal = this.#ends.signal;
    while (!signal.aborted) {
      try {
        await this.#try();
      } catch (error) {
        // Somebody else wrote first: what is there now is read at the next turn.
        this.#held = undefined;
        if (!isConflict(error)) onFailure?.(error);
      }
      await pause(clock, TRY_EVERY_MS * (0.8 + 0.4 * clock.random()), signal);
    }
  }

  async #try(): Promise<void> {
    const { client, clock, lease, identity } = this.#options;
    // What is still being ended must not be begun again.
    if (!this.#leading) await this.#losing;
    const held = this.#held;
    if (held !== undefined && this.#leading) return this.#take(held);
    const found = await client.get(leaseKind, lease);
    if (found === undefined) return this.#take(undefined);
    const holder = stringAt(found, 'spec', 'holderIdentity') ?? '';
    if (holder === identity || holder === '') return this.#take(found);
    if (this.#leading) this.#lose();
    const nowMs = clock.nowMs();
    // The holder's clock may be wrong: what counts is for how long we have seen nothing new.
    const seen = this.#seen !== undefined && this.#seen.version === found.metadata.resourceVersion ? this.#seen : { version: found.metadata.resourceVersion, sinceMs: nowMs };
    this.#seen = seen;
    if (nowMs - seen.sinceMs >= LEASE_MS) await this.#take(found);
  }

  async #take(found: KubernetesObject | undefined): Promise<void> {
    const { clock, onElected } = this.#options;
    const startedMs = clock.nowMs();
    this.#held = await this.#write(found, this.#options.identity);
    this.#renewedMs = startedMs;
    this.#cancelExpiry();
    this.#cancelExpiry = clock.after(startedMs + RENEW_WITHIN_MS - clock.nowMs(), () => this.#lose());
    if (this.#leading || this.#ends.signal.aborted) return;
    // Between asking and the answer so much time may have passed that the lease is nearly over.
    if (clock.nowMs() - startedMs >= RENEW_WITHIN_MS) return;
    this.#leading = true;
    onElected();
  }

  #lose(): void {
    this.#cancelExpiry();
    if (!this.#leading) return;
    this.#leading = false;
    this.#held = undefined;
    this.#losing = Promise.resolve(this.#options.onLost());
  }

  /** Writes the lease over exactly the version that was seen; a Conflict where it is another one, or where there is one already. */
  async #write(found: KubernetesObject | undefined, holder: string): Promise<KubernetesObject> {
    const { client, clock, lease, identity } = this.#options;
    const before = stringAt(found, 'spec', 'holderIdentity') ?? '';
    const transitions = found === undefined ? 0 : (numberAt(found, 'spec', 'leaseTransitions') ?? 0) + (before === holder || holder === '' ? 0 : 1);
    const now = `${new Date(clock.nowMs()).toISOString().slice(0, -1)}000Z`;
    const spec = {
      holderIdentity: holder,
      leaseDurationSeconds: holder === '' ? 1 : LEASE_MS / 1000,
      acquireTime: before === holder ? (stringAt(found, 'spec', 'acquireTime') ?? now) : now,
      renewTime: now,
      leaseTransitions: transitions,
    };
    const metadata = { ...lease, ...(found?.metadata.resourceVersion === undefined ? {} : { resourceVersion: found.metadata.resourceVersion }) };
    const written = await client.apply(leaseKind, { apiVersion: leaseKind.apiVersion, kind: leaseKind.kind, metadata, spec }, { fieldManager: `lease-${identity}`.slice(0, 128), force: found !== undefined });
    if ((stringAt(written, 'spec', 'holderIdentity') ?? '') !== holder) throw new ClusterError(409, 'Conflict', 'Another process holds the lease.');
    return written;
  }
}

import { Controller, EventRecorder, isNotOffered, pause } from '@csms/kube';
import type { Clock, ClusterClient, Outcome, Run } from '@csms/kube';
import type { BooksClient } from './books-client.ts';
import { Discovery } from './discovery.ts';
import { faultOf } from './health.ts';
import type { OperatorMetrics } from './metrics.ts';
import { booksReconciler } from './reconcile-books.ts';
import { PlatformSecrets } from './platform-secrets.ts';
import { namespaceReconciler } from './reconcile-namespace.ts';
import { poolReconciler } from './reconcile-pool.ts';
import { siteReconciler } from './reconcile-site.ts';
import { Routing } from './routing.ts';
import { FIELD_MANAGER } from './site/names.ts';
import type { Platform } from './site/platform.ts';
import { createWorld, essentialCopies } from './world.ts';
import type { World } from './world.ts';

export interface OperatorOptions {
  client: ClusterClient;
  books: BooksClient;
  platform: Platform;
  clock: Clock;
  workers: number;
  /** The only namespaces that are looked at; absent: all. */
  watchNamespaces?: readonly string[] | undefined;
  /** Which process this is: the pod's name. */
  instance: string;
  /** How often the cluster is asked which optional kinds it serves (O-31: a new one is picked up within 60 s). */
  discoveryEveryMs: number;
  metrics?: OperatorMetrics;
  /** What went wrong beside the runs of controllers: a watch, a discovery, an Event. It is tried again. */
  onFailure?: (what: string, error: unknown) => void;
  /** Every run of a controller, with the generation of the site that it was about. */
  onRun?: (run: Run & { generation?: number }) => void;
}

export interface Operator {
  world: World;
  /** Null once every copy is complete, else what is missing. */
  notReady(): string | null;
  /** What only a restart heals, in a sentence; null: nothing. */
  fault(): string | null;
  /** The controllers that run here now, and for how long each of their runs has run. */
  running(): { name: string; runningMs: number[] }[];
  /** Follows the cluster without changing anything; resolves when the copies are complete. */
  start(): Promise<void>;
  /** Begins to reconcile, everything at first. */
  lead(): void;
  /** Stops to reconcile; resolves when no run is under way any more. */
  follow(): Promise<void>;
  stop(): Promise<void>;
}

const ASK_AGAIN_MS = 2000;
/** So long a run may go on after an order to end; longer than any write may take, so that none is left in the air. */
const RUNS_END_WITHIN_MS = 4500;
/** So long the end waits for a list that is under way; the client's end cuts it. */
const COPIES_END_WITHIN_MS = 1000;

/** Wires copies, queues and reconcilers. The copies are kept by every process, the controllers run in the one that leads. */
export function createOperator(options: OperatorOptions): Operator {
  const { client, clock, workers, metrics, onFailure = () => undefined } = options;
  const events = new EventRecorder({
    client, clock, component: FIELD_MANAGER, instance: options.instance,
    // A local cluster keeps no Events, which is no news.
    onFailure: (error) => (isNotOffered(error) ? undefined : onFailure('event', error)),
  });
  const world = createWorld({ ...options, events, onChange: (kind, change) => routing.route(kind, change), onFailure: (kind, error) => onFailure(`watch ${kind}`, error), onWatch: (kind) => metrics?.watchOpened(kind) });
  const ends = new AbortController();
  let controllers: Record<'site' | 'pool' | 'namespace' | 'books' | 'secrets', Controller> | undefined;
  const routing = new Routing(world, {
    site: (key) => controllers?.site.enqueue(key),
    pool: (key) => controllers?.pool.enqueue(key),
    namespace: (key) => controllers?.namespace.enqueue(key),
    books: (key) => controllers?.books.enqueue(key),
  });
  const discovery = new Discovery(world, clock, { everyMs: options.discoveryEveryMs, changed: () => routing.all(), onFailure: (what, error) => onFailure(what, error) });
  let complete = false;

  const controller = (name: string, reconcile: (key: string) => Promise<Outcome>): Controller =>
    new Controller({
      name, workers, clock, reconcile,
      onRun: (run) => {
        const generation = world.sites.get(run.key)?.metadata.generation;
        options.onRun?.({ ...run, ...(generation === undefined ? {} : { generation }) });
      },
      ...(metrics === undefined ? {} : { metrics }),
    });
  const all = (): Controller[] => Object.values(controllers ?? {});

  return {
    world,
    running: () => all().map((each) => ({ name: each.name, runningMs: each.runningMs() })),
    fault: () => faultOf(all(), new Map([['Namespace', world.namespaces], ['ChargingSite', world.sites], ...world.copies])),
    notReady: () => (complete ? null : 'The copies of the cluster are not complete yet.'),
    start: async () => {
      for (const copy of essentialCopies(world)) copy.start();
      await Promise.race([Promise.all(essentialCopies(world).map((copy) => copy.synced)), new Promise((resolve) => ends.signal.addEventListener('abort', resolve))]);
      while (!ends.signal.aborted && !(await discovery.once())) await pause(clock, ASK_AGAIN_MS, ends.signal);
      if (ends.signal.aborted) return;
      complete = true;
      discovery.start();
    },
    lead: () => {
      const secrets = new PlatformSecrets(world);
      controllers = {
        secrets: controller('secrets', secrets.reconciler(() => routing.namespaces())),
        namespace: controller('namespace', namespaceReconciler(world, secrets)),
        pool: controller('pool', poolReconciler(world, (key) => routing.poolChanged(key))),
        site: controller('chargingsite', siteReconciler(world)),
        books: controller('books', booksReconciler(world, options.books, (key) => routing.booksChanged(key))),
      };
      routing.all();
      controllers.secrets.enqueue('platform');
      for (const each of Object.values(controllers)) each.start();
    },
    follow: async () => {
      const ending = all();
      controllers = undefined;
      await Promise.all(ending.map((each) => each.stop(RUNS_END_WITHIN_MS)));
    },
    stop: async () => {
      ends.abort();
      await Promise.all(all().map((each) => each.stop(RUNS_END_WITHIN_MS)));
      controllers = undefined;
      const enough = new AbortController();
      await Promise.race([Promise.all([discovery.stop(), ...essentialCopies(world).map((copy) => copy.stop())]), pause(clock, COPIES_END_WITHIN_MS, enough.signal)]);
      enough.abort();
    },
  };
}

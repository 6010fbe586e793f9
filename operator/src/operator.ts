import { Controller, at, refOf, stringAt } from '@csms/kube';
import type { Change, Clock, ClusterClient, ControllerMetrics, Kind } from '@csms/kube';
import { httpRouteKind, networkPolicyKind, podMonitorKind } from '@csms/kube';
import { isNotOffered } from '@csms/kube';
import type { SiteConditionType } from '@csms/contracts/charging-site/index';
import type { BooksClient } from './books-client.ts';
import { booksReconciler } from './reconcile-books.ts';
import { namespaceReconciler } from './reconcile-namespace.ts';
import { poolReconciler } from './reconcile-pool.ts';
import { siteReconciler } from './reconcile-site.ts';
import { OWNER_LABEL, ownerOf } from './site/names.ts';
import type { Platform } from './site/platform.ts';
import { createWorld, reflectorsOf } from './world.ts';
import type { World } from './world.ts';

export interface OperatorOptions {
  client: ClusterClient;
  books: BooksClient;
  platform: Platform;
  clock: Clock;
  workers: number;
  metrics?: ControllerMetrics;
  onFailure?: (what: string, error: unknown) => void;
}

export interface Operator {
  world: World;
  /** Null once every copy is complete, else what is missing. */
  notReady(): string | null;
  start(): void;
  stop(): Promise<void>;
}

const PROBE_EVERY_MS = 60_000;

/** What a component that this version does not build would need of the cluster. */
const needs: Partial<Record<SiteConditionType, Kind>> = {
  IngressReady: httpRouteKind,
  IdentityReady: { apiVersion: 'k8s.keycloak.org/v2alpha1', kind: 'KeycloakRealmImport', plural: 'keycloakrealmimports', namespaced: true },
  MonitoringReady: podMonitorKind,
  NetworkPolicyReady: networkPolicyKind,
  BackupReady: { apiVersion: 'postgresql.cnpg.io/v1', kind: 'ScheduledBackup', plural: 'scheduledbackups', namespaced: true },
};

/** Wires copies, queues and reconcilers: which change makes which key be looked at. */
export function createOperator(options: OperatorOptions): Operator {
  const { clock, workers, metrics, onFailure = () => undefined } = options;
  const world = createWorld({ ...options, onChange: (kind, change) => route(kind, change), onFailure: (kind, error) => onFailure(`watch ${kind}`, error) });
  const controller = (name: string, reconcile: ReturnType<typeof siteReconciler>): Controller =>
    new Controller({ name, workers, clock, reconcile, onFailure: (key, error) => onFailure(`${name} ${key}`, error), ...(metrics === undefined ? {} : { metrics }) });
  const sites = controller('chargingsite', siteReconciler(world));
  const pools = controller('pool', poolReconciler(world));
  const namespaces = controller('namespace', namespaceReconciler(world));
  const books = controller('books', booksReconciler(world, options.books, (key) => {
    sites.enqueue(key);
    enqueuePool(key);
  }));
  const controllers = [namespaces, pools, sites, books];
  const synced = new Set<string>();
  const ends = new AbortController();

  function enqueuePool(key: string): void {
    const pool = stringAt(world.sites.get(key), 'spec', 'gateway', 'pool') ?? 'default';
    pools.enqueue(`${refOf(key).namespace}/${pool}`);
  }

  function enqueueSitesOf(namespace: string | undefined): void {
    for (const site of world.sites.list()) if (namespace === undefined || site.metadata.namespace === namespace) sites.enqueue(`${site.metadata.namespace}/${site.metadata.name}`);
  }

  function route(kind: 'site' | 'namespace' | 'owned', change: Change): void {
    const namespace = change.object.metadata.namespace ?? change.key;
    if (kind === 'site') {
      sites.enqueue(change.key);
      // A status that we wrote ourselves is no news for pool, namespace and books.
      if (change.type === 'updated' && sameIntent(change)) return;
      books.enqueue(change.key);
      namespaces.enqueue(namespace);
      for (const object of [change.object, change.old]) if (object !== undefined) pools.enqueue(`${namespace}/${stringAt(object, 'spec', 'gateway', 'pool') ?? 'default'}`);
    } else if (kind === 'namespace') {
      // Its tenant may have changed.
      for (const { metadata } of world.sites.list()) {
        if (metadata.namespace !== change.key) continue;
        const key = `${change.key}/${metadata.name}`;
        sites.enqueue(key);
        books.enqueue(key);
        enqueuePool(key);
        namespaces.enqueue(change.key);
      }
    } else {
      const owner = ownerOf(change.object.metadata.labels?.[OWNER_LABEL]);
      if (owner?.kind === 'site') sites.enqueue(`${namespace}/${owner.name}`);
      if (owner?.kind === 'pool') pools.enqueue(`${namespace}/${owner.name}`);
      if (owner?.kind === 'namespace') namespaces.enqueue(namespace);
      // One dashboard may serve all namespaces, so its change is news for all sites.
      if (owner?.kind !== 'site') enqueueSitesOf(owner?.kind === 'namespace' ? undefined : namespace);
    }
  }

  async function probe(): Promise<void> {
    const before = JSON.stringify(world.offered);
    for (const [type, kind] of Object.entries(needs)) {
      try {
        await world.client.list(kind, { limit: 1 });
        Object.assign(world.offered, { [type]: true });
      } catch (error) {
        if (isNotOffered(error)) Object.assign(world.offered, { [type]: false });
      }
    }
    if (JSON.stringify(world.offered) !== before) enqueueSitesOf(undefined);
  }

  async function begin(): Promise<void> {
    for (const reflector of reflectorsOf(world)) reflector.start();
    // A reconcile over half a copy would prune what the other half owns.
    await Promise.all(reflectorsOf(world).map((reflector, index) => reflector.synced.then(() => synced.add(String(index)))));
    if (!ends.signal.aborted) for (const each of controllers) each.start();
    const again = (): void => {
      if (ends.signal.aborted) return;
      void probe().finally(() => {
        if (!ends.signal.aborted) ends.signal.addEventListener('abort', clock.after(PROBE_EVERY_MS, again), { once: true });
      });
    };
    again();
  }

  return {
    world,
    notReady: () => (synced.size === reflectorsOf(world).length ? null : 'The copies of the cluster are not complete yet.'),
    start: () => void begin(),
    stop: async () => {
      ends.abort();
      await Promise.all(controllers.map((each) => each.stop()));
      await Promise.all(reflectorsOf(world).map((reflector) => reflector.stop()));
    },
  };
}

function sameIntent({ object, old }: Change): boolean {
  const intent = (each: unknown): string => JSON.stringify([at(each, 'metadata', 'generation'), at(each, 'metadata', 'deletionTimestamp'), at(each, 'metadata', 'finalizers'), at(each, 'metadata', 'labels')]);
  return intent(object) === intent(old);
}

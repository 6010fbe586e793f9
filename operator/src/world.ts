import { ChargingSiteError, TENANT_LABEL, chargingSiteKind, parseChargingSite } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import { Applier, NamedNamespaces, OfferedKinds, Reflector, ReflectorPerNamespace, deploymentKind, namespaceKind } from '@csms/kube';
import type { Change, Clock, ClusterClient, EventRecorder, Followed, Kind, KubernetesObject, Refusal } from '@csms/kube';
import { Rollouts } from './rollouts.ts';
import { connectionsMetricKind, essentialKinds, optionalKindsOf } from './site/kinds.ts';
import { FIELD_MANAGER } from './site/names.ts';
import type { Namespace, Offers, Platform } from './site/platform.ts';
import { foreignHostsByNamespace } from './site/routes.ts';
import { booksOfStatus } from './site/books-of-status.ts';
import type { Books } from './site/status.ts';
import { VERSION_LABEL } from './site/versions.ts';

export interface WorldOptions {
  client: ClusterClient;
  platform: Platform;
  clock: Clock;
  events: EventRecorder;
  /** The only namespaces that are looked at; absent: all. */
  watchNamespaces?: readonly string[] | undefined;
  onChange: (kind: 'site' | 'namespace' | 'owned', change: Change) => void;
  onFailure: (kind: string, error: unknown) => void;
  onWatch?: (kind: string) => void;
}

/** What the reconcilers read: copies of the cluster's objects, what the books said last, and the platform. They share nothing else. */
export interface World {
  client: ClusterClient;
  platform: Platform;
  clock: Clock;
  events: EventRecorder;
  applier: Applier;
  rollouts: Rollouts;
  sites: Followed;
  namespaces: Followed;
  /** Of each kind that sites become and that the cluster offers: the objects that are ours, by the kind's name. */
  copies: Map<string, Followed>;
  /** A copy of a kind, which follows the cluster once it is started. */
  copyOf(kind: Kind): Followed;
  discovery: OfferedKinds;
  offers: Offers;
  /** By `namespace/name` of the site. */
  books: Map<string, Books>;
  /** What the cluster refused last by owner (`site/ns/name`, `pool/ns/name`, `namespace/ns`). */
  failures: Map<string, Refusal[]>;
  /** The hosts that a namespace's sites name and that are another's. */
  foreignHosts(namespace: string): ReadonlySet<string>;
}

/** Kinds that nothing of ours is made of, but that say something about the cluster. */
export const identityKind: Kind = { apiVersion: 'k8s.keycloak.org/v2alpha1', kind: 'KeycloakRealmImport', plural: 'keycloakrealmimports', namespaced: true };
export const backupKind: Kind = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'ScheduledBackup', plural: 'scheduledbackups', namespaced: true };
const toldBy: Kind[] = [connectionsMetricKind, identityKind, backupKind];

const NONE: ReadonlySet<string> = new Set();

/** A change of status, labels or annotations alone, as most changes of a site are: the server counts those of the spec. */
const sameSpec = ({ object, old }: Change): boolean => object.metadata.generation !== undefined && object.metadata.generation === old?.metadata.generation && object.metadata.uid === old.metadata.uid;

export function createWorld(options: WorldOptions): World {
  const { client, platform, clock, events, onChange, onFailure, onWatch, watchNamespaces } = options;
  const managed = `app.kubernetes.io/managed-by=${FIELD_MANAGER}`;
  let foreign: Map<string, Set<string>> | undefined;
  const changed = (word: 'site' | 'namespace' | 'owned') => (change: Change): void => {
    if (word === 'site' && !sameSpec(change)) foreign = undefined;
    onChange(word, change);
  };
  const reflect = (kind: Kind, word: 'site' | 'namespace' | 'owned', labelSelector?: string): Followed => {
    const given = { client, kind, labelSelector, clock, onChange: changed(word), onFailure: (error: unknown) => onFailure(kind.kind, error), onWatch: () => onWatch?.(kind.kind) };
    return watchNamespaces === undefined ? new Reflector(given) : new ReflectorPerNamespace(watchNamespaces, given);
  };
  const copyOf = (kind: Kind): Followed => reflect(kind, 'owned', managed);
  const copies = new Map(essentialKinds.map((kind) => [kind.kind, copyOf(kind)]));
  const discovery = new OfferedKinds(client, [...optionalKindsOf(platform), ...toldBy]);
  const reserved = new Set([...platform.reservedHosts, new URL(platform.oidc.issuer).hostname]);
  const world: World = {
    client,
    platform,
    clock,
    events,
    applier: new Applier({ client, fieldManager: FIELD_MANAGER, copies }),
    rollouts: new Rollouts(client, () => copies.get(deploymentKind.kind), platform.rollouts.maxConcurrent),
    sites: reflect(chargingSiteKind, 'site'),
    namespaces: watchNamespaces === undefined ? reflect(namespaceKind, 'namespace') : new NamedNamespaces({ client, names: watchNamespaces, clock, onChange: changed('namespace'), onFailure: (error) => onFailure('Namespace', error) }),
    copies,
    copyOf,
    discovery,
    offers: (kind) => copies.has(kind.kind) || (toldBy.includes(kind) && discovery.has(kind)),
    books: new Map(),
    failures: new Map(),
    foreignHosts: (namespace) => {
      foreign ??= foreignHostsByNamespace(world.sites.list().flatMap((object) => {
        const site = readSite(object);
        return site instanceof ChargingSiteError ? [] : [site];
      }), reserved);
      return foreign.get(namespace) ?? NONE;
    },
  };
  return world;
}

/** The copies without which nothing can be said; all others come and go with what the cluster offers. */
export const essentialCopies = (world: World): Followed[] => [world.namespaces, world.sites, ...essentialKinds.flatMap((kind) => world.copies.get(kind.kind) ?? [])];

/** An object of ours by its key, or undefined also where the cluster does not offer the kind. */
export const ours = (world: World, kind: Kind, key: string): KubernetesObject | undefined => world.copies.get(kind.kind)?.get(key);

/** The version that an object of ours was last told to run; undefined where it is not there, or the platform does not say. */
export const runningVersion = (world: World, kind: Kind, key: string): string | undefined => ours(world, kind, key)?.metadata.labels?.[VERSION_LABEL];

/** All objects of ours in a namespace of one kind. */
export const oursIn = (world: World, kind: Kind, namespace: string): KubernetesObject[] =>
  world.copies.get(kind.kind)?.list().filter(({ metadata }) => metadata.namespace === namespace) ?? [];

/** What the books said of a site last: to this process, else to the one before it. */
export const booksOf = (world: World, site: ChargingSite): Books => world.books.get(`${site.metadata.namespace}/${site.metadata.name}`) ?? booksOfStatus(site.status);

export const nowOf = (world: World): string => new Date(world.clock.nowMs()).toISOString();

/** Whose a namespace is. */
export function namespaceOf(world: World, name: string): Namespace {
  return { name, tenant: world.namespaces.get(name)?.metadata.labels?.[TENANT_LABEL] ?? name };
}

/** Whether the namespace goes as a whole: nothing can be made in it any more, and all of it is deleted without us. */
export const isEnding = (world: World, namespace: string): boolean => world.namespaces.get(namespace)?.metadata.deletionTimestamp !== undefined;

/** The sites of a namespace in the order of their names, and whether there is one that breaks a rule. */
export function sitesOf(world: World, namespace: string): { sites: ChargingSite[]; invalid: boolean } {
  const read = world.sites.list().filter((object) => object.metadata.namespace === namespace).map(readSite);
  const sites = read.flatMap((each) => (each instanceof ChargingSiteError ? [] : [each]));
  sites.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return { sites, invalid: sites.length < read.length };
}

/** An object of a copy never changes: a new version is a new object. So what was read from it holds as long as it lives. */
const alreadyRead = new WeakMap<KubernetesObject, ChargingSite | ChargingSiteError>();

/** The site of an object, or why it is none. */
export function readSite(object: KubernetesObject): ChargingSite | ChargingSiteError {
  const before = alreadyRead.get(object);
  if (before !== undefined) return before;
  const read = parsed(object);
  alreadyRead.set(object, read);
  return read;
}

function parsed(object: KubernetesObject): ChargingSite | ChargingSiteError {
  try {
    return parseChargingSite(object, { unknownFields: 'ignore' });
  } catch (error) {
    if (error instanceof ChargingSiteError) return error;
    throw error;
  }
}

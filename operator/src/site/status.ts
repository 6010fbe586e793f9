import { countedConditions, siteConditions } from '@csms/contracts/charging-site/reasons';
import type { SiteConditionType, SiteReason } from '@csms/contracts/charging-site/reasons';
import type { ChargingSite, ChargingSiteStatus } from '@csms/contracts/charging-site/schema';
import { datedConditions } from '@csms/kube/conditions';
import type { Finding } from '@csms/kube/conditions';
import { dashboardUrl } from './dashboard.ts';
import { PAUSED_ANNOTATION, selectorOf } from './names.ts';
import type { ComponentFailures } from './failures.ts';
import type { Namespace, Platform } from './platform.ts';
import { upToDate } from './up-to-date.ts';
import type { ObservedVersions } from './up-to-date.ts';

/** How far a Deployment is; undefined where there is none. */
export interface Rollout {
  desired: number;
  ready: number;
  /** Why pods cannot be made, in the cluster's words; absent where nothing stands against them. */
  refused?: string;
}

/** What the API said about a site last. */
export type Books =
  | { state: 'pending' }
  | { state: 'unreachable' | 'refused' | 'cleanup'; message: string; facts?: BooksFacts }
  | { state: 'written'; facts: BooksFacts };

export interface BooksFacts {
  stations: number;
  connectedStations: number;
  training: { lastSuccess: string | null; status: string; model: { kind: string; rmse: number | null; skill: number | null } | null };
}

/** Everything that a status is made from. */
export interface Observed {
  gateways: Rollout | undefined;
  dashboard: Rollout | undefined;
  trainers: { daily: boolean; deep: boolean };
  books: Books;
  /** What the cluster refused last, by component. */
  failures: ComponentFailures;
  /** Whether the cluster has what a component needs that not every cluster has. */
  offered: Partial<Record<SiteConditionType, boolean>>;
  /** Whether all objects of such a component are in the cluster. */
  inPlace: { MonitoringReady: boolean; NetworkPolicyReady: boolean };
  /** The hosts that the site names and the platform leads to it: those that another namespace's site had before, and one sentence for each thing that is not ready. */
  routes: { wanted: string[]; foreign: string[]; waiting: string[] };
  paused: boolean;
  versions: ObservedVersions;
}

/** The resource's own bound. */
const MESSAGE_CHARACTERS_MAX = 1000;

type SiteFinding = Finding<SiteReason> & { type: SiteConditionType };
type Check = (observed: Observed) => SiteFinding;

const finding = (type: SiteConditionType, status: Finding['status'], reason: SiteReason, message: string): SiteFinding => ({ type, status, reason, message });

const refused = (type: SiteConditionType, { reason, message }: { reason: SiteReason; message: string }): SiteFinding => finding(type, 'False', reason, message.slice(0, MESSAGE_CHARACTERS_MAX));

const withRefusal = (message: string, { refused: why }: Rollout): string => (why === undefined ? message : `${message} The cluster refuses to make pods: ${why}`.slice(0, MESSAGE_CHARACTERS_MAX));

const booksReady: Check = ({ books }) => {
  if (books.state === 'written') return finding('BooksReady', 'True', 'BooksWritten', 'The API knows the site as it is described here.');
  if (books.state === 'pending') return finding('BooksReady', 'Unknown', 'BooksPending', 'The site has not been written into the books yet.');
  const reason = { unreachable: 'BooksUnreachable', refused: 'BooksRefused', cleanup: 'BooksCleanupPending' } as const;
  return finding('BooksReady', 'False', reason[books.state], books.message);
};

const gatewayAvailable: Check = ({ gateways, failures }) => {
  if (failures.GatewayAvailable !== undefined) return refused('GatewayAvailable', failures.GatewayAvailable);
  if (gateways === undefined) return finding('GatewayAvailable', 'False', 'GatewaysMissing', 'The pool has no gateways yet.');
  const counts = `${gateways.ready} of ${gateways.desired} gateways of the pool are ready.`;
  return gateways.ready >= gateways.desired ? finding('GatewayAvailable', 'True', 'GatewaysReady', counts) : finding('GatewayAvailable', 'False', 'GatewaysStarting', withRefusal(counts, gateways));
};

const dashboardAvailable: Check = ({ dashboard, failures }) => {
  if (failures.DashboardAvailable !== undefined) return refused('DashboardAvailable', failures.DashboardAvailable);
  if (dashboard === undefined) return finding('DashboardAvailable', 'False', 'DashboardMissing', 'There is no dashboard yet.');
  return dashboard.ready > 0
    ? finding('DashboardAvailable', 'True', 'DashboardReady', 'The dashboard answers.')
    : finding('DashboardAvailable', 'False', 'DashboardStarting', withRefusal('The dashboard is not ready yet.', dashboard));
};

const trainerScheduled: Check = ({ trainers, failures }) => {
  if (failures.TrainerScheduled !== undefined) return refused('TrainerScheduled', failures.TrainerScheduled);
  return trainers.daily && trainers.deep
    ? finding('TrainerScheduled', 'True', 'TrainersScheduled', 'The daily and the deep run are scheduled.')
    : finding('TrainerScheduled', 'False', 'TrainersMissing', `The ${trainers.daily ? 'deep' : 'daily'} run is not scheduled yet.`);
};

/** The components that count for Ready. */
const checks: { readonly [Type in (typeof countedConditions)[number]]: Check } = { BooksReady: booksReady, GatewayAvailable: gatewayAvailable, DashboardAvailable: dashboardAvailable, TrainerScheduled: trainerScheduled };
const counted: Check[] = countedConditions.map((type) => checks[type]);

const ingressReady: Check = ({ routes, failures, offered }) => {
  if (offered.IngressReady !== true) return skipped('IngressReady');
  const [other] = routes.foreign;
  if (other !== undefined) return finding('IngressReady', 'False', 'HostConflict', `The host ${other} belongs to the platform itself, or to an older site of another namespace.`);
  if (failures.IngressReady !== undefined) return refused('IngressReady', failures.IngressReady);
  if (routes.wanted.length === 0) return finding('IngressReady', 'Unknown', 'NotNeeded', 'The site names no host that the platform leads to it.');
  return routes.waiting.length === 0
    ? finding('IngressReady', 'True', 'RoutesReady', `${routes.wanted.join(', ')} ${routes.wanted.length === 1 ? 'leads' : 'lead'} to the site.`)
    : finding('IngressReady', 'False', 'RoutesPending', routes.waiting.join(' ').slice(0, MESSAGE_CHARACTERS_MAX));
};

const objectsInPlace =
  (type: 'MonitoringReady' | 'NetworkPolicyReady'): Check =>
  ({ inPlace, failures, offered }) => {
    const failure = failures[type];
    if (offered[type] !== true) return skipped(type);
    if (failure !== undefined) return refused(type, failure);
    return inPlace[type] ? finding(type, 'True', 'Applied', 'All its objects are in the cluster.') : finding(type, 'False', 'NotApplied', 'Its objects are not in the cluster yet.');
  };

/** What does not exist in every cluster: it counts for Ready where the cluster offers it and the site needs it. */
const optional: Check[] = [ingressReady, (observed) => unmanaged('IdentityReady', observed), objectsInPlace('MonitoringReady'), objectsInPlace('NetworkPolicyReady'), (observed) => unmanaged('BackupReady', observed)];

const skipped = (type: SiteConditionType): SiteFinding => finding(type, 'Unknown', 'Skipped', 'This cluster does not offer what it needs.');
const unmanaged = (type: SiteConditionType, { offered }: Observed): SiteFinding =>
  offered[type] === true ? finding(type, 'Unknown', 'NotManaged', 'This version of the operator does not manage it.') : skipped(type);

/** The status of a site from what was observed. `now` is RFC 3339; conditions that did not flip keep their time. */
export function status(site: ChargingSite, namespace: Namespace, platform: Platform, observed: Observed, now: string): ChargingSiteStatus {
  const findings = [...counted.map((check) => check(observed)), ...optional.map((check) => check(observed))];
  const missing = findings.filter((each, index) => each.status === 'False' || (each.status === 'Unknown' && index < counted.length));
  const ready = observed.paused
    ? finding('Ready', 'Unknown', 'Paused', `The annotation ${PAUSED_ANNOTATION} is set: the operator changes nothing of the site and of what it shares.`)
    : missing.length === 0
      ? finding('Ready', 'True', 'AllComponentsReady', 'Everything that the site needs is ready.')
      : finding('Ready', 'False', 'ComponentNotReady', `Not ready: ${missing.map((each) => each.type).join(', ')}.`);
  const generation = site.metadata.generation ?? 0;
  const { gateway, dashboard, trainer } = observed.versions;
  const versions = Object.fromEntries(Object.entries({ gateway, dashboard, trainer }).filter(([, version]) => version !== undefined));
  const all: SiteFinding[] = [ready, ...findings, upToDate(site, platform, observed.versions)];
  const facts = 'facts' in observed.books ? observed.books.facts : undefined;
  return {
    observedGeneration: generation,
    conditions: datedConditions(site.status?.conditions ?? [], all, generation, now),
    gateway: {
      ...(observed.gateways === undefined ? {} : { replicas: observed.gateways.desired, readyReplicas: observed.gateways.ready }),
      ...(facts === undefined ? {} : { connectedStations: facts.connectedStations, stations: facts.stations }),
      selector: poolSelector(site.spec.gateway.pool),
      endpoint: ocppEndpoint(site, namespace, platform),
    },
    dashboard: { url: dashboardUrl(site, platform) },
    ...(Object.keys(versions).length === 0 ? {} : { versions }),
    ...(facts === undefined ? {} : { training: trainingOf(facts) }),
  };
}

/** The status of a site whose spec breaks a rule: one sentence, and whatever was there before it. */
export function invalidStatus(before: ChargingSiteStatus | undefined, generation: number, message: string, now: string): ChargingSiteStatus {
  const old = before?.conditions ?? [];
  const kept = old.filter((condition) => condition.type !== 'Ready' && condition.type in siteConditions);
  const ready = datedConditions(old, [finding('Ready', 'False', 'InvalidSpec', message)], generation, now);
  return { ...before, observedGeneration: generation, conditions: [...ready, ...kept] };
}

/** The pods of a pool's gateways, as a label selector. */
const poolSelector = (name: string): string => Object.entries(selectorOf('ocpp-gateway', { kind: 'pool', name })).map(([label, value]) => `${label}=${value}`).join(',');

/** What a charger is told; its identity follows after a slash. The tenant is left out at a host of the site's own, where gateways take who names none for this tenant's. */
export function ocppEndpoint(site: ChargingSite, namespace: Namespace, platform: Platform): string {
  const { host } = site.spec.ocpp;
  if (platform.mode === 'lab' || host === undefined) return `${platform.ocpp.endpoint}/${namespace.tenant}`;
  const isDefault = (platform.defaultTenant ?? namespace.tenant) === namespace.tenant;
  return isDefault ? `wss://${host}/ocpp` : `wss://${host}/ocpp/${namespace.tenant}`;
}

function trainingOf({ training }: BooksFacts): ChargingSiteStatus['training'] {
  const { lastSuccess, model } = training;
  return {
    status: training.status,
    ...(lastSuccess === null ? {} : { lastSuccess }),
    ...(model === null ? {} : { model: { kind: model.kind, ...(model.rmse === null ? {} : { rmse: model.rmse }), ...(model.skill === null ? {} : { skill: model.skill }) } }),
  };
}

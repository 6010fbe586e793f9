import type { ChargingSite } from '@csms/contracts/charging-site/index';
import {
  at, certificateKind, cronJobKind, deploymentKind, httpRouteKind, ingressKind, keyOf, listAt, networkPolicyKind, numberAt, serviceMonitorKind, stringAt, tlsRouteKind,
} from '@csms/kube';
import type { KubernetesObject, Kind } from '@csms/kube';
import { dashboardNamespace } from './site/dashboard.ts';
import { failuresByComponent } from './site/failures.ts';
import { DASHBOARD_NAME, gatewayName, gatewayTlsName, isPaused, trainerName } from './site/names.ts';
import type { Observed, Rollout } from './site/status.ts';
import { compareVersions, imagesOf, wishOf } from './site/versions.ts';
import { backupKind, booksOf, identityKind, ours, oursIn, runningVersion, sitesOf } from './world.ts';
import type { World } from './world.ts';

/** Reads what a status is made from out of the copies. */
export function observe(world: World, site: ChargingSite): Observed {
  const { namespace, name } = site.metadata;
  const key = keyOf(site.metadata);
  const pool = site.spec.gateway.pool;
  const { offers, failures } = world;
  const scheduled = (run: 'daily' | 'deep'): boolean => ours(world, cronJobKind, `${namespace}/${trainerName(name, run)}`) !== undefined;
  return {
    gateways: rolloutOf(ours(world, deploymentKind, `${namespace}/${gatewayName(pool)}`)),
    dashboard: rolloutOf(ours(world, deploymentKind, `${dashboardNamespace(namespace, world.platform)}/${DASHBOARD_NAME}`)),
    trainers: { daily: scheduled('daily'), deep: scheduled('deep') },
    books: booksOf(world, site),
    failures: failuresByComponent({ pool: failures.get(`pool/${namespace}/${pool}`), namespace: failures.get(`namespace/${namespace}`), site: failures.get(`site/${key}`) }),
    offered: {
      IngressReady: offers(httpRouteKind) || offers(tlsRouteKind) || offers(ingressKind),
      IdentityReady: offers(identityKind),
      MonitoringReady: offers(serviceMonitorKind),
      NetworkPolicyReady: offers(networkPolicyKind),
      BackupReady: offers(backupKind),
    },
    inPlace: {
      MonitoringReady: oursIn(world, serviceMonitorKind, namespace).length > 0,
      NetworkPolicyReady: ours(world, networkPolicyKind, `${namespace}/${gatewayName(pool)}`) !== undefined,
    },
    routes: routesOf(world, site),
    paused: isPaused(site),
    versions: versionsOf(world, site),
  };
}

/** What the programs of a site were last told to run, and which other site of its pool holds them back. */
function versionsOf(world: World, site: ChargingSite): Observed['versions'] {
  const { namespace, name } = site.metadata;
  const { platform } = world;
  const wish = wishOf(site, platform);
  const deployment = `${namespace}/${gatewayName(site.spec.gateway.pool)}`;
  const others = sitesOf(world, namespace).sites.filter((each) => each.spec.gateway.pool === site.spec.gateway.pool && each.metadata.name !== name && each.metadata.deletionTimestamp === undefined);
  const held = others.flatMap((each) => {
    const version = wishOf(each, platform);
    const holds = version !== undefined && wish !== undefined && imagesOf(version, platform) !== undefined && (compareVersions(version, wish) ?? 0) < 0;
    return holds ? [{ site: each.metadata.name, version }] : [];
  });
  held.sort((a, b) => compareVersions(a.version, b.version) ?? 0);
  return {
    gateway: runningVersion(world, deploymentKind, deployment),
    dashboard: runningVersion(world, deploymentKind, `${dashboardNamespace(namespace, platform)}/${DASHBOARD_NAME}`),
    trainer: runningVersion(world, cronJobKind, `${namespace}/${trainerName(name, 'daily')}`),
    waits: world.rollouts.waits(deployment),
    waitsFor: world.rollouts.waitsFor(deployment) ?? [],
    heldBy: held[0],
  };
}

/** Ready counts only once the Deployment's controller has seen the spec that asks for this many. */
function rolloutOf(deployment: KubernetesObject | undefined): Rollout | undefined {
  if (deployment === undefined) return undefined;
  const seen = (numberAt(deployment, 'status', 'observedGeneration') ?? 0) >= (deployment.metadata.generation ?? 0);
  const refused = listAt(deployment, 'status', 'conditions').find((each) => stringAt(each, 'type') === 'ReplicaFailure' && stringAt(each, 'status') === 'True');
  return {
    desired: numberAt(deployment, 'spec', 'replicas') ?? 1,
    ready: seen ? (numberAt(deployment, 'status', 'readyReplicas') ?? 0) : 0,
    ...(refused === undefined ? {} : { refused: stringAt(refused, 'message') || stringAt(refused, 'reason') || 'it does not say why.' }),
  };
}

/** How far the routes and certificates are of the hosts that a site names, where the platform sees to them. */
function routesOf(world: World, site: ChargingSite): Observed['routes'] {
  const { platform } = world;
  const { namespace } = site.metadata;
  const { dashboard, ocpp, gateway } = site.spec;
  const routed = platform.mode === 'production' && platform.routes !== undefined;
  const byGateway = platform.routes?.gateway !== undefined;
  const pages = byGateway && world.offers(httpRouteKind) ? httpRouteKind : ingressKind;
  const wanted: { host: string; kind: Kind; certificate?: string }[] = [
    ...(routed && dashboard.host !== undefined && world.offers(pages) ? [{ host: dashboard.host, kind: pages }] : []),
    ...(routed && ocpp.host !== undefined && byGateway && world.offers(tlsRouteKind) ? [{ host: ocpp.host, kind: tlsRouteKind }] : []),
  ];
  const foreignHosts = world.foreignHosts(namespace);
  const waiting = wanted.flatMap(({ host, kind }) => {
    const route = oursIn(world, kind, namespace).find((each) => hostsOf(each).includes(host));
    return route === undefined ? [`The host ${host} has no route yet.`] : refusedConditions(route);
  });
  const certificate = ours(world, certificateKind, `${namespace}/${gatewayTlsName(gateway.pool)}`);
  const issued = certificate === undefined ? undefined : listAt(certificate, 'status', 'conditions').find((each) => stringAt(each, 'type') === 'Ready');
  if (certificate !== undefined && ocpp.host !== undefined && stringAt(issued, 'status') !== 'True') waiting.push(`The certificate of ${ocpp.host} is not there yet: ${stringAt(issued, 'message') ?? 'cert-manager has not looked at it'}.`);
  return { wanted: wanted.map(({ host }) => host), foreign: [dashboard.host, ocpp.host].flatMap((host) => (host !== undefined && foreignHosts.has(host) ? [host] : [])), waiting };
}

const hostsOf = (route: KubernetesObject): unknown[] => [...listAt(route, 'spec', 'hostnames'), ...listAt(route, 'spec', 'rules').map((rule) => at(rule, 'host'))];

/** What the parents of a route say against it. One that has not said anything yet holds nothing up: not every implementation reports. */
function refusedConditions(route: KubernetesObject): string[] {
  const conditions = listAt(route, 'status', 'parents').flatMap((parent) => listAt(parent, 'conditions'));
  return conditions.filter((each) => stringAt(each, 'status') === 'False').map((each) => `${route.kind} ${route.metadata.name}: ${stringAt(each, 'message') || stringAt(each, 'reason')}.`);
}

import {
  certificateKind, configMapKind, cronJobKind, deploymentKind, horizontalPodAutoscalerKind, httpRouteKind, ingressKind, networkPolicyKind, podDisruptionBudgetKind, prometheusRuleKind, roleBindingKind, roleKind,
  scaledObjectKind, serviceAccountKind, serviceKind, serviceMonitorKind, tlsRouteKind,
} from '@csms/kube/kind';
import type { Kind } from '@csms/kube/kind';
import type { Offers, Platform } from './platform.ts';

/*
 * The kinds of objects that follow from sites, by whom they belong to; prune looks through them. Deployment and CronJob are there in
 * every cluster; all others are looked for, and left out while they are not served.
 */
export const siteKinds: Kind[] = [cronJobKind];
export const poolKinds: Kind[] = [deploymentKind, serviceKind, serviceAccountKind, horizontalPodAutoscalerKind, scaledObjectKind, podDisruptionBudgetKind, networkPolicyKind, certificateKind, tlsRouteKind];
/** What is taken away of a pool without sites: while its last gateways drain, what they may reach stays open, so that a stop that comes meanwhile goes to the books. */
export const poolKindsToPrune = (draining: boolean): Kind[] => (draining ? poolKinds.filter((kind) => kind !== networkPolicyKind) : poolKinds);
export const namespaceKinds: Kind[] = [
  deploymentKind, serviceKind, serviceAccountKind, podDisruptionBudgetKind, networkPolicyKind, httpRouteKind, ingressKind, certificateKind, serviceMonitorKind, prometheusRuleKind, configMapKind, roleKind, roleBindingKind,
];

export const essentialKinds: Kind[] = [deploymentKind, cronJobKind];
const optionalKinds: Kind[] = [...new Set([...siteKinds, ...poolKinds, ...namespaceKinds])].filter((kind) => !essentialKinds.includes(kind));

/** The kinds that are made where the cluster offers them; roles only where the platform gives tenants access, because to make one takes great rights. */
export function optionalKindsOf(platform: Platform): Kind[] {
  const gives = platform.access.viewers !== undefined || platform.access.editors !== undefined;
  return optionalKinds.filter((kind) => gives || (kind !== roleKind && kind !== roleBindingKind));
}

/** By this name, in this API, autoscalers ask how many stations hang on a gateway: of the operator itself, or of an adapter of Prometheus that somebody set up so. */
export const CONNECTIONS_METRIC = 'ocpp_connections';
export const METRICS_API_VERSION = 'custom.metrics.k8s.io/v1beta2';
/** Not an object: that metric. */
export const connectionsMetricKind: Kind = { apiVersion: METRICS_API_VERSION, kind: 'MetricValueList', plural: `pods/${CONNECTIONS_METRIC}`, namespaced: true };

/** A cluster with everything; what goldens are made for. */
export const offersAll: Offers = () => true;
/** A cluster with Deployments and CronJobs alone, as the local one. */
export const offersEssentials: Offers = (kind) => essentialKinds.includes(kind);

import type { SiteConditionType, SiteReason } from './reasons.ts';

/** Which conditions carry a reason, and what whoever runs the platform does about it. */
export interface ReasonGuide {
  conditions: readonly SiteConditionType[];
  todo: string;
}

const NOTHING = 'Nothing.';
const applied: readonly SiteConditionType[] = ['GatewayAvailable', 'DashboardAvailable', 'TrainerScheduled', 'IngressReady', 'MonitoringReady', 'NetworkPolicyReady'];
const optional: readonly SiteConditionType[] = ['IngressReady', 'IdentityReady', 'MonitoringReady', 'NetworkPolicyReady', 'BackupReady'];

/** One entry a reason: a condition never carries a reason that does not name it here. */
export const reasonGuide: { readonly [Reason in SiteReason]: ReasonGuide } = {
  AllComponentsReady: { conditions: ['Ready'], todo: NOTHING },
  ComponentNotReady: { conditions: ['Ready'], todo: 'Look at the conditions that the message names.' },
  InvalidSpec: { conditions: ['Ready'], todo: 'Change the field that the message names; what was there before the mistake runs on.' },
  Paused: { conditions: ['Ready'], todo: '`kubectl annotate chargingsite SITE csms.charge-it.io/paused-` when the work that it was paused for is over.' },
  BooksWritten: { conditions: ['BooksReady'], todo: NOTHING },
  BooksPending: { conditions: ['BooksReady'], todo: 'Wait some seconds. If it stays, look whether an operator leads: `kubectl --namespace csms-system get lease csms-operator`.' },
  BooksUnreachable: { conditions: ['BooksReady'], todo: 'See that the API and the issuer answer (`kubectl --namespace csms-system get pods`); the message has the address that was asked. Stations charge on meanwhile.' },
  BooksRefused: { conditions: ['BooksReady'], todo: 'Change what the API refuses; the message has its words. The next try is made by itself.' },
  BooksCleanupPending: { conditions: ['BooksReady'], todo: 'Bring the API back: the site goes as soon as its sockets are closed and its sessions kept.' },
  GatewaysReady: { conditions: ['GatewayAvailable'], todo: NOTHING },
  GatewaysStarting: { conditions: ['GatewayAvailable'], todo: 'Wait for a rollout or a new gateway. If the message tells of a refusal, change that (a quota, an admission policy). If it stays: `kubectl describe pod --selector app.kubernetes.io/component=ocpp-gateway` says whether the image, a machine or the probe is missing.' },
  GatewaysMissing: { conditions: ['GatewayAvailable'], todo: 'Wait some seconds. If it stays, the log of the leading operator says why.' },
  DashboardReady: { conditions: ['DashboardAvailable'], todo: NOTHING },
  DashboardStarting: { conditions: ['DashboardAvailable'], todo: 'As for gateways, with the component `dashboard`: its readiness asks the API and the issuer.' },
  DashboardMissing: { conditions: ['DashboardAvailable'], todo: 'Wait some seconds. If it stays, the log of the leading operator says why.' },
  TrainersScheduled: { conditions: ['TrainerScheduled'], todo: NOTHING },
  TrainersMissing: { conditions: ['TrainerScheduled'], todo: 'Wait some seconds. If it stays, the log of the leading operator says why.' },
  RoutesReady: { conditions: ['IngressReady'], todo: NOTHING },
  RoutesPending: { conditions: ['IngressReady'], todo: 'Look at the route or certificate that the message names (`kubectl describe httproute,tlsroute,ingress,certificate`): most often the DNS name does not lead here yet, or the Gateway refuses the namespace.' },
  HostConflict: { conditions: ['IngressReady'], todo: 'Give the site another host. The platform\'s own are nobody else\'s, and of two sites the older one has it.' },
  NameConflict: { conditions: applied, todo: 'Rename or delete the object that the message names; it is never adopted.' },
  ApplyFailed: { conditions: applied, todo: 'The message has what the cluster said: an admission policy, a quota, a missing right. It is tried again with growing delays, and at once when the site changes.' },
  Applied: { conditions: ['MonitoringReady', 'NetworkPolicyReady'], todo: NOTHING },
  NotApplied: { conditions: ['MonitoringReady', 'NetworkPolicyReady'], todo: 'Wait some seconds. If it stays, the log of the leading operator says why.' },
  NotNeeded: { conditions: ['IngressReady'], todo: 'Nothing; name `spec.dashboard.host` or `spec.ocpp.host` to have a route.' },
  Skipped: { conditions: optional, todo: 'Nothing, or install what offers the kind (Gateway API, cert-manager, Prometheus operator, CloudNativePG): it is picked up within a minute, without a restart.' },
  VersionRunning: { conditions: ['UpToDate'], todo: NOTHING },
  RolloutWaiting: { conditions: ['UpToDate'], todo: 'Wait. `kubectl get deployments --all-namespaces --selector app.kubernetes.io/component=ocpp-gateway` shows which pool rolls, and so does the message; one that gets no further (10 minutes without progress, or pods that are refused) gives up its place.' },
  HeldBack: { conditions: ['UpToDate'], todo: 'Raise `spec.version` of the site that the message names, or give one of them a pool of its own (`spec.gateway.pool`).' },
  DowngradeRefused: { conditions: ['UpToDate'], todo: 'Take `spec.version` away or name what runs. To take a release back, the platform’s own version goes back (`helm rollback`).' },
  VersionNotOffered: { conditions: ['UpToDate'], todo: 'Name a version that the platform offers, or offer it: `version` and `versions` of the operator’s settings.' },
  NotManaged: { conditions: ['IdentityReady', 'BackupReady', 'UpToDate'], todo: 'Nothing: identity and backups are the chart’s, and a platform that does not say which version its images are has only that one.' },
};

/** Every reason that a condition of a ChargingSite can carry, with what it tells an operator of the platform. docs/reference/conditions.md lists them. */
export const siteReasons = {
  AllComponentsReady: 'Everything that the site needs is there and ready.',
  ComponentNotReady: 'At least one component is not ready; its own condition says why.',
  InvalidSpec: 'The spec breaks a rule; nothing is retried until it is changed.',
  BooksWritten: 'The books know the site as it is described here.',
  BooksPending: 'The site has not been written into the books yet.',
  BooksUnreachable: 'The API cannot be reached; this is retried for ever, with growing delays.',
  BooksRefused: 'The API refuses the site; the message has its reason.',
  BooksCleanupPending: 'The site is being deleted and the API has not closed its sockets yet.',
  GatewaysReady: "The pool has as many ready gateways as it should have.",
  GatewaysStarting: "Some gateways of the pool aren't ready yet.",
  GatewaysMissing: 'The pool has no Deployment yet.',
  DashboardReady: 'The dashboard answers.',
  DashboardStarting: 'The dashboard is not ready yet.',
  DashboardMissing: 'There is no dashboard Deployment yet.',
  TrainersScheduled: 'The daily and the deep run are scheduled.',
  TrainersMissing: 'A run is not scheduled yet.',
  RoutesReady: 'The hosts that the site names lead to it.',
  RoutesPending: 'A route or a certificate is not ready yet; the message says which and why.',
  HostConflict: 'The host is the platform\'s own, or an older site of another namespace has it; this site gets no route for it.',
  NameConflict: "The name of an object is taken by something that is not the operator's, which is left alone; rename or delete that.",
  ApplyFailed: 'The cluster refused an object; the message has its reason.',
  Applied: 'The objects of this component are in the cluster.',
  NotApplied: 'The objects of this component are not in the cluster yet.',
  NotNeeded: 'The site asks for nothing of this component; it does not count for Ready.',
  VersionRunning: 'The programs of the site run the version that they should.',
  RolloutWaiting: 'The gateways are to be replaced and wait for their turn: few pools roll at the same time.',
  HeldBack: 'Another site that shares the gateways names an older version, and they run that.',
  DowngradeRefused: 'The site names an older version than its gateways run; the books do not go back, so neither do the programs.',
  VersionNotOffered: 'The platform does not offer the version that the site names; it runs on as it is.',
  Paused: 'The annotation csms.charge-it.io/paused is set; nothing of the site is changed until it is taken away.',
  Skipped: 'This cluster does not offer the kinds that the component needs; it is skipped and does not count for Ready.',
  NotManaged: 'This version of the operator does not manage the component; it does not count for Ready.',
} as const satisfies Record<string, string>;

export type SiteReason = keyof typeof siteReasons;

/** The conditions of a ChargingSite in the order in which they are shown. */
export const siteConditions = {
  Ready: 'All other conditions that count are True.',
  BooksReady: 'The API knows the site: stations can be registered and sessions billed.',
  GatewayAvailable: "The gateways of the site's pool run.",
  DashboardAvailable: "The dashboard of the site's namespace runs.",
  TrainerScheduled: "The site's forecasts are made on schedule.",
  IngressReady: 'Hosts lead to gateways and dashboard.',
  IdentityReady: 'People of the tenant can sign in through the identity provider of the cluster.',
  MonitoringReady: 'Metrics of the gateways are collected.',
  NetworkPolicyReady: 'Only the connections that the platform needs are open.',
  BackupReady: 'The books are backed up.',
  UpToDate: 'The programs of the site run the version that it asks for.',
} as const satisfies Record<string, string>;

export type SiteConditionType = keyof typeof siteConditions;

/** Those without which a site is not Ready in any cluster. The others are about what not every cluster has, and count where they say False. */
export const countedConditions = ['BooksReady', 'GatewayAvailable', 'DashboardAvailable', 'TrainerScheduled'] as const satisfies readonly SiteConditionType[];

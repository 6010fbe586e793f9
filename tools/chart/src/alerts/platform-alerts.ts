import type { Alert } from './alert.ts';

const DAY_S = 86_400;
const pods = 'kubectl --namespace csms-system get pods -o wide';

const certificate: Alert['runbook'] = {
  means: 'The earliest certificate of this kind ends soon: `authority` is a tenant’s own, `station` one of a charger.', impact: 'When it ends, stations that show it (or trust it) cannot connect.',
  first: ['csmsctl certificates list --expiring 30', 'kubectl --namespace csms-system get secret csms-gateway-tls -o jsonpath="{.metadata.annotations}"', 'kubectl --namespace csms-system logs -l app.kubernetes.io/component=api --since=2h | grep certificate | tail -n 30'],
  then: ['Stations renew by themselves from 30 days before the end: those listed refused or are offline. `csmsctl certificates requests --station STATION` says why.', 'A tenant’s authority: docs/certificates.md, the part on a new authority; begin now, both hold for a while.', 'cert-manager does not renew: kubectl describe certificate csms-ocpp.'],
};

/** The operator, the API's stores, and that anything is measured at all. */
export const platformAlerts: Alert[] = [
  {
    name: 'CsmsCertificateExpiring', severity: 'ticket', for: '1h', expr: `min by (kind) (csms_certificate_expiry_timestamp_seconds) - time() < 30 * ${DAY_S}`,
    summary: 'A certificate ends within 30 days', description: 'A certificate of kind {{ $labels.kind }} ends in {{ $value | humanizeDuration }}.', runbook: certificate,
    fires: { series: [{ series: 'csms_certificate_expiry_timestamp_seconds{kind="station"}', values: `${20 * DAY_S}x100` }], atMinute: 90, labels: { kind: 'station' } }, silent: { series: [{ series: 'csms_certificate_expiry_timestamp_seconds{kind="station"}', values: `${40 * DAY_S}x100` }], atMinute: 90 },
  },
  {
    name: 'CsmsCertificateExpiringSoon', severity: 'page', for: '10m', expr: `min by (kind) (csms_certificate_expiry_timestamp_seconds) - time() < 7 * ${DAY_S}`,
    summary: 'A certificate ends within a week', description: 'A certificate of kind {{ $labels.kind }} ends in {{ $value | humanizeDuration }}.', runbook: certificate,
    fires: { series: [{ series: 'csms_certificate_expiry_timestamp_seconds{kind="authority"}', values: `${3 * DAY_S}x100` }], atMinute: 30, labels: { kind: 'authority' } }, silent: { series: [{ series: 'csms_certificate_expiry_timestamp_seconds{kind="authority"}', values: `${20 * DAY_S}x100` }], atMinute: 30 },
  },
  {
    name: 'CsmsReconcileFailing', severity: 'ticket', for: '15m', expr: 'sum by (controller) (rate(controller_runtime_reconcile_errors_total[10m])) > 0\nand\nsum by (controller) (rate(controller_runtime_reconcile_total{result="success"}[10m])) == 0',
    summary: 'The operator gets nothing done', description: 'Controller {{ $labels.controller }} has only failed for 15 minutes ({{ $value | humanize }} a second).',
    runbook: {
      means: 'Every run of this controller fails.', impact: 'Changes of sites are not carried out. What runs, runs on.',
      first: ['kubectl get chargingsites --all-namespaces', 'kubectl --namespace csms-system logs deployment/csms-operator --tail=50', 'kubectl describe chargingsite SITE --namespace SITE_NAMESPACE'],
      then: ['The API refuses (401, 403): the operator’s client at the issuer; docs/operating.md, the part on Secrets.', 'The cluster refuses (403): a right is missing in its ClusterRole; was a part of the release edited by hand?', 'One site alone: its condition says what to change.'],
    },
    fires: { series: [{ series: 'controller_runtime_reconcile_errors_total{controller="site"}', values: '0+2x60' }, { series: 'controller_runtime_reconcile_total{controller="site",result="success"}', values: '5x60' }], atMinute: 40, labels: { controller: 'site' } },
    silent: { series: [{ series: 'controller_runtime_reconcile_errors_total{controller="site"}', values: '0+2x60' }, { series: 'controller_runtime_reconcile_total{controller="site",result="success"}', values: '0+1x60' }], atMinute: 40 },
  },
  {
    name: 'CsmsOperatorQueueStuck', severity: 'ticket', for: '10m', expr: 'sum by (name) (workqueue_depth) > 50',
    summary: 'The operator is behind', description: '{{ $value }} keys wait in queue {{ $labels.name }}.',
    runbook: {
      means: 'More changes than the operator works off.', impact: 'Edits of sites take effect late.',
      first: [pods, 'kubectl --namespace csms-system logs deployment/csms-operator --tail=50', 'kubectl get --raw /readyz?verbose | tail -n 5'],
      then: ['The API server is slow: wait for it; look at its own alerts.', 'Many sites: raise operator.workers.'],
    },
    fires: { series: [{ series: 'workqueue_depth{name="site"}', values: '80x20' }], atMinute: 15, labels: { name: 'site' } }, silent: { series: [{ series: 'workqueue_depth{name="site"}', values: '10x20' }], atMinute: 15 },
  },
  {
    name: 'CsmsOperatorWatchFailing', severity: 'ticket', for: '10m', expr: 'sum by (kind) (increase(csms_operator_watch_failures_total[10m])) > 10',
    summary: 'The operator cannot watch the cluster', description: '{{ $value | humanize }} watches of {{ $labels.kind }} ended in an error in ten minutes.',
    runbook: {
      means: 'The API server ends or refuses the operator’s watches.', impact: 'Changes may be seen late; each watch is begun again by itself.',
      first: ['kubectl get --raw /readyz?verbose | tail -n 5', 'kubectl --namespace csms-system logs deployment/csms-operator --tail=50', pods],
      then: ['Only one kind: its CRD was removed, or a right is missing.', 'All kinds: the API server or the network to it; with policies, networkPolicies.kubernetesPort.'],
    },
    fires: { series: [{ series: 'csms_operator_watch_failures_total{kind="Deployment"}', values: '0+3x40' }], atMinute: 30, labels: { kind: 'Deployment' } }, silent: { series: [{ series: 'csms_operator_watch_failures_total{kind="Deployment"}', values: '0x10 1x30' }], atMinute: 30 },
  },
  {
    name: 'CsmsDatabaseConnectionsWaited', severity: 'ticket', for: '10m', expr: 'max(csms_api_books_connections{state="waited_for"}) > 0',
    summary: 'Requests wait for a connection to the books', description: 'Up to {{ $value }} requests wait for a connection to PostgreSQL.',
    runbook: {
      means: 'All connections of an API process are busy.', impact: 'Requests are slow, then refused.',
      first: ["kubectl --namespace csms-system exec statefulset/csms-postgres -- psql -U postgres -c 'select state, wait_event_type, left(query, 80) from pg_stat_activity order by query_start limit 20'", 'kubectl --namespace csms-system top pods', "kubectl --namespace csms-system logs -l app.kubernetes.io/component=postgres --since=1h | grep duration: | tail -n 20"],
      then: ['A long statement holds them: end it with pg_cancel_backend, then look for its cause.', 'Locks: who holds them? A migration of an upgrade may.', 'Only many requests: raise api.replicas.'],
    },
    fires: { series: [{ series: 'csms_api_books_connections{state="waited_for"}', values: '4x20' }], atMinute: 15, labels: {} }, silent: { series: [{ series: 'csms_api_books_connections{state="waited_for"}', values: '0x20' }], atMinute: 15 },
  },
  {
    name: 'CsmsMirrorStale', severity: 'ticket', for: '5m', expr: 'max by (namespace) (csms_outbox_oldest_age_seconds{queue="mirror"}) > 120',
    summary: 'The public mirror is behind', description: 'In {{ $labels.namespace }} a change waits for the public mirror for {{ $value | humanizeDuration }}.',
    runbook: {
      means: 'The mirror cannot write to Firebase, or the rules refuse it. What changes waits in the books, one row a station.', impact: 'The public page shows old states. Charging does not notice.',
      first: ['kubectl get pods --all-namespaces -l app.kubernetes.io/component=mirror', 'kubectl --namespace SITE_NAMESPACE logs -l app.kubernetes.io/component=mirror --since=15m | tail -n 30', 'kubectl --namespace SITE_NAMESPACE get chargingsites -o jsonpath="{.items[*].spec.mirror}"'],
      then: ['csms_mirror_connected is 0: Firebase is away (status.firebase.google.com), or a policy or a proxy is in the way. It catches up by itself.', 'credentials_unusable, or Google refuses the key: put a new key into the Secret; it is taken up within a minute, without a restart.', 'permission_denied: the rules that are published are not firebase/database.rules.json; publish them (docs/mirror.md).'],
    },
    fires: { series: [{ series: 'csms_outbox_oldest_age_seconds{queue="mirror",namespace="pln-bandung",pod="a"}', values: '0+60x30' }], atMinute: 15, labels: { namespace: 'pln-bandung' } },
    silent: { series: [{ series: 'csms_outbox_oldest_age_seconds{queue="mirror",namespace="pln-bandung",pod="a"}', values: '0 60 120 60 0x20' }], atMinute: 15 },
  },
  {
    name: 'CsmsEventLoopLag', severity: 'ticket', for: '10m', expr: 'max by (service, namespace, pod) (nodejs_eventloop_lag_p99_seconds) > 0.2',
    summary: 'A process is too busy', description: 'The event loop of {{ $labels.service }} in {{ $labels.namespace }}/{{ $labels.pod }} is late by {{ $value | humanizeDuration }}.',
    runbook: {
      means: 'A process has more to do than one core gives.', impact: 'Its answers are late.',
      first: ['kubectl top pods --all-namespaces -l app.kubernetes.io/name=csms', pods, 'kubectl top nodes'],
      then: ['A gateway: lower connectionsPerReplica of its sites, so that the pool grows.', 'The API: raise api.replicas.', 'The node is full: move something, or add one.'],
    },
    fires: { series: [{ series: 'nodejs_eventloop_lag_p99_seconds{service="api",namespace="csms-system",pod="a"}', values: '0.5x20' }], atMinute: 15, labels: { service: 'api', namespace: 'csms-system', pod: 'a' } },
    silent: { series: [{ series: 'nodejs_eventloop_lag_p99_seconds{service="api",namespace="csms-system",pod="a"}', values: '0.02x20' }], atMinute: 15 },
  },
  {
    name: 'CsmsProcessDown', severity: 'page', for: '3m', expr: 'up{job="csms"} == 0',
    summary: 'A process does not answer', description: '{{ $labels.component }} in {{ $labels.namespace }}/{{ $labels.pod }} gives no metrics.',
    runbook: {
      means: 'A running pod of ours has not answered on its admin port for three minutes.', impact: 'That process hangs, or a policy keeps Prometheus from it.',
      first: ['kubectl get pods --all-namespaces -l app.kubernetes.io/name=csms', 'kubectl describe pod POD --namespace NAMESPACE', 'kubectl logs POD --namespace NAMESPACE --tail=50'],
      then: ['It restarts: the reason of its last end is in describe.', 'It is healthy by its probes: a NetworkPolicy keeps Prometheus out (docs/reference/network.md).'],
    },
    fires: { series: [{ series: 'up{job="csms",component="api",namespace="csms-system",pod="a"}', values: '1x5 0x10' }], atMinute: 12, labels: { job: 'csms', component: 'api', namespace: 'csms-system', pod: 'a' } },
    silent: { series: [{ series: 'up{job="csms",component="api",namespace="csms-system",pod="a"}', values: '1x15' }], atMinute: 12 },
  },
  {
    name: 'CsmsMetricsAbsent', severity: 'page', for: '5m', expr: 'absent(up{job="csms",component="api"}) or absent(up{job="csms",component="operator"})',
    summary: 'Nothing is measured', description: 'Prometheus finds no process of component {{ $labels.component }}.',
    runbook: {
      means: 'There is no API or no operator, or Prometheus cannot find pods.', impact: 'All other alerts are blind.',
      first: ['kubectl --namespace csms-system get deployments', 'kubectl --namespace csms-system logs statefulset/csms-prometheus --tail=30', pods],
      then: ['Deployments are gone: helm status csms, then helm rollback.', 'They run: the ClusterRole of Prometheus or networkPolicies.kubernetesPort.'],
    },
    fires: { series: [{ series: 'up{job="csms",component="api"}', values: '1x15' }], atMinute: 10, labels: { job: 'csms', component: 'operator' } },
    silent: { series: [{ series: 'up{job="csms",component="api"}', values: '1x15' }, { series: 'up{job="csms",component="operator"}', values: '1x15' }], atMinute: 10 },
  },
  {
    name: 'CsmsWatchdog', severity: 'none', for: '0m', expr: 'max(up{job="prometheus"}) == 1',
    summary: 'Alerting works', description: 'Always fires. Whoever waits for it and does not hear it knows that alerting is broken.',
    runbook: {
      means: 'A dead man’s switch: it fires as long as Prometheus evaluates rules.', impact: 'None. Its absence is the alarm.',
      first: ['kubectl --namespace csms-system get pods -l app.kubernetes.io/component=prometheus', 'kubectl --namespace csms-system logs statefulset/csms-prometheus --tail=30', 'kubectl --namespace csms-system get pvc'],
      then: ['Prometheus is down: its disk or its memory.', 'It runs: the way to the Alertmanager (prometheus.alertmanagers, the policy for 9093).'],
    },
    fires: { series: [{ series: 'up{job="prometheus"}', values: '1x5' }], atMinute: 3, labels: {} }, silent: { series: [{ series: 'up{job="prometheus"}', values: '0x5' }], atMinute: 3 },
  },
];

import type { Alert } from './alert.ts';

const gateways = 'kubectl get pods --all-namespaces -l app.kubernetes.io/component=ocpp-gateway -o wide';
const gatewayLog = (words: string): string => `kubectl logs --namespace SITE_NAMESPACE -l app.kubernetes.io/component=ocpp-gateway --since=30m | grep -E '${words}' | tail -n 50`;

/** What stations and whoever pretends to be one do at the door. */
export const gatewayAlerts: Alert[] = [
  {
    name: 'CsmsConnectionsDropped', severity: 'page', for: '5m',
    expr: 'sum(csms_gateway_connections) < 0.8 * sum(csms_gateway_connections offset 30m)\nunless on() (max(csms_gateway_draining) == 1)',
    summary: 'Many stations lost their connection', description: '{{ $value }} stations are connected, less than 80 % of those half an hour ago, and no gateway is draining.',
    runbook: {
      means: 'A fifth of the stations or more went away within half an hour.', impact: 'Those stations decide on cards by themselves and cannot be commanded; their sessions arrive when they are back.',
      first: [gateways, 'kubectl get events --all-namespaces --sort-by=.lastTimestamp | grep -i gateway | tail -n 30', 'csmsctl stations list --status Offline'],
      then: ['All of one site: the site’s network or power. Call the site.', 'All of one operator of mobile networks: wait; stations come back with their own back-off.', 'All, and handshakes are refused: the certificate (CsmsCertificateExpiring) or the name in DNS.', 'After a release: helm rollback csms --namespace csms-system.'],
    },
    fires: { series: [{ series: 'csms_gateway_connections{tenant="demo",pod="a"}', values: '100x40 60x20' }, { series: 'csms_gateway_draining{pod="a"}', values: '0x60' }], atMinute: 50, labels: {} },
    silent: { series: [{ series: 'csms_gateway_connections{tenant="demo",pod="a"}', values: '100x40 60x20' }, { series: 'csms_gateway_draining{pod="a"}', values: '0x40 1x20' }], atMinute: 50 },
  },
  {
    name: 'CsmsHandshakesRefused', severity: 'ticket', for: '10m',
    expr: 'sum by (result) (rate(csms_gateway_handshakes_total{result=~"unauthorized|rate-limited|tls-failed|bad-path"}[10m])) > 1\nand\nsum by (result) (rate(csms_gateway_handshakes_total{result=~"unauthorized|rate-limited|tls-failed|bad-path"}[10m])) > 10 * sum by (result) (rate(csms_gateway_handshakes_total{result=~"unauthorized|rate-limited|tls-failed|bad-path"}[1d] offset 1h))',
    summary: 'Many are refused at the door', description: '{{ $value | humanize }} handshakes a second end as {{ $labels.result }}, ten times the usual.',
    runbook: {
      means: 'Somebody guesses passwords, or many stations have a wrong one.', impact: 'Stations with a wrong password stay out. Guessers are held back by the limits; nobody else is.',
      first: ['csmsctl security-events --limit 50', gatewayLog('handshake-refused|tls-failed'), gateways],
      then: ['One address behind all: block it at the edge.', 'Many stations after a rotation of passwords: `csmsctl stations credential` again for those; the old one holds until the new one was used.', 'tls-failed alone: chargers with old cipher suites (docs/connecting-stations.md), or a scanner.'],
    },
    fires: { series: [{ series: 'csms_gateway_handshakes_total{result="unauthorized",pod="a"}', values: '0+1x1500 1500+600x60' }], atMinute: 1_540, labels: { result: 'unauthorized' } },
    silent: { series: [{ series: 'csms_gateway_handshakes_total{result="unauthorized",pod="a"}', values: '0+80x1560' }], atMinute: 1_540 },
  },
  {
    name: 'CsmsDuplicateIdentity', severity: 'ticket', for: '0m', expr: 'sum by (outcome) (increase(csms_gateway_duplicate_connections_total{outcome=~"taken-over|held-off"}[15m])) > 20',
    summary: 'Sockets of the same station fight', description: '{{ $value | humanize }} sockets took the place of one of the same station in 15 minutes ({{ $labels.outcome }}).',
    runbook: {
      means: 'Two devices use one identity, or a station connects anew without closing.', impact: 'Commands reach whichever came last. What each says is kept.',
      first: ['csmsctl security-events --limit 50', gatewayLog('taken-over|held-off'), 'csmsctl security-events --severity critical'],
      then: ['Two addresses for one station: a clone, or a spare part with the old identity. Give it a new credential: `csmsctl stations credential STATION`.', 'One address: the modem of the station drops; ask the site.', 'held-off: the takeovers’ limit works; nothing to do at once.'],
    },
    fires: { series: [{ series: 'csms_gateway_duplicate_connections_total{outcome="taken-over",pod="a"}', values: '0+3x30' }], atMinute: 25, labels: { outcome: 'taken-over' } },
    silent: { series: [{ series: 'csms_gateway_duplicate_connections_total{outcome="taken-over",pod="a"}', values: '0+1x30' }], atMinute: 25 },
  },
  {
    name: 'CsmsInsecureListener', severity: 'page', for: '1m', expr: 'max by (namespace, pod) (csms_insecure_listener) == 1',
    summary: 'A port without TLS is open', description: 'Gateway {{ $labels.namespace }}/{{ $labels.pod }} takes stations without TLS: lab mode.',
    runbook: {
      means: 'A gateway runs in lab mode.', impact: 'Passwords and cards travel in the clear.',
      first: [gateways, 'kubectl --namespace csms-system get configmap csms-operator -o yaml | grep mode', 'helm get values csms --namespace csms-system'],
      then: ['sites.platform.mode is lab: take it out and upgrade.', 'A gateway that nobody meant: it is not the operator’s; delete it.'],
    },
    fires: { series: [{ series: 'csms_insecure_listener{namespace="demo",pod="a"}', values: '1x10' }], atMinute: 5, labels: { namespace: 'demo', pod: 'a' } },
    silent: { series: [{ series: 'csms_insecure_listener{namespace="demo",pod="a"}', values: '0x10' }], atMinute: 5 },
  },
  {
    name: 'CsmsBusAway', severity: 'page', for: '2m', expr: 'min(csms_bus_up) == 0',
    summary: 'Gateways cannot reach the bus', description: 'A gateway has had no Redis for two minutes: commands wait, facts are taken as ever.',
    runbook: {
      means: 'Redis is away, or a policy or a password keeps gateways from it.', impact: 'Commands end as not-connected; live views are late. Charging and billing go on.',
      first: ['kubectl --namespace csms-system get pods -l app.kubernetes.io/component=redis', 'kubectl --namespace csms-system logs deployment/csms-redis --tail=30', gatewayLog('bus')],
      then: ['OOMKilled: raise redis.memoryMax and its limit.', 'WRONGPASS: the Secret csms-bus in the site’s namespace is older than the platform’s; the operator copies it within a minute.', 'Deleted pod: it begins empty, and gateways claim their sockets again; nothing to restore.'],
    },
    fires: { series: [{ series: 'csms_bus_up{pod="a"}', values: '1x5 0x10' }], atMinute: 10, labels: {} }, silent: { series: [{ series: 'csms_bus_up{pod="a"}', values: '1x15' }], atMinute: 10 },
  },
  {
    name: 'CsmsAuthorizedWithoutBooks', severity: 'page', for: '0m', expr: 'sum(increase(csms_authorizations_without_books_total[5m])) > 0',
    summary: 'Cards are decided on from memory', description: '{{ $value | humanize }} cards were decided on without PostgreSQL in five minutes.',
    runbook: {
      means: 'PostgreSQL could not be reached by a gateway.', impact: 'Cards known from the last day charge, others are refused (CSMS_AUTHORIZE_WITHOUT_BOOKS). Transaction messages are not acknowledged; stations send them again.',
      first: ['kubectl --namespace csms-system get pods -l app.kubernetes.io/component=postgres', 'kubectl --namespace csms-system logs statefulset/csms-postgres --tail=50', 'kubectl --namespace csms-system describe pvc data-csms-postgres-0'],
      then: ['Disk full: enlarge the claim; PostgreSQL comes back by itself.', 'Too many connections: raise postgres.connectionsMax, then its memory.', 'Lost volume: restore, docs/operating.md.'],
    },
    fires: { series: [{ series: 'csms_authorizations_without_books_total{outcome="known"}', values: '0x5 0+2x10' }], atMinute: 12, labels: {} }, silent: { series: [{ series: 'csms_authorizations_without_books_total{outcome="known"}', values: '7x20' }], atMinute: 12 },
  },
  {
    name: 'CsmsCommandsUnanswered', severity: 'ticket', for: '15m', expr: 'sum(rate(csms_commands_total{outcome=~"unknown|failed"}[30m])) / sum(rate(csms_commands_total[30m])) > 0.2',
    summary: 'Commands to stations come to nothing', description: '{{ $value | humanizePercentage }} of the commands of the last half hour failed or have no known end.',
    runbook: {
      means: 'Stations do not answer, or answer with errors.', impact: 'Remote starts and stops do not work for some drivers.',
      first: ['csmsctl stations list', gatewayLog('command'), gateways],
      then: ['One vendor or firmware: docs/tolerance.md may have a quirk for it.', 'All: gateways are too busy; see CsmsEventLoopLag.'],
    },
    fires: { series: [{ series: 'csms_commands_total{action="Reset",outcome="accepted"}', values: '0+5x90' }, { series: 'csms_commands_total{action="Reset",outcome="unknown"}', values: '0+5x90' }], atMinute: 80, labels: {} },
    silent: { series: [{ series: 'csms_commands_total{action="Reset",outcome="accepted"}', values: '0+9x90' }, { series: 'csms_commands_total{action="Reset",outcome="unknown"}', values: '0+1x90' }], atMinute: 80 },
  },
  {
    name: 'CsmsSecurityEventCritical', severity: 'ticket', for: '0m', expr: 'sum by (type) (increase(csms_security_events_total{severity="critical"}[15m])) > 0',
    summary: 'A critical security event', description: '{{ $value | humanize }} events of type {{ $labels.type }} in 15 minutes.',
    runbook: {
      means: 'A station reported a critical event, or we saw one: tampering, a wrong certificate, another’s transaction.', impact: 'Depends on the event.',
      first: ['csmsctl security-events --severity critical', 'csmsctl stations get STATION', gatewayLog('security-event')],
      then: ['TamperDetectionActivated: send somebody; block the station until then.', 'InvalidTLSCertificate and its like: who tries? Compare the address with the station’s usual one.', 'Of our own kind: docs/certificates.md, docs/connecting-stations.md.'],
    },
    fires: { series: [{ series: 'csms_security_events_total{type="TamperDetectionActivated",severity="critical"}', values: '0x5 1x20' }], atMinute: 10, labels: { type: 'TamperDetectionActivated' } },
    silent: { series: [{ series: 'csms_security_events_total{type="SettingSystemTime",severity="notice"}', values: '0x5 1x20' }], atMinute: 10 },
  },
];

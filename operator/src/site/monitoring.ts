import { configMapKind, prometheusRuleKind, serviceMonitorKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { gatewayDashboard } from './grafana-dashboard.ts';
import { MANAGED_BY, OWNER_LABEL, SCRAPED_LABEL, labelsOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Namespace, Platform } from './platform.ts';

const owner: Owner = { kind: 'namespace' };
const NAME = 'csms-sites';

interface Alert {
  alert: string;
  expr: string;
  for: string;
  severity: 'page' | 'ticket';
  summary: string;
  description: string;
}

/** What is told of the gateways of one namespace; alerts about the platform itself come with the chart. */
export function alertsOf(namespace: string): Alert[] {
  const here = `namespace="${namespace}"`;
  const open = `sum(csms_gateway_connections{${here}})`;
  return [
    {
      alert: 'CsmsGatewaysDown',
      expr: `absent(up{${here},service=~"csms-gateway-.+-pods"} == 1)`,
      for: '2m',
      severity: 'page',
      summary: `No gateway of ${namespace} answers.`,
      description: 'Chargers of the namespace cannot connect. Those that charge go on by themselves and report later.',
    },
    {
      alert: 'CsmsConnectionsDropped',
      expr: `${open} < 0.8 * (${open} offset 30m) and (${open} offset 30m) >= 5 and sum(csms_gateway_draining{${here}}) == 0`,
      for: '5m',
      severity: 'page',
      summary: `Chargers of ${namespace} went offline.`,
      description: '{{ $value }} chargers are connected: fewer than 80 % of half an hour ago, and no gateway is draining.',
    },
    {
      alert: 'CsmsHandshakesRefused',
      expr: `sum(rate(csms_gateway_handshakes_total{${here},result!="accepted"}[10m])) > 10 * (sum(rate(csms_gateway_handshakes_total{${here},result!="accepted"}[10m] offset 1d)) + 0.05)`,
      for: '10m',
      severity: 'ticket',
      summary: `Many handshakes of ${namespace} are refused.`,
      description: '{{ $value }} upgrades a second are refused, ten times as many as a day ago: a wrong password after a change, or somebody who tries.',
    },
    {
      alert: 'CsmsInsecureListener',
      expr: `max(csms_insecure_listener{${here}}) == 1`,
      for: '0m',
      severity: 'ticket',
      summary: `A port without TLS is open in ${namespace}.`,
      description: 'Passwords of chargers can be read on the way. Only lab mode may do so.',
    },
  ];
}

/** What the monitoring of the cluster is told of a namespace: what to scrape, when to call somebody, and a page to look at. */
export function monitoring(namespace: Namespace, platform: Platform): Desired[] {
  const { labels: chosenBy, runbookUrl, scrapeSeconds } = platform.monitoring;
  const labels = { ...chosenBy, ...labelsOf('monitoring', owner) };
  const metadata = { name: NAME, namespace: namespace.name, labels };
  const monitor = {
    apiVersion: serviceMonitorKind.apiVersion,
    kind: serviceMonitorKind.kind,
    metadata,
    spec: {
      selector: { matchLabels: { ...MANAGED_BY, ...SCRAPED_LABEL } },
      targetLabels: ['app.kubernetes.io/component', OWNER_LABEL],
      endpoints: [{ port: 'admin', path: '/metrics', interval: `${scrapeSeconds}s` }],
    },
  };
  const rules = alertsOf(namespace.name).map(({ severity, summary, description, ...rule }) => ({
    ...rule,
    labels: { severity, namespace: namespace.name, tenant: namespace.tenant },
    annotations: { summary, description, runbook_url: `${runbookUrl}/${rule.alert}.md` },
  }));
  const rule = { apiVersion: prometheusRuleKind.apiVersion, kind: prometheusRuleKind.kind, metadata, spec: { groups: [{ name: `csms.sites.${namespace.name}`, rules }] } };
  const page = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'csms-sites-grafana', namespace: namespace.name, labels: { ...labelsOf('monitoring', owner), grafana_dashboard: '1' } },
    data: { [`csms-${namespace.name}.json`]: `${JSON.stringify(gatewayDashboard(namespace.name), null, 2)}\n` },
  };
  return [
    { kind: serviceMonitorKind, object: monitor },
    { kind: prometheusRuleKind, object: rule },
    { kind: configMapKind, object: page },
  ];
}

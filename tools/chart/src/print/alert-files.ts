import { stringify } from 'yaml';
import { alerts, groups } from '../alerts/alerts.ts';
import type { Alert } from '../alerts/alert.ts';
import type { Printed } from './values-files.ts';

const header = '# Printed from tools/chart/src/alerts by `npm run chart`.\n';
/** The template of the chart puts the address of the runbooks here. */
const runbookOf = (alert: Alert): string => `RUNBOOKS/${alert.name}.md`;
const annotationsOf = (alert: Alert): Record<string, string> => ({ summary: alert.summary, description: alert.description, runbook_url: runbookOf(alert) });

/** The rules as Prometheus reads them. */
export const rules = () => ({
  groups: groups.map(({ name, alerts: of }) => ({
    name,
    rules: of.map((alert) => ({ alert: alert.name, expr: alert.expr, for: alert.for, labels: { severity: alert.severity, owner: 'platform' }, annotations: annotationsOf(alert) })),
  })),
});

/** promtool's unit tests: for each alert a history that makes it fire and one that does not. `ruleFile` stands beside the file. */
export function unitTests(ruleFile: string): string {
  const test = (alert: Alert, history: Alert['silent'], fires: boolean): unknown => ({
    name: `${alert.name} ${fires ? 'fires' : 'does not fire'}`, interval: '1m', input_series: history.series,
    alert_rule_test: [{ eval_time: `${history.atMinute}m`, alertname: alert.name, ...(fires ? { exp_alerts: [{ exp_labels: { severity: alert.severity, owner: 'platform', ...alert.fires.labels } }] } : { exp_alerts: [] }) }],
  });
  return stringify({ rule_files: [ruleFile], evaluation_interval: '1m', tests: alerts.flatMap((alert) => [test(alert, alert.fires, true), test(alert, alert.silent, false)]) }, { lineWidth: 0 });
}

function runbook(alert: Alert): string {
  const { means, impact, first, then } = alert.runbook;
  return [
    `# ${alert.name}`, '', `${alert.summary}. Severity: ${alert.severity}. Printed from tools/chart/src/alerts by \`npm run chart\`.`, '', '## What it means', '', means, '', '```promql', alert.expr, '```', '', `for ${alert.for}`, '',
    '## Impact', '', impact, '', '## First', '', '```sh', ...first, '```', '', '## Then', '', ...then.map((line) => `- ${line}`), '', '## Undo and call', '',
    'A change of the last hour is the likeliest cause: `helm history csms --namespace csms-system`, `helm rollback csms --namespace csms-system`. Data are not touched by a rollback.',
    'Not solved in 30 minutes: call whoever is second on the rota, with the output of the commands above.', '',
  ].join('\n');
}

/** alerts.yaml of the chart, one runbook an alert, and the list of them. */
export const alertFiles = (): Printed[] => [
  { path: 'charts/csms/files/alerts.yaml', text: header + stringify(rules(), { lineWidth: 0 }) },
  ...alerts.map((alert) => ({ path: `docs/runbooks/${alert.name}.md`, text: runbook(alert) })),
  { path: 'docs/runbooks/README.md', text: ['# Runbooks', '', 'One an alert of `charts/csms/files/alerts.yaml`.', '', '| alert | severity | what |', '|---|---|---|', ...alerts.map(({ name, severity, summary }) => `| [${name}](${name}.md) | ${severity} | ${summary} |`), ''].join('\n') },
];

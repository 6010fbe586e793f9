import { buildProgram } from '@csms/cli/program';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { alerts } from './alerts/alerts.ts';
import { GrafanaJson, grafanaJson } from './dashboards/dashboard.ts';
import { dashboards } from './dashboards/dashboards.ts';
import { knownMetrics, usedMetrics } from './metric-names.ts';
import type { KnownMetric } from './metric-names.ts';

const root = join(import.meta.dirname, '../../..');
/** Labels that Prometheus itself puts on what it scrapes. */
const scraped = ['job', 'namespace', 'pod', 'component', 'service', 'le', 'name'];
const expressions = [
  ...alerts.map(({ name, expr }) => ({ where: name, expr })),
  ...dashboards.flatMap(({ uid, rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ where: `${uid}: ${title}`, expr }))))),
];
let known = new Map<string, KnownMetric>();
beforeAll(async () => { known = new Map((await knownMetrics(root)).map((metric) => [metric.name, metric])); });

it('every metric that an alert or a panel asks for exists in a process of ours, with the labels that it selects by', () => {
  const faults = expressions.flatMap(({ where, expr }) => usedMetrics(expr).flatMap(({ name, labels }) => {
    const metric = known.get(name);
    if (metric === undefined) return [`${where}: ${name} is no metric of ours`];
    return metric.labels.length === 0 ? [] : labels.filter((label) => !metric.labels.includes(label) && !scraped.includes(label)).map((label) => `${where}: ${name} has no label ${label}`);
  }));
  expect(faults).toEqual([]);
  expect(usedMetrics('sum(rate(csms_no_such_thing_total{color="red"}[5m]))')).toEqual([{ name: 'csms_no_such_thing_total', labels: ['color'] }]);
  expect(known.has('csms_no_such_thing_total')).toBe(false);
});

it('a counter is only asked for by its rate or increase', () => {
  const bare = expressions.flatMap(({ where, expr }) => usedMetrics(expr).filter(({ name }) => known.get(name)?.type === 'counter' && !new RegExp(`(rate|increase)\\(${name}\\b`).test(expr)).map(({ name }) => `${where}: ${name}`));
  expect(bare).toEqual([]);
});

it('O-46 every alert has an owner’s words: a runbook with three commands, what to do, and a severity', () => {
  expect(new Set(alerts.map(({ name }) => name)).size).toBe(alerts.length);
  for (const { name, severity, runbook, fires, silent } of alerts) {
    expect(name).toMatch(/^Csms[A-Z][A-Za-z]+$/);
    expect(['page', 'ticket', 'none']).toContain(severity);
    expect(runbook.first).toHaveLength(3);
    expect(runbook.then.length, name).toBeGreaterThan(0);
    expect(fires.series, name).not.toEqual(silent.series.length === 0 ? fires.series : silent.series);
  }
});

it('commands of csmsctl in runbooks exist, with their options', () => {
  const commands = alerts.flatMap(({ name, runbook }) => [...runbook.first, ...runbook.then].flatMap((line) => [...line.matchAll(/csmsctl ([a-z][^`|'"]*)/g)].map(([, words]) => ({ name, words: words!.trim().split(/\s+/) }))));
  expect(commands.length).toBeGreaterThan(4);
  for (const { name, words } of commands) {
    let command = buildProgram({ out: () => {}, err: () => {}, color: false, env: {} });
    for (const word of words) {
      const next = command.commands.find((each) => each.name() === word || each.aliases().includes(word));
      if (next === undefined) break;
      command = next;
    }
    expect(command.name(), `${name}: csmsctl ${words.join(' ')}`).not.toBe('csmsctl');
    for (const option of words.filter((word) => word.startsWith('--'))) expect(command.options.map(({ long }) => long), `${name}: csmsctl ${words.join(' ')}`).toContain(option);
  }
});

it('dashboards are provisioned ones: a title and a description on each panel, a unit, the rate interval, a data source by variable', () => {
  for (const dashboard of dashboards) {
    const json = GrafanaJson.parse(grafanaJson(dashboard));
    expect(json).toMatchObject({ editable: false });
    expect(new Set(json.panels.map(({ title }) => title)).size, dashboard.uid).toBe(json.panels.length);
    for (const panel of json.panels.filter(({ type }) => type !== 'row')) {
      expect(panel).toMatchObject({ description: expect.stringMatching(/.{10,}/), datasource: { uid: '${datasource}' }, fieldConfig: { defaults: { unit: expect.stringMatching(/./) } } });
    }
    const ranges = dashboard.rows.flatMap(({ panels }) => panels.filter(({ kind }) => kind !== 'stat').flatMap(({ queries }) => queries.flatMap(({ expr }) => [...expr.replace(/"[^"]*"/g, '').matchAll(/\[([^\]]+)\]/g)].map(([, range]) => range))));
    expect(new Set(ranges), dashboard.uid).toEqual(new Set(ranges.length === 0 ? [] : ['$__rate_interval']));
  }
});

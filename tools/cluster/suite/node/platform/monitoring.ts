import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@csms/kube/testing/until';
import { Agent, WebSocket } from 'undici';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { rootDir } from '../../test-cluster.ts';
import { chart, type Installation } from './installation.ts';
import { connectStation, siteId } from './site.ts';

const Targets = z.object({ data: z.object({ activeTargets: z.array(z.object({ health: z.string(), lastError: z.string(), labels: z.looseObject({ job: z.string(), component: z.string().optional() }) })) }) });
const Answer = z.object({ status: z.literal('success'), data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) });
const Rules = z.object({ data: z.object({ groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })) }) });
const Panel = z.looseObject({ title: z.string(), type: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]), panels: z.array(z.unknown()).default([]) });
const Dashboard = z.looseObject({ uid: z.string(), panels: z.array(Panel) });
const Quiet = z.array(z.object({ dashboard: z.string(), panel: z.string(), reason: z.string().min(20) }));

interface Query { dashboard: string; panel: string; expr: string }

/** Every query of every panel that Grafana is provisioned with, its variables put in as Grafana would for the last minutes. */
export function panelQueries(): Query[] {
  const folder = join(chart, 'files/dashboards');
  return readdirSync(folder).flatMap((file) => {
    const { uid, panels } = Dashboard.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    const all = panels.flatMap((panel) => [panel, ...panel.panels.map((each) => Panel.parse(each))]);
    return all.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ dashboard: uid, panel: title, expr: expr.replaceAll('$__rate_interval', '10m') })));
  });
}

export function monitoringProofs(installed: () => Installation): void {
  const prometheus = (path: string): string => `http://csms-prometheus.${installed().namespace}.svc:9090/api/v1${path}`;
  const get = async (path: string): Promise<unknown> => (await fetch(prometheus(path), { signal: AbortSignal.timeout(20_000) })).json();

  it('Prometheus scrapes the real pods of the operator, the API, every gateway and the dashboard, and has read every rule', async () => {
    const up = await until('every target is up', async () => {
      const { data } = Targets.parse(await get('/targets?state=active'));
      const ours = data.activeTargets.filter(({ labels }) => labels.job === 'csms');
      const components = ours.map(({ labels }) => labels.component ?? '').sort();
      return ours.every(({ health }) => health === 'up') && components.filter((each) => each === 'ocpp-gateway').length === 2 && components;
    }, 60_000);
    expect(up).toEqual(['api', 'dashboard', 'ocpp-gateway', 'ocpp-gateway', 'operator']);
    const rules = Rules.parse(await get('/rules')).data.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(20);
    await until('every rule was evaluated', async () => Rules.parse(await get('/rules')).data.groups.flatMap((group) => group.rules).every(({ health }) => health === 'ok'), 60_000);
  }, 150_000);

  it('no dead panel: every query of every panel returns data over this run, but for those that are listed with a reason', async () => {
    await misbehave(installed());
    const asked = await connectStation(installed(), await siteId(installed(), 'bandung-01'), 'CP_ASKED');
    let askedAtMs = 0;
    // A rate needs something new between two scrapes.
    const ask = async (): Promise<void> => {
      if (performance.now() - askedAtMs < 3_000) return;
      askedAtMs = performance.now();
      await (await installed().api()).call('POST', `/stations/${asked.id}/commands?wait=true`, z.unknown(), { command: { action: 'trigger', message: 'Heartbeat' } });
    };
    const quiet = Quiet.parse(JSON.parse(readFileSync(join(rootDir, 'tools/chart/testdata/quiet-panels.json'), 'utf8')));
    const queries = panelQueries();
    expect(queries.length).toBeGreaterThan(40);
    const isQuiet = ({ dashboard, panel }: Query): boolean => quiet.some((each) => each.dashboard === dashboard && each.panel === panel);
    for (const { dashboard, panel } of quiet) expect(queries.some((query) => query.dashboard === dashboard && query.panel === panel), `${dashboard}: ${panel} is listed and does not exist`).toBe(true);
    const numbers = async (expr: string): Promise<number[]> => Answer.parse(await get(`/query?query=${encodeURIComponent(expr)}`)).data.result.map(({ value: [, text] }) => Number(text)).filter((each) => !Number.isNaN(each));
    let dead: Query[] = queries;
    await until('every panel has data', async () => {
      await ask();
      const answers = await Promise.all(dead.map(async (query) => ({ query, there: (await numbers(query.expr)).length > 0 || isQuiet(query) })));
      dead = answers.filter(({ there }) => !there).map(({ query }) => query);
      return dead.length === 0;
    }, 60_000).catch(() => undefined).finally(() => asked.charger.station.stop());
    expect(dead).toEqual([]);
  }, 180_000);
}

/** What only trouble shows: a message that is none, an action that nobody knows, a second device of the same identity, a security event, a refused call of the API. */
async function misbehave(installation: Installation): Promise<void> {
  const { id, identity, charger } = await connectStation(installation, await siteId(installation, 'bandung-01'), 'CP_TROUBLE');
  try {
    charger.station.raiseSecurityEvent('TamperDetectionActivated', 'the lid was opened');
    await until('the security event is taken', () => charger.station.view().waiting === 0);
    const api = await installation.api();
    const { credential } = await api.call('POST', `/stations/${id}/credential?replace=true`, z.object({ credential: z.object({ url: z.string(), username: z.string(), password: z.string() }) }));
    const dispatcher = new Agent({ connect: { ca: await installation.trustAnchors() } });
    const authorization = `Basic ${Buffer.from(`${identity}:${credential.password}`).toString('base64')}`;
    const socket = new WebSocket(credential.url, { protocols: ['ocpp1.6'], headers: { authorization }, dispatcher });
    const answers: string[] = [];
    socket.addEventListener('message', ({ data }) => { answers.push(String(data)); });
    await until('the second device is let in', () => socket.readyState === WebSocket.OPEN);
    for (const frame of ['[2,"1","BootNotification",{"chargePointVendor":"Charge-IT","chargePointModel":"twin"}]', '[2,"2","NoSuchAction",{}]', '[2,"3","Heartbeat",{"surplus":true}]', '[2,"4","MeterValues",{"connectorId":"one"}]', 'no message at all']) socket.send(frame);
    await until('it is answered', () => answers.length >= 3, 30_000);
    socket.close();
    await dispatcher.close();
  } finally {
    await charger.station.stop();
  }
  expect((await fetch(`http://csms-api.${installation.namespace}.svc:8080/api/v1/sessions`)).status).toBe(401);
}

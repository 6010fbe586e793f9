import { reasonGuide } from '@csms/contracts/charging-site/reason-guide';
import { describe, expect, it } from 'vitest';
import { CliError, exitCodes } from '../exit.ts';
import { runKubectlCsms } from './program.ts';
import type { Kubectl } from './program.ts';
import { EventsShown, SiteShown, statusScreen } from './status-screen.ts';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const types = ['Ready', 'BooksReady', 'GatewayAvailable', 'DashboardAvailable', 'TrainerScheduled', 'IngressReady', 'IdentityReady', 'MonitoringReady', 'NetworkPolicyReady', 'BackupReady', 'UpToDate'];
const object = {
  metadata: { name: 'bandung-01', namespace: 'pln-bandung', uid: 'u1', generation: 3 },
  spec: { displayName: 'SPKLU Bandung 01', gateway: { pool: 'fast' } },
  status: {
    observedGeneration: 3,
    conditions: types.map((type) => ({ type, status: type === 'IngressReady' || type === 'Ready' ? 'False' : 'True', reason: type === 'IngressReady' ? 'RoutesPending' : 'AllComponentsReady', message: `About ${type}: ${'long '.repeat(60)}`, lastTransitionTime: '2026-01-01T23:00:00Z' })),
    gateway: { replicas: 2, readyReplicas: 1, connectedStations: 41, stations: 50, endpoint: 'wss://ocpp.example.com/ocpp' },
    dashboard: { url: 'https://bandung.example.com' },
    versions: { gateway: '1.4.0' },
    training: { status: 'ok', lastSuccess: '2026-01-01T19:00:00Z', model: { kind: 'blend', skill: 0.31 } },
  },
};
const events = { items: Array.from({ length: 20 }, (_, index) => ({ type: 'Warning', reason: `Reason${index}`, message: 'It happened.', count: index, lastTimestamp: `2026-01-01T23:${String(index + 10)}:00Z`, involvedObject: { uid: index === 19 ? 'another' : 'u1' } })) };
const screen = (site: unknown, list: unknown = events): string => statusScreen(SiteShown.parse(site), EventsShown.parse(list), nowMs);

async function run(argv: string[], kubectl: Kubectl): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const code = await runKubectlCsms(argv, { out: (text) => void (said.out += text), err: (text) => void (said.err += text), color: false, env: {} }, kubectl, () => nowMs);
  return { code, ...said };
}

describe('kubectl csms status', () => {
  it('fits one screen, with all conditions and the last events of this site', () => {
    const lines = screen(object).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100);
    const text = lines.join('\n');
    for (const type of types.slice(1)) expect(text).toContain(type);
    expect(text).toMatch(/chargers +41 of 50 connected, at wss:\/\/ocpp\.example\.com\/ocpp/);
    expect(text).toMatch(/gateways +1 of 2 ready, pool fast, version 1\.4\.0/);
    expect(text).toMatch(/forecast +ok, blend, skill 0\.31, made 5h ago/);
    expect(text).toMatch(/IngressReady +False +RoutesPending +60m +About IngressReady/);
    expect(text).toContain('Reason18');
    expect(text).not.toContain('Reason19');
  });

  it('says the whole message of what fails and what to do, and only names what is in order', () => {
    const refused = 'secrets "csms-gateway-tls" is forbidden: User "system:serviceaccount:csms-system:csms-operator" cannot get resource "secrets" in the namespace "pln-bandung"';
    const text = screen({ ...object, status: { ...object.status, conditions: object.status.conditions.map((each) => (each.type === 'DashboardAvailable' ? { ...each, status: 'False', reason: 'ApplyFailed', message: refused } : each)) } });
    expect(text.replace(/\s+/g, ' ')).toContain(`DashboardAvailable: ${refused}`);
    expect(text.replace(/\s+/g, ' ')).toContain(`Do: ${reasonGuide.ApplyFailed.todo}`);
    expect(text).toContain('In order: BooksReady, GatewayAvailable');
    expect(text).not.toMatch(/^BooksReady/m);
    expect(screen({ ...object, status: { conditions: [{ type: 'Ready', status: 'False', reason: 'InvalidSpec', message: 'spec.grid: expected a number', lastTransitionTime: '2026-01-01T23:00:00Z' }] } })).toContain('Ready: spec.grid: expected a number');
    expect(Math.max(...screen({ ...object, status: { conditions: [{ type: 'BooksReady', status: 'False', reason: 'OfANewerOperator', message: `${'x'.repeat(500)}\u001b[31m`, lastTransitionTime: '' }] } }).split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('shows every condition with its reason where nothing fails', () => {
    const text = screen({ ...object, status: { ...object.status, conditions: object.status.conditions.map((each) => ({ ...each, status: 'True' })) } });
    expect(text).toMatch(/^BooksReady +True +AllComponentsReady +60m/m);
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(24);
  });

  it('shows a site that no operator has seen, and one whose status is behind', () => {
    expect(screen({ metadata: { name: 'new', namespace: 'pln' }, spec: {} }, { items: [] })).toContain('not known: no operator has seen it');
    expect(screen({ ...object, metadata: { ...object.metadata, generation: 4 } })).toContain('(of generation 3; the spec is at 4)');
  });

  it('asks kubectl, in the namespace and context that were named; events that may not be read are left out', async () => {
    const asked: string[][] = [];
    const result = await run(['status', 'bandung-01', '-n', 'pln-bandung', '--context', 'prod'], async (args) => {
      asked.push(args);
      if (args[1] === 'events') throw new CliError('forbidden', exitCodes.unreachable);
      return JSON.stringify(object);
    });
    expect(asked[0]).toEqual(['get', 'chargingsites.csms.charge-it.io/bandung-01', '-o', 'json', '--namespace=pln-bandung', '--context=prod']);
    expect([result.code, result.err]).toEqual([0, '']);
    expect(result.out).toContain('SPKLU Bandung 01');
  });

  it('says what kubectl says, with an exit code for scripts', async () => {
    const result = await run(['status', 'nothing'], async () => {
      throw new CliError('Error from server (NotFound): chargingsites "nothing" not found', exitCodes.notFound);
    });
    expect(result).toEqual({ code: exitCodes.notFound, out: '', err: 'kubectl csms: Error from server (NotFound): chargingsites "nothing" not found\n' });
    expect((await run(['status'], async () => '')).code).toBe(exitCodes.usage);
  });
});

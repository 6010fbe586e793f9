import { parseChargingSite } from '@csms/contracts/charging-site/index';
import type { ChargingSite, ChargingSiteStatus } from '@csms/contracts/charging-site/index';
import { ChargingSiteStatus as StatusSchema } from '@csms/contracts/charging-site/schema';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carried, desired, desiredOfNamespace, desiredOfPool, desiredOfSite } from './desired.ts';
import { offersAll, poolKindsToPrune } from './kinds.ts';
import { OWNER_LABEL, ownerLabel, ownerOf } from './names.ts';
import { Platform } from './platform.ts';
import { sizeOfPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { invalidStatus, ocppEndpoint, status } from './status.ts';
import type { Observed } from './status.ts';

const platform = Platform.parse({
  images: { gateway: 'g', dashboard: 'd', trainer: 't' },
  apiUrl: 'http://api',
  oidc: { issuer: 'https://id.example.com' },
  ocpp: { port: 9220, endpoint: 'wss://ocpp.example.com/ocpp' },
  dashboard: { port: 3500, url: 'https://csms.example.com' },
});
const namespace = { name: 'pln-bandung', tenant: 'pln' };
const none = new Set<string>();
const aSite = (name: string, gateway: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}): ChargingSite =>
  parseChargingSite({
    apiVersion: 'csms.charge-it.io/v1alpha1',
    kind: 'ChargingSite',
    metadata: { name, namespace: namespace.name, uid: `uid-${name}`, generation: 3, ...metadata },
    spec: { displayName: name, location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 150 }, gateway },
  });
const pool = (members: ChargingSite[], stations: Record<string, number> = {}): Pool => ({ name: 'default', namespace, members, foreignHosts: none, stations: new Map(Object.entries(stations)) });

describe('a pool', () => {
  it('carries the sum of its members’ stations within the largest of their bounds', () => {
    const members = [aSite('a', { replicas: { min: 2, max: 4 }, connectionsPerReplica: 1000 }), aSite('b', { replicas: { min: 3, max: 8 }, connectionsPerReplica: 5000 })];
    expect(sizeOfPool(pool(members)).replicas).toBe(3);
    expect(sizeOfPool(pool(members, { 'pln-bandung/a': 3000, 'pln-bandung/b': 2500 })).replicas).toBe(6);
    expect(sizeOfPool(pool(members, { 'pln-bandung/a': 30_000 })).replicas).toBe(8);
    expect(sizeOfPool(pool(members, { 'pln-jakarta/a': 30_000 })).replicas).toBe(3);
  });

  it('takes the careful manner where members differ', () => {
    const members = [aSite('a', { drainSeconds: 10, connectionsPerReplica: 100 }), aSite('b', { drainSeconds: 300, terminationGraceSeconds: 900 })];
    expect(sizeOfPool(pool(members))).toEqual({ min: 2, max: 10, replicas: 2, connectionsPerReplica: 100, drainSeconds: 300, graceSeconds: 900 });
    expect(sizeOfPool(pool([aSite('a', { drainSeconds: 100 })])).graceSeconds).toBe(160);
    expect(sizeOfPool(pool([aSite('a', { drainSeconds: 100, terminationGraceSeconds: 130 })])).graceSeconds).toBe(130);
  });

  it('is nothing without members, and no site owns it', () => {
    expect(desiredOfPool(pool([]), platform, offersAll)).toEqual([]);
    expect(desiredOfPool(pool([aSite('a')]), platform, offersAll).every(({ object }) => object.metadata.ownerReferences === undefined)).toBe(true);
  });

  it('I-12 keeps its policies while its last gateways drain, and nothing else that it made', () => {
    const made = desiredOfPool(pool([aSite('a')]), platform, offersAll).map(({ kind }) => kind.kind);
    const pruned = (draining: boolean): string[] => poolKindsToPrune(draining).map(({ kind }) => kind);
    expect(new Set(made.filter((kind) => !pruned(true).includes(kind)))).toEqual(new Set(['NetworkPolicy']));
    expect(made.filter((kind) => !pruned(false).includes(kind))).toEqual([]);
  });

  it('counts a site that is being deleted for the time in which its sockets are closed, and not longer', () => {
    const deleting = aSite('a', {}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    const atMs = Date.parse('2026-01-01T00:00:00Z');
    expect(carried([deleting], atMs + 19_000)).toHaveLength(1);
    expect(carried([deleting], atMs + 21_000)).toHaveLength(0);
    expect(desiredOfSite(deleting, namespace, platform)).toEqual([]);
  });
});

describe('what a site needs', () => {
  it('I-12 is the same every time, with names that are unique and legal, each object under an owner', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/);
    const poolName = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, poolName, (siteName, pools) => {
        const site = aSite(siteName, { pool: pools });
        const objects = desired(site, namespace, platform);
        expect(desired(site, namespace, platform)).toEqual(objects);
        const keys = objects.map(({ kind, object }) => `${kind.kind}/${object.metadata.name}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { kind, object } of objects) {
          // A CronJob's pods get 11 more characters.
          expect(object.metadata.name.length).toBeLessThanOrEqual(kind.kind === 'CronJob' ? 52 : 63);
          expect(object.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
          for (const value of Object.values(object.metadata.labels ?? {})) expect(value).toMatch(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/);
          const owner = ownerOf(object.metadata.labels?.[OWNER_LABEL]);
          expect(owner === undefined ? undefined : ownerLabel(owner)).toBe(object.metadata.labels?.[OWNER_LABEL]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('has one dashboard a namespace, or one for all where the platform says so', () => {
    const deployments = (name: { name: string; tenant: string }, sites: ChargingSite[], given: Platform): number =>
      desiredOfNamespace(name, sites, none, given, offersAll).filter(({ kind }) => kind.kind === 'Deployment').length;
    expect(deployments(namespace, [aSite('a'), aSite('b')], platform)).toBe(1);
    expect(desiredOfNamespace(namespace, [], none, platform, offersAll)).toEqual([]);
    const shared = { ...platform, dashboard: { ...platform.dashboard, onlyNamespace: 'demo' } };
    expect(deployments(namespace, [aSite('a')], shared)).toBe(0);
    expect(deployments({ name: 'demo', tenant: 'demo' }, [aSite('a')], shared)).toBe(1);
  });

  it('carries no secret value, only names of Secrets', () => {
    expect(JSON.stringify(desired(aSite('a'), namespace, platform))).not.toMatch(/PEPPER|DATABASE_URL|CLIENT_SECRET|COOKIE/);
  });
});

describe('the status', () => {
  const facts = { stations: 50, connectedStations: 41, training: { lastSuccess: null, status: 'learning', model: null } };
  const good: Observed = { gateways: { desired: 2, ready: 2 }, dashboard: { desired: 2, ready: 1 }, trainers: { daily: true, deep: true }, books: { state: 'written', facts }, failures: {}, offered: {}, inPlace: { MonitoringReady: false, NetworkPolicyReady: false }, routes: { wanted: [], foreign: [], waiting: [] }, paused: false, versions: { gateway: undefined, dashboard: undefined, trainer: undefined, waits: false, heldBy: undefined } };
  const now = '2026-01-01T00:00:00.000Z';
  const of = (observed: Partial<Observed>, site = aSite('a')): ChargingSiteStatus => status(site, namespace, platform, { ...good, ...observed }, now);
  const readyOf = (observed: Partial<Observed>): string | undefined => of(observed).conditions?.find((each) => each.type === 'Ready')?.status;

  it('O-08 Ready is the AND of the components that count, each with its own generation', () => {
    expect(readyOf({})).toBe('True');
    expect(readyOf({ gateways: { desired: 2, ready: 1 } })).toBe('False');
    expect(readyOf({ gateways: undefined })).toBe('False');
    expect(readyOf({ dashboard: { desired: 1, ready: 0 } })).toBe('False');
    expect(readyOf({ trainers: { daily: true, deep: false } })).toBe('False');
    expect(readyOf({ books: { state: 'pending' } })).toBe('False');
    expect(readyOf({ books: { state: 'unreachable', message: 'The API cannot be reached.' } })).toBe('False');
    expect(readyOf({ failures: { GatewayAvailable: { reason: 'ApplyFailed', message: 'quota exceeded' } } })).toBe('False');
    expect(readyOf({ offered: { IngressReady: false, IdentityReady: true } })).toBe('True');
    expect(readyOf({ offered: { MonitoringReady: true } })).toBe('False');
    expect(readyOf({ offered: { MonitoringReady: true }, inPlace: { MonitoringReady: true, NetworkPolicyReady: false } })).toBe('True');
    const result = of({});
    expect(result.observedGeneration).toBe(3);
    expect(result.conditions?.every((each) => each.observedGeneration === 3)).toBe(true);
  });

  it('says Skipped where the cluster does not offer what a component needs', () => {
    const reasons = Object.fromEntries((of({ offered: { IngressReady: false, MonitoringReady: true, IdentityReady: true } }).conditions ?? []).map((each) => [each.type, each.reason]));
    expect(reasons).toMatchObject({ IngressReady: 'Skipped', IdentityReady: 'NotManaged', MonitoringReady: 'NotApplied', NetworkPolicyReady: 'Skipped' });
  });

  it('says why gateways or a dashboard do not come, in the cluster’s words', () => {
    const why = 'pods "csms-gateway-default-x" is forbidden: exceeded quota: small';
    const message = (observed: Partial<Observed>, type: string): string | undefined => of(observed).conditions?.find((each) => each.type === type)?.message;
    expect(message({ gateways: { desired: 100, ready: 3, refused: why } }, 'GatewayAvailable')).toBe(`3 of 100 gateways of the pool are ready. The cluster refuses to make pods: ${why}`);
    expect(message({ gateways: { desired: 3, ready: 3, refused: why } }, 'GatewayAvailable')).toBe('3 of 3 gateways of the pool are ready.');
    expect(message({ dashboard: { desired: 1, ready: 0, refused: why } }, 'DashboardAvailable')).toContain(why);
    expect(message({ gateways: { desired: 2, ready: 0, refused: 'x'.repeat(5000) } }, 'GatewayAvailable')).toHaveLength(1000);
  });

  it('is what the resource’s schema allows, and the same when nothing changed', () => {
    const first = of({});
    expect(StatusSchema.parse(first)).toEqual(first);
    const again = status({ ...aSite('a'), status: first }, namespace, platform, good, '2026-01-01T01:00:00.000Z');
    expect(again).toEqual(first);
  });

  it('keeps the last counts while the books are away', () => {
    expect(of({ books: { state: 'unreachable', message: 'away', facts } }).gateway).toMatchObject({ connectedStations: 41, stations: 50 });
  });

  it('of a spec that breaks a rule keeps what was seen before and says what is wrong', () => {
    const result = invalidStatus(of({}), 4, 'spec.grid.maxPowerKw must be more than 0 kW.', '2026-01-01T01:00:00.000Z');
    expect(StatusSchema.parse(result)).toEqual(result);
    expect(result.conditions?.[0]).toEqual({ type: 'Ready', status: 'False', reason: 'InvalidSpec', message: 'spec.grid.maxPowerKw must be more than 0 kW.', lastTransitionTime: '2026-01-01T01:00:00.000Z', observedGeneration: 4 });
    expect(result.gateway).toEqual(of({}).gateway);
  });

  it('names the host of the site, or the platform’s with the tenant in the path', () => {
    const hosted = parseChargingSite({ ...aSite('a'), spec: { ...aSite('a').spec, ocpp: { host: 'ocpp.bandung.example.com' } } });
    expect(ocppEndpoint(hosted, namespace, platform)).toBe('wss://ocpp.bandung.example.com/ocpp');
    expect(ocppEndpoint(aSite('a'), namespace, platform)).toBe('wss://ocpp.example.com/ocpp/pln');
    expect(ocppEndpoint(hosted, namespace, { ...platform, mode: 'lab' })).toBe('wss://ocpp.example.com/ocpp/pln');
  });

  it.each([
    ['kota', 'wss://ocpp.bandung.example.com/ocpp/pln'],
    ['pln', 'wss://ocpp.bandung.example.com/ocpp'],
  ])('under a platform with the default tenant %s the endpoint leads to the books of the site’s own tenant', (defaultTenant, endpoint) => {
    const hosted = parseChargingSite({ ...aSite('a'), spec: { ...aSite('a').spec, ocpp: { host: 'ocpp.bandung.example.com' } } });
    expect(ocppEndpoint(hosted, namespace, { ...platform, defaultTenant })).toBe(endpoint);
    expect(JSON.stringify(desiredOfPool(pool([hosted]), { ...platform, defaultTenant }, offersAll))).toContain(`{"name":"CSMS_DEFAULT_TENANT","value":"${defaultTenant}"}`);
  });
});

import { parseChargingSite } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import { at, listAt, stringAt } from '@csms/kube/object';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desiredOfNamespace, desiredOfPool, desiredOfSite } from './desired.ts';
import { offersAll } from './kinds.ts';
import { Platform } from './platform.ts';
import { upToDate } from './up-to-date.ts';
import { chosenVersion, compareVersions } from './versions.ts';

const images = (version: string): Platform['images'] => ({ gateway: `g:${version}`, dashboard: `d:${version}`, trainer: `t:${version}` });
const platformAt = (version: string | undefined, others: string[] = []): Platform =>
  Platform.parse({ images: images(version ?? 'any'), ...(version === undefined ? {} : { version }), versions: Object.fromEntries(others.map((each) => [each, images(each)])), apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' }, ocpp: { port: 9220, endpoint: 'wss://o/ocpp' }, dashboard: { port: 3500, url: 'https://d.example.com' } });
const site = (version?: string, name = 'a'): ChargingSite =>
  parseChargingSite({ apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name, namespace: 'pln' }, spec: { displayName: name, location: { latitude: 1, longitude: 2, timeZone: 'UTC' }, grid: { maxPowerKw: 1 }, ...(version === undefined ? {} : { version }) } });

describe('versions of a site', () => {
  it('are compared by the precedence of semver', () => {
    const inOrder = ['0.9.9', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta.2', '1.0.0-beta.11', '1.0.0-rc.1', '1.0.0', '1.0.10', '1.2.0', '2.0.0'];
    for (const [place, a] of inOrder.entries()) for (const [other, b] of inOrder.entries()) expect([a, b, Math.sign(compareVersions(a, b) ?? Number.NaN)]).toEqual([a, b, Math.sign(place - other)]);
    expect(compareVersions('latest', '1.0.0')).toBeUndefined();
  });

  it('O-49 a site runs what it names if the platform offers it, else what the platform is; those that share pods run the oldest that one names', () => {
    const platform = platformAt('1.2.0', ['1.1.0', '1.3.0']);
    const chosen = (members: ChargingSite[], running?: string): string | undefined => chosenVersion(members, running, platform).version;
    expect([chosen([site()]), chosen([site('1.1.0')]), chosen([site('1.3.0')]), chosen([site('4.0.0')])]).toEqual(['1.2.0', '1.1.0', '1.3.0', '1.2.0']);
    expect([chosen([site('1.3.0'), site()]), chosen([site('1.1.0'), site('1.3.0'), site()]), chosen([site('4.0.0'), site('1.3.0')])]).toEqual(['1.2.0', '1.1.0', '1.3.0']);
    expect(chosenVersion([site('1.1.0')], undefined, platformAt(undefined))).toEqual({ version: undefined, images: images('any') });
  });

  it('O-49 no site takes its programs back; the platform’s owner may', () => {
    const at12 = platformAt('1.2.0', ['1.1.0', '1.3.0']);
    expect(chosenVersion([site('1.1.0')], '1.2.0', at12)).toEqual({ version: '1.2.0', images: images('1.2.0') });
    expect(chosenVersion([site('1.1.0')], '1.3.0', at12).version).toBe('1.3.0');
    expect(chosenVersion([site('1.1.0')], '1.1.0', at12).version).toBe('1.1.0');
    expect(chosenVersion([site()], '1.3.0', at12).version).toBe('1.2.0');
    const back = platformAt('1.1.0', []);
    expect(chosenVersion([site()], '1.2.0', back)).toEqual({ version: '1.1.0', images: images('1.1.0') });
  });

  it('O-49 whatever sites name, what runs is offered by the platform, and never older than before unless the platform itself is', () => {
    const version = fc.constantFrom('1.0.0', '1.1.0', '1.2.0', '1.3.0', '2.0.0');
    fc.assert(fc.property(version, fc.uniqueArray(version), fc.array(fc.option(version, { nil: undefined }), { minLength: 1, maxLength: 4 }), fc.option(version, { nil: undefined }), (own, others, pins, running) => {
      const platform = platformAt(own, others);
      const offered = [own, ...others];
      const chosen = chosenVersion(pins.map((pin) => site(pin)), running, platform);
      expect(offered).toContain(chosen.version);
      if (running !== undefined && offered.includes(running) && (compareVersions(chosen.version ?? '', running) ?? 0) < 0) expect(compareVersions(chosen.version ?? '', own)).toBeGreaterThanOrEqual(0);
    }));
  });

  it('O-49 the images and the label of all programs follow it, and no pod carries it', () => {
    const platform = platformAt('1.2.0', ['1.1.0']);
    const one = site('1.1.0');
    const pool = { name: 'default', namespace: { name: 'pln', tenant: 'pln' }, members: [one], foreignHosts: new Set<string>(), stations: new Map<string, number>() };
    const objects = [...desiredOfPool(pool, platform, offersAll), ...desiredOfNamespace(pool.namespace, [one], pool.foreignHosts, platform, offersAll), ...desiredOfSite(one, pool.namespace, platform)].map(({ object }) => object);
    const workloads = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'CronJob');
    const podOf = (object: unknown): unknown => at(object, 'spec', 'template') ?? at(object, 'spec', 'jobTemplate', 'spec', 'template');
    expect(workloads.map((object) => [stringAt(listAt(podOf(object), 'spec', 'containers')[0], 'image'), object.metadata.labels?.['app.kubernetes.io/version']])).toEqual([['g:1.1.0', '1.1.0'], ['d:1.1.0', '1.1.0'], ['t:1.1.0', '1.1.0'], ['t:1.1.0', '1.1.0']]);
    expect(workloads.filter((object) => JSON.stringify(at(podOf(object), 'metadata')).includes('version'))).toEqual([]);
  });

  it.each([
    ['1.2.0', '1.2.0', false, undefined, 'VersionRunning', 'The gateways run 1.2.0.'],
    ['1.1.0', '1.2.0', false, undefined, 'DowngradeRefused', 'The gateways run 1.2.0 and do not go back to 1.1.0.'],
    ['7.0.0', '1.2.0', false, undefined, 'VersionNotOffered', 'The platform does not offer 7.0.0, but 1.1.0, 1.2.0.'],
    [undefined, '1.1.0', false, { site: 'b', version: '1.1.0' }, 'HeldBack', 'The gateways run 1.1.0: the site b shares them and asks for 1.1.0.'],
    [undefined, '1.1.0', true, undefined, 'RolloutWaiting', 'The gateways of the pool wait for their turn to be replaced.'],
  ])('O-49 the condition says so: asked for %s, running %s', (asked, gateway, waits, heldBy, reason, message) => {
    expect(upToDate(site(asked), platformAt('1.2.0', ['1.1.0']), { gateway, dashboard: gateway, trainer: gateway, waits, heldBy })).toMatchObject({ type: 'UpToDate', reason, message });
  });

  it('O-49 a site that waits for its turn names whose turn it is', () => {
    const says = (waitsFor: string[]): string => upToDate(site(), platformAt('1.2.0', []), { gateway: '1.1.0', dashboard: undefined, trainer: undefined, waits: true, waitsFor, heldBy: undefined }).message;
    const namespace = site().metadata.namespace;
    expect(says([`${namespace}/csms-gateway-fast`])).toBe('The gateways of the pool wait for their turn to be replaced; now it is the turn of csms-gateway-fast.');
    expect(says([`${namespace}/csms-gateway-fast`, 'b/g', 'c/g'])).toMatch(/turn of csms-gateway-fast and 2 more\.$/);
    // Who else is on the platform is not told.
    expect(says(['b/g'])).toMatch(/turn of 1 pool of another namespace\.$/);
  });
});

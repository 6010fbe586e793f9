import { parseChargingSite, reasonGuide, siteConditions, siteReasons } from '@csms/contracts/charging-site/index';
import type { ChargingSiteStatus, SiteConditionType, SiteReason } from '@csms/contracts/charging-site/index';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Platform } from './platform.ts';
import { invalidStatus, status } from './status.ts';
import type { Observed } from './status.ts';

const platform = Platform.parse({ images: { gateway: 'g', dashboard: 'd', trainer: 't' }, apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' }, ocpp: { port: 9220, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { port: 3500, url: 'https://csms.example.com' } });
const site = parseChargingSite({
  apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'bandung-01', namespace: 'pln', generation: 1 },
  spec: { displayName: 'Bandung', location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 150 } },
});
const conditionTypes = Object.keys(siteConditions) as SiteConditionType[];

const rollout = fc.option(fc.record({ desired: fc.integer({ min: 0, max: 3 }), ready: fc.integer({ min: 0, max: 3 }) }), { nil: undefined });
const version = fc.constantFrom(undefined, '1.0.0', '1.1.0', '1.2.0');
const message = fc.string({ maxLength: 2000 });
const books: fc.Arbitrary<Observed['books']> = fc.oneof(
  fc.constant({ state: 'pending' as const }),
  fc.record({ state: fc.constantFrom('unreachable' as const, 'refused' as const, 'cleanup' as const), message }),
  fc.constant({ state: 'written' as const, facts: { stations: 1, connectedStations: 1, training: { lastSuccess: null, status: 'ok', model: null } } }),
);
const perType = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Partial<Record<SiteConditionType, T>>> => fc.dictionary(fc.constantFrom(...conditionTypes), value, { maxKeys: 4 });
const observed: fc.Arbitrary<Observed> = fc.record({
  gateways: rollout, dashboard: rollout, trainers: fc.record({ daily: fc.boolean(), deep: fc.boolean() }), books,
  failures: perType(fc.record({ reason: fc.constantFrom('NameConflict' as const, 'ApplyFailed' as const), message })),
  offered: perType(fc.boolean()), inPlace: fc.record({ MonitoringReady: fc.boolean(), NetworkPolicyReady: fc.boolean() }),
  routes: fc.record({ wanted: fc.array(message, { maxLength: 2 }), foreign: fc.array(message, { maxLength: 1 }), waiting: fc.array(message, { maxLength: 2 }) }),
  paused: fc.boolean(),
  versions: fc.record({ gateway: version, dashboard: version, trainer: version, waits: fc.boolean(), heldBy: fc.option(fc.record({ site: fc.constant('other'), version: fc.constantFrom('1.0.0', '1.1.0') }), { nil: undefined }) }),
});
const pin = fc.constantFrom(undefined, '1.0.0', '1.1.0', '1.2.0', '9.9.9');

describe('the reasons of conditions', () => {
  it('O-09 are those of one table, whatever was observed, and every reason of the table can come', () => {
    const came = new Set<string>();
    const look = (each: ChargingSiteStatus): void => {
      for (const { type, reason } of each.conditions ?? []) {
        const known = Object.entries(reasonGuide).find(([name]) => name === reason);
        if (known?.[1].conditions.some((one) => one === type) !== true) throw new Error(`${type} carries ${reason}, of which the table knows nothing.`);
        came.add(`${type} ${reason}`);
      }
    };
    const told = (offers: boolean): Platform => (offers ? { ...platform, version: '1.1.0', versions: { '1.0.0': platform.images, '1.2.0': platform.images } } : platform);
    fc.assert(fc.property(observed, pin, fc.boolean(), (each, asked, offers) => look(status({ ...site, spec: { ...site.spec, version: asked } }, { name: 'pln', tenant: 'pln' }, told(offers), each, '2026-01-01T00:00:00Z'))), { numRuns: 4000 });
    look(invalidStatus(undefined, 1, 'spec.grid is required.', '2026-01-01T00:00:00Z'));
    const promised = Object.entries(reasonGuide).flatMap(([reason, { conditions }]) => conditions.map((type) => `${type} ${reason}`));
    expect(promised.filter((each) => !came.has(each))).toEqual([]);
  });

  it('O-09 each is explained, and says what to do', () => {
    for (const reason of Object.keys(siteReasons) as SiteReason[]) {
      expect(reasonGuide[reason].conditions.length).toBeGreaterThan(0);
      expect([reason, reasonGuide[reason].todo]).toEqual([reason, expect.stringMatching(/^.{6,300}\.$/s)]);
    }
  });
});

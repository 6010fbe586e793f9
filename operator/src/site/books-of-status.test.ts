import { parseChargingSite } from '@csms/contracts/charging-site/index';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { booksOfStatus } from './books-of-status.ts';
import { Platform } from './platform.ts';
import { status, type Books, type Observed } from './status.ts';

const platform = Platform.parse({
  images: { gateway: 'g', dashboard: 'd', trainer: 't' }, apiUrl: 'http://api', oidc: { issuer: 'https://id.example.com' },
  ocpp: { port: 9220, endpoint: 'wss://ocpp.example.com/ocpp' }, dashboard: { port: 3500, url: 'https://csms.example.com' },
});
const site = parseChargingSite({
  apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', metadata: { name: 'a', namespace: 'pln', uid: 'u', generation: 3 },
  spec: { displayName: 'A', location: { latitude: -6.9, longitude: 107.6, timeZone: 'Asia/Jakarta' }, grid: { maxPowerKw: 150 } },
});
const facts = fc.record({
  stations: fc.nat(50_000), connectedStations: fc.nat(50_000),
  training: fc.record({
    status: fc.constantFrom('none', 'learning', 'ok', 'degraded', 'failed'), lastSuccess: fc.option(fc.constant('2026-01-01T00:00:00Z')),
    model: fc.option(fc.record({ kind: fc.constant('blend'), rmse: fc.option(fc.float({ min: 0, max: 100, noNaN: true })), skill: fc.option(fc.float({ min: 0, max: 1, noNaN: true })) })),
  }),
});
const message = fc.constantFrom('The API cannot be reached.', 'The API answered 422.');
const books: fc.Arbitrary<Books> = fc.oneof(
  fc.constant<Books>({ state: 'pending' }), fc.record({ state: fc.constant('written' as const), facts }),
  fc.record({ state: fc.constantFrom('unreachable' as const, 'refused' as const, 'cleanup' as const), message }), fc.record({ state: fc.constantFrom('unreachable' as const, 'refused' as const, 'cleanup' as const), message, facts }),
);
const observed = (said: Books): Observed => ({
  gateways: { desired: 2, ready: 2 }, dashboard: { desired: 1, ready: 1 }, trainers: { daily: true, deep: true }, books: said, failures: {}, offered: {},
  inPlace: { MonitoringReady: true, NetworkPolicyReady: true }, routes: { wanted: [], foreign: [], waiting: [] }, paused: false, versions: { gateway: undefined, dashboard: undefined, trainer: undefined, waits: false, heldBy: undefined },
} as Observed);

it('O-37 what the books said last is read back from the status, so that a process that begins takes nothing for unknown and no pool for empty', () => {
  const namespace = { name: 'pln', tenant: 'pln' };
  fc.assert(fc.property(books, (said) => {
    const before = status(site, namespace, platform, observed(said), '2026-01-01T00:00:00Z');
    const after = status({ ...site, status: before }, namespace, platform, observed(booksOfStatus(before)), '2026-02-02T00:00:00Z');
    expect(after).toEqual(before);
  }));
  expect(booksOfStatus(undefined)).toEqual({ state: 'pending' });
});

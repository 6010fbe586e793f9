import { randomUUID } from 'node:crypto';
import { SitePage, StationCreated } from '@csms/contracts/http/index';
import { until } from '@csms/kube/testing/until';
import { startTestCharger, type TestCharger } from '@csms/edge/self-test/charge-once';
import { z } from 'zod';
import type { Installation } from './installation.ts';

/** A station is known for good, and an installation that is kept sees several runs. */
const run = randomUUID().slice(0, 6);

/** A station that the API made, with its charger connected through the Service of the site's gateways (security profile 2). */
export interface ConnectedStation { id: string; identity: string; charger: TestCharger }

/** The id in the books of a site of the installation; waits until the operator has brought it there. */
export async function siteId(installation: Installation, name: string): Promise<string> {
  const api = await installation.api();
  return until(`the site ${name} is in the books`, async () => (await api.call('GET', '/sites?limit=500', SitePage)).items.find((site) => site.name === name)?.id, 60_000);
}

/** Registers a station of the site and lets its charger boot. */
export async function connectStation(installation: Installation, site: string, name: string): Promise<ConnectedStation> {
  const identity = `${name}_${run}`;
  const api = await installation.api();
  const { station, credential } = await api.call('POST', '/stations', StationCreated, { siteId: site, identity });
  const told: string[] = [];
  // The address that a station is told, without its own name.
  const url = credential.url.slice(0, credential.url.lastIndexOf('/'));
  const charger = await startTestCharger({ url, identity, password: credential.password, trustAnchors: [await installation.trustAnchors()], say: (line) => told.push(line) })
    .catch((error: unknown) => { throw new Error(`${identity} at ${url}: ${String(error)} (${told.join('; ')})`); });
  return { id: station.id, identity, charger };
}

/** A card that may charge, and what a kWh costs: 2,500 rupiah. */
export async function openTill(installation: Installation, card: string): Promise<void> {
  const api = await installation.api();
  await api.call('POST', '/tokens', z.unknown(), { uid: card, driverName: 'Sari Wulandari' });
  await api.call('POST', '/tariffs', z.unknown(), { name: 'Tarif SPKLU', energyPerKwhMinor: PRICE_PER_KWH_MINOR, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: '2020-01-01T00:00:00.000Z' });
}
export const PRICE_PER_KWH_MINOR = 2_500;

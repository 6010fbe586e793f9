import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { uuidv7 } from '@csms/kit';
import { ApiClient } from './api-client.ts';
import { CredentialFile, demoCards, ensureCommerce, ensureStation, untilSite } from './books-of-demo.ts';
import type { FleetStation } from './fleet/fleet-config.ts';
import { importHistory } from './history.ts';

export interface DemoFleet { configFile: string; controlToken: string; controlPort: number }

const bandung: Pick<FleetStation, 'identity' | 'dialect' | 'connectors'>[] = [
  { identity: 'CP_111', dialect: '1.6', connectors: [{ powerMaxW: 7_400, voltageV: 230 }] },
  { identity: 'CP_112', dialect: '1.6', connectors: [{ powerMaxW: 22_000, voltageV: 230 }] },
  { identity: 'CP_123', dialect: '1.6', connectors: [{ powerMaxW: 50_000, voltageV: 400 }, { powerMaxW: 50_000, voltageV: 400 }] },
  { identity: 'CP_321', dialect: '2.0.1', connectors: [{ powerMaxW: 50_000, voltageV: 400 }] },
];

/**
 * What makes the example sites live: cards, a tariff, the stations of bandung-01, the history of boulder, and the configuration of the simulated
 * fleet. Safe to repeat: a second start finds what the first one made. Sites that the examples folder no longer has are left out.
 */
export async function prepareDemo(input: {
  api: ApiClient; tenant: string; sites: { name: string; timeZone: string }[]; databaseUrl: string; dataDir: string; ocppUrl: string; ocppsUrl: string; trustAnchorsFile: string; speed: number; seed: number; controlPort: number; controlToken: string;
}): Promise<DemoFleet> {
  const { api } = input;
  const credentials = new CredentialFile(join(input.dataDir, 'fleet', 'credentials.json'));
  // The tenant is in the books as soon as its first site is.
  for (const { name } of input.sites) await untilSite(api, name);
  if (input.sites.length > 0) await ensureCommerce(api);
  const stations: Record<string, unknown>[] = [];
  let plan: unknown[] = [];
  if (input.sites.some(({ name }) => name === 'bandung-01')) {
    const siteId = await untilSite(api, 'bandung-01');
    for (const station of bandung) {
      const { password } = await ensureStation(api, siteId, station.identity, credentials);
      stations.push({ ...station, password, behaviour: 'auto', configuration: { MeterValueSampleInterval: '10' } });
    }
  }
  const boulder = input.sites.find(({ name }) => name === 'boulder');
  if (boulder) {
    const siteId = await untilSite(api, 'boulder');
    const history = await importHistory({
      databaseUrl: input.databaseUrl, tenant: input.tenant, siteId, timeZone: boulder.timeZone, now: new Date(), newId: () => uuidv7(),
      registerStation: async ({ identity }) => { await ensureStation(api, siteId, identity, credentials); },
    });
    plan = history.ahead.map(({ identity, connectorId, startAt, chargeEndAt, endAt, energyWh, idTag }) => ({
      identity, connectorId, startAt: startAt.toISOString(), chargeEndAt: chargeEndAt.toISOString(), endAt: endAt.toISOString(), energyWh, idTag,
    }));
    for (const { identity } of history.stations) {
      const connectorsUsed = Math.max(2, ...history.ahead.filter((each) => each.identity === identity).map((each) => each.connectorId));
      stations.push({
        identity, dialect: '1.6', password: credentials.get(identity), behaviour: 'plan',
        connectors: Array.from({ length: connectorsUsed }, () => ({ powerMaxW: 7_200, voltageV: 208 })), configuration: { MeterValueSampleInterval: '60' },
      });
    }
  }
  const configFile = join(input.dataDir, 'fleet', 'fleet.json');
  writeFileSync(configFile, JSON.stringify({
    ocppUrl: input.ocppUrl, ocppsUrl: input.ocppsUrl, trustAnchorsFile: input.trustAnchorsFile, tenant: input.tenant, seed: `bandung-${input.seed}`, speed: input.speed, dataDir: join(input.dataDir, 'fleet'),
    stations, plan, control: { port: input.controlPort, token: input.controlToken },
    cards: { known: demoCards.filter((c) => c.label === 'known').map((c) => c.uid), blocked: demoCards.filter((c) => c.label === 'blocked').map((c) => c.uid) },
  }, null, 1), { mode: 0o600 });
  return { configFile, controlToken: input.controlToken, controlPort: input.controlPort };
}

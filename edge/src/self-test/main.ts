import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { loadConfig } from '@csms/kit/config';
import { runMain } from '@csms/kit/shutdown';
import { z } from 'zod';
import { startTestCharger } from './charge-once.ts';
import { signIn, type PlatformCalls } from './platform-calls.ts';

const Made = z.object({ station: z.object({ id: z.string() }), credential: z.object({ password: z.string() }) });
const Observed = z.object({ id: z.string() });
const Command = z.object({ state: z.string(), detail: z.string().nullable() });
const Seen = z.object({ online: z.boolean() });
const Sessions = z.object({ items: z.array(z.object({ id: z.string(), state: z.string(), energyWh: z.number().nullable(), bill: z.object({ totalMinor: z.number(), state: z.string() }).nullable() })) });
const CHARGE_WH = 200;
const PRICE_PER_KWH_MINOR = 10_000;
const LIMIT_MS = 45_000;

/**
 * The test of an installation: a charger that signs its own tenant's site and station in, boots, answers a command with a heartbeat, charges one session over
 * wss, and finds it in the books and billed. Exit code 0 when all of it held; else 1 with the sentence that says what did not.
 */
runMain('self-test', async () => {
  const config = loadConfig({
    CSMS_API_URL: z.url(), OIDC_ISSUER: z.url(), CSMS_OCPP_ENDPOINT: z.url({ protocol: /^wss$/ }), CSMS_SELF_TEST_TENANT: z.string(), CSMS_EDGE_TRUST_FILE: z.string().optional(),
    STAFF_OIDC_CLIENT_ID: z.string(), STAFF_OIDC_CLIENT_SECRET: z.string(), TENANT_OIDC_CLIENT_ID: z.string(), TENANT_OIDC_CLIENT_SECRET: z.string(),
  });
  const as = (clientId: string, clientSecret: string): Promise<PlatformCalls> => signIn(config.CSMS_API_URL, config.OIDC_ISSUER, { clientId, clientSecret });
  const tenant = config.CSMS_SELF_TEST_TENANT;
  const staff = await as(config.STAFF_OIDC_CLIENT_ID, config.STAFF_OIDC_CLIENT_SECRET);
  const resource = `/sites/by-resource/${tenant}/self-test`;
  const site = await staff.call('PUT', resource, Observed, {
    tenant, displayName: 'Test of the installation', latitude: null, longitude: null, address: null, timeZone: 'Etc/UTC', gridMaxPowerW: null, heartbeatIntervalS: 10,
    spec: { ocpp: { securityProfile: 2 } },
  });
  say('the issuer and the API answer');
  try {
    await charge(await as(config.TENANT_OIDC_CLIENT_ID, config.TENANT_OIDC_CLIENT_SECRET), { siteId: site.id, url: `${config.CSMS_OCPP_ENDPOINT}/${tenant}`, trustFile: config.CSMS_EDGE_TRUST_FILE });
  } finally {
    // Books are kept; the site goes, and with it the way in for its station.
    await staff.call('DELETE', `${resource}?${new URLSearchParams({ tenant })}`, z.unknown(), undefined, [404]);
  }
});

async function charge(api: PlatformCalls, { siteId, url, trustFile }: { siteId: string; url: string; trustFile: string | undefined }): Promise<void> {
  const word = randomBytes(4).toString('hex').toUpperCase();
  const [identity, card] = [`SELF-TEST-${word}`, `0452${word}`];
  const made = await api.call('POST', '/stations', Made, { siteId, identity });
  await api.call('POST', '/tokens', z.unknown(), { uid: card });
  const beganAt = new Date().toISOString();
  await api.call('POST', '/tariffs', z.unknown(), { siteId, name: `self-test ${word}`, energyPerKwhMinor: PRICE_PER_KWH_MINOR, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: beganAt, validUntil: new Date(Date.parse(beganAt) + 3_600_000).toISOString() });
  const charger = await startTestCharger({ url, identity, password: made.credential.password, say, ...(trustFile === undefined ? {} : { trustAnchors: [readFileSync(trustFile, 'utf8')] }) });
  try {
    const command = await api.call('POST', `/stations/${made.station.id}/commands?wait=true`, Command, { command: { action: 'trigger', message: 'Heartbeat' } });
    if (command.state !== 'accepted') throw new Error(`the command for a heartbeat ended as ${command.state}${command.detail === null ? '' : `: ${command.detail}`}`);
    say('a command of the API reached the charger');
    const { energyWh } = await charger.charge(card, CHARGE_WH);
    const bill = await billed(api, made.station.id, energyWh);
    await until('a heartbeat is answered', async () => charger.station.view().heartbeatsAnswered > 0);
    const { online } = await api.call('GET', `/stations/${made.station.id}`, Seen);
    if (!online) throw new Error('the books do not know that the charger is connected');
    say('its heartbeat is answered');
    say(`charged ${energyWh} Wh over ${url}: in the books, billed ${bill}`);
  } finally {
    await charger.station.stop();
  }
}

/** Waits for the one session of a station, ended, with the charger's own energy and a bill of exactly that; its total in minor units. */
async function billed(api: PlatformCalls, stationId: string, energyWh: number): Promise<number> {
  let total = 0;
  await until('the session is in the books with its bill', async () => {
    const { items } = await api.call('GET', `/sessions?stationId=${stationId}`, Sessions);
    const [session] = items;
    if (items.length !== 1 || session?.state !== 'ended' || session.bill?.state !== 'final') return false;
    if (session.energyWh !== energyWh) throw new Error(`the charger counted ${energyWh} Wh, the books ${session.energyWh} Wh`);
    const due = Math.round((energyWh * PRICE_PER_KWH_MINOR) / 1000);
    if (session.bill.totalMinor !== due) throw new Error(`${energyWh} Wh cost ${due}, the bill says ${session.bill.totalMinor}`);
    total = session.bill.totalMinor;
    return true;
  });
  return total;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + LIMIT_MS;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${LIMIT_MS / 1000} s`);
    await pause(200);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

import { afterAll, beforeAll, expect, it } from 'vitest';
import { basic, maskedTextFrame, rawUpgrade, until } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

/*
 * What other open systems lose or hang on, measured by us, against a gateway as it is deployed; the rest is held beside its rule: a start against its own
 * session (G-04), readings after the stop and repeated ones (books), half-open sockets (G-35), first contact of many connectors, a call repeated with its
 * id after an error, and by the benches: card checks, backlogs, a kill.
 */
const crowd = 250;
let platform: Platform;
let gateway: GatewayProcess;
let passwords: Map<string, string>;
const identities = Array.from({ length: crowd }, (_, n) => `CROWD-${n}`);
beforeAll(async () => {
  platform = await openPlatform();
  passwords = await platform.register(...identities);
  gateway = await platform.startGateway({ CSMS_UPGRADES_PER_SECOND: '5000' });
});
afterAll(() => platform?.close());

type Arrival = Awaited<ReturnType<typeof rawUpgrade>>;
const boot = JSON.stringify([2, 'boot', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);

/** Connects and, in the same segment, boots. */
const arrive = (identity: string): Promise<Arrival> => rawUpgrade({
  port: gateway.port, target: `/ocpp/demo/${identity}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, passwords.get(identity) ?? '') }, after: maskedTextFrame(boot),
});
const online = () => platform.sql<{ n: number }>('SELECT count(*)::int AS n FROM station WHERE online').then((rows) => rows[0]?.n);

it('no boot is lost that comes in the segment of its upgrade; a crowd that goes at once and comes back at once is served again, and the books know who is there', async () => {
  for (const round of ['first', 'second']) {
    const arrivals = await Promise.all(identities.map(arrive));
    expect(arrivals.map(({ status }) => status).filter((status) => status !== 101), round).toEqual([]);
    for (const { rest } of arrivals) await until(() => rest().includes('"boot"'));
    expect(arrivals.filter(({ rest }) => rest().includes('"Accepted"')).length).toBe(crowd);
    expect(await eventually(online, (n) => n === crowd)).toBe(crowd);
    for (const { socket } of arrivals) socket.resetAndDestroy();
    if (round === 'second') expect(await eventually(online, (n) => n === 0)).toBe(0);
  }
  expect((await platform.sql<{ n: number }>('SELECT count(*)::int AS n FROM station WHERE booted_at IS NOT NULL')).map(({ n }) => n)).toEqual([crowd]);
});

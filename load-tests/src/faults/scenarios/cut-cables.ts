import { Charger, pause } from '../chargers/charger.ts';
import { beginTransaction, sendBoot, sendReading, sendStart, sendStop } from '../chargers/charging.ts';
import type { Fault, Run } from '../fault.ts';
import { eventually } from '../world/child.ts';
import type { Gateway } from '../world/gateway.ts';
import { addressOf, askInside, forward, inside, needsNamespaces, setCable, type Namespaces } from '../world/namespaces.ts';
import { anyGateway, type Platform } from '../world/platform.ts';
import { needsRedis, ownershipIsRight } from './bus-lost.ts';
import { startLoad } from './load.ts';

/** Starts a gateway in the far namespace; database and bus are reached over cables of their own. */
async function farGateway(run: Run, platform: Platform, { far }: Namespaces): Promise<Gateway> {
  const through = async (url: string): Promise<string> => {
    const address = new URL(url);
    const way = await forward('database', Number(address.port));
    run.afterwards(() => way.close());
    address.hostname = addressOf('database', 'core');
    address.port = String(way.port);
    return address.href;
  };
  return platform.addGateway({
    DATABASE_URL: await through(platform.database.appUrl), BUS_DATABASE_URL: await through(platform.database.busUrl), CSMS_OCPP_HOST: '0.0.0.0', CSMS_OCPP_PING_SECONDS: '1',
    ...(platform.redis ? { REDIS_URL: `redis://${addressOf('bus', 'core')}:${platform.redis.port}` } : {}),
  }, { through: inside(far), host: addressOf('street', 'far') });
}

/** F5: the cable of chargers is cut, without a FIN. One comes back another way, at once; one stays away. */
export const halfOpen: Fault = {
  id: 'F5', title: 'half-open chargers: the cable is cut, no FIN', needs: needsNamespaces, namespaces: true,
  async run(run) {
    const network = run.namespaces!;
    const platform = await run.open({ stations: 2, gateways: 0, bus: 'postgres' });
    const gateway = await farGateway(run, platform, network);
    let way: 'street' | 'detour' = 'street';
    const chargers = platform.stations.map(({ identity, password }, n) => new Charger({
      identity, password, random: run.random.fork(identity), leavesSockets: true, timing: { callTimeoutMs: 2_000 },
      endpoint: () => (n === 0 || way === 'street' ? `ws://${addressOf(n === 0 ? way : 'street', 'far')}:${gateway.port}` : null),
    }));
    const [back, away] = chargers as [Charger, Charger];
    run.watch(chargers.map(({ truth }) => truth));
    run.afterwards(() => { for (const charger of chargers) charger.close(); });
    const transactions = await Promise.all(chargers.map(async (charger, n) => {
      await charger.connect();
      await sendBoot(charger);
      const transaction = beginTransaction(charger, { connectorId: 1, idTag: platform.stations[n]!.idTag, startedAt: charger.now(), meterStartWh: 1_000 });
      await sendStart(charger, transaction);
      return transaction;
    }));
    const online = async (identity: string): Promise<boolean> => (await platform.sql<{ online: boolean }>('SELECT online FROM station WHERE identity = $1', [identity]))[0]?.online === true;
    await eventually('both are online on the books', async () => await online(back.identity) && online(away.identity));
    // Long enough for a ping and its pong: the gateway knows then that these chargers answer pings.
    await pause(2_500);
    setCable(network, 'street', false);
    way = 'detour';
    const cutMs = performance.now();
    await sendReading(back, transactions[0]!, back.now(), 1_500);
    const backMs = performance.now() - cutMs;
    run.expect(back.sockets === 2, `it took ${back.sockets - 1} tries to come back: it was locked out`);
    await eventually('the one that stays away is offline on the books', async () => !(await online(away.identity)), 30_000);
    const offlineMs = performance.now() - cutMs;
    run.expect(await online(back.identity), 'the end of the old socket made the one that came back offline');
    setCable(network, 'street', true);
    way = 'street';
    await Promise.all(chargers.map((charger, n) => sendStop(charger, transactions[n]!, charger.now(), 2_000)));
    run.note(`back after ${Math.round(backMs)} ms (its own patience is 2,000 ms), the other one offline after ${Math.round(offlineMs)} ms at a ping a second`);
  },
};

/** F7: Redis is cut off from one gateway. */
export const busPartitioned: Fault = {
  id: 'F7', title: 'one gateway is cut off from Redis', needs: () => needsNamespaces() ?? needsRedis(), namespaces: true,
  async run(run) {
    const network = run.namespaces!;
    const platform = await run.open({ stations: 14, gateways: 1, bus: 'redis', redisBind: '0.0.0.0' });
    const gateway = await farGateway(run, platform, network);
    const load = await startLoad(run, platform, { endpoint: anyGateway(platform) });
    await load.goesOn(40);
    const there = load.fleet.chargers.filter((charger) => charger.at?.includes(`//${gateway.host}:`));
    const says = (path: string): string => askInside(network.far, `http://127.0.0.1:${gateway.adminPort}${path}`);
    setCable(network, 'bus', false);
    await eventually('its metric says that the bus is away', () => /^csms_bus_up(\{[^}]*\})? 0$/m.test(says('/metrics')), 30_000);
    run.expect(/^200 ok; the bus is away/.test(says('/readyz')), `its /readyz says ${says('/readyz').trim()}`);
    const before = there.reduce((sum, { truth }) => sum + truth.acknowledged, 0);
    await eventually('its chargers go on', () => there.reduce((sum, { truth }) => sum + truth.acknowledged, 0) >= before + (run.short ? 40 : 400), 120_000);
    run.expect(load.fleet.truths.every(({ cuts, refusals }) => cuts === 0 && refusals.length === 0), 'a socket was dropped or a call refused while Redis was out of reach');
    if (!run.short) {
      const lost = platform.stations.find(({ identity }) => identity === there[0]!.identity)!;
      await eventually('the others take it for gone', async () => await platform.asker.ownerOf(lost.id) === null, 30_000);
    }
    setCable(network, 'bus', true);
    const healedMs = performance.now();
    await eventually('ownership is right after the heal', () => ownershipIsRight(platform, load.fleet), 30_000);
    run.note(`${there.length} chargers at the gateway that was cut off; ownership right ${Math.round(performance.now() - healedMs)} ms after the heal`);
    await load.finish();
  },
};

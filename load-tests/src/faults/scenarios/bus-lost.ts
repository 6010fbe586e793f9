import { pause } from '../chargers/charger.ts';
import type { Fleet } from '../chargers/fleet.ts';
import type { Fault, Run } from '../fault.ts';
import { eventually } from '../world/child.ts';
import { findProgram } from '../world/redis.ts';
import type { Platform } from '../world/platform.ts';
import { startLoad } from './load.ts';

export const needsRedis = (): string | null => (findProgram(['redis-server', 'valkey-server']) === null ? 'no redis-server or valkey-server on PATH' : null);

/** Ownership is right when the bus names, for each charger, the gateway at which its socket is. */
export async function ownershipIsRight(platform: Platform, fleet: Fleet): Promise<boolean> {
  const owners = await Promise.all(platform.stations.slice(0, fleet.chargers.length).map(({ id }) => platform.asker.ownerOf(id)));
  return fleet.chargers.every((charger, n) => platform.gateways.some((gateway) => gateway.alive() && gateway.name === owners[n] && charger.at?.includes(`//${gateway.host}:${gateway.port}/`)));
}

async function ownershipHeals(run: Run, platform: Platform, fleet: Fleet, what: string, limitMs: number): Promise<void> {
  const beganMs = performance.now();
  await eventually(`ownership is right after ${what}`, () => ownershipIsRight(platform, fleet), limitMs);
  run.note(`ownership right ${Math.round(performance.now() - beganMs)} ms after ${what}`);
}

/** F6: Redis is killed and comes back empty, and later forgets everything while it runs. */
export const redisLost: Fault = {
  id: 'F6', title: 'Redis is killed and comes back empty', needs: needsRedis,
  async run(run) {
    const platform = await run.open({ stations: 16, gateways: 2, bus: 'redis' });
    const redis = platform.redis!;
    const load = await startLoad(run, platform);
    await load.goesOn(60);
    await redis.child().kill();
    await load.goesOn(run.short ? 150 : 2_000);
    if (!run.short) await pause(60_000);
    run.expect(load.fleet.truths.every(({ cuts }) => cuts === 0), 'a socket was dropped while Redis was away');
    run.expect(load.fleet.truths.every(({ refusals }) => refusals.length === 0), 'a call was refused while Redis was away');
    redis.restoreDump(false);
    await redis.start();
    await ownershipHeals(run, platform, load.fleet, 'it came back empty', 10_000);
    await redis.ask('FLUSHALL');
    await ownershipHeals(run, platform, load.fleet, 'it forgot everything', 15_000);
    await load.finish();
    run.expect(load.fleet.truths.every(({ cuts }) => cuts === 0), 'a socket was dropped when Redis came back');
  },
};

/** F8: a failover to a copy that lacks the last writes: owners and epochs of before. */
export const redisForgets: Fault = {
  id: 'F8', title: 'a failover of Redis loses the last writes', beyondShort: true, needs: needsRedis,
  async run(run) {
    const platform = await run.open({ stations: 16, gateways: 2, bus: 'redis' });
    const redis = platform.redis!;
    const load = await startLoad(run, platform);
    await load.goesOn(40);
    await redis.keepDump();
    // Stations move, so that the copy names old owners under old epochs.
    for (const charger of load.fleet.chargers) if (run.random.next() < 0.6) charger.cut();
    await eventually('the chargers are back', () => load.fleet.allConnected);
    await eventually('the bus knows their new owners', () => ownershipIsRight(platform, load.fleet));
    await load.goesOn(40);
    await redis.child().kill();
    redis.restoreDump(true);
    await redis.start();
    await ownershipHeals(run, platform, load.fleet, 'the failover', 15_000);
    await load.goesOn(60);
    await load.finish();
  },
};

import type { BenchRow } from './bench-row.ts';
import { openBenchPlatform } from './fleet/bench-platform.ts';
import { compareTruth } from './fleet/compare-truth.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { cpuPer1000 } from './messages-bench.ts';

const [few, many] = [1_000, 18_000];
const perSecond = 3_000;
/** Chargers a process of the fleet: a process may have 20,000 open files. */
const fleetSize = 9_000;

/**
 * What a stored message costs all servers with 18,000 open sockets at two gateways, against 1,000; the same number of messages a second, in turn from every
 * charger, each with a transaction of its own.
 */
export async function crowdBench(options: { seconds: number }): Promise<BenchRow[]> {
  const platform = await openBenchPlatform({ stations: many, durable: true });
  const fleets = Array.from({ length: many / fleetSize }, (_, n) => openFleet({ port: platform.port, password: platform.password, count: fleetSize, firstIndex: n * fleetSize, seed: n }));
  try {
    for (let n = 0; n < 2; n += 1) await platform.startGateway();
    const arrive = async (from: number, until: number): Promise<void> => {
      for (const fleet of fleets) {
        const range = { from, count: until - from };
        await fleet.connect({ ...range, window: 500 });
        await fleet.start(range);
      }
    };
    const cost = async (each: number): Promise<{ cpu: number; seen: number }> => {
      const run = async (seconds: number): Promise<number> => (await Promise.all(fleets.map((fleet) => fleet.load({ from: 0, count: each, seconds, perSecond: perSecond / fleets.length, action: 'MeterValues' })))).reduce((sum, done) => sum + done.acknowledged, 0);
      // Not counted: what the first messages of a charger bring with them, its sign of life of this minute among it.
      await run(Math.max(5, (2 * each * fleets.length) / perSecond));
      const before = platform.cpu();
      const began = performance.now();
      const messages = await run(options.seconds);
      return { cpu: cpuPer1000(before, platform.cpu(), messages).all, seen: messages / ((performance.now() - began) / 1000) };
    };
    const perFleet = few / fleets.length;
    await arrive(0, perFleet);
    const alone = await cost(perFleet);
    await arrive(perFleet, fleetSize);
    const crowded = await cost(fleetSize);
    const lost = (await Promise.all(fleets.map((fleet) => fleet.state()))).reduce((sum, state) => sum + state.lost, 0);
    const report = await compareTruth((await Promise.all(fleets.map((fleet) => fleet.truth()))).flat(), platform.sql);
    if (report.lost.length + report.doubled.length + lost > 0) throw new Error(`${report.lost.length} lost, ${report.doubled.length} doubled, ${lost} sockets lost`);
    return [{
      bench: 'crowd', what: 'cost of a message at 18,000 sockets against 1,000', value: crowded.cpu / alone.cpu, unit: 'times', limit: { atMost: 1.2 },
      detail: `CPU s per 1,000, all servers: ${alone.cpu.toFixed(3)} at ${Math.round(alone.seen)}/s and ${crowded.cpu.toFixed(3)} at ${Math.round(crowded.seen)}/s; ${report.readings} readings audited`,
    }];
  } finally {
    for (const fleet of fleets) await fleet.close();
    await platform.close();
  }
}

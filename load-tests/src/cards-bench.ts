import { median, type BenchRow } from './bench-row.ts';
import { openBenchPlatform } from './fleet/bench-platform.ts';
import { openFleet } from './fleet/open-fleet.ts';
import { cpuPer1000 } from './messages-bench.ts';

const stations = 100;
const rounds = 3;
const seconds = 3;

/** What an Authorize costs all servers together, at a tenant with a thousand cards and at the same tenant with a hundred thousand. */
export async function cardsBench(): Promise<BenchRow[]> {
  const platform = await openBenchPlatform({ stations, durable: true });
  const fleet = openFleet({ port: platform.port, password: platform.password, count: stations });
  try {
    await platform.startGateway();
    await fleet.connect({ from: 0, count: stations, window: stations });
    const cost = async (cards: number): Promise<number> => {
      const costs: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        const before = platform.cpu();
        const done = await fleet.load({ from: 0, count: stations, seconds, perSecond: null, action: 'Authorize', cards });
        // The first one warms up.
        if (round > 0) costs.push(cpuPer1000(before, platform.cpu(), done.acknowledged).all);
      }
      return median(costs);
    };
    await platform.addCards(stations, 1_000 - stations);
    await platform.sql('ANALYZE token');
    const few = await cost(1_000);
    await platform.addCards(1_000, 99_000);
    await platform.sql('ANALYZE token');
    const many = await cost(100_000);
    return [{ bench: 'cards', what: 'a card check with 100,000 cards against 1,000', value: many / few, unit: 'times', limit: { atMost: 1.2 }, detail: `CPU s per 1,000 checks, all servers: ${few.toFixed(3)} and ${many.toFixed(3)}, median of ${rounds}` }];
  } finally {
    await fleet.close();
    await platform.close();
  }
}

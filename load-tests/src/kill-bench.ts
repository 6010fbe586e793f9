import type { BenchRow } from './bench-row.ts';
import { openBenchPlatform } from './fleet/bench-platform.ts';
import { compareTruth } from './fleet/compare-truth.ts';
import { openFleet } from './fleet/open-fleet.ts';

const stations = 200;
const seconds = 12;

/**
 * `kill -9` of every gateway at once under as much load as goes; each is started again at once, as a supervisor would. Out of service is the longest
 * time in which no charger got an answer, which ends with a message that is stored.
 */
export async function killBench(): Promise<BenchRow[]> {
  const platform = await openBenchPlatform({ stations, durable: true });
  const fleet = openFleet({ port: platform.port, password: platform.password, count: stations, backoffFirstMs: 200, backoffMaxMs: 400 });
  try {
    for (let n = 0; n < 2; n += 1) await platform.startGateway();
    await fleet.connect({ from: 0, count: stations, window: stations });
    await fleet.start({ from: 0, count: stations });
    const load = fleet.load({ from: 0, count: stations, seconds, perSecond: null, action: 'MeterValues' });
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    const victims = [...platform.gateways];
    await Promise.all(victims.map(async (victim) => {
      victim.process.kill('SIGKILL');
      await victim.exited;
      await platform.startGateway();
    }));
    const done = await load;
    const { lost } = await fleet.state();
    const report = await compareTruth(await fleet.truth(), platform.sql);
    const bench = 'kill';
    const detail = `${lost} sockets cut at ${Math.round(done.acknowledged / done.seconds)} messages/s; ${report.readings} acknowledged`;
    return [
      { bench, what: 'kill -9: acknowledged readings lost', value: report.lost.length, unit: '', limit: { atMost: 0 }, detail },
      { bench, what: 'kill -9: stored twice', value: report.doubled.length, unit: '', limit: { atMost: 0 }, detail: report.doubled.slice(0, 3).join('; ') },
      { bench, what: 'kill -9: back in service', value: done.silenceMsMax / 1000, unit: 's', limit: { atMost: 2 }, detail: 'all gateways killed and started again; chargers come back after 0.1 to 0.6 s' },
    ];
  } finally {
    await fleet.close();
    await platform.close();
  }
}

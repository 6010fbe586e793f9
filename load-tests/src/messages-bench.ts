import type { BenchRow } from './bench-row.ts';
import { openBenchPlatform, type BenchPlatform } from './fleet/bench-platform.ts';
import { compareTruth } from './fleet/compare-truth.ts';
import { openFleet } from './fleet/open-fleet.ts';
import type { LoadDone } from './fleet/orders.ts';

const stations = 200;

interface Loaded extends LoadDone { cpuPer1000: { gateways: number; postgres: number; redis: number; all: number } }

/**
 * MeterValues of four samples, each of a running, priced session, through two gateways, PostgreSQL with fsync and the bus: as many as go, then at 4,000
 * and, at one of them, at 200 a second. A message counts when its CALLRESULT has come; afterwards every one is looked for in the books.
 */
export async function messagesBench(options: { seconds: number }): Promise<BenchRow[]> {
  const platform = await openBenchPlatform({ stations, durable: true });
  const fleet = openFleet({ port: platform.port, password: platform.password, count: stations });
  try {
    for (let n = 0; n < 2; n += 1) await platform.startGateway({ CSMS_DRAIN_REFUSE_SECONDS: '0' });
    await fleet.connect({ from: 0, count: stations, window: stations });
    await fleet.start({ from: 0, count: stations });
    const load = async (perSecond: number | null, seconds: number): Promise<Loaded> => {
      const before = platform.cpu();
      const done = await fleet.load({ from: 0, count: stations, seconds, perSecond, action: 'MeterValues' });
      return { ...done, cpuPer1000: cpuPer1000(before, platform.cpu(), done.acknowledged) };
    };
    // A first round that is not counted: plans, caches and the compiler settle.
    await load(null, 3);
    const clientBefore = (await fleet.state()).cpuSeconds;
    const most = await load(null, options.seconds);
    const clientShare = ((await fleet.state()).cpuSeconds - clientBefore) / most.seconds;
    const at4000 = await load(4_000, options.seconds);
    // For so little one gateway is enough; its chargers come over to the other.
    const [, second] = platform.gateways;
    second?.process.kill('SIGTERM');
    await second?.exited;
    await fleet.waitReady(stations);
    await load(200, 3);
    const at200 = await load(200, options.seconds);
    const report = await compareTruth(await fleet.truth(), platform.sql);
    const parts = ({ cpuPer1000: cpu }: Loaded): string => `gateways ${cpu.gateways.toFixed(3)} + PostgreSQL ${cpu.postgres.toFixed(3)} + ${platform.bus} ${cpu.redis.toFixed(3)}`;
    const bench = 'messages';
    return [
      { bench, what: 'stored messages a second', value: most.acknowledged / most.seconds, unit: '/s', limit: { atLeast: 6_000 }, detail: `p50 ${most.p50Ms.toFixed(0)} ms; CPU s per 1,000: ${parts(most)}; the client's own CPU: ${(clientShare * 100).toFixed(0)} % of a core` },
      { bench, what: 'CPU per 1,000 stored at 4,000/s', value: at4000.cpuPer1000.all, unit: 's', limit: { atMost: 0.25 }, detail: `${parts(at4000)}; seen ${Math.round(at4000.acknowledged / at4000.seconds)}/s, p99 ${at4000.p99Ms.toFixed(1)} ms` },
      { bench, what: 'CPU per 1,000 stored at 200/s', value: at200.cpuPer1000.all, unit: 's', limit: { atMost: 0.8 }, detail: parts(at200) },
      { bench, what: 'p99 at 200/s, commit included', value: at200.p99Ms, unit: 'ms', limit: { atMost: 25 }, detail: `p50 ${at200.p50Ms.toFixed(1)} ms, most ${at200.mostMs.toFixed(1)} ms` },
      { bench, what: 'acknowledged and not in the books, or twice', value: report.lost.length + report.doubled.length, unit: '', limit: { atMost: 0 }, detail: `${report.readings} readings of ${report.sessions} sessions looked for` },
    ];
  } finally {
    await fleet.close();
    await platform.close();
  }
}

export function cpuPer1000(before: ReturnType<BenchPlatform['cpu']>, after: ReturnType<BenchPlatform['cpu']>, messages: number): Loaded['cpuPer1000'] {
  const part = (name: 'gateways' | 'postgres' | 'redis'): number => ((after[name] - before[name]) / messages) * 1000;
  return { gateways: part('gateways'), postgres: part('postgres'), redis: part('redis'), all: part('gateways') + part('postgres') + part('redis') };
}

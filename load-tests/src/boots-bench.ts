import type { BenchRow } from './bench-row.ts';
import { openBenchPlatform } from './fleet/bench-platform.ts';
import { openFleet } from './fleet/open-fleet.ts';

/** How many chargers are on their way at once: what the listening queue of the kernel holds. */
const window = 1_000;

/** Chargers that all come at once, each with its password checked, its boot and its presence on the books; then the same without boots, for the rate of connections. */
export async function bootsBench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const [chargers, atMost] of [[2_000, 2], [10_000, 12]] as const) {
    const { seconds, detail } = await arrive(chargers, true);
    rows.push({ bench: 'boots', what: `${chargers.toLocaleString('en')} chargers booted`, value: seconds, unit: 's', limit: { atMost }, detail });
  }
  const connected = await arrive(4_000, false);
  rows.push({ bench: 'boots', what: 'profile 1 connections a second', value: 4_000 / connected.seconds, unit: '/s', limit: { atLeast: 400 }, detail: connected.detail });
  return rows;
}

async function arrive(chargers: number, boot: boolean): Promise<{ seconds: number; detail: string }> {
  const platform = await openBenchPlatform({ stations: chargers, durable: true });
  const fleet = openFleet({ port: platform.port, password: platform.password, count: chargers });
  try {
    for (let n = 0; n < 2; n += 1) await platform.startGateway();
    const before = platform.cpu();
    const seconds = await fleet.connect({ from: 0, count: chargers, window, boot });
    const after = platform.cpu();
    const { cpuSeconds, refused, failed } = await fleet.state();
    const [row] = await platform.sql<{ n: number }>('SELECT count(*)::int AS n FROM station WHERE booted_at IS NOT NULL');
    if (boot && row?.n !== chargers) throw new Error(`${row?.n} of ${chargers} boots are on the books`);
    return { seconds, detail: `CPU s: gateways ${(after.gateways - before.gateways).toFixed(1)} + PostgreSQL ${(after.postgres - before.postgres).toFixed(1)} + ${platform.bus} ${(after.redis - before.redis).toFixed(1)}, client ${cpuSeconds.toFixed(1)}; ${refused} refused, ${failed} failed` };
  } finally {
    await fleet.close();
    await platform.close();
  }
}

import { openBenchPlatform, type BenchGateway } from '../fleet/bench-platform.ts';
import { compareTruth, type TruthReport } from '../fleet/compare-truth.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import type { FleetState } from '../fleet/orders.ts';

export interface RollingOptions {
  chargers: number;
  gateways: number;
  /** Times that every gateway is replaced by a new one. */
  replacements: number;
  /** How a charger lives: a reading so often, so many a transaction, and a pause. */
  rhythm: { readingEveryMs: number; readings: number; pauseMs: number };
  drain: { seconds: number; perSecond: number };
  /** Pause before a charger's first try to come back; doubled up to eight times that. */
  backoffFirstMs: number;
}

export interface RollingReport extends TruthReport {
  replacements: number;
  seconds: number;
  exitCodes: (number | null)[];
  awayMsMax: number;
  /** Messages that the books had to recognise as said before. */
  repeated: number;
  fleet: FleetState;
}

/**
 * Replaces every gateway so many times, a new one before the old one is told to end, under chargers that charge; then lets the chargers finish and
 * lays their truth beside the books.
 */
export async function rollingReplacement(options: RollingOptions): Promise<RollingReport> {
  const { chargers, rhythm, drain } = options;
  const platform = await openBenchPlatform({ stations: chargers, durable: true });
  const fleet = openFleet({ port: platform.port, password: platform.password, count: chargers, backoffFirstMs: options.backoffFirstMs, backoffMaxMs: 8 * options.backoffFirstMs });
  try {
    const settings = { CSMS_DRAIN_SECONDS: String(drain.seconds), CSMS_DRAIN_PER_SECOND: String(drain.perSecond), CSMS_DRAIN_REFUSE_SECONDS: '0' };
    let current: BenchGateway[] = [];
    for (let n = 0; n < options.gateways; n += 1) current.push(await platform.startGateway(settings));
    await fleet.connect({ from: 0, count: chargers, window: 200 });
    await fleet.live({ from: 0, count: chargers, ...rhythm });
    const began = performance.now();
    const exitCodes: (number | null)[] = [];
    for (let round = 0; round < options.replacements; round += 1) {
      const next: BenchGateway[] = [];
      for (const old of current) {
        next.push(await platform.startGateway(settings));
        old.process.kill('SIGTERM');
        exitCodes.push(await old.exited);
        await fleet.waitReady(chargers);
      }
      current = next;
    }
    const seconds = (performance.now() - began) / 1000;
    await fleet.finish();
    const state = await fleet.state();
    const report = await compareTruth(await fleet.truth(), platform.sql);
    const [row] = await platform.sql<{ n: number }>(`SELECT count(*)::int AS n FROM session_event WHERE verdict = 'duplicate'`);
    return { ...report, replacements: options.replacements, seconds, exitCodes, awayMsMax: state.awayMsMax, repeated: row?.n ?? -1, fleet: state };
  } finally {
    await fleet.close();
    await platform.close();
  }
}

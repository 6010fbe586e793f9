import type { BenchRow } from './bench-row.ts';
import { rollingReplacement } from './storm/rolling-replacement.ts';

/** Ten replacements of every gateway under 2,000 chargers that charge (G-49, F25): the long form of what `npm test` plays. */
export async function rollingBench(): Promise<BenchRow[]> {
  const report = await rollingReplacement({ chargers: 2_000, gateways: 2, replacements: 10, rhythm: { readingEveryMs: 10_000, readings: 6, pauseMs: 5_000 }, drain: { seconds: 30, perSecond: 200 }, backoffFirstMs: 1_000 });
  const bench = 'rolling';
  const failedExits = report.exitCodes.filter((code) => code !== 0).length;
  const wrong = [...report.lost, ...report.doubled, ...report.differing];
  return [
    { bench, what: 'ten rolling replacements: messages lost or doubled', value: wrong.length, unit: '', limit: { atMost: 0 }, detail: `${report.sessions} transactions with ${report.readings} readings under 2,000 chargers in ${report.seconds.toFixed(0)} s; ${wrong.slice(0, 3).join('; ')}` },
    { bench, what: 'ten rolling replacements: longest time that a charger was away', value: report.awayMsMax / 1000, unit: 's', limit: { atMost: 30 }, detail: `${report.fleet.reconnects} reconnections; ${report.repeated} messages said twice` },
    { bench, what: 'ten rolling replacements: old processes that did not exit with 0', value: failedExits, unit: '', limit: { atMost: 0 }, detail: `${report.exitCodes.length} processes` },
  ];
}

import type { BenchRow } from './bench-row.ts';
import { reconnectStorm } from './storm/reconnect-storm.ts';

const upgradesPerSecond = 150;

/** 10,000 chargers that come back over TLS at once, at one gateway with a bucket of 150 a second, beside 200 that are connected (G-50, F17): the long form. */
export async function stormBench(): Promise<BenchRow[]> {
  const report = await reconnectStorm({ chargers: 10_000, calm: 200, upgradesPerSecond, calmPerSecond: 100 });
  const bench = 'storm';
  const { calmBefore, calmDuring, storm } = report;
  return [
    { bench, what: '10,000 over TLS at once: all back', value: report.seconds, unit: 's', limit: { atMost: 180 }, detail: `${report.heldOff} attempts held off, ${storm.refused} of them with a 503 behind their handshake` },
    { bench, what: '10,000 over TLS at once: sockets above what the bucket allows', value: Math.max(0, report.aboveBucketMax), unit: '', limit: { atMost: 0 }, detail: `${upgradesPerSecond} a second, a burst of ${2 * upgradesPerSecond}` },
    { bench, what: '10,000 over TLS at once: p99 of connected chargers', value: calmDuring.p99Ms, unit: 'ms', limit: { atMost: 1_000 }, detail: `${calmBefore.p99Ms.toFixed(1)} ms before; most ${calmDuring.mostMs.toFixed(0)} ms; ${report.calmLost} of their sockets lost` },
    { bench, what: '10,000 over TLS at once: connected chargers that lost their socket', value: report.calmLost, unit: '', limit: { atMost: 0 }, detail: report.gatewayAlive ? 'the gateway lives' : 'the gateway ended' },
  ];
}

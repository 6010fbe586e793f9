import { openBenchPlatform } from '../fleet/bench-platform.ts';
import { openFleet } from '../fleet/open-fleet.ts';
import type { FleetState, LoadDone } from '../fleet/orders.ts';

export interface StormOptions {
  /** Chargers that come back all at once. */
  chargers: number;
  /** Chargers that are connected and stay so. */
  calm: number;
  /** The admission bucket of the gateway. */
  upgradesPerSecond: number;
  calmPerSecond: number;
}

export interface StormReport {
  /** Until the last one was back, in s. */
  seconds: number;
  /** The greatest number of sockets that were opened within any time, above what the bucket allows for that time; at most 0 where it holds. */
  aboveBucketMax: number;
  /** Connections that were held off. */
  heldOff: number;
  calmBefore: LoadDone;
  calmDuring: LoadDone;
  calmLost: number;
  storm: FleetState;
  gatewayAlive: boolean;
}

const samplesEveryMs = 250;

/** A crowd of TLS chargers at one gateway, beside chargers that are connected already and send heartbeats. */
export async function reconnectStorm(options: StormOptions): Promise<StormReport> {
  const { chargers, calm, upgradesPerSecond, calmPerSecond } = options;
  const platform = await openBenchPlatform({ stations: calm + chargers, durable: true, tls: true });
  const fleets: { close(): Promise<void> }[] = [];
  const open = (given: { count: number; firstIndex: number; seed: number }) => {
    const fleet = openFleet({ port: platform.tlsPort, password: platform.password, caFile: platform.tls?.caFile ?? '', backoffFirstMs: 1_000, backoffMaxMs: 4_000, ...given });
    fleets.push(fleet);
    return fleet;
  };
  try {
    const gateway = await platform.startGateway({ CSMS_UPGRADES_PER_SECOND: String(upgradesPerSecond) });
    const connected = open({ count: calm, firstIndex: 0, seed: 1 });
    await connected.connect({ from: 0, count: calm, window: 20 });
    const heartbeats = { from: 0, count: calm, action: 'Heartbeat', perSecond: calmPerSecond, cards: 0 } as const;
    const calmBefore = await connected.load({ ...heartbeats, seconds: 2 });

    const crowd = open({ count: chargers, firstIndex: calm, seed: 2 });
    const began = performance.now();
    const arrivals: { atS: number; opened: number }[] = [];
    let over = false;
    const arrived = crowd.connect({ from: 0, count: chargers, window: chargers }).then((seconds) => { over = true; return seconds; });
    const calmDuring = connected.load({ ...heartbeats, seconds: Math.max(2, (chargers - 2 * upgradesPerSecond) / upgradesPerSecond) });
    while (!over) {
      const { opened } = await crowd.state();
      arrivals.push({ atS: (performance.now() - began) / 1000, opened });
      await new Promise((resolve) => setTimeout(resolve, samplesEveryMs));
    }
    const seconds = await arrived;
    const during = await calmDuring;
    return {
      seconds, calmBefore, calmDuring: during, calmLost: (await connected.state()).lost, storm: await crowd.state(), gatewayAlive: gateway.process.exitCode === null,
      aboveBucketMax: Math.max(...arrivals.map(({ atS, opened }) => opened - (2 * upgradesPerSecond + atS * upgradesPerSecond))),
      heldOff: await heldOffBy(gateway.adminPort),
    };
  } finally {
    for (const fleet of fleets) await fleet.close();
    await platform.close();
  }
}

/** Upgrades and TLS handshakes that the bucket did not let begin, from the gateway's own metrics. */
async function heldOffBy(adminPort: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  return Number(/^csms_gateway_handshakes_total\{[^}]*result="admission"[^}]*\} (\d+)/m.exec(text)?.[1] ?? 0);
}

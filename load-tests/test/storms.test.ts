import { describe, expect, it } from 'vitest';
import { reconnectStorm } from '../src/storm/reconnect-storm.ts';
import { rollingReplacement } from '../src/storm/rolling-replacement.ts';

/* The short forms; `npm run bench -- --only rolling` and `--only storm` play them with thousands of chargers. */
describe('many chargers at once', () => {
  it('G-49 gateways are replaced under chargers that charge: nothing is lost, nothing is there twice, nobody had to repeat itself, and nobody is away for long', async () => {
    const report = await rollingReplacement({ chargers: 200, gateways: 2, replacements: 2, rhythm: { readingEveryMs: 300, readings: 5, pauseMs: 300 }, drain: { seconds: 10, perSecond: 400 }, backoffFirstMs: 300 });
    expect(report).toMatchObject({ lost: [], doubled: [], differing: [], exitCodes: [0, 0, 0, 0], repeated: 0 });
    // Each charger was moved, and none by being cut.
    expect(report.fleet.reconnects).toBeGreaterThanOrEqual(400);
    expect(report.fleet).toMatchObject({ waiting: 0, errors: 0, closeCodes: { 1012: report.fleet.lost } });
    expect(report.readings).toBeGreaterThan(1_000);
    expect(report.awayMsMax).toBeLessThan(30_000);
  }, 300_000);

  it('G-50 a crowd comes back over TLS at once: the bucket lets in what it may and no more, and who is connected does not feel it', async () => {
    const report = await reconnectStorm({ chargers: 240, calm: 40, upgradesPerSecond: 60, calmPerSecond: 100 });
    expect(report.storm).toMatchObject({ open: 240, ready: 240 });
    expect(report.heldOff).toBeGreaterThan(0);
    // Before its TLS handshake, and not with a 503 behind it.
    expect(report.storm.failed).toBeGreaterThan(report.storm.refused);
    expect(report.aboveBucketMax).toBeLessThanOrEqual(0);
    expect(report).toMatchObject({ calmLost: 0, gatewayAlive: true });
    expect(report.calmDuring.acknowledged).toBeGreaterThan(100);
    expect(report.calmDuring.mostMs).toBeLessThan(1_000);
  });
});

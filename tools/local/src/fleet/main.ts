import { createLogger } from '@csms/kit/log';
import { onShutdown, runMain } from '@csms/kit/shutdown';
import { createSystemClock } from '@csms/edge';
import { serveControl } from './control-server.ts';
import { readFleetConfig } from './fleet-config.ts';
import { createFleet } from './fleet.ts';

runMain('fleet', async () => {
  const path = process.argv[2];
  if (!path) throw new Error('usage: node tools/local/src/fleet/main.ts CONFIG.json');
  const config = readFleetConfig(path);
  const log = createLogger('fleet');
  const fleet = createFleet(config, createSystemClock(), (station, event) => {
    // Lines carry no card numbers: records are named by their transaction alone.
    if (event.kind === 'acknowledged') log.debug({ event: event.kind, station, localId: event.record.localId, seqNo: event.record.seqNo });
    else if (event.kind === 'abandoned') log.warn({ event: event.kind, station, localId: event.record.localId, code: event.code });
    else log.info({ event: event.kind, station, ...event });
  });
  const control = await serveControl(fleet, config.control);
  onShutdown(log, 8_000, [['control', control.close], ['stations', () => fleet.stop()]]);
  fleet.start();
  log.info({ event: 'ready', port: control.port, stations: config.stations.length }, 'the fleet runs');
});

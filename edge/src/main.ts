import { randomUUID } from 'node:crypto';
import { createLogger } from '@csms/kit/log';
import { onShutdown, runMain } from '@csms/kit/shutdown';
import { createSystemClock } from './clock.ts';
import { listenToLines } from './console-keys.ts';
import { createSimulatedHardware } from './hardware/simulated.ts';
import { createStation } from './station/station.ts';
import { readStationConfig } from './station-config.ts';
import { createFileStorage } from './storage/file-storage.ts';

runMain('edge', async () => {
  const config = readStationConfig(process.argv[2]);
  const log = createLogger('edge');
  const clock = createSystemClock();
  const hardware = createSimulatedHardware(config.connectors, clock);
  const station = createStation({
    identity: config.identity, url: config.url, password: config.password, dialect: config.dialect,
    connectorCount: config.connectors.length, about: { vendor: config.vendor, model: config.model },
    hardware, storage: createFileStorage(config.dataDir), clock, random: Math.random, newId: randomUUID,
    configuration: config.configuration,
    onEvent(event) {
      // A record names a card; the log names the transaction only.
      if (event.kind === 'acknowledged' || event.kind === 'abandoned') log.info({ event: event.kind, localId: event.record.localId, seqNo: event.record.seqNo });
      else log.info({ event: event.kind, ...event });
    },
  });
  const stopListening = listenToLines(process.stdin, hardware, (line) => process.stderr.write(`${line}\n`));
  onShutdown(log, 5_000, [['input', stopListening], ['station', () => station.stop()]]);
  station.start();
});

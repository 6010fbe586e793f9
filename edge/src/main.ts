import { randomUUID } from 'node:crypto';
import { createLogger } from '@csms/kit/log';
import { onShutdown, runMain } from '@csms/kit/shutdown';
import { createSystemClock } from './clock.ts';
import { listenToLines } from './console-keys.ts';
import { createSimulatedHardware } from './hardware/simulated.ts';
import { createStation } from './station/station.ts';
import { readStationConfig, readTlsFiles } from './station-config.ts';
import { createFileStorage } from './storage/file-storage.ts';

const help = `A charger that speaks OCPP.

  node edge/src/main.ts [FILE.json]

FILE.json: url, identity, password, dialect (1.6, 2.0.1), connectors, dataDir, vendor, model, configuration,
  secureUrl (wss: address of security profiles 2 and 3), securityProfile (0 to 3; by the address if missing),
  behaviour (for tests: lowercaseEnums, missingZone, wrongUnit, neverPong, clockSkewMs, repeats ...),
  tls { trustAnchorsFile, certificateFile, keyFile } (PEM; certificate and key are shown with profile 3).
Environment, before the file: CSMS_EDGE_CONFIG (the file), CSMS_EDGE_URL, CSMS_EDGE_IDENTITY, CSMS_EDGE_PASSWORD,
  CSMS_EDGE_DIALECT, CSMS_EDGE_CONNECTORS, CSMS_EDGE_DATA_DIR, CSMS_EDGE_TRUST_FILE.

Example: CSMS_EDGE_URL=wss://127.0.0.1:9221/ocpp/demo CSMS_EDGE_TRUST_FILE=.csms/tls/ca.pem \\
  CSMS_EDGE_IDENTITY=CP_900 CSMS_EDGE_PASSWORD=... node edge/src/main.ts
Then type: plug, tap CARD, unplug, fault, clear; each may be followed by the number of a connector.
`;

runMain('edge', async () => {
  if (process.argv[2] === '--help' || process.argv[2] === '-h') {
    process.stdout.write(help);
    return;
  }
  const config = readStationConfig(process.argv[2]);
  const log = createLogger('edge');
  const clock = createSystemClock();
  const hardware = createSimulatedHardware(config.connectors, clock);
  const station = createStation({
    identity: config.identity, url: config.url, password: config.password, dialect: config.dialect,
    secureUrl: config.secureUrl, securityProfile: config.securityProfile, tls: readTlsFiles(config.tls),
    connectorCount: config.connectors.length, about: { vendor: config.vendor, model: config.model },
    hardware, storage: createFileStorage(config.dataDir), clock, random: Math.random, newId: randomUUID,
    configuration: config.configuration, behaviour: config.behaviour,
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

import type { StationCommands } from '../dialect/dialect.ts';
import { ocpp16 } from '../dialect/ocpp16.ts';
import { ocpp201 } from '../dialect/ocpp201.ts';
import type { Json } from '../fields.ts';
import { createLink, NotImplementedAction, NotSupportedAction, type Link } from '../link.ts';
import type { Cancel } from '../ports.ts';
import type { Delivery } from '../queue/delivery.ts';
import { openRecordQueue } from '../queue/record-queue.ts';
import { createCertificateStore } from '../security/certificate-store.ts';
import { createLineSecurity, type LineSecurity } from '../security/line-security.ts';
import { openKeptValues } from '../storage/kept-values.ts';
import { createHttpTransfer } from '../transfer/http-transfer.ts';
import { createAuthorization } from './authorization.ts';
import { createBootAndHeartbeat, type BootAndHeartbeat } from './boot-and-heartbeat.ts';
import { createRemoteControl } from './commands/remote-control.ts';
import { createSettings } from './commands/settings.ts';
import { createTrigger } from './commands/trigger.ts';
import { createConfiguration } from './configuration.ts';
import { loadConnectorRuntimes, type Dispatch } from './connector-runtime.ts';
import { createConnectorSteps, dispatchSensed } from './connector-steps.ts';
import type { Tell } from './event.ts';
import { createFirmware, type Firmware } from './firmware.ts';
import { createLocalList } from './local-list.ts';
import { createDiagnostics } from './diagnostics.ts';
import { endInterruptedTransactions } from './interrupted-transactions.ts';
import { createSamples } from './meter-and-samples.ts';
import { createNotices } from './notices.ts';
import type { StationOptions } from './options.ts';
import { createReports } from './reports.ts';
import { createReservations, type Reservations } from './reservations.ts';
import { createReset } from './reset.ts';
import { createSavedState } from './saved-state.ts';
import { createSecurityEvents } from './security-events.ts';
import { createSmartCharging, type SmartCharging } from './smart-charging.ts';
import { openSnapshot } from './snapshot.ts';
import { createTimers } from './timers.ts';
import { createTransactionDelivery } from './transaction-delivery.ts';
import { createTransactions } from './transactions.ts';
import { createUploads } from './uploads.ts';
import { openTruthLog, type TransactionTruth } from './truth-log.ts';
import { createVendorMessages } from './vendor-messages.ts';
import { viewOfConnector, type StationView } from './view.ts';

export interface Station {
  start(): void;
  /** Orderly end of the process: closes the socket; whatever was not answered stays in the storage. */
  stop(): Promise<void>;
  /** Cuts the network cable: the socket ends without a close frame, and nothing reconnects until `restore`. */
  cut(): void;
  restore(): void;
  /** Pauses and resumes the supply of one connector from the EVSE's side (SuspendedEVSE). */
  pauseSupply(connectorId: number): void;
  resumeSupply(connectorId: number): void;
  /** Sends a DataTransfer; undefined when it got no answer. */
  sendDataTransfer(vendorId: string, messageId?: string, data?: string): Promise<Json | undefined>;
  /** Notes a security event, as a sensor of the charger would, and owes it to the CSMS. */
  raiseSecurityEvent(type: string, techInfo?: string): void;
  view(): StationView;
  truth(): TransactionTruth[];
  /** Resolves when the CSMS has answered every transaction message there is. */
  drained(): Promise<void>;
}

/** One charger: the connectors' state machines, the queue and the line to the CSMS, wired to the given ports. */
export function createStation(options: StationOptions): Station {
  const { clock, random, hardware, storage } = options;
  const behaviour = options.behaviour ?? {};
  const dialect = options.dialect === '1.6' ? ocpp16 : ocpp201;
  const queue = openRecordQueue(storage.openJournal('queue'));
  const truthLog = openTruthLog(storage.openJournal('truth'));
  const snapshot = openSnapshot(storage.openJournal('state'));
  const stored = snapshot.load();
  const configuration = createConfiguration({ ...options.configuration, ...stored.configuration });
  configuration.set('NumberOfConnectors', String(options.connectorCount));
  const kept = openKeptValues(storage.openJournal('kept'));
  const runtimes = loadConnectorRuntimes(stored, options.connectorCount);
  const timers = createTimers(clock);
  let isCut = false;
  let stopSensing: Cancel = () => undefined;

  const tell: Tell = (event) => {
    diagnostics.note(event);
    options.onEvent?.(event);
  };
  const now = (): string => new Date(clock.nowMs() + (behaviour.clockSkewMs ?? 0)).toISOString();
  // The line brings in what the parts below do, and they speak over the line: these three are asked for only once
  // all of them stand.
  const isReady = (): boolean => link.connected && boot.booted;
  const dispatch: Dispatch = (connectorId, event) => stepConnector(connectorId, event);

  const link: Link = createLink({
    url: options.url,
    identity: options.identity,
    way: () => line.way(),
    onConnectFailed: (failure) => line.failed(failure),
    subprotocol: dialect.subprotocol,
    clock, random,
    backoff: options.backoff,
    callTimeoutMs: options.callTimeoutMs,
    behaviour,
    pingIntervalMs: configuration.integer('WebSocketPingInterval') * 1_000,
    onOpen: () => {
      line.opened();
      void boot.opened();
    },
    onClosed: (reason) => {
      boot.closed();
      tell({ kind: 'disconnected', reason });
    },
    onRetry: (reason, delayMs) => tell({ kind: 'retrying', reason, delayMs }),
    onCall: async (action, params) => {
      const profile = dialect.featureProfiles?.[action];
      const isOffered = profile === undefined || configuration.text('SupportedFeatureProfiles').split(',').includes(profile);
      if (!isOffered) throw new NotSupportedAction(`${action} is of the profile ${profile}, which this charger does not offer`);
      const command = dialect.commands[action];
      if (!command) throw new NotImplementedAction(`${action} is not implemented by this charger`);
      tell({ kind: 'command', action });
      return command(params, commands);
    },
  });

  const localList = createLocalList({ kept, configuration, clock });
  const authorization = createAuthorization({
    known: stored.cache, configuration, localList, dialect, link, isReady, onListConflict: () => reports.reportListConflict(),
  });
  const state = createSavedState({ snapshot, runtimes, configuration, authorization, clock, now });
  const reports = createReports({ runtimes, dialect, link, isReady, behaviour, tell, now });
  const delivery: Delivery = createTransactionDelivery({
    queue, clock, random, dialect, link, configuration, authorization, truthLog, dispatch, behaviour, tell,
  });
  const notices = createNotices({ kept, link, timers, isReady, tell });
  const securityEvents = createSecurityEvents({ notices, now });
  const certificates = createCertificateStore({ kept, configuration, clock });
  const line: LineSecurity = createLineSecurity({
    kept, options, configuration, certificates, clock, timers, notices, securityEvents, tell,
    save: () => state.save(), reconnect: () => (isCut ? Promise.resolve() : link.reconnect()),
  });
  const transfer = options.transfer ?? createHttpTransfer(() => certificates.roots('CentralSystemRootCertificate'));
  const about = {
    ...options.about,
    get firmwareVersion() {
      return firmware.version;
    },
  };
  const boot: BootAndHeartbeat = createBootAndHeartbeat({
    about, dialect, link,
    delivery: {
      setReady(ready) {
        delivery.setReady(ready);
        if (ready) notices.flush();
      },
    }, reports, configuration, state, timers, random, tell,
  });
  const reset = createReset({ runtimes, link, boot, timers, isCut: () => isCut });
  const firmware: Firmware = createFirmware({
    kept, about: options.about, runtimes, transfer, behaviour, clock, timers, notices, securityEvents, reset, tell,
    manufacturerRoots: () => certificates.roots('ManufacturerRootCertificate'),
  });
  const transactions = createTransactions({ queue, delivery, truthLog, state, configuration, link, clock, tell, now });
  const reservations: Reservations = createReservations({ kept, runtimes, configuration, clock, timers, dispatch });
  const smartCharging: SmartCharging = createSmartCharging({ kept, runtimes, configuration, queue, clock, limit: hardware.limit, dispatch });
  const stepConnector = createConnectorSteps({
    runtimes, hardware, configuration, clock, timers, authorization, transactions, reports, reset, reservations, smartCharging, newId: options.newId, tell,
  });
  const samples = createSamples({
    meterTickMs: options.meterTickMs ?? 1_000,
    runtimes, configuration, clock, timers, transactions, truthLog, state, dialect, link, isReady, dispatch, now,
    beforeTick: smartCharging.apply,
  });
  const view = (): StationView => ({
    identity: options.identity, dialect: options.dialect, connected: link.connected, booted: boot.booted, heartbeatsAnswered: boot.heartbeatsAnswered, cut: isCut,
    waiting: queue.size, connectors: [...runtimes.values()].map((runtime) => viewOfConnector(runtime, queue)),
  });
  const diagnostics = createDiagnostics({ view, firmwareVersion: () => firmware.version, configuration, securityEvents, now });
  const uploads = createUploads({ identity: options.identity, diagnostics, transfer, behaviour, clock, timers, notices, tell });
  const commands: StationCommands = {
    ...createRemoteControl({
      version: options.dialect, runtimes, configuration, authorization, queue, lock: hardware.lock, reset, reservations, smartCharging, state, timers, dispatch,
    }),
    ...createSettings({ runtimes, configuration, authorization, line, boot, state, clock, isReady }),
    reserve: reservations.reserve,
    cancelReservation: reservations.cancel,
    localListVersion: localList.version,
    updateLocalList: localList.update,
    setChargingProfile: smartCharging.set,
    clearChargingProfile: smartCharging.clear,
    compositeSchedule: smartCharging.compositeSchedule,
    ...createTrigger({ about, runtimes, dialect, reports, samples, firmware, uploads, signCertificate: () => options.dialect === '1.6' && line.signCertificate(), timers }),
    updateFirmware: firmware.update,
    upload: uploads.start,
    installCertificate: certificates.install,
    deleteCertificate: (asked) => certificates.remove(asked, line.indispensableRoots()),
    installedCertificates: certificates.ids,
    adoptCertificate: line.adopt,
    ...createVendorMessages(options.vendorMessages ?? {}),
  };

  return {
    start() {
      if (timers.running) return;
      timers.start();
      endInterruptedTransactions({ runtimes, aliveAt: snapshot.load().aliveAt, queue, truthLog });
      state.save();
      stopSensing = hardware.sense.subscribe((event) => dispatchSensed(event, dispatch));
      samples.tick();
      samples.scheduleAligned();
      link.open();
    },
    async stop() {
      if (!timers.running) return;
      state.save();
      timers.stop();
      stopSensing();
      delivery.setReady(false);
      await link.close();
    },
    cut() {
      isCut = true;
      link.cut();
    },
    restore() {
      isCut = false;
      if (timers.running) link.open();
    },
    pauseSupply: (connectorId) => dispatch(connectorId, { kind: 'supplyPaused' }),
    resumeSupply: (connectorId) => dispatch(connectorId, { kind: 'supplyResumed' }),
    async sendDataTransfer(vendorId, messageId, data) {
      const call = dialect.dataTransfer(vendorId, messageId, data);
      const outcome = await link.call(call.action, call.params);
      return outcome.kind === 'answered' ? outcome.answer : undefined;
    },
    raiseSecurityEvent: securityEvents.raise,
    view,
    truth: () => truthLog.all(),
    drained: () => delivery.drained(),
  };
}

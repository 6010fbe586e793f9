import { backoffDelayMs } from '../backoff.ts';
import {
  canRemoteStart, newConnector, statusOf, step,
  type Connector, type ConnectorEffect, type ConnectorEvent, type ConnectorStatus, type Token,
} from '../connector/connector.ts';
import type { Dialect, BootReason, StationCommands, StationIdentity, TokenVerdict } from '../dialect/dialect.ts';
import { ocpp16 } from '../dialect/ocpp16.ts';
import { ocpp201 } from '../dialect/ocpp201.ts';
import { adoptRegister, integrate, type EnergyRegister } from '../energy.ts';
import type { Json } from '../fields.ts';
import { createLink, NotImplementedAction, type CallOutcome, type Link } from '../link.ts';
import type { BackoffRule } from '../backoff.ts';
import type { Cancel, ClockPort, FaultCode, HardwareEvent, HardwarePorts, MeterReading, RandomPort, StoragePort } from '../ports.ts';
import { createDelivery } from '../queue/delivery.ts';
import { openRecordQueue } from '../queue/record-queue.ts';
import type { ChargingState, Reading, ReadingContext, TransactionRecord } from '../queue/transaction-record.ts';
import { createConfiguration } from './configuration.ts';
import { openSnapshot, type OpenTransaction } from './snapshot.ts';
import { openTruthLog, type TransactionTruth } from './truth-log.ts';

export interface StationOptions {
  identity: string;
  /** Address without the identity, e.g. ws://127.0.0.1:9220/ocpp/demo */
  url: string;
  password?: string;
  dialect: '1.6' | '2.0.1';
  /** The connectors, numbered from 1. */
  connectorCount: number;
  about: StationIdentity;
  hardware: HardwarePorts;
  storage: StoragePort;
  clock: ClockPort;
  random: RandomPort;
  /** Makes ids of transactions, at most 36 characters, never one twice. */
  newId: () => string;
  /** First values of configuration keys, where they differ from the charger's own. */
  configuration?: { readonly [key: string]: string };
  backoff?: BackoffRule;
  callTimeoutMs?: number;
  /** How often the meter is read and energy counted. */
  meterTickMs?: number;
  /** Hears what happens; for logs and displays. Never given a password. */
  onEvent?: (event: StationEvent) => void;
}

export type StationEvent =
  | { kind: 'connected' }
  | { kind: 'disconnected'; reason: string }
  | { kind: 'retrying'; reason: string; delayMs: number }
  | { kind: 'booted'; status: string; intervalSeconds: number }
  | { kind: 'status'; connectorId: number; status: ConnectorStatus }
  | { kind: 'cardholder'; connectorId: number; message: 'accepted' | 'refused' | 'busy'; detail?: string }
  | { kind: 'transactionStarted'; connectorId: number; localId: string }
  | { kind: 'transactionStopped'; connectorId: number; localId: string; reason: string }
  | { kind: 'acknowledged'; record: TransactionRecord }
  | { kind: 'abandoned'; record: TransactionRecord; code: string }
  | { kind: 'command'; action: string }
  | { kind: 'failed'; what: string; error: string };

export interface ConnectorView {
  connectorId: number;
  status: ConnectorStatus;
  plugged: boolean;
  fault: FaultCode | null;
  registerWh: number;
  powerW: number;
  transaction: { localId: string; transactionId?: number; idTag: string; startedAt: string; meterStartWh: number } | null;
}

export interface StationView {
  identity: string;
  dialect: '1.6' | '2.0.1';
  connected: boolean;
  booted: boolean;
  /** True after `cut`, until `restore`. */
  cut: boolean;
  connectors: ConnectorView[];
  /** Transaction messages that the CSMS has not answered yet. */
  waiting: number;
}

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
  view(): StationView;
  truth(): TransactionTruth[];
  /** Resolves when the CSMS has answered every transaction message there is. */
  drained(): Promise<void>;
}

interface ConnectorRuntime {
  connector: Connector;
  register: EnergyRegister;
  lastReading: MeterReading;
  transaction: OpenTransaction | null;
  nextSampleAtMs: number;
}

const bootRetryFallbackSeconds = 30;
const rebootPauseMs = 1_000;
const saveEveryMs = 15_000;

/** One charger: the connectors' state machines, the queue and the line to the CSMS, wired to the given ports. */
export function createStation(options: StationOptions): Station {
  const { clock, random, hardware, storage } = options;
  const dialect: Dialect = options.dialect === '1.6' ? ocpp16 : ocpp201;
  const queue = openRecordQueue(storage.openJournal('queue'));
  const truthLog = openTruthLog(storage.openJournal('truth'));
  const snapshot = openSnapshot(storage.openJournal('state'));
  const configuration = createConfiguration({ ...options.configuration, ...snapshot.load().configuration });
  configuration.set('NumberOfConnectors', String(options.connectorCount));

  const runtimes = new Map<number, ConnectorRuntime>();
  const authorizationCache = new Map<string, TokenVerdict>(Object.entries(snapshot.load().cache));
  let bootReason: BootReason = 'powerUp';
  let booted = false;
  let isCut = false;
  let running = false;
  let resetOnIdle = false;
  let epoch = 0;
  const timers = new Set<Cancel>();
  let stopSensing: Cancel = () => undefined;
  let cancelHeartbeat: Cancel = () => undefined;
  let savedAtMs = clock.monotonicMs();

  loadRuntimes();

  const link: Link = createLink({
    url: options.url,
    identity: options.identity,
    password: configuration.text('AuthorizationKey') || options.password,
    subprotocol: dialect.subprotocol,
    clock, random,
    backoff: options.backoff,
    callTimeoutMs: options.callTimeoutMs,
    pingIntervalMs: configuration.integer('WebSocketPingInterval') * 1_000,
    onOpen: () => void opened(),
    onClosed: (reason) => {
      epoch += 1;
      delivery.setReady(false);
      tell({ kind: 'disconnected', reason });
    },
    onRetry: (reason, delayMs) => tell({ kind: 'retrying', reason, delayMs }),
    onCall: async (action, params) => {
      const command = dialect.commands[action];
      if (!command) throw new NotImplementedAction(`${action} is not implemented by this charger`);
      tell({ kind: 'command', action });
      return command(params, commands);
    },
  });

  const delivery = createDelivery({
    queue, clock, random,
    attemptsMax: () => configuration.integer('TransactionMessageAttempts'),
    retryIntervalMs: () => configuration.integer('TransactionMessageRetryInterval') * 1_000,
    async send(record, transactionId) {
      const call = dialect.transaction(record, transactionId);
      if (!call) return { kind: 'answered' };
      const outcome = await link.call(call.action, call.params);
      if (outcome.kind !== 'answered') return outcome;
      const { transactionId: given, verdict } = dialect.readTransaction(record, outcome.answer);
      remember(record.idToken, verdict);
      return { kind: 'answered', transactionId: given, tokenStatus: verdict?.status };
    },
    onAnswered(record, { transactionId, tokenStatus }) {
      const truth = truthLog.of(record.localId);
      if (record.kind === 'started') truthLog.note(record.localId, { startAcknowledged: true, ...(transactionId !== undefined && { transactionId }) });
      else if (record.kind === 'stopped') truthLog.note(record.localId, { stopAcknowledged: true });
      else if (record.reading) truthLog.note(record.localId, { readingsAcknowledged: (truth?.readingsAcknowledged ?? 0) + 1 });
      tell({ kind: 'acknowledged', record });
      const isRefused = tokenStatus !== undefined && tokenStatus !== 'Accepted';
      if (record.kind === 'started' && isRefused && configuration.isOn('StopTransactionOnInvalidId')) {
        dispatch(record.connectorId, { kind: 'deauthorized', localId: record.localId });
      }
    },
    onAbandoned(record, code) {
      truthLog.note(record.localId, { abandoned: code });
      tell({ kind: 'abandoned', record, code });
    },
  });

  function tell(event: StationEvent): void {
    options.onEvent?.(event);
  }

  function loadRuntimes(): void {
    const stored = snapshot.load();
    for (let connectorId = 1; connectorId <= options.connectorCount; connectorId += 1) {
      const known = stored.connectors[String(connectorId)];
      runtimes.set(connectorId, {
        connector: { ...newConnector(connectorId), operative: known?.operative ?? true },
        register: { registerWh: known?.registerWh ?? 0, readAtMs: null },
        lastReading: { powerW: 0 },
        transaction: known?.transaction ?? null,
        nextSampleAtMs: 0,
      });
    }
  }

  /** A transaction that was running when the power went ends at the last moment that the charger remembers. */
  function endInterruptedTransactions(): void {
    const { aliveAt } = snapshot.load();
    for (const runtime of runtimes.values()) {
      const { transaction } = runtime;
      if (!transaction) continue;
      const at = aliveAt && aliveAt > transaction.startedAt ? aliveAt : transaction.startedAt;
      // A start is queued after the snapshot that names it, a stop before the snapshot that forgets it: a crash between
      // the two leaves a transaction here that never began, or one that has already ended.
      const isBegun = queue.nextSeqNo(transaction.localId) > 0;
      const isEnded = queue.waiting().some((waiting) => waiting.kind === 'stopped' && waiting.localId === transaction.localId);
      runtime.transaction = null;
      if (!isBegun || isEnded) continue;
      queue.put({
        kind: 'stopped', localId: transaction.localId,
        seqNo: Math.max(transaction.nextSeqNo, queue.nextSeqNo(transaction.localId)),
        connectorId: runtime.connector.connectorId, at, trigger: 'abnormal', chargingState: 'idle', offline: true,
        reason: 'PowerLoss', reading: { registerWh: runtime.register.registerWh }, context: 'end',
      });
      truthLog.note(transaction.localId, { stoppedAt: at, meterStopWh: Math.round(runtime.register.registerWh), reason: 'PowerLoss' });
    }
    save();
  }

  function save(): void {
    savedAtMs = clock.monotonicMs();
    const connectors: { [connectorId: string]: { registerWh: number; operative: boolean; transaction: OpenTransaction | null } } = {};
    for (const [connectorId, runtime] of runtimes) {
      connectors[String(connectorId)] = {
        registerWh: runtime.register.registerWh, operative: runtime.connector.operative, transaction: runtime.transaction,
      };
    }
    snapshot.save({
      aliveAt: now(), connectors, configuration: configuration.changed(),
      cache: configuration.isOn('AuthorizationCacheEnabled') ? Object.fromEntries(authorizationCache) : {},
    });
  }

  function now(): string {
    return new Date(clock.nowMs()).toISOString();
  }

  function later(delayMs: number, run: () => void): Cancel {
    const cancel = clock.schedule(delayMs, () => {
      timers.delete(cancel);
      if (running) run();
    });
    timers.add(cancel);
    return () => {
      timers.delete(cancel);
      cancel();
    };
  }

  // ---- connectors ----

  function runtimeOf(connectorId: number): ConnectorRuntime | undefined {
    return runtimes.get(connectorId);
  }

  function dispatch(connectorId: number, event: ConnectorEvent): void {
    const runtime = runtimeOf(connectorId);
    if (!runtime || !running) return;
    readMeter(runtime);
    const { connector, effects } = step(runtime.connector, event, {
      nowMs: clock.nowMs(),
      newTransactionId: options.newId(),
      connectionTimeoutMs: configuration.integer('ConnectionTimeOut') * 1_000,
      stopOnEvSideDisconnect: configuration.isOn('StopTransactionOnEVSideDisconnect'),
      unlockOnEvSideDisconnect: configuration.isOn('UnlockConnectorOnEVSideDisconnect'),
    });
    runtime.connector = connector;
    for (const effect of effects) carryOut(runtime, effect);
    if (resetOnIdle && ![...runtimes.values()].some((other) => other.connector.transaction)) reboot();
  }

  function carryOut(runtime: ConnectorRuntime, effect: ConnectorEffect): void {
    const { connectorId } = runtime.connector;
    switch (effect.kind) {
      case 'setRelay':
        hardware.relay.set(connectorId, effect.closed);
        // The contactor cuts at once; what was read a moment ago flows no longer.
        if (!effect.closed) runtime.lastReading = { ...runtime.lastReading, powerW: 0, currentA: 0 };
        return;
      case 'unlock':
        hardware.lock.unlock(connectorId);
        return;
      case 'tellCardholder':
        tell({ kind: 'cardholder', connectorId, message: effect.message, detail: effect.detail });
        return;
      case 'reportStatus':
        tell({ kind: 'status', connectorId, status: effect.status });
        void reportStatus(connectorId);
        return;
      case 'askAuthorization':
        void authorize(effect.token).then((verdict) => {
          const token = { ...effect.token, group: verdict.group };
          dispatch(connectorId, verdict.accepted ? { kind: 'authorized', token } : { kind: 'refused', token, status: verdict.status });
        });
        return;
      case 'startTransaction': {
        const startedAt = now();
        const meterStartWh = Math.round(runtime.register.registerWh);
        runtime.transaction = { localId: effect.localId, idToken: effect.token.idToken, startedAt, meterStartWh, nextSeqNo: 0 };
        runtime.nextSampleAtMs = clock.monotonicMs() + configuration.integer('MeterValueSampleInterval') * 1_000;
        record(runtime, {
          kind: 'started', trigger: effect.trigger, at: startedAt, idToken: effect.token.idToken, idTokenType: effect.token.type,
          remoteStartId: effect.remoteStartId, reservationId: effect.reservationId, context: 'begin',
          reading: { registerWh: runtime.register.registerWh },
        });
        truthLog.note(effect.localId, { connectorId, idTag: effect.token.idToken, startedAt, meterStartWh });
        tell({ kind: 'transactionStarted', connectorId, localId: effect.localId });
        return;
      }
      case 'updateTransaction':
        record(runtime, { kind: 'updated', trigger: effect.trigger });
        return;
      case 'stopTransaction': {
        const { transaction } = runtime;
        if (!transaction) return;
        const at = now();
        record(runtime, {
          kind: 'stopped', trigger: effect.trigger, at, reason: effect.reason, context: 'end',
          idToken: effect.token?.idToken, idTokenType: effect.token?.type,
          reading: { registerWh: runtime.register.registerWh, socPercent: runtime.lastReading.socPercent },
        });
        truthLog.note(transaction.localId, { stoppedAt: at, meterStopWh: Math.round(runtime.register.registerWh), reason: effect.reason });
        tell({ kind: 'transactionStopped', connectorId, localId: transaction.localId, reason: effect.reason });
      }
    }
  }

  /** Puts one fact about the running transaction into the queue; on the disk before it is sent. */
  function record(runtime: ConnectorRuntime, fact: Pick<TransactionRecord, 'kind' | 'trigger'> & Partial<TransactionRecord>): void {
    const { transaction } = runtime;
    if (!transaction) return;
    const seqNo = transaction.nextSeqNo;
    runtime.transaction = fact.kind === 'stopped' ? null : { ...transaction, nextSeqNo: seqNo + 1 };
    // A stop is queued before the snapshot forgets the transaction, everything else after the snapshot has counted it:
    // a crash between the two repeats a stop that the CSMS knows, or leaves a gap in seqNo, and never loses one.
    if (fact.kind !== 'stopped') save();
    queue.put({
      localId: transaction.localId, seqNo, connectorId: runtime.connector.connectorId, at: now(),
      chargingState: chargingStateOf(runtime, fact.kind), offline: !link.connected, ...fact,
    });
    if (fact.kind === 'stopped') save();
    delivery.nudge();
  }

  function chargingStateOf(runtime: ConnectorRuntime, kind: TransactionRecord['kind']): ChargingState {
    if (kind === 'stopped') return runtime.connector.plugged ? 'evConnected' : 'idle';
    return runtime.connector.transaction?.supply ?? 'charging';
  }

  // ---- meter ----

  function readMeter(runtime: ConnectorRuntime): void {
    const reading = hardware.meter.read(runtime.connector.connectorId);
    const atMs = clock.monotonicMs();
    runtime.register = reading.registerWh === undefined
      // The mean of the two ends is the power in between.
      ? integrate(runtime.register, (runtime.lastReading.powerW + reading.powerW) / 2, atMs)
      : adoptRegister(runtime.register, reading.registerWh, atMs);
    runtime.lastReading = reading;
  }

  function readingOf(runtime: ConnectorRuntime): Reading {
    const { powerW, voltageV, currentA, socPercent } = runtime.lastReading;
    return { registerWh: runtime.register.registerWh, powerW, voltageV, currentA, socPercent };
  }

  function tick(): void {
    for (const [connectorId, runtime] of runtimes) {
      dispatch(connectorId, { kind: 'timePassed' });
      dispatch(connectorId, { kind: 'powerMeasured', powerW: runtime.lastReading.powerW });
      const intervalMs = configuration.integer('MeterValueSampleInterval') * 1_000;
      if (runtime.transaction && intervalMs > 0 && clock.monotonicMs() >= runtime.nextSampleAtMs) {
        runtime.nextSampleAtMs += intervalMs;
        if (runtime.nextSampleAtMs <= clock.monotonicMs()) runtime.nextSampleAtMs = clock.monotonicMs() + intervalMs;
        sample(runtime, 'periodic');
      }
    }
    // While energy flows, a power loss may cost at most this much of it.
    const isCharging = [...runtimes.values()].some((runtime) => runtime.transaction);
    if (isCharging && clock.monotonicMs() - savedAtMs >= saveEveryMs) save();
    later(options.meterTickMs ?? 1_000, tick);
  }

  function sample(runtime: ConnectorRuntime, context: ReadingContext): void {
    const { transaction } = runtime;
    if (transaction) {
      truthLog.note(transaction.localId, { readings: (truthLog.of(transaction.localId)?.readings ?? 0) + 1 });
      const trigger = context === 'clock' ? 'meterClock' : context === 'trigger' ? 'triggered' : 'meterPeriodic';
      record(runtime, { kind: 'updated', trigger, reading: readingOf(runtime), context });
    } else if (link.connected && booted) {
      const call = dialect.meterValues(runtime.connector.connectorId, now(), readingOf(runtime), context);
      void link.call(call.action, call.params);
    }
  }

  function scheduleAlignedSamples(): void {
    const intervalMs = configuration.integer('ClockAlignedDataInterval') * 1_000;
    // Asked again each minute while it is off, so that a change needs no restart.
    const delayMs = intervalMs > 0 ? intervalMs - (clock.nowMs() % intervalMs) : 60_000;
    later(delayMs, () => {
      if (intervalMs > 0) for (const runtime of runtimes.values()) sample(runtime, 'clock');
      scheduleAlignedSamples();
    });
  }

  // ---- authorization ----

  async function authorize(token: Token): Promise<TokenVerdict> {
    const cached = configuration.isOn('AuthorizationCacheEnabled') ? authorizationCache.get(token.idToken) : undefined;
    if (cached?.accepted && configuration.isOn('LocalPreAuthorize')) return cached;
    if (link.connected && booted) {
      const call = dialect.authorize(token);
      const outcome = await link.call(call.action, call.params);
      if (outcome.kind === 'answered') {
        const verdict = dialect.readAuthorize(outcome.answer);
        remember(token.idToken, verdict);
        return verdict;
      }
    }
    if (cached && configuration.isOn('LocalAuthorizeOffline')) return cached;
    const isAllowed = configuration.isOn('AllowOfflineTxForUnknownId');
    return { accepted: isAllowed, status: isAllowed ? 'Accepted' : 'Offline' };
  }

  function remember(idToken: string | undefined, verdict: TokenVerdict | undefined): void {
    if (!idToken || !verdict || !configuration.isOn('AuthorizationCacheEnabled')) return;
    if (verdict.status === 'ConcurrentTx') return;
    // Bounded: the oldest entry makes room.
    if (authorizationCache.size >= 1_000) for (const oldest of [...authorizationCache.keys()].slice(0, 100)) authorizationCache.delete(oldest);
    authorizationCache.set(idToken, verdict);
  }

  // ---- the line ----

  async function opened(): Promise<void> {
    const mine = ++epoch;
    tell({ kind: 'connected' });
    if (!booted) {
      await boot(mine);
    } else {
      await reportAll(mine);
    }
    if (mine !== epoch || !booted) return;
    delivery.setReady(true);
    scheduleHeartbeat();
  }

  /** BootNotification until it is accepted, at the interval that the CSMS asks for (OCPP 1.6, 4.2). */
  async function boot(mine: number): Promise<void> {
    for (let attempt = 1; mine === epoch && running; attempt += 1) {
      const call = dialect.boot(options.about, bootReason);
      const outcome = await link.call(call.action, call.params);
      if (mine !== epoch) return;
      let waitMs = backoffDelayMs({ firstMs: 2_000, maxMs: 60_000, jitter: 0.25 }, attempt, random);
      if (outcome.kind === 'answered') {
        const { status, intervalSeconds } = dialect.readBoot(outcome.answer);
        tell({ kind: 'booted', status, intervalSeconds });
        if (status === 'Accepted') {
          if (intervalSeconds > 0) configuration.set('HeartbeatInterval', String(intervalSeconds));
          booted = true;
          bootReason = 'powerUp';
          save();
          await reportAll(mine);
          return;
        }
        waitMs = (intervalSeconds > 0 ? intervalSeconds : bootRetryFallbackSeconds) * 1_000;
      }
      await new Promise<void>((resolve) => void later(waitMs, resolve));
    }
  }

  async function reportAll(mine: number): Promise<void> {
    await reportStatus(0);
    for (const connectorId of runtimes.keys()) {
      if (mine !== epoch) return;
      await reportStatus(connectorId);
    }
  }

  async function reportStatus(connectorId: number): Promise<void> {
    if (!link.connected || !booted) return;
    const connector = runtimeOf(connectorId)?.connector;
    const status = connector ? statusOf(connector) : stationStatus();
    const call = dialect.status({ connectorId, status, fault: connector?.fault ?? null, at: now() });
    if (call) await told('StatusNotification', link.call(call.action, call.params));
  }

  /** Connector 0 speaks for the whole station: Unavailable when all of it is. */
  function stationStatus(): ConnectorStatus {
    return [...runtimes.values()].every((runtime) => !runtime.connector.operative) ? 'Unavailable' : 'Available';
  }

  function scheduleHeartbeat(): void {
    cancelHeartbeat();
    cancelHeartbeat = later(configuration.integer('HeartbeatInterval') * 1_000, () => {
      if (!link.connected || !booted) return;
      const call = dialect.heartbeat();
      void told('Heartbeat', link.call(call.action, call.params));
      scheduleHeartbeat();
    });
  }

  async function told(what: string, outcome: Promise<CallOutcome>): Promise<void> {
    const ended = await outcome;
    if (ended.kind === 'refused') tell({ kind: 'failed', what, error: `${ended.code} ${ended.description}` });
  }

  function reboot(): void {
    resetOnIdle = false;
    booted = false;
    bootReason = 'remoteReset';
    // The answer to Reset goes out first, then the line is closed and opened as after a power-up.
    later(rebootPauseMs, () => {
      void link.close().then(() => {
        if (running && !isCut) link.open();
      });
    });
  }

  // ---- commands ----

  const commands: StationCommands = {
    remoteStart({ connectorId, token, remoteStartId }) {
      const free = connectorId === undefined
        ? [...runtimes.values()].find((runtime) => canRemoteStart(runtime.connector, token))
        : runtimeOf(connectorId);
      if (!free || !canRemoteStart(free.connector, token)) return false;
      const target = free.connector.connectorId;
      // The answer first, the consequence after (OCPP 1.6, 5.11).
      later(0, () => {
        if (!configuration.isOn('AuthorizeRemoteTxRequests')) return dispatch(target, { kind: 'remoteStart', token, remoteStartId });
        void authorize(token).then((verdict) => {
          if (verdict.accepted) dispatch(target, { kind: 'remoteStart', token: { ...token, group: verdict.group }, remoteStartId });
        });
      });
      return true;
    },
    remoteStop({ transactionId, localId }) {
      const target = [...runtimes.values()].find(({ transaction }) => transaction
        && (localId === undefined ? queue.transactionIdOf(transaction.localId) === transactionId : transaction.localId === localId));
      if (!target) return false;
      later(0, () => dispatch(target.connector.connectorId, { kind: 'remoteStop' }));
      return true;
    },
    reset({ hard, onIdle }) {
      const isBusy = [...runtimes.values()].some((runtime) => runtime.connector.transaction);
      if (onIdle && isBusy) {
        resetOnIdle = true;
        return 'Scheduled';
      }
      later(0, () => {
        for (const connectorId of runtimes.keys()) dispatch(connectorId, { kind: 'resetAsked', hard });
        reboot();
      });
      return 'Accepted';
    },
    unlock(connectorId) {
      const runtime = runtimeOf(connectorId);
      if (!runtime) return 'UnknownConnector';
      if (runtime.connector.transaction && options.dialect === '2.0.1') return 'OngoingAuthorizedTransaction';
      if (!runtime.connector.transaction) return hardware.lock.unlock(connectorId) ? 'Unlocked' : 'UnlockFailed';
      later(0, () => dispatch(connectorId, { kind: 'unlockAsked' }));
      return 'Unlocked';
    },
    changeAvailability(connectorId, operative) {
      const targets = connectorId === 0 ? [...runtimes.values()] : [runtimeOf(connectorId)].filter((runtime) => runtime !== undefined);
      if (targets.length === 0) return 'Rejected';
      const isScheduled = !operative && targets.some((runtime) => runtime.connector.transaction);
      later(0, () => {
        for (const { connector } of targets) dispatch(connector.connectorId, { kind: 'availabilityChanged', operative });
        save();
      });
      return isScheduled ? 'Scheduled' : 'Accepted';
    },
    setConfiguration(key, value) {
      const result = configuration.change(key, value);
      if (result !== 'Accepted') return result;
      if (key === 'AuthorizationKey') link.setPassword(value);
      if (key === 'HeartbeatInterval' && link.connected && booted) scheduleHeartbeat();
      if (key === 'MeterValueSampleInterval') {
        for (const runtime of runtimes.values()) runtime.nextSampleAtMs = clock.monotonicMs() + Number(value) * 1_000;
      }
      save();
      return 'Accepted';
    },
    getConfiguration: (key) => configuration.tell(key),
    configurationKeys: () => configuration.keys(),
    clearCache() {
      if (!configuration.isOn('AuthorizationCacheEnabled')) return false;
      authorizationCache.clear();
      save();
      return true;
    },
    reserve(request) {
      const runtime = runtimeOf(request.connectorId);
      if (!runtime) return 'Rejected';
      const status = statusOf(runtime.connector);
      const isSame = runtime.connector.reservation?.reservationId === request.reservationId;
      if (status === 'Faulted' || status === 'Unavailable') return status;
      if (status !== 'Available' && !(status === 'Reserved' && isSame)) return 'Occupied';
      const { connectorId, ...reservation } = request;
      later(0, () => dispatch(connectorId, { kind: 'reserved', ...reservation }));
      return 'Accepted';
    },
    cancelReservation(reservationId) {
      const runtime = [...runtimes.values()].find(({ connector }) => connector.reservation?.reservationId === reservationId);
      if (!runtime) return false;
      later(0, () => dispatch(runtime.connector.connectorId, { kind: 'reservationCancelled', reservationId }));
      return true;
    },
    trigger(message, connectorId) {
      const targets = connectorId === undefined ? [...runtimes.values()] : [runtimeOf(connectorId)].filter((runtime) => runtime !== undefined);
      if (targets.length === 0 && connectorId !== 0) return 'Rejected';
      later(0, () => {
        if (message === 'boot' || message === 'heartbeat') {
          const call = message === 'boot' ? dialect.boot(options.about, 'triggered') : dialect.heartbeat();
          void told(call.action, link.call(call.action, call.params));
        } else if (message === 'status') {
          if (connectorId === undefined || connectorId === 0) void reportStatus(0);
          for (const { connector } of targets) void reportStatus(connector.connectorId);
        } else {
          for (const runtime of targets) if (message === 'meterValues' || runtime.transaction) sample(runtime, 'trigger');
        }
      });
      return 'Accepted';
    },
    dataTransfer: () => ({ status: 'UnknownVendorId' }),
  };

  function sense(event: HardwareEvent): void {
    const { connectorId } = event;
    if (event.kind === 'cardTapped') dispatch(connectorId, { kind: 'cardTapped', token: { idToken: event.idTag, type: 'ISO14443' } });
    else if (event.kind === 'faultRaised') dispatch(connectorId, { kind: 'faultRaised', errorCode: event.errorCode });
    else dispatch(connectorId, { kind: event.kind });
  }

  return {
    start() {
      if (running) return;
      running = true;
      endInterruptedTransactions();
      stopSensing = hardware.sense.subscribe(sense);
      tick();
      scheduleAlignedSamples();
      link.open();
    },
    async stop() {
      if (!running) return;
      save();
      running = false;
      stopSensing();
      delivery.setReady(false);
      for (const cancel of timers) cancel();
      timers.clear();
      await link.close();
    },
    cut() {
      isCut = true;
      link.cut();
    },
    restore() {
      isCut = false;
      if (running) link.open();
    },
    pauseSupply: (connectorId) => dispatch(connectorId, { kind: 'supplyPaused' }),
    resumeSupply: (connectorId) => dispatch(connectorId, { kind: 'supplyResumed' }),
    async sendDataTransfer(vendorId, messageId, data) {
      const call = dialect.dataTransfer(vendorId, messageId, data);
      const outcome = await link.call(call.action, call.params);
      return outcome.kind === 'answered' ? outcome.answer : undefined;
    },
    view() {
      return {
        identity: options.identity, dialect: options.dialect, connected: link.connected, booted, cut: isCut, waiting: queue.size,
        connectors: [...runtimes.values()].map(({ connector, register, lastReading, transaction }) => ({
          connectorId: connector.connectorId, status: statusOf(connector), plugged: connector.plugged, fault: connector.fault,
          registerWh: register.registerWh, powerW: connector.transaction ? lastReading.powerW : 0,
          transaction: transaction && {
            localId: transaction.localId, transactionId: queue.transactionIdOf(transaction.localId), idTag: transaction.idToken,
            startedAt: transaction.startedAt, meterStartWh: transaction.meterStartWh,
          },
        })),
      };
    },
    truth: () => truthLog.all(),
    drained: () => delivery.drained(),
  };
}

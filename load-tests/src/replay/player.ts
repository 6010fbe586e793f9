import {
  createDelivery, createLink, ocpp16, ocpp201, openRecordQueue, NotImplementedAction,
  type ClockPort, type Dialect, type Journal, type RandomPort, type SendOutcome, type TransactionRecord,
} from '@csms/edge';
import type { ScheduledStation } from './schedule.ts';
import { scriptOf } from './script.ts';

export interface PlayOptions {
  station: ScheduledStation;
  ocppUrl: string;
  password: string | undefined;
  clock: ClockPort;
  random: RandomPort;
  /** Gives up when nothing was answered for so long. */
  giveUpAfterMs: number;
  onSession: () => void;
}

export interface PlayedStation {
  identity: string;
  sessions: number;
  messages: number;
  connections: number;
  resent: number;
  abandoned: Array<{ transactionId: string; code: string }>;
}

const windowSize = 16;

/** Nothing has to survive this process: a replay that is started again sends everything again. */
const noJournal: Journal = { lines: () => [], append: () => undefined, replace: () => undefined, close: () => undefined };

/**
 * Plays one station from its first session to its last over one socket at a time. Like a charger it reconnects when the
 * gateway dies, and sends again, under a new message id, whatever was not answered.
 * @throws Error when no answer came for `giveUpAfterMs`
 */
export function playStation(options: PlayOptions): Promise<PlayedStation> {
  const { station, clock, random } = options;
  const dialect: Dialect = station.dialect === '1.6' ? ocpp16 : ocpp201;
  const queue = openRecordQueue(noJournal);
  const script = scriptOf(station.sessions);
  const played: PlayedStation = { identity: station.identity, sessions: 0, messages: 0, connections: 0, resent: 0, abandoned: [] };
  let next = 0;
  let booted = false;
  let lastProblem = 'it never connected';
  let lastAnswerMs = clock.monotonicMs();

  const link = createLink({
    url: options.ocppUrl, identity: station.identity, password: options.password, subprotocol: dialect.subprotocol,
    clock, random, backoff: { firstMs: 200, maxMs: 5_000, jitter: 0.5 }, callTimeoutMs: 30_000,
    onOpen: () => {
      played.connections += 1;
      void begin();
    },
    onClosed: (reason) => {
      lastProblem = reason;
      delivery.setReady(false);
    },
    onRetry: (reason) => (lastProblem = reason),
    async onCall(action) {
      throw new NotImplementedAction(`${action} is not for a replayed station`);
    },
  });

  const delivery = createDelivery({
    queue, clock, random, send,
    attemptsMax: () => 20,
    retryIntervalMs: () => 250,
    onAnswered: (record) => settled(record),
    onAbandoned(record, code) {
      played.abandoned.push({ transactionId: record.localId, code });
      settled(record);
    },
  });

  async function call(action: string, params: object): Promise<SendOutcome & { answer?: { readonly [name: string]: unknown } }> {
    played.messages += 1;
    const outcome = await link.call(action, params);
    if (outcome.kind === 'unanswered') played.resent += 1;
    else lastAnswerMs = clock.monotonicMs();
    if (outcome.kind === 'refused') lastProblem = `${action} was refused: ${outcome.code} ${outcome.description}`;
    if (outcome.kind === 'answered') return { kind: 'answered', answer: outcome.answer };
    return outcome.kind === 'refused' ? outcome : { kind: 'unanswered' };
  }

  async function send(record: TransactionRecord, transactionId: number | undefined): Promise<SendOutcome> {
    const message = dialect.transaction(record, transactionId);
    let outcome: SendOutcome = { kind: 'answered' };
    if (message) {
      const sent = await call(message.action, message.params);
      outcome = sent.kind === 'answered' && sent.answer ? { kind: 'answered', ...dialect.readTransaction(record, sent.answer) } : sent;
    }
    if (outcome.kind !== 'answered') return outcome;
    // 1.6 tells the end of the flow, and the free connector, by a status of its own.
    const status = station.dialect === '1.6' && record.kind === 'updated' && record.chargingState === 'suspendedEv' ? 'SuspendedEV'
      : record.kind === 'stopped' ? 'Available' : undefined;
    const report = status && dialect.status({ connectorId: record.connectorId, status, fault: null, at: record.at });
    if (!report) return outcome;
    const told = await call(report.action, report.params);
    return told.kind === 'answered' ? outcome : told;
  }

  /** BootNotification once a process, as after a power-up; a reconnection alone does not repeat it. */
  async function begin(): Promise<void> {
    while (!booted && link.connected) {
      const boot = dialect.boot({ vendor: 'Charge-IT', model: 'replay' }, 'powerUp');
      const outcome = await call(boot.action, boot.params);
      if (outcome.kind === 'answered' && outcome.answer) {
        const { status, intervalSeconds } = dialect.readBoot(outcome.answer);
        booted = status === 'Accepted';
        if (!booted) {
          lastProblem = `the boot was answered ${status}`;
          await pause(Math.min(10, Math.max(1, intervalSeconds)) * 1_000);
        }
      } else if (link.connected) {
        await pause(1_000);
      }
    }
    if (booted && link.connected) delivery.setReady(true);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => void clock.schedule(ms, resolve));
  }

  function settled(record: TransactionRecord): void {
    if (record.kind === 'stopped') {
      played.sessions += 1;
      options.onSession();
    }
    feed();
  }

  /** Keeps a few records in the queue; a station may have a hundred thousand. */
  function feed(): void {
    while (next < script.length && queue.size < windowSize) {
      const record = script[next];
      next += 1;
      if (record) queue.put(record);
    }
    delivery.nudge();
  }

  return new Promise<PlayedStation>((resolve, reject) => {
    let finished = false;
    const finish = (error?: Error) => {
      if (finished) return;
      finished = true;
      void link.close().finally(() => (error ? reject(error) : resolve(played)));
    };
    const watch = () => {
      if (finished) return;
      if (next >= script.length && queue.size === 0) return finish();
      if (clock.monotonicMs() - lastAnswerMs > options.giveUpAfterMs) {
        const seconds = Math.round(options.giveUpAfterMs / 1_000);
        return finish(new Error(`station ${station.identity} got no answer for ${seconds} s: ${lastProblem}`));
      }
      clock.schedule(50, watch);
    };
    feed();
    link.open();
    watch();
  });
}

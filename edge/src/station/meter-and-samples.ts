import type { Dialect } from '../dialect/dialect.ts';
import { adoptRegister, integrate } from '../energy.ts';
import { selectMeasurands } from './measurands.ts';
import type { Link } from '../link.ts';
import type { ClockPort, MeterPort } from '../ports.ts';
import type { Reading, ReadingContext } from '../queue/transaction-record.ts';
import type { Configuration } from './configuration.ts';
import type { ConnectorRuntime, ConnectorRuntimes, Dispatch } from './connector-runtime.ts';
import type { SavedState } from './saved-state.ts';
import type { Timers } from './timers.ts';
import type { Transactions } from './transactions.ts';
import type { TruthLog } from './truth-log.ts';

export interface SamplesParts {
  /** How often the meter is read and energy counted. */
  meterTickMs: number;
  runtimes: ConnectorRuntimes;
  configuration: Pick<Configuration, 'integer' | 'text'>;
  clock: Pick<ClockPort, 'nowMs' | 'monotonicMs'>;
  timers: Pick<Timers, 'later'>;
  transactions: Pick<Transactions, 'record'>;
  truthLog: Pick<TruthLog, 'of' | 'note'>;
  state: Pick<SavedState, 'saveIfOld'>;
  dialect: Pick<Dialect, 'meterValues'>;
  link: Pick<Link, 'call'>;
  /** Connected, and the boot was accepted. */
  isReady: () => boolean;
  /** Runs at each tick, before the meters are read. */
  beforeTick: () => void;
  dispatch: Dispatch;
  now: () => string;
}

export interface Samples {
  /** Tells one reading now: a fact of the running transaction, else a message that is not kept. */
  sample(runtime: ConnectorRuntime, context: ReadingContext): void;
  /** Reads the meters from now on, for as long as the station runs. */
  tick(): void;
  /** Takes readings at whole intervals of the wall clock (OCPP 1.6, ClockAlignedDataInterval). */
  scheduleAligned(): void;
}

/** Reads one meter at `atMs` of the monotonic clock and counts the energy since the last time. */
export function readMeter(runtime: ConnectorRuntime, meter: MeterPort, atMs: number): void {
  const reading = meter.read(runtime.connector.connectorId);
  runtime.register = reading.registerWh === undefined
    // The mean of the two ends is the power in between.
    ? integrate(runtime.register, (runtime.lastReading.powerW + reading.powerW) / 2, atMs)
    : adoptRegister(runtime.register, reading.registerWh, atMs);
  runtime.lastReading = reading;
}

/** When readings are taken, and where they go. */
export function createSamples(parts: SamplesParts): Samples {
  const { meterTickMs, runtimes, configuration, clock, timers, transactions, truthLog, state, dialect, link, isReady, beforeTick, dispatch, now } = parts;

  function sample(runtime: ConnectorRuntime, context: ReadingContext): void {
    const { transaction } = runtime;
    const reading = selectMeasurands(readingOf(runtime), configuration.text(context === 'clock' ? 'MeterValuesAlignedData' : 'MeterValuesSampledData'));
    if (transaction) {
      truthLog.note(transaction.localId, { readings: (truthLog.of(transaction.localId)?.readings ?? 0) + 1 });
      const trigger = context === 'clock' ? 'meterClock' : context === 'trigger' ? 'triggered' : 'meterPeriodic';
      transactions.record(runtime, { kind: 'updated', trigger, reading, context });
    } else if (isReady()) {
      const call = dialect.meterValues(runtime.connector.connectorId, now(), reading, context);
      void link.call(call.action, call.params);
    }
  }

  function tick(): void {
    beforeTick();
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
    const isCharging = [...runtimes.values()].some((runtime) => runtime.transaction);
    if (isCharging) state.saveIfOld();
    timers.later(meterTickMs, tick);
  }

  function scheduleAligned(): void {
    const intervalMs = configuration.integer('ClockAlignedDataInterval') * 1_000;
    // Asked again each minute while it is off, so that a change needs no restart.
    const delayMs = intervalMs > 0 ? intervalMs - (clock.nowMs() % intervalMs) : 60_000;
    timers.later(delayMs, () => {
      if (intervalMs > 0) for (const runtime of runtimes.values()) sample(runtime, 'clock');
      scheduleAligned();
    });
  }

  return { sample, tick, scheduleAligned };
}

function readingOf(runtime: ConnectorRuntime): Reading {
  const { powerW, voltageV, currentA, socPercent } = runtime.lastReading;
  return { registerWh: runtime.register.registerWh, powerW, voltageV, currentA, socPercent };
}

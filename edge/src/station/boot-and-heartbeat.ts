import { backoffDelayMs } from '../backoff.ts';
import type { BootReason, Dialect, StationIdentity } from '../dialect/dialect.ts';
import type { Link } from '../link.ts';
import type { Cancel, RandomPort } from '../ports.ts';
import type { Delivery } from '../queue/delivery.ts';
import type { Configuration } from './configuration.ts';
import type { Tell } from './event.ts';
import type { Reports } from './reports.ts';
import type { SavedState } from './saved-state.ts';
import type { Timers } from './timers.ts';

export interface BootAndHeartbeatParts {
  about: StationIdentity;
  dialect: Pick<Dialect, 'boot' | 'readBoot' | 'heartbeat'>;
  link: Pick<Link, 'connected' | 'call'>;
  delivery: Pick<Delivery, 'setReady'>;
  reports: Pick<Reports, 'send' | 'reportAll'>;
  configuration: Pick<Configuration, 'integer' | 'set'>;
  state: Pick<SavedState, 'save'>;
  timers: Pick<Timers, 'running' | 'later'>;
  random: RandomPort;
  tell: Tell;
}

export interface BootAndHeartbeat {
  /** True once the CSMS has accepted a boot, over lost connections, until `bootAgain`. */
  readonly booted: boolean;
  /** How many heartbeats the CSMS has answered. */
  readonly heartbeatsAnswered: number;
  /** The line stands: boots, or tells how things are, and then lets the queue and the heartbeat go. */
  opened(): Promise<void>;
  closed(): void;
  /** Begins a new heartbeat interval, as the configuration now has it. */
  scheduleHeartbeat(): void;
  /** The next connection boots once more, by order of the CSMS. */
  bootAgain(): void;
}

const bootRetryFallbackSeconds = 30;

/** What a charger says first on each connection, and how it shows afterwards that it is still there. */
export function createBootAndHeartbeat(parts: BootAndHeartbeatParts): BootAndHeartbeat {
  const { about, dialect, link, delivery, reports, configuration, state, timers, random, tell } = parts;
  let booted = false;
  let heartbeatsAnswered = 0;
  let bootReason: BootReason = 'powerUp';
  /** Counts connections opened and closed: whatever awaited an answer on another one has nothing more to say. */
  let epoch = 0;
  let cancelHeartbeat: Cancel = () => undefined;

  /** BootNotification until it is accepted, at the interval that the CSMS asks for (OCPP 1.6, 4.2). */
  async function boot(mine: number): Promise<void> {
    for (let attempt = 1; mine === epoch && timers.running; attempt += 1) {
      const call = dialect.boot(about, bootReason);
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
          state.save();
          await reports.reportAll(() => mine === epoch);
          return;
        }
        waitMs = (intervalSeconds > 0 ? intervalSeconds : bootRetryFallbackSeconds) * 1_000;
      }
      await new Promise<void>((resolve) => void timers.later(waitMs, resolve));
    }
  }

  function scheduleHeartbeat(): void {
    cancelHeartbeat();
    cancelHeartbeat = timers.later(configuration.integer('HeartbeatInterval') * 1_000, () => {
      if (!link.connected || !booted) return;
      void reports.send(dialect.heartbeat()).then((answered) => { heartbeatsAnswered += answered ? 1 : 0; });
      scheduleHeartbeat();
    });
  }

  return {
    get booted() {
      return booted;
    },
    get heartbeatsAnswered() {
      return heartbeatsAnswered;
    },
    async opened() {
      const mine = ++epoch;
      tell({ kind: 'connected' });
      if (!booted) {
        await boot(mine);
      } else {
        await reports.reportAll(() => mine === epoch);
      }
      if (mine !== epoch || !booted) return;
      delivery.setReady(true);
      scheduleHeartbeat();
    },
    closed() {
      epoch += 1;
      delivery.setReady(false);
    },
    scheduleHeartbeat,
    bootAgain() {
      booted = false;
      bootReason = 'remoteReset';
    },
  };
}

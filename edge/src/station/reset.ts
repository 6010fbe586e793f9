import type { Link } from '../link.ts';
import type { BootAndHeartbeat } from './boot-and-heartbeat.ts';
import { isBusy, type ConnectorRuntimes } from './connector-runtime.ts';
import type { Timers } from './timers.ts';

export interface ResetParts {
  runtimes: ConnectorRuntimes;
  link: Pick<Link, 'open' | 'close'>;
  boot: Pick<BootAndHeartbeat, 'bootAgain'>;
  timers: Pick<Timers, 'running' | 'later'>;
  /** True while the network cable is cut. */
  isCut: () => boolean;
}

export interface Reset {
  /** Reboots soon, and connects again as after a power-up. */
  reboot(): void;
  /** Reboots once no transaction runs any more. */
  rebootOnIdle(): void;
  /** To be called after each step of a connector: reboots if that was waited for. */
  rebootIfDue(): void;
}

const rebootPauseMs = 1_000;

/** The restart of the station that the CSMS asks for; the process itself goes on. */
export function createReset({ runtimes, link, boot, timers, isCut }: ResetParts): Reset {
  let isWaiting = false;

  function reboot(): void {
    isWaiting = false;
    boot.bootAgain();
    // The answer to Reset goes out first, then the line is closed and opened as after a power-up.
    timers.later(rebootPauseMs, () => {
      void link.close().then(() => {
        if (timers.running && !isCut()) link.open();
      });
    });
  }

  return {
    reboot,
    rebootOnIdle() {
      isWaiting = true;
    },
    rebootIfDue() {
      if (isWaiting && !isBusy(runtimes)) reboot();
    },
  };
}

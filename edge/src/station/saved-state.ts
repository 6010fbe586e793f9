import type { ClockPort } from '../ports.ts';
import type { Authorization } from './authorization.ts';
import type { Configuration } from './configuration.ts';
import type { ConnectorRuntimes } from './connector-runtime.ts';
import type { Snapshot, SnapshotFile } from './snapshot.ts';

export interface SavedStateParts {
  snapshot: Pick<SnapshotFile, 'save'>;
  runtimes: ConnectorRuntimes;
  configuration: Pick<Configuration, 'changed'>;
  authorization: Pick<Authorization, 'cached'>;
  clock: Pick<ClockPort, 'monotonicMs'>;
  now: () => string;
}

export interface SavedState {
  /** On the disk when this returns. */
  save(): void;
  /** Saves when the last time was a while ago: while energy flows, a power loss may cost at most this much of it. */
  saveIfOld(): void;
}

const saveEveryMs = 15_000;

/** Writes down what the station remembers over a restart. */
export function createSavedState({ snapshot, runtimes, configuration, authorization, clock, now }: SavedStateParts): SavedState {
  let savedAtMs = clock.monotonicMs();

  function save(): void {
    savedAtMs = clock.monotonicMs();
    const connectors: Snapshot['connectors'] = {};
    for (const [connectorId, runtime] of runtimes) {
      connectors[String(connectorId)] = {
        registerWh: runtime.register.registerWh, operative: runtime.connector.operative, transaction: runtime.transaction,
      };
    }
    snapshot.save({ aliveAt: now(), connectors, configuration: configuration.changed(), cache: authorization.cached() });
  }

  return {
    save,
    saveIfOld() {
      if (clock.monotonicMs() - savedAtMs >= saveEveryMs) save();
    },
  };
}

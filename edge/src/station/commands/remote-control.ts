import { admissionOf, canRemoteStart, type Token } from '../../connector/connector.ts';
import type { StationCommands } from '../../dialect/dialect.ts';
import type { LockPort } from '../../ports.ts';
import type { RecordQueue } from '../../queue/record-queue.ts';
import type { Authorization } from '../authorization.ts';
import type { Configuration } from '../configuration.ts';
import { isBusy, type ConnectorRuntime, type ConnectorRuntimes, type Dispatch } from '../connector-runtime.ts';
import type { Reservations } from '../reservations.ts';
import type { Reset } from '../reset.ts';
import type { SmartCharging } from '../smart-charging.ts';
import type { SavedState } from '../saved-state.ts';
import type { Timers } from '../timers.ts';

export interface RemoteControlParts {
  /** The OCPP version: 2.0.1 does not unlock a connector under a transaction. */
  version: '1.6' | '2.0.1';
  runtimes: ConnectorRuntimes;
  configuration: Pick<Configuration, 'isOn'>;
  authorization: Pick<Authorization, 'authorize'>;
  queue: Pick<RecordQueue, 'transactionIdOf'>;
  lock: LockPort;
  reset: Pick<Reset, 'reboot' | 'rebootOnIdle'>;
  reservations: Pick<Reservations, 'admit'>;
  smartCharging: Pick<SmartCharging, 'expect'>;
  state: Pick<SavedState, 'save'>;
  timers: Pick<Timers, 'later'>;
  dispatch: Dispatch;
}

type RemoteControl = Pick<StationCommands, 'remoteStart' | 'remoteStop' | 'reset' | 'unlock' | 'changeAvailability'>;

/** Commands that act on charging; whatever follows from one comes after its answer. */
export function createRemoteControl(parts: RemoteControlParts): RemoteControl {
  const { version, runtimes, configuration, authorization, queue, lock, reset, reservations, smartCharging, state, timers, dispatch } = parts;

  /** Yes, no, or only the CSMS knows whether the card is of the group that a reservation is for. */
  function canStart({ connector }: ConnectorRuntime, token: Token): 'yes' | 'no' | 'askGroup' {
    const stationWide = (asked: Token) => reservations.admit(connector.connectorId, asked);
    if (canRemoteStart(connector, token, stationWide)) return 'yes';
    const isFree = canRemoteStart({ ...connector, reservation: null }, token);
    return isFree && admissionOf(connector, token, stationWide).askGroup ? 'askGroup' : 'no';
  }

  return {
    remoteStart({ connectorId, token, remoteStartId, profile }) {
      const free = connectorId === undefined
        ? [...runtimes.values()].find((runtime) => canStart(runtime, token) === 'yes')
        : runtimes.get(connectorId);
      const can = free ? canStart(free, token) : 'no';
      if (!free || can === 'no') return false;
      const target = free.connector.connectorId;
      if (profile && !smartCharging.expect(target, token.idToken, profile)) return false;
      // The answer first, the consequence after (OCPP 1.6, 5.11).
      timers.later(0, () => {
        if (can === 'yes' && !configuration.isOn('AuthorizeRemoteTxRequests')) return dispatch(target, { kind: 'remoteStart', token, remoteStartId });
        void authorization.authorize(token).then((verdict) => {
          if (verdict.accepted) dispatch(target, { kind: 'remoteStart', token: { ...token, group: verdict.group }, remoteStartId });
        });
      });
      return true;
    },
    remoteStop({ transactionId, localId }) {
      const target = [...runtimes.values()].find(({ transaction }) => transaction
        && (localId === undefined ? queue.transactionIdOf(transaction.localId) === transactionId : transaction.localId === localId));
      if (!target) return false;
      timers.later(0, () => dispatch(target.connector.connectorId, { kind: 'remoteStop' }));
      return true;
    },
    reset({ hard, onIdle }) {
      if (onIdle && isBusy(runtimes)) {
        reset.rebootOnIdle();
        return 'Scheduled';
      }
      timers.later(0, () => {
        for (const connectorId of runtimes.keys()) dispatch(connectorId, { kind: 'resetAsked', hard });
        reset.reboot();
      });
      return 'Accepted';
    },
    unlock(connectorId) {
      const runtime = runtimes.get(connectorId);
      if (!runtime) return 'UnknownConnector';
      if (runtime.connector.transaction && version === '2.0.1') return 'OngoingAuthorizedTransaction';
      if (!runtime.connector.transaction) return lock.unlock(connectorId) ? 'Unlocked' : 'UnlockFailed';
      timers.later(0, () => dispatch(connectorId, { kind: 'unlockAsked' }));
      return 'Unlocked';
    },
    changeAvailability(connectorId, operative) {
      const targets = connectorId === 0 ? [...runtimes.values()] : [runtimes.get(connectorId)].filter((runtime) => runtime !== undefined);
      if (targets.length === 0) return 'Rejected';
      const isScheduled = !operative && targets.some((runtime) => runtime.connector.transaction);
      timers.later(0, () => {
        for (const { connector } of targets) dispatch(connector.connectorId, { kind: 'availabilityChanged', operative });
        state.save();
      });
      return isScheduled ? 'Scheduled' : 'Accepted';
    },
  };
}

import { step, type ConnectorEffect } from '../connector/connector.ts';
import type { ClockPort, HardwareEvent, HardwarePorts } from '../ports.ts';
import type { Authorization } from './authorization.ts';
import type { Configuration } from './configuration.ts';
import type { ConnectorRuntime, ConnectorRuntimes, Dispatch } from './connector-runtime.ts';
import type { Tell } from './event.ts';
import { readMeter } from './meter-and-samples.ts';
import type { Reports } from './reports.ts';
import type { Reservations } from './reservations.ts';
import type { Reset } from './reset.ts';
import type { SmartCharging } from './smart-charging.ts';
import type { Timers } from './timers.ts';
import type { Transactions } from './transactions.ts';

export interface ConnectorStepsParts {
  runtimes: ConnectorRuntimes;
  hardware: Pick<HardwarePorts, 'meter' | 'relay' | 'lock'>;
  configuration: Pick<Configuration, 'integer' | 'isOn'>;
  clock: Pick<ClockPort, 'nowMs' | 'monotonicMs'>;
  timers: Pick<Timers, 'running'>;
  authorization: Pick<Authorization, 'authorize'>;
  transactions: Transactions;
  reports: Pick<Reports, 'reportStatus'>;
  reset: Pick<Reset, 'rebootIfDue'>;
  reservations: Pick<Reservations, 'admit' | 'taken' | 'save'>;
  smartCharging: Pick<SmartCharging, 'begun' | 'ended'>;
  newId: () => string;
  tell: Tell;
}

/** Steps the connectors' state machines and carries out, in order, what each step asks for. */
export function createConnectorSteps(parts: ConnectorStepsParts): Dispatch {
  const { runtimes, hardware, configuration, clock, timers, authorization, transactions, reports, reset, reservations, smartCharging, newId, tell } = parts;

  const dispatch: Dispatch = (connectorId, event) => {
    const runtime = runtimes.get(connectorId);
    if (!runtime || !timers.running) return;
    readMeter(runtime, hardware.meter, clock.monotonicMs());
    const before = runtime.connector;
    const { connector, effects } = step(before, event, {
      nowMs: clock.nowMs(),
      newTransactionId: newId(),
      connectionTimeoutMs: configuration.integer('ConnectionTimeOut') * 1_000,
      stopOnEvSideDisconnect: configuration.isOn('StopTransactionOnEVSideDisconnect'),
      unlockOnEvSideDisconnect: configuration.isOn('UnlockConnectorOnEVSideDisconnect'),
      stationWide: (token) => reservations.admit(connectorId, token),
    });
    runtime.connector = connector;
    if (connector.reservation !== before.reservation) reservations.save();
    for (const effect of effects) carryOut(runtime, effect);
    reset.rebootIfDue();
  };

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
        void reports.reportStatus(connectorId);
        return;
      case 'askAuthorization':
        void authorization.authorize(effect.token).then((verdict) => {
          const token = { ...effect.token, group: verdict.group };
          dispatch(connectorId, verdict.accepted ? { kind: 'authorized', token } : { kind: 'refused', token, status: verdict.status });
        });
        return;
      case 'startTransaction':
        if (effect.reservationId !== undefined) reservations.taken(effect.reservationId);
        transactions.start(runtime, effect);
        smartCharging.begun(runtime, effect.token.idToken);
        return;
      case 'updateTransaction':
        transactions.record(runtime, { kind: 'updated', trigger: effect.trigger });
        return;
      case 'stopTransaction':
        transactions.stop(runtime, effect);
        smartCharging.ended(effect.localId);
    }
  }

  return dispatch;
}

/** Gives what the hardware senses to the connector where it happened. */
export function dispatchSensed(event: HardwareEvent, dispatch: Dispatch): void {
  const { connectorId } = event;
  if (event.kind === 'cardTapped') dispatch(connectorId, { kind: 'cardTapped', token: { idToken: event.idTag, type: 'ISO14443' } });
  else if (event.kind === 'faultRaised') dispatch(connectorId, { kind: 'faultRaised', errorCode: event.errorCode });
  else dispatch(connectorId, { kind: event.kind });
}

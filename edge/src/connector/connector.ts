import type { FaultCode } from '../ports.ts';

/** The nine states of OCPP 1.6 ChargePointStatus; on 2.0.1 five of them are one (Occupied). */
export type ConnectorStatus =
  | 'Available' | 'Preparing' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE'
  | 'Finishing' | 'Reserved' | 'Unavailable' | 'Faulted';

/** Why a transaction ended: the words of OCPP 1.6 Reason. */
export const stopReasons = [
  'DeAuthorized', 'EmergencyStop', 'EVDisconnected', 'HardReset', 'Local', 'Other',
  'PowerLoss', 'Reboot', 'Remote', 'SoftReset', 'UnlockCommand',
] as const;
export type StopReason = (typeof stopReasons)[number];

/** What caused a transaction message; the 2.0.1 translator turns it into a triggerReason. */
export type Trigger =
  | 'authorized' | 'cablePlugged' | 'remoteStart' | 'remoteStop' | 'stopAuthorized' | 'evDeparted' | 'deauthorized'
  | 'chargingStateChanged' | 'meterPeriodic' | 'meterClock' | 'triggered' | 'reset' | 'unlock' | 'abnormal';

export type Supply = 'charging' | 'suspendedEv' | 'suspendedEvse';

/** Who charges. `type` is OCPP 2.0.1 IdTokenEnumType; a card reader gives ISO14443. */
export interface Token {
  idToken: string;
  type: string;
  /** Cards of one group may stop each other's transactions (parentIdTag, groupIdToken). */
  group?: string;
}

export interface Connector {
  readonly connectorId: number;
  readonly plugged: boolean;
  /** A transaction has ended and its plug is still in: Finishing, not Preparing. */
  readonly finished: boolean;
  /** False once ChangeAvailability(Inoperative) came; a running transaction is finished first. */
  readonly operative: boolean;
  readonly fault: FaultCode | null;
  /** The card that is being asked about. */
  readonly asking: Token | null;
  readonly authorization: { token: Token; remoteStartId?: number; reservationId?: number; deadlineMs: number } | null;
  readonly transaction: { localId: string; token: Token; supply: Supply; lowSinceMs: number | null } | null;
  readonly reservation: { reservationId: number; idToken: string; group?: string; expiresAtMs: number } | null;
}

export type ConnectorEvent =
  | { kind: 'plugged' }
  | { kind: 'unplugged' }
  | { kind: 'cardTapped'; token: Token }
  | { kind: 'authorized'; token: Token }
  | { kind: 'refused'; token: Token; status: string }
  | { kind: 'remoteStart'; token: Token; remoteStartId?: number }
  | { kind: 'remoteStop' }
  | { kind: 'deauthorized'; localId: string }
  | { kind: 'powerMeasured'; powerW: number }
  | { kind: 'supplyPaused' }
  | { kind: 'supplyResumed' }
  | { kind: 'timePassed' }
  | { kind: 'faultRaised'; errorCode: FaultCode }
  | { kind: 'faultCleared' }
  | { kind: 'availabilityChanged'; operative: boolean }
  | { kind: 'reserved'; reservationId: number; idToken: string; group?: string; expiresAtMs: number }
  | { kind: 'reservationCancelled'; reservationId: number }
  | { kind: 'unlockAsked' }
  | { kind: 'resetAsked'; hard: boolean };

export type ConnectorEffect =
  | { kind: 'setRelay'; closed: boolean }
  | { kind: 'askAuthorization'; token: Token }
  | { kind: 'startTransaction'; localId: string; token: Token; trigger: Trigger; remoteStartId?: number; reservationId?: number }
  | { kind: 'updateTransaction'; localId: string; trigger: Trigger }
  | { kind: 'stopTransaction'; localId: string; reason: StopReason; trigger: Trigger; token?: Token }
  | { kind: 'unlock' }
  | { kind: 'tellCardholder'; message: 'accepted' | 'refused' | 'busy'; detail?: string }
  | { kind: 'reportStatus'; status: ConnectorStatus };

/** What one step may know besides the state: the time and the settings, never a clock. */
export interface StepContext {
  nowMs: number;
  /** The id that a transaction gets if one begins in this step. */
  newTransactionId: string;
  connectionTimeoutMs: number;
  stopOnEvSideDisconnect: boolean;
  unlockOnEvSideDisconnect: boolean;
  /** What the reservations of no particular connector say of a card here; without them everybody is admitted. */
  stationWide?: (token: Token) => Admission;
}

export interface Admission {
  admitted: boolean;
  /** Set when the card takes a reservation up. */
  reservationId?: number;
  /** Not admitted by its own number, but perhaps by its group, which only the CSMS knows (OCPP 1.6, 5.13). */
  askGroup?: boolean;
}

/** Below this power for `suspendAfterMs` a vehicle is taken to have stopped by itself. */
const suspendBelowW = 30;
const suspendAfterMs = 5_000;

export function newConnector(connectorId: number): Connector {
  return {
    connectorId, plugged: false, finished: false, operative: true, fault: null,
    asking: null, authorization: null, transaction: null, reservation: null,
  };
}

/** The status follows from the facts, so that no sequence of events can leave the two apart (OCPP 1.6, 4.9). */
export function statusOf(connector: Connector): ConnectorStatus {
  if (connector.fault) return 'Faulted';
  if (connector.transaction) {
    if (connector.transaction.supply === 'charging') return 'Charging';
    return connector.transaction.supply === 'suspendedEv' ? 'SuspendedEV' : 'SuspendedEVSE';
  }
  if (connector.plugged && connector.finished) return 'Finishing';
  if (!connector.operative) return 'Unavailable';
  if (connector.plugged || connector.authorization) return 'Preparing';
  return connector.reservation ? 'Reserved' : 'Available';
}

/**
 * One step of a connector: a state and an event give the next state and what is to be done, in order. Pure.
 * An event that makes no sense in a state changes nothing and asks for nothing.
 */
export function step(
  connector: Connector, event: ConnectorEvent, context: StepContext,
): { connector: Connector; effects: ConnectorEffect[] } {
  const effects: ConnectorEffect[] = [];
  const next = advance(connector, event, context, effects);
  if (statusOf(next) !== statusOf(connector)) effects.push({ kind: 'reportStatus', status: statusOf(next) });
  return { connector: next, effects };
}

function advance(
  connector: Connector, event: ConnectorEvent, context: StepContext, effects: ConnectorEffect[],
): Connector {
  switch (event.kind) {
    case 'plugged':
      if (connector.plugged) return connector;
      return beginIfReady({ ...connector, plugged: true, finished: false }, 'cablePlugged', context, effects);
    case 'unplugged':
      return unplug(connector, context, effects);
    case 'cardTapped':
      return tap(connector, event.token, effects);
    case 'authorized':
      if (connector.asking?.idToken !== event.token.idToken) return connector;
      if (!admissionOf(connector, event.token, context.stationWide).admitted) {
        effects.push({ kind: 'tellCardholder', message: 'busy', detail: 'reserved' });
        return { ...connector, asking: null };
      }
      effects.push({ kind: 'tellCardholder', message: 'accepted' });
      return authorize({ ...connector, asking: null }, event.token, undefined, 'authorized', context, effects);
    case 'refused':
      if (connector.asking?.idToken !== event.token.idToken) return connector;
      effects.push({ kind: 'tellCardholder', message: 'refused', detail: event.status });
      return { ...connector, asking: null };
    case 'remoteStart':
      if (!canRemoteStart(connector, event.token, context.stationWide)) return connector;
      return authorize(connector, event.token, event.remoteStartId, 'remoteStart', context, effects);
    case 'remoteStop':
      return end(connector, 'Remote', 'remoteStop', undefined, effects);
    case 'deauthorized':
      if (connector.transaction?.localId !== event.localId) return connector;
      return end(connector, 'DeAuthorized', 'deauthorized', undefined, effects);
    case 'powerMeasured':
      return measure(connector, event.powerW, context, effects);
    case 'supplyPaused':
      return supply(connector, 'suspendedEvse', effects);
    case 'supplyResumed':
      return connector.transaction?.supply === 'suspendedEvse' ? supply(connector, 'charging', effects) : connector;
    case 'timePassed':
      return expire(connector, context);
    case 'faultRaised': {
      const ended = end(connector, 'Other', 'abnormal', undefined, effects);
      // A fault ends the reservation too (OCPP 1.6, 5.13).
      return { ...ended, fault: event.errorCode, authorization: null, asking: null, reservation: null };
    }
    case 'faultCleared':
      return { ...connector, fault: null };
    case 'availabilityChanged':
      return {
        ...connector, operative: event.operative,
        authorization: event.operative ? connector.authorization : null,
        reservation: event.operative ? connector.reservation : null,
      };
    case 'reserved':
      return { ...connector, reservation: { reservationId: event.reservationId, idToken: event.idToken, group: event.group, expiresAtMs: event.expiresAtMs } };
    case 'reservationCancelled':
      return connector.reservation?.reservationId === event.reservationId ? { ...connector, reservation: null } : connector;
    case 'unlockAsked': {
      const ended = end(connector, 'UnlockCommand', 'unlock', undefined, effects);
      effects.push({ kind: 'unlock' });
      return ended;
    }
    case 'resetAsked': {
      const ended = end(connector, event.hard ? 'HardReset' : 'SoftReset', 'reset', undefined, effects);
      return { ...ended, authorization: null, asking: null };
    }
  }
}

/** Whether a remote start could begin (or wait for the plug) here now; the command is answered by it. */
export function canRemoteStart(connector: Connector, token: Token, stationWide?: StepContext['stationWide']): boolean {
  const status = statusOf(connector);
  if (status !== 'Reserved' && status !== 'Available' && status !== 'Preparing') return false;
  return !connector.authorization && admissionOf(connector, token, stationWide).admitted;
}

/** What reservations say of a card at this connector. A card whose group is not known yet may still turn out to be of the holder's. */
export function admissionOf(connector: Connector, token: Token, stationWide?: StepContext['stationWide']): Admission {
  const held = connector.reservation;
  if (!held) return stationWide?.(token) ?? { admitted: true };
  if (isHolder(held, token)) return { admitted: true, reservationId: held.reservationId };
  return { admitted: false, askGroup: held.group !== undefined && token.group === undefined };
}

/** Identifiers are the same whatever their case (OCPP 1.6, CiString20Type). */
function isSameToken(a: { idToken: string }, b: { idToken: string }): boolean {
  return a.idToken.toLowerCase() === b.idToken.toLowerCase();
}

export function isHolder(held: { idToken: string; group?: string }, token: Token): boolean {
  return isSameToken(held, token) || (held.group !== undefined && held.group === token.group);
}

/** The same card, or one of its group, ends the transaction that it began (OCPP 1.6, 4.2 and 4.10). */
function mayStop(running: Token, tapped: Token): boolean {
  return isSameToken(running, tapped) || (running.group !== undefined && running.group === tapped.group);
}

function tap(connector: Connector, token: Token, effects: ConnectorEffect[]): Connector {
  if (connector.transaction) {
    if (mayStop(connector.transaction.token, token)) return end(connector, 'Local', 'stopAuthorized', token, effects);
    effects.push({ kind: 'tellCardholder', message: 'busy' });
    return connector;
  }
  const status = statusOf(connector);
  if (status === 'Faulted' || status === 'Unavailable' || status === 'Finishing' || connector.authorization) {
    effects.push({ kind: 'tellCardholder', message: 'busy', detail: status });
    return connector;
  }
  effects.push({ kind: 'askAuthorization', token });
  return { ...connector, asking: token };
}

function authorize(
  connector: Connector, token: Token, remoteStartId: number | undefined, trigger: Trigger,
  context: StepContext, effects: ConnectorEffect[],
): Connector {
  if (connector.transaction || connector.fault || !connector.operative) return connector;
  const { reservationId } = connector.reservation ? {} : context.stationWide?.(token) ?? {};
  const authorization = { token, remoteStartId, reservationId, deadlineMs: context.nowMs + context.connectionTimeoutMs };
  return beginIfReady({ ...connector, authorization }, trigger, context, effects);
}

/** A transaction begins when both are there: a plug and somebody who may charge. */
function beginIfReady(
  connector: Connector, trigger: Trigger, context: StepContext, effects: ConnectorEffect[],
): Connector {
  const { authorization, reservation } = connector;
  if (!connector.plugged || !authorization || connector.transaction || connector.fault || !connector.operative) return connector;
  const localId = context.newTransactionId;
  effects.push({
    kind: 'startTransaction', localId, token: authorization.token, trigger,
    remoteStartId: authorization.remoteStartId, reservationId: reservation?.reservationId ?? authorization.reservationId,
  });
  effects.push({ kind: 'setRelay', closed: true });
  return {
    ...connector, authorization: null, reservation: null, finished: false,
    transaction: { localId, token: authorization.token, supply: 'charging', lowSinceMs: null },
  };
}

function unplug(connector: Connector, context: StepContext, effects: ConnectorEffect[]): Connector {
  if (!connector.plugged) return connector;
  if (connector.transaction && !context.stopOnEvSideDisconnect) {
    // The driver has to end it with the card; until then the plug may come back.
    return { ...supply(connector, 'suspendedEv', effects), plugged: false };
  }
  const ended = end(connector, 'EVDisconnected', 'evDeparted', undefined, effects);
  if (context.unlockOnEvSideDisconnect && connector.transaction) effects.push({ kind: 'unlock' });
  return { ...ended, plugged: false, finished: false };
}

function end(
  connector: Connector, reason: StopReason, trigger: Trigger, token: Token | undefined, effects: ConnectorEffect[],
): Connector {
  if (!connector.transaction) return connector;
  effects.push({ kind: 'setRelay', closed: false });
  effects.push({ kind: 'stopTransaction', localId: connector.transaction.localId, reason, trigger, token });
  return { ...connector, transaction: null, finished: connector.plugged, authorization: null };
}

function supply(connector: Connector, to: Supply, effects: ConnectorEffect[]): Connector {
  const { transaction } = connector;
  if (!transaction || transaction.supply === to) return connector;
  if (to === 'suspendedEvse') effects.push({ kind: 'setRelay', closed: false });
  if (transaction.supply === 'suspendedEvse') effects.push({ kind: 'setRelay', closed: true });
  effects.push({ kind: 'updateTransaction', localId: transaction.localId, trigger: 'chargingStateChanged' });
  return { ...connector, transaction: { ...transaction, supply: to, lowSinceMs: null } };
}

function measure(connector: Connector, powerW: number, context: StepContext, effects: ConnectorEffect[]): Connector {
  const { transaction } = connector;
  if (!transaction || transaction.supply === 'suspendedEvse') return connector;
  if (powerW >= suspendBelowW) {
    if (transaction.supply === 'suspendedEv') return supply(connector, 'charging', effects);
    return transaction.lowSinceMs === null ? connector : { ...connector, transaction: { ...transaction, lowSinceMs: null } };
  }
  if (transaction.supply === 'suspendedEv') return connector;
  if (transaction.lowSinceMs === null) return { ...connector, transaction: { ...transaction, lowSinceMs: context.nowMs } };
  if (context.nowMs - transaction.lowSinceMs < suspendAfterMs) return connector;
  return supply(connector, 'suspendedEv', effects);
}

function expire(connector: Connector, context: StepContext): Connector {
  let next = connector;
  if (next.authorization && context.nowMs >= next.authorization.deadlineMs) next = { ...next, authorization: null };
  if (next.reservation && context.nowMs >= next.reservation.expiresAtMs) next = { ...next, reservation: null };
  return next;
}

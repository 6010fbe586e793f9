import { secondsBetween, type SessionState } from './session-state.ts';

/**
 * A charging state of a running session. Idle time counts while the vehicle takes no energy (SuspendedEV), from then to the next state or to the
 * end (DESIGN: Session). A state older than the one that counts now changes nothing (G-16).
 */
export function applyChargingState(session: SessionState, chargingState: string, at: Date): SessionState {
  if (session.state !== 'active') return session;
  const since = at < session.startedAt ? session.startedAt : at;
  if (session.chargingStateAt !== null && since < session.chargingStateAt) return session;
  const idleSeconds = session.idleSeconds + (session.idleSince === null ? 0 : secondsBetween(session.idleSince, since));
  const next = { ...session, chargingState, chargingStateAt: since, chargingEndedAt: chargingState === 'Charging' ? null : session.chargingEndedAt ?? since };
  if (chargingState === 'SuspendedEV') return { ...next, idleSince: session.idleSince ?? since };
  return { ...next, idleSince: null, idleSeconds };
}

/** Idle time counted again from all states in their order: where one came late. */
export function idleFromStates(session: SessionState, states: readonly { chargingState: string | null; at: Date }[]): SessionState {
  let next: SessionState = { ...session, state: 'active', idleSince: null, idleSeconds: 0, chargingState: null, chargingStateAt: null, chargingEndedAt: null };
  for (const one of states) if (one.chargingState !== null) next = applyChargingState(next, one.chargingState, one.at);
  return { ...next, state: session.state };
}

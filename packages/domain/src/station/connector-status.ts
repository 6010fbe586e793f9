import { clockIsBelieved } from '../session/session-time.ts';
import type { ConnectorStatus, StatusFact } from './station.ts';

/** Whose status a notification is: connectorId 0 (1.6) and evseId 0 (2.x) speak of the station itself and of no connector (G-15). */
export function statusTarget(fact: Pick<StatusFact, 'evseId' | 'connectorId'>): 'station' | 'connector' {
  return fact.evseId === 0 || fact.connectorId === 0 ? 'station' : 'connector';
}

/**
 * The time by which live state is ordered: the charger's clock, but never later than receipt (a clock that runs ahead would freeze the state),
 * and receipt where the charger gave no time or a clock that was never set (G-13, G-16).
 */
export function orderingTime(at: Date | null, receivedAt: Date): Date {
  if (at === null || Number.isNaN(at.getTime()) || !clockIsBelieved(at, receivedAt) || at > receivedAt) return receivedAt;
  return at;
}

/** True when a status of `at` may overwrite one of `storedAt`; at the same instant the later arrival wins (whole-second clocks). */
export function statusIsNewer(storedAt: Date | null, at: Date): boolean {
  return storedAt === null || at >= storedAt;
}

/** How far behind receipt a fact may be and still speak of now; an older one was queued offline and leaves live state alone (G-10). */
export const liveToleranceMs = 5 * 60_000;

export function speaksOfNow(at: Date, receivedAt: Date): boolean {
  return receivedAt.getTime() - at.getTime() <= liveToleranceMs;
}

export type ChargingState = 'Charging' | 'EVConnected' | 'SuspendedEV' | 'SuspendedEVSE' | 'Idle';

/** 2.x says Occupied and leaves the rest to the running transaction; 1.6 words pass unchanged. */
export function refineOccupied(status: ConnectorStatus, chargingState: string | null, energyHasFlowed: boolean): ConnectorStatus {
  if (status !== 'Occupied') return status;
  return statusOfChargingState(chargingState, energyHasFlowed) ?? 'Occupied';
}

/** The 1.6 word for a 2.x charging state, or null where it says nothing of the connector. */
export function statusOfChargingState(chargingState: string | null, energyHasFlowed: boolean): ConnectorStatus | null {
  switch (chargingState) {
    case 'Charging': case 'SuspendedEV': case 'SuspendedEVSE': return chargingState;
    case 'EVConnected': return energyHasFlowed ? 'Finishing' : 'Preparing';
    default: return null;
  }
}

const fromWorst: readonly ConnectorStatus[] = [
  'Faulted', 'Unavailable', 'Unknown', 'SuspendedEVSE', 'SuspendedEV', 'Finishing', 'Charging', 'Preparing', 'Occupied', 'Reserved', 'Available',
];

/** One word for a whole station: its worst connector, and the station's own fault above all. `Unknown` for none. */
export function worstStatus(statuses: readonly ConnectorStatus[]): ConnectorStatus {
  return fromWorst.find((status) => statuses.includes(status)) ?? 'Unknown';
}

/*
 * What anybody may know of a charger: the node of the public mirror. Nothing else of the books leaves the house this way (D-04), so the node is
 * built field by field, never copied.
 */

/** The four words of the public page. */
export type PublicStatus = 'STANDBY' | 'CHARGING' | 'FINISHED' | 'FAULT';

/** One public node, as it stands at /chargers/<public id> beside its version. */
export interface PublicState {
  status: PublicStatus;
  /** Power that flows now, kW. */
  power: number;
  /** Energy of the transaction that is shown, kWh. */
  energy: number;
  /** Whole seconds that this transaction has charged. */
  duration: number;
  /** When the station last said something that is shown here, RFC 3339 in UTC. */
  last_updated: string;
}

/** The transaction that is open at a connector, or the last one that was. */
export interface ShownSession {
  startedAt: Date;
  /** Null while it is open. */
  endedAt: Date | null;
  chargingEndedAt: Date | null;
  energyWh: number | null;
  powerW: number | null;
  lastReadingAt: Date | null;
}

export interface ShownConnector {
  /** A word of OCPP 1.6, or one that the station made up. */
  status: string;
  statusAt: Date | null;
  receivedAt: Date | null;
  session: ShownSession | null;
}

export interface ShownStation {
  isOnline: boolean;
  onlineSince: Date | null;
  offlineSince: Date | null;
  /** The station's own status (connectorId 0). */
  status: string | null;
  statusAt: Date | null;
  connectors: readonly ShownConnector[];
}

/** A station that lost its socket may only have changed its gateway: so long the public still sees what it said last. */
export const offlineGraceMs = 120_000;

/** No figure of a public page is beyond this, in kW or kWh: what is was measured by nobody. */
const figureMax = 1_000_000;
const durationMaxS = 31 * 86_400;

/**
 * The public state of a station, and when it changes without any new fact (a station that stays away), else null.
 * Of several connectors the liveliest word counts: one that charges, then one that has finished, then a free one. Figures are summed over the connectors of that
 * word, and the duration is the longest.
 */
export function publicState(station: ShownStation, now: Date): { state: PublicState; changesAt: Date | null } {
  const lastUpdated = lastHeard(station, now).toISOString();
  const awayAt = station.isOnline ? null : new Date((station.offlineSince?.getTime() ?? Number.NEGATIVE_INFINITY) + offlineGraceMs);
  const isAway = awayAt !== null && !(awayAt > now);
  const status = isAway || isOutOfOrder(station.status) ? 'FAULT' : liveliest(station.connectors.map(wordOf));
  const shown = status === 'CHARGING' || status === 'FINISHED' ? station.connectors.filter((each) => wordOf(each) === status).flatMap(({ session }) => session ?? []) : [];
  return {
    state: {
      status,
      power: status === 'CHARGING' ? figure(sum(shown.map((each) => each.powerW))) : 0,
      energy: figure(sum(shown.map((each) => each.energyWh))),
      duration: shown.reduce((longest, each) => Math.max(longest, durationOf(each)), 0),
      last_updated: lastUpdated,
    },
    changesAt: awayAt !== null && !isAway ? awayAt : null,
  };
}

const fromLiveliest: readonly PublicStatus[] = ['CHARGING', 'FINISHED', 'STANDBY', 'FAULT'];

function liveliest(words: readonly PublicStatus[]): PublicStatus {
  return fromLiveliest.find((word) => words.includes(word)) ?? 'STANDBY';
}

function isOutOfOrder(status: string | null): boolean {
  return status === 'Faulted' || status === 'Unavailable';
}

function wordOf(connector: ShownConnector): PublicStatus {
  const { status, session } = connector;
  if (isOutOfOrder(status)) return 'FAULT';
  const isOpen = session !== null && session.endedAt === null;
  if (status === 'Finishing') return 'FINISHED';
  // A vehicle that stops taking energy has finished; one that has not begun yet waits for its own hour.
  if (status === 'SuspendedEV' && isOpen) return (session.energyWh ?? 0) > 0 ? 'FINISHED' : 'CHARGING';
  if (isOpen) return status === 'Charging' || status === 'SuspendedEVSE' || status === 'Occupied' ? 'CHARGING' : 'STANDBY';
  // The transaction ended and the station has said nothing of the connector since: the vehicle is still there.
  const busy = status === 'Charging' || status === 'SuspendedEV' || status === 'SuspendedEVSE' || status === 'Occupied';
  if (!busy) return 'STANDBY';
  if (session?.endedAt != null && (connector.statusAt === null || session.endedAt >= connector.statusAt)) return 'FINISHED';
  return status === 'Charging' ? 'CHARGING' : 'STANDBY';
}

function durationOf(session: ShownSession): number {
  const until = session.chargingEndedAt ?? session.endedAt ?? session.lastReadingAt ?? session.startedAt;
  const seconds = Math.floor((until.getTime() - session.startedAt.getTime()) / 1_000);
  return Number.isFinite(seconds) ? Math.min(durationMaxS, Math.max(0, seconds)) : 0;
}

/** Watts as kW, watt-hours as kWh, in thousandths; a figure below nothing or beyond measure is 0. */
function figure(base: number): number {
  const thousands = base / 1_000;
  return thousands > 0 && thousands <= figureMax ? Math.round(thousands * 1_000) / 1_000 : 0;
}

function sum(figures: readonly (number | null)[]): number {
  return figures.reduce<number>((total, each) => total + (each ?? 0), 0);
}

/** The newest time of what is shown; never later than now, because a clock that runs ahead would make old news look new. */
function lastHeard(station: ShownStation, now: Date): Date {
  const times = [station.isOnline ? station.onlineSince : station.offlineSince, station.statusAt,
    ...station.connectors.flatMap(({ receivedAt, session }) => [receivedAt, session?.lastReadingAt, session?.startedAt, session?.endedAt])];
  const known = times.flatMap((time) => (time != null && Number.isFinite(time.getTime()) && time.getTime() >= 0 ? [Math.min(time.getTime(), now.getTime())] : []));
  return new Date(known.length === 0 ? 0 : Math.max(...known));
}

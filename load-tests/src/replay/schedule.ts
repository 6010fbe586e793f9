import { createHash } from 'node:crypto';
import type { SessionRow } from './sessions-file.ts';

export type DialectChoice = '1.6' | '2.0.1' | 'mixed';

export interface ScheduledSession {
  sessionId: string;
  /** Names the transaction on 2.0.1; the same for the same session at the same shifted time, so that a second replay doubles nothing. */
  transactionId: string;
  connectorId: number;
  idTag: string;
  startMs: number;
  chargeEndMs: number;
  endMs: number;
  energyWh: number;
  /** The connector's import register before the session, Wh. */
  meterStartWh: number;
}

export interface ScheduledStation {
  identity: string;
  dialect: '1.6' | '2.0.1';
  connectorCount: number;
  /** By start. */
  sessions: ScheduledSession[];
}

export interface Schedule {
  shiftWeeks: number;
  stations: ScheduledStation[];
}

const weekMs = 7 * 24 * 3_600_000;

/**
 * How many whole weeks the file moves so that its last session ends within the seven days before `nowMs`. Whole weeks
 * keep the weekday and, but for daylight saving, the hour.
 */
export function shiftWeeksOf(rows: readonly { endMs: number }[], nowMs: number): number {
  const lastEndMs = rows.reduce((last, row) => Math.max(last, row.endMs), -Infinity);
  return Number.isFinite(lastEndMs) ? Math.floor((nowMs - lastEndMs) / weekMs) : 0;
}

/**
 * The number of the card: the published user where it fits into an OCPP 1.6 idTag (20 characters), else 16 hex digits
 * of SHA-256 of the user, or of the session where no user is given.
 */
export function idTagOf(row: { sessionId: string; userId?: string }): string {
  if (row.userId !== undefined && /^[\x21-\x7e]{1,20}$/.test(row.userId)) return row.userId;
  return createHash('sha256').update(row.userId ?? row.sessionId).digest('hex').slice(0, 16);
}

/** The OCPP identity of a published station id: what is no letter, digit or one of `*-_=:+|@.` becomes `-`. */
export function identityOf(stationId: string): string {
  return stationId.replace(/[^A-Za-z0-9*\-_=:+|@.]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 48) || 'station';
}

/**
 * Turns rows into what each station plays. A session gets its published connector (1 where none is published) if that
 * is free; one that overlaps gets the lowest further connector that is free. A connector is free when its last session
 * ended by the start of this one and did not begin at the same instant.
 */
export function scheduleReplay(rows: readonly SessionRow[], options: { nowMs: number; dialect: DialectChoice }): Schedule {
  const shiftWeeks = shiftWeeksOf(rows, options.nowMs);
  const shiftMs = shiftWeeks * weekMs;
  const byStation = new Map<string, SessionRow[]>();
  for (const row of rows) {
    const known = byStation.get(row.stationId);
    if (known) known.push(row);
    else byStation.set(row.stationId, [row]);
  }
  const identities = uniqueIdentities([...byStation.keys()]);
  const stations = [...byStation]
    .map(([stationId, own]) => ({ identity: identities.get(stationId) ?? stationId, own }))
    .sort((a, b) => (a.identity < b.identity ? -1 : 1))
    .map(({ identity, own }): ScheduledStation => {
      const { sessions, connectorCount } = placeSessions(own, shiftMs);
      const dialect = options.dialect === 'mixed' ? dialectOf(identity) : options.dialect;
      return { identity, dialect, connectorCount, sessions };
    });
  return { shiftWeeks, stations };
}

/** Half of the stations each, by a hash of the identity: the same station speaks the same dialect whatever else a file holds. */
function dialectOf(identity: string): '1.6' | '2.0.1' {
  return createHash('sha256').update(identity).digest()[0]! % 2 === 0 ? '1.6' : '2.0.1';
}

/** Two published ids that read the same as identities are told apart by a piece of their hash. */
function uniqueIdentities(stationIds: string[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const id of stationIds) counts.set(identityOf(id), (counts.get(identityOf(id)) ?? 0) + 1);
  return new Map(stationIds.map((id) => {
    const plain = identityOf(id);
    if (counts.get(plain) === 1) return [id, plain];
    return [id, `${plain.slice(0, 39)}-${createHash('sha256').update(id).digest('hex').slice(0, 8)}`];
  }));
}

function placeSessions(rows: SessionRow[], shiftMs: number): { sessions: ScheduledSession[]; connectorCount: number } {
  const published = Math.max(1, ...rows.map((row) => row.connectorId ?? 1));
  const last = new Map<number, { startMs: number; endMs: number }>();
  const registers = new Map<number, number>();
  const isFree = (connectorId: number, startMs: number) => {
    const before = last.get(connectorId);
    return !before || (before.endMs <= startMs && before.startMs < startMs);
  };
  let connectorCount = published;
  const sessions = [...rows].sort((a, b) => a.startMs - b.startMs || a.line - b.line).map((row): ScheduledSession => {
    let connectorId = row.connectorId ?? 1;
    if (!isFree(connectorId, row.startMs)) {
      connectorId = published + 1;
      while (!isFree(connectorId, row.startMs)) connectorId += 1;
    }
    connectorCount = Math.max(connectorCount, connectorId);
    const meterStartWh = registers.get(connectorId) ?? 0;
    registers.set(connectorId, meterStartWh + row.energyWh);
    last.set(connectorId, { startMs: row.startMs, endMs: row.endMs });
    const startMs = row.startMs + shiftMs;
    return {
      sessionId: row.sessionId, connectorId, idTag: idTagOf(row), startMs, chargeEndMs: row.chargeEndMs + shiftMs,
      endMs: row.endMs + shiftMs, energyWh: row.energyWh, meterStartWh,
      transactionId: createHash('sha256').update(`${row.sessionId}\u0000${startMs}`).digest('hex').slice(0, 32),
    };
  });
  return { sessions, connectorCount };
}

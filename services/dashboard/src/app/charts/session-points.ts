import type { Session, SessionCurve } from '@csms/contracts/http/index';

type Point = SessionCurve['points'][number];
const spanMinS = 60;
const stepMs = 10_000;

/** A session's readings from its very start: at `startedAt` the meter has counted nothing yet (null where the start itself never came). Times ascend. */
export function pointsFromStart(session: Pick<Session, 'startedAt' | 'meterStartWh'>, points: Point[]): Point[] {
  const startMs = Date.parse(session.startedAt);
  const first = points[0];
  if (first && Date.parse(first.at) <= startMs) return points;
  return [{ at: session.startedAt, powerW: null, energyWh: session.meterStartWh === null ? null : 0, socPct: null }, ...points];
}

/** The stretch of time a session's chart shows, in seconds since 1970: from its start to its end (or now, in steps of 10 s), a minute at least. */
export function sessionSpan(session: Pick<Session, 'startedAt' | 'endedAt'>, points: Point[], nowMs: number): { fromS: number; toS: number } {
  const fromS = Math.min(Date.parse(session.startedAt), ...points.slice(0, 1).map((point) => Date.parse(point.at))) / 1_000;
  const endMs = session.endedAt === null ? Math.ceil(nowMs / stepMs) * stepMs : Date.parse(session.endedAt);
  const lastMs = Math.max(endMs, ...points.slice(-1).map((point) => Date.parse(point.at)));
  return { fromS, toS: Math.max(fromS + spanMinS, lastMs / 1_000) };
}

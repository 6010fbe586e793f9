import { describe, expect, it } from 'vitest';
import { siteCalendar } from '@csms/forecast';
import { futureSessions, idTagOf, readHistory, shiftedSessions, stationsOf, weeksToShift, type HistorySession } from './history.ts';

const zone = { timeZone: 'America/Denver' };
const DAY_MS = 86_400_000;

function aSession(options: Partial<HistorySession> & { start: string; hours?: number }): HistorySession {
  const startMs = Date.parse(options.start);
  const endMs = startMs + (options.hours ?? 2) * 3_600_000;
  return { sessionId: options.sessionId ?? `s-${options.start}`, stationName: options.stationName ?? 'ONE', startMs, chargeEndMs: endMs, endMs, energyWh: 5000, userId: options.userId ?? '' };
}

describe('the slice that is shipped', () => {
  it('is a year of six stations, small, sound and sorted', async () => {
    const sessions = await readHistory();
    expect(sessions).toHaveLength(6935);
    expect([...stationsOf(sessions).values()].map((station) => station.identity)).toEqual(['BOULDER-01', 'BOULDER-02', 'BOULDER-03', 'BOULDER-04', 'BOULDER-05', 'BOULDER-06']);
    expect(Math.round(sessions.reduce((sum, session) => sum + session.energyWh, 0) / 1000)).toBe(52_524);
    expect(new Set(sessions.map((session) => session.sessionId)).size).toBe(6935);
  });

  it('is moved so that the last start lies 14 to 21 days ahead, whatever day it is', async () => {
    const sessions = await readHistory();
    for (let day = 0; day < 15; day += 1) {
      const now = new Date(Date.parse('2026-11-24T09:00:00Z') + day * DAY_MS);
      const ahead = futureSessions(sessions, { ...zone, weeks: weeksToShift(sessions, now) }, now);
      const last = (ahead.at(-1)!.startAt.getTime() - now.getTime()) / DAY_MS;
      expect(last).toBeGreaterThanOrEqual(13.9);
      expect(last).toBeLessThan(21.1);
      expect(ahead.length).toBeGreaterThan(150);
    }
  });

  it('never has two cars on one connector', async () => {
    const sessions = await readHistory();
    const until = new Map<string, number>();
    for (const session of shiftedSessions(sessions, { ...zone, weeks: 352 })) {
      const key = `${session.identity}/${session.connectorId}`;
      expect(until.get(key) ?? 0).toBeLessThanOrEqual(session.startAt.getTime());
      until.set(key, session.endAt.getTime());
      expect(session.connectorId).toBeLessThanOrEqual(3);
      expect(session.endAt.getTime()).toBeGreaterThanOrEqual(session.chargeEndAt.getTime());
    }
  });
});

describe('moving by whole weeks', () => {
  it('keeps the weekday and the hour on the site\'s clock over daylight saving, and the length', () => {
    const winter = aSession({ start: '2020-01-15T15:00:00Z', hours: 3 }); // a Wednesday, 08:00 in Boulder
    const [moved] = shiftedSessions([winter], { ...zone, weeks: 26 });
    expect(moved!.startAt.toISOString()).toBe('2020-07-15T14:00:00.000Z');
    const local = siteCalendar('America/Denver').local(moved!.startAt.getTime() / 3_600_000);
    expect([local.weekday, local.hourOfDay]).toEqual([3, 8]);
    expect(moved!.endAt.getTime() - moved!.startAt.getTime()).toBe(3 * 3_600_000);
  });

  it('gives overlapping sessions of a station the lowest free connector', () => {
    const plan = shiftedSessions([
      aSession({ start: '2020-01-15T15:00:00Z', hours: 4 }), aSession({ start: '2020-01-15T16:00:00Z', hours: 1 }),
      aSession({ start: '2020-01-15T17:00:00Z', hours: 1 }), aSession({ start: '2020-01-15T17:30:00Z', hours: 1 }), aSession({ start: '2020-01-15T16:30:00Z', stationName: 'TWO' }),
    ], { ...zone, weeks: 1 });
    expect(plan.map((session) => [session.identity, session.connectorId])).toEqual([['BOULDER-01', 1], ['BOULDER-01', 2], ['BOULDER-02', 1], ['BOULDER-01', 2], ['BOULDER-01', 3]]);
  });

  it('makes a card of 16 hex digits from the session where no user is given', () => {
    // sha256('boulder-52'), from `printf boulder-52 | sha256sum`
    expect(idTagOf({ sessionId: 'boulder-52', userId: '' })).toBe('c0009d61cd4147cf');
    expect(idTagOf({ sessionId: 'boulder-52', userId: '7' })).toBe(idTagOf({ sessionId: 'boulder-53', userId: '7' }));
  });
});

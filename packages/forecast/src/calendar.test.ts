import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { siteCalendar } from './calendar.ts';

const dayNumber = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const hourNumber = (at: string): number => Date.parse(at) / 3_600_000;

describe('a site calendar', () => {
  it('knows the hour, the weekday and the date on the site\'s own clock', () => {
    const bandung = siteCalendar('Asia/Jakarta');
    const friday = bandung.local(hourNumber('2026-11-27T17:00:00Z'));
    expect(friday).toEqual({ day: dayNumber('2026-11-28'), hourOfDay: 0, weekday: 6, weekend: true });
    expect(bandung.dateOf(friday.day)).toBe('2026-11-28');
    expect(siteCalendar('America/Denver').local(hourNumber('2026-11-27T17:00:00Z'))).toEqual({ day: dayNumber('2026-11-27'), hourOfDay: 10, weekday: 5, weekend: false });
  });

  it('has a day of 23 hours and one of 25 where the clocks move', () => {
    const denver = siteCalendar('America/Denver');
    const lengthOf = (date: string): number => denver.dayStart(dayNumber(date) + 1) - denver.dayStart(dayNumber(date));
    expect(lengthOf('2026-03-08')).toBe(23);
    expect(lengthOf('2026-11-01')).toBe(25);
    expect(lengthOf('2026-11-02')).toBe(24);
    const short = Array.from({ length: 23 }, (_, i) => denver.local(denver.dayStart(dayNumber('2026-03-08')) + i).hourOfDay);
    expect(short.slice(0, 4)).toEqual([0, 1, 3, 4]);
    const long = Array.from({ length: 25 }, (_, i) => denver.local(denver.dayStart(dayNumber('2026-11-01')) + i).hourOfDay);
    expect(long.slice(0, 4)).toEqual([0, 1, 1, 2]);
    expect(denver.hourAt(dayNumber('2026-03-08'), 2)).toBe(denver.hourAt(dayNumber('2026-03-08'), 3));
  });

  it('cuts time into days without a gap, in any zone and year', () => {
    const zones = ['Asia/Jakarta', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/Denver', 'Europe/London', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/Sao_Paulo', 'UTC'];
    fc.assert(fc.property(fc.constantFrom(...zones), fc.integer({ min: dayNumber('2005-01-01'), max: dayNumber('2030-12-31') }), (zone, day) => {
      const calendar = siteCalendar(zone);
      const start = calendar.dayStart(day);
      const next = calendar.dayStart(day + 1);
      expect([0, 23, 24, 25]).toContain(next - start); // 0: Apia skipped 2011-12-30
      for (let hour = start; hour < next; hour += 1) expect(calendar.local(hour).day).toBe(day);
      expect(calendar.local(start - 1).day).toBeLessThan(day);
    }), { numRuns: 400 });
  });

  it('refuses a zone that does not exist, by name', () => {
    expect(() => siteCalendar('Mars/Olympus')).toThrow('"Mars/Olympus" is not an IANA time zone');
  });
});

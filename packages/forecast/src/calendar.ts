/**
 * The calendar of a site: which local hour, weekday and date an hour of the UTC grid is.
 *
 * An hour is a whole number of hours since 1970-01-01T00:00Z. The local day of an hour is the day of its first minute, so a day has
 * 24 hours, or 23 and 25 when the clocks move. In zones that are off by a half hour a day begins at the first grid hour after midnight.
 */
export interface LocalHour {
  /** days since 1970-01-01 on the site's own calendar */
  day: number;
  /** 0..23 on the site's clock */
  hourOfDay: number;
  /** 0 = Sunday .. 6 = Saturday */
  weekday: number;
  /** Saturday or Sunday */
  weekend: boolean;
}

export interface SiteCalendar {
  readonly timeZone: string;
  local(hour: number): LocalHour;
  /** Minutes that the site's clock is ahead of UTC at the first minute of an hour. */
  offsetMinutes(hour: number): number;
  /** The first grid hour of a local day; `dayStart(day + 1) - dayStart(day)` is the day's length. */
  dayStart(day: number): number;
  /** The grid hour that begins at or after this hour of a local day's clock (a clock time that is skipped gives the hour after it). */
  hourAt(day: number, hourOfDay: number): number;
  /** `2026-11-24` */
  dateOf(day: number): string;
}

const MS_PER_HOUR = 3_600_000;
const HOURS_PER_DAY = 24;
const MINUTES_PER_HOUR = 60;

/** Calendars cost a few milliseconds of Intl each: one is kept for each zone. */
const calendars = new Map<string, SiteCalendar>();

/**
 * The calendar of an IANA time zone (`Asia/Jakarta`).
 * Throws a RangeError with the zone's name when there is no such zone.
 */
export function siteCalendar(timeZone: string): SiteCalendar {
  const known = calendars.get(timeZone);
  if (known) return known;
  const made = makeCalendar(timeZone);
  calendars.set(timeZone, made);
  return made;
}

function makeCalendar(timeZone: string): SiteCalendar {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone, hourCycle: 'h23',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
    });
  } catch {
    throw new RangeError(`"${timeZone}" is not an IANA time zone`);
  }

  const offsetByHour = new Map<number, number>();
  const offsetByDay = new Map<number, number | null>();

  /** Minutes east of UTC at the first minute of a grid hour, asked of Intl. */
  function askOffset(hour: number): number {
    const known = offsetByHour.get(hour);
    if (known !== undefined) return known;
    const field: Record<string, number> = {};
    for (const part of format.formatToParts(hour * MS_PER_HOUR)) if (part.type !== 'literal') field[part.type] = Number(part.value);
    const wall = Date.UTC(field['year']!, field['month']! - 1, field['day'], field['hour'], field['minute'], field['second']);
    const minutes = Math.round((wall - hour * MS_PER_HOUR) / 60_000);
    offsetByHour.set(hour, minutes);
    return minutes;
  }

  /** As askOffset, but Intl is asked twice a UTC day and not 24 times, except on the two days a year when the clocks move. */
  function offset(hour: number): number {
    const utcDay = Math.floor(hour / HOURS_PER_DAY);
    let constant = offsetByDay.get(utcDay);
    if (constant === undefined) {
      const first = askOffset(utcDay * HOURS_PER_DAY);
      constant = first === askOffset((utcDay + 1) * HOURS_PER_DAY) ? first : null;
      offsetByDay.set(utcDay, constant);
    }
    return constant ?? askOffset(hour);
  }

  const localMinutes = (hour: number): number => hour * MINUTES_PER_HOUR + offset(hour);
  const dayOf = (hour: number): number => Math.floor(localMinutes(hour) / (HOURS_PER_DAY * MINUTES_PER_HOUR));

  function firstHourFrom(day: number, minuteOfDay: number): number {
    const wanted = day * HOURS_PER_DAY * MINUTES_PER_HOUR + minuteOfDay;
    // Offsets lie between -12 and +14 hours; two hours more for a clock that moves in between.
    let hour = Math.floor(wanted / MINUTES_PER_HOUR) - 16;
    while (localMinutes(hour) < wanted) hour += 1;
    return hour;
  }

  const starts = new Map<number, number>();
  return {
    timeZone,
    offsetMinutes: offset,
    local(hour) {
      const minutes = localMinutes(hour);
      const day = Math.floor(minutes / (HOURS_PER_DAY * MINUTES_PER_HOUR));
      const weekday = (((day + 4) % 7) + 7) % 7; // 1970-01-01 was a Thursday
      return {
        day,
        hourOfDay: Math.floor((minutes - day * HOURS_PER_DAY * MINUTES_PER_HOUR) / MINUTES_PER_HOUR),
        weekday,
        weekend: weekday === 0 || weekday === 6,
      };
    },
    dayStart(day) {
      let start = starts.get(day);
      if (start === undefined) {
        start = firstHourFrom(day, 0);
        // Where the clocks go back over midnight, the day before comes twice; the day begins after its last hour.
        while (dayOf(start) < day) start += 1;
        starts.set(day, start);
      }
      return start;
    },
    hourAt: (day, hourOfDay) => firstHourFrom(day, hourOfDay * MINUTES_PER_HOUR),
    dateOf: (day) => new Date(day * HOURS_PER_DAY * MS_PER_HOUR).toISOString().slice(0, 10),
  };
}

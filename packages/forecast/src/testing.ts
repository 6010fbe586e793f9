import { randomFrom } from './bootstrap.ts';
import type { HourlySeries } from './series.ts';
import type { SiteCalendar } from './calendar.ts';

/**
 * A made history for tests: busy in working hours, quieter at weekends, with chance from a seed and about half of the hours empty.
 * `carryOver` (0..1) makes a busy day be followed by another, which a ridge can see and a profile can't.
 */
export function aSeries(options: { calendar: SiteCalendar; firstDay: number; days: number; seed?: number; carryOver?: number }): HourlySeries {
  const { calendar, firstDay, days, seed = 1, carryOver = 0 } = options;
  const firstHour = calendar.dayStart(firstDay);
  const energyWh = new Float64Array(calendar.dayStart(firstDay + days) - firstHour);
  const random = randomFrom(seed);
  let level = 1;
  let day = Number.NaN;
  for (let i = 0; i < energyWh.length; i += 1) {
    const local = calendar.local(firstHour + i);
    if (local.day !== day) {
      day = local.day;
      level = carryOver * level + (1 - carryOver) * (0.2 + 1.6 * random());
      if (carryOver > 0 && random() < 0.15) level = 0.3 + 1.4 * random();
    }
    const usual = local.hourOfDay >= 8 && local.hourOfDay < 18 ? 6000 : local.hourOfDay >= 18 ? 2000 : 200;
    const expected = usual * (local.weekend ? 0.4 : 1) * level;
    energyWh[i] = random() < 0.25 ? 0 : expected * (0.6 + 0.8 * random());
  }
  return { firstHour, energyWh };
}

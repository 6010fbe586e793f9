/** Energy by hour on the UTC grid, in Wh, for every hour in [firstHour, firstHour + energyWh.length). Outside of it nothing is known. */
export interface HourlySeries {
  /** hours since 1970-01-01T00:00Z */
  firstHour: number;
  energyWh: Float64Array;
}

/** Energy that flowed evenly from one moment to another (both in ms since 1970). */
export interface EnergySpan {
  fromMs: number;
  toMs: number;
  energyWh: number;
}

const MS_PER_HOUR = 3_600_000;

/**
 * Spreads the energy of sessions evenly over the time in which they charged, by the exact overlap with each hour.
 * A span without length gives all its energy to its hour; what lies outside the window is left out.
 */
export function spreadOverHours(spans: Iterable<EnergySpan>, window: { firstHour: number; untilHour: number }): HourlySeries {
  const { firstHour, untilHour } = window;
  const energyWh = new Float64Array(Math.max(0, untilHour - firstHour));
  for (const span of spans) {
    if (!(span.energyWh > 0)) continue;
    const length = span.toMs - span.fromMs;
    const first = Math.floor(span.fromMs / MS_PER_HOUR);
    if (length <= 0) {
      if (first >= firstHour && first < untilHour) energyWh[first - firstHour]! += span.energyWh;
      continue;
    }
    const last = Math.ceil(span.toMs / MS_PER_HOUR);
    for (let hour = Math.max(first, firstHour); hour < Math.min(last, untilHour); hour += 1) {
      const overlap = Math.min(span.toMs, (hour + 1) * MS_PER_HOUR) - Math.max(span.fromMs, hour * MS_PER_HOUR);
      energyWh[hour - firstHour]! += (span.energyWh * overlap) / length;
    }
  }
  return { firstHour, energyWh };
}

/** The hour after the last one that is known. */
export function untilHour(series: HourlySeries): number {
  return series.firstHour + series.energyWh.length;
}

/** What a model may see when it forecasts from `originHour`: every hour before it, and nothing else. */
export function before(series: HourlySeries, originHour: number): HourlySeries {
  const known = Math.min(Math.max(0, originHour - series.firstHour), series.energyWh.length);
  return { firstHour: series.firstHour, energyWh: series.energyWh.subarray(0, known) };
}

/** A short name for the bytes of a series (FNV-1a over hours and values): the same history has the same name on any machine. */
export function seriesHash(series: HourlySeries): string {
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  const eat = (byte: number): void => {
    low = Math.imul(low ^ byte, 0x01000193) >>> 0;
    high = Math.imul(high ^ (byte + (low & 0xff)), 0x01000193) >>> 0;
  };
  const view = new DataView(new ArrayBuffer(8));
  const eatNumber = (value: number): void => {
    view.setFloat64(0, value, true);
    for (let i = 0; i < 8; i += 1) eat(view.getUint8(i));
  };
  eatNumber(series.firstHour);
  for (const value of series.energyWh) eatNumber(value);
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

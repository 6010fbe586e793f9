import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { spreadOverHours, type EnergySpan, type HourlySeries } from '@csms/forecast';

const MS_PER_HOUR = 3_600_000;

/** A text file, unpacked if its name ends in .gz. */
export function textOf(file: string): string {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Rows of a comma-separated file without quotes, as records by the names in its first line. */
function* records(text: string): Generator<Record<string, string>> {
  const lines = text.split(/\r?\n/);
  const names = (lines[0] ?? '').split(',').map((name) => name.trim());
  for (const line of lines.slice(1)) {
    if (line === '') continue;
    const cells = line.split(',');
    yield Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
  }
}

/** `series,hour_utc,kwh,...` (hours as 2018-05-01T07Z) to a series by name; hours that are missing are zero. */
export function readHourlyFile(text: string): Map<string, HourlySeries> {
  const points = new Map<string, { hour: number; wh: number }[]>();
  for (const record of records(text)) {
    const at = Date.parse((record['hour_utc'] ?? '').replace(/T(\d\d)Z$/, 'T$1:00:00Z'));
    const wh = Number(record['kwh']) * 1000;
    if (!Number.isFinite(at) || !Number.isFinite(wh)) throw new Error(`an hour that cannot be read: ${JSON.stringify(record)}`);
    const name = record['series'] ?? '';
    const own = points.get(name) ?? [];
    own.push({ hour: at / MS_PER_HOUR, wh });
    points.set(name, own);
  }
  return new Map([...points].map(([name, own]) => {
    const firstHour = Math.min(...own.slice(0, 1).map((point) => point.hour));
    const energyWh = new Float64Array(own[own.length - 1]!.hour - firstHour + 1);
    for (const point of own) energyWh[point.hour - firstHour] = point.wh;
    return [name, { firstHour, energyWh }];
  }));
}

/** A sessions file (shared/data/ev, examples/history) to its hourly series, from the hour of the first session to that of the last. */
export function readSessionsFile(text: string): HourlySeries {
  const spans: EnergySpan[] = [];
  for (const record of records(text)) {
    const fromMs = Date.parse(record['start_utc'] ?? '');
    const toMs = Date.parse(record['charge_end_utc'] || record['end_utc'] || '');
    const energyWh = Number(record['energy_kwh']) * 1000;
    if (Number.isFinite(fromMs) && Number.isFinite(toMs) && Number.isFinite(energyWh)) spans.push({ fromMs, toMs, energyWh });
  }
  const first = spans.reduce((least, span) => Math.min(least, span.fromMs), Number.POSITIVE_INFINITY);
  const last = spans.reduce((most, span) => Math.max(most, span.fromMs), 0);
  return spreadOverHours(spans, { firstHour: Math.floor(first / MS_PER_HOUR), untilHour: Math.floor(last / MS_PER_HOUR) + 1 });
}

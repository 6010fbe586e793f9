/** Where a list goes on: the key of the last row that was given, or null for its beginning. */
export interface PageRequest {
  after: readonly string[] | null;
  limit: number;
}

/** `next` is the key to go on after; null when this was the last page. */
export interface PageRead<T> {
  items: T[];
  next: string[] | null;
}

/** What each part of a list's key is: a cursor that came from outside is held against it before it reaches SQL. */
export type KeyPart = 'text' | 'uuid' | 'time' | 'int';

/** Rows were asked for with `limitOf(request)`: one more than the page, which says whether there is another. */
export function cutPage<R, T>(rows: readonly R[], request: PageRequest, keyOf: (row: R) => string[], itemOf: (row: R) => T): PageRead<T> {
  const shown = rows.slice(0, request.limit);
  const last = shown.at(-1);
  return { items: shown.map(itemOf), next: rows.length > request.limit && last !== undefined ? keyOf(last) : null };
}

export function limitOf(request: PageRequest): number {
  return request.limit + 1;
}

/** Conditions with their values: `add('s.site_id = ?', id)` numbers the placeholders as it goes. */
export class Where {
  readonly values: unknown[] = [];
  readonly #parts: string[] = [];

  add(text: string, ...values: unknown[]): this {
    this.#parts.push(text.replaceAll('?', () => this.value(values.shift())));
    return this;
  }

  /** A placeholder for a value outside the conditions. */
  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get sql(): string {
    return this.#parts.length === 0 ? '' : `WHERE ${this.#parts.join(' AND ')}`;
  }
}

/** A timestamp as a key: microseconds, so that rows of one millisecond are neither skipped nor repeated; `infinity` is brought to a year that a list can go on after. */
export function keyTime(column: string): string {
  return `to_char(greatest('0001-01-01T00:00:00Z', least('275000-01-01T00:00:00Z', ${column})) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/**
 * RFC 3339 with a year of four digits: a charger with a broken clock must not make a page unreadable (oss-security 2025-07-07). PostgreSQL's
 * `infinity` and `-infinity` come from the driver as numbers.
 */
export function iso(time: Date | number): string {
  const year = typeof time === 'number' ? time : time.getUTCFullYear();
  if (Number.isNaN(year) || year > 9999) return '9999-12-31T23:59:59.999Z';
  return typeof time === 'number' || year < 0 ? '0000-01-01T00:00:00.000Z' : time.toISOString();
}

export function isoOrNull(time: Date | number | null): string | null {
  return time === null ? null : iso(time);
}

/** A measured number as JSON can say it: `Infinity` and `NaN`, which a column of double precision can hold, are no measurement. */
export function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

/** What a session took: as it was settled, or so far by its registers. Subtracted here, because PostgreSQL fails the whole query on an overflow. */
export function energySoFar(row: { energy_wh: number | null; last_register_wh: number | null; meter_start_wh: number | null }): number | null {
  if (row.energy_wh !== null) return finite(row.energy_wh);
  return row.last_register_wh === null || row.meter_start_wh === null ? null : finite(Math.max(0, row.last_register_wh - row.meter_start_wh));
}

export { maskUid } from '../cards/card-text.ts';

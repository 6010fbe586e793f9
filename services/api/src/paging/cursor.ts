import type { KeyPart, PageRead, PageRequest } from '@csms/store/read-models/index';
import { z } from 'zod';
import { ApiProblem } from '../problems/api-problem.ts';

const Parts = z.array(z.string().max(256)).min(1).max(4);
const shapes: Record<KeyPart, RegExp> = {
  text: /^[^\0]*$/, uuid: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/, time: /^\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, int: /^-?\d{1,9}$/,
};

/** A list's query as the read models ask for it. The cursor is opaque to callers: base64url of the last key, held against the list's own kind of key. */
export function pageRequest(query: { cursor?: string | undefined; limit: number }, key: readonly KeyPart[]): PageRequest {
  return { limit: query.limit, after: query.cursor === undefined ? null : decodeCursor(query.cursor, key) };
}

export function pageAnswer<T>(read: PageRead<T>): { items: T[]; nextCursor: string | null } {
  return { items: read.items, nextCursor: read.next === null ? null : Buffer.from(JSON.stringify(read.next)).toString('base64url') };
}

function decodeCursor(cursor: string, key: readonly KeyPart[]): string[] {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw new ApiProblem('invalid-cursor');
  }
  const parts = Parts.safeParse(json);
  if (!parts.success || parts.data.length !== key.length || !parts.data.every((part, i) => shapes[key[i]!].test(part) && (key[i] !== 'time' || isOfCalendar(part)))) throw new ApiProblem('invalid-cursor');
  return parts.data;
}

/** PostgreSQL's calendar has the years 1 to 294276, and it refuses a day or an hour that is none. */
function isOfCalendar(time: string): boolean {
  const [year, month, day, hour, minute, second] = time.split(/[-T:.]/).map(Number) as [number, number, number, number, number, number];
  const daysOfMonth = new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
  return year >= 1 && year <= 294_000 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth && hour <= 23 && minute <= 59 && second <= 59;
}

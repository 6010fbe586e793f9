/** JSON text that jsonb takes: without U+0000, which PostgreSQL cannot hold. A backslash that was written as two is no part of an escape. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value ?? null).replace(/\\(u0000|.)/g, (escape, what) => (what === 'u0000' ? '' : escape));
}

/** A time as PostgreSQL reads it in JSON, also before year 1 and after year 9999. */
export function storableTime(date: Date): string {
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return date.toISOString();
  const rest = date.toISOString().replace(/^[+-]?\d+-/, '-');
  return `${String(year < 1 ? 1 - year : year).padStart(4, '0')}${rest}${year < 1 ? ' BC' : ''}`;
}

/** One figure of a bench beside what is asked of it. */
export interface BenchRow {
  bench: string;
  what: string;
  value: number;
  unit: string;
  /** Absent: nothing is asked. */
  limit?: { atMost: number } | { atLeast: number };
  /** How it came about: parts, ranges, the audit. */
  detail: string;
}

export function holds({ value, limit }: BenchRow): boolean {
  if (limit === undefined) return true;
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

/** The rows as a table for a terminal. */
export function describeRows(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.what, `${short(row.value)} ${row.unit}`.trim(), row.limit === undefined ? '' : 'atMost' in row.limit ? `at most ${short(row.limit.atMost)}` : `at least ${short(row.limit.atLeast)}`,
    row.limit === undefined ? '' : holds(row) ? 'holds' : 'MISSED', row.detail,
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

/** A figure with three digits that count. */
export function short(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(Math.abs(value) >= 1 ? 2 : 3);
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

import { readBooks } from './books.ts';
import { compare, differenceKinds, type AuditReport } from './compare.ts';
import { readFileTruth } from './file-truth.ts';

export interface AuditOptions {
  file: string;
  databaseUrl: string;
  tenant: string;
  /** The moment that the replay shifted the file to. */
  asOf: Date;
}

/** Audits a replayed file: reads only the file and SQL. */
export async function auditFile(options: AuditOptions): Promise<AuditReport> {
  const truth = readFileTruth(options.file, options.asOf);
  if (truth.expected.length === 0) return compare(truth, { sessions: [], tariffs: [] });
  let fromMs = Infinity;
  let untilMs = -Infinity;
  for (const session of truth.expected) {
    fromMs = Math.min(fromMs, session.startedAt);
    untilMs = Math.max(untilMs, session.endedAt);
  }
  const identities = [...new Set(truth.expected.map((session) => session.identity))];
  return compare(truth, await readBooks(options.databaseUrl, options.tenant, identities, fromMs, untilMs));
}

const shown = 20;

/** The report as text for a terminal. */
export function describeReport(report: AuditReport): string {
  const { file, books } = report;
  const lines = [
    `file:  ${file.rows} rows, ${file.sessions} sessions, ${kwh(file.energyWh)} kWh, shifted by ${file.shiftWeeks} weeks`,
    `       ${file.refused} rows refused (${file.refusedWithoutStation} without a station), ${file.repeatedLines.length} repeat station, connector and start${file.repeatedLines.length > 0 ? `: lines ${file.repeatedLines.slice(0, shown).join(', ')}${file.repeatedLines.length > shown ? ' ...' : ''}` : ''}`,
    `books: ${books.sessions} sessions (${Object.entries(books.byVersion).map(([version, count]) => `${count} on ${version}`).join(', ') || 'none'}), ${kwh(books.energyWh)} kWh, ${books.bills} bills`,
    `money: ${file.totalMinor} by the tariffs, ${books.totalMinor} ${books.currency ?? ''} billed`.trimEnd(),
  ];
  for (const kind of differenceKinds) {
    const some = report.differences.filter((difference) => difference.kind === kind);
    if (some.length === 0) continue;
    lines.push(`${kind}: ${some.length}`);
    for (const difference of some.slice(0, shown)) lines.push(`  ${difference.identity} ${difference.sessionId ?? ''} ${difference.detail}`);
    if (some.length > shown) lines.push(`  and ${some.length - shown} more`);
  }
  lines.push(report.isClean ? 'audit: nothing differs' : `audit: ${report.differences.length} differences`);
  return lines.join('\n');
}

function kwh(wh: number): string {
  return (wh / 1_000).toFixed(3);
}

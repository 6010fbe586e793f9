import { measurandOf } from './normalise.ts';
import { measuredColumns } from './readable.ts';
import type { Reading } from './reading.ts';

/** What a second reading of one (connector, transaction, time) brought: nothing, what the first lacked, or another value, which is then kept beside the first. */
export type JoinVerdict = 'duplicate' | 'added' | 'conflict';

/** As many samples a moment has at most: a station whose clock stands still says ever more of one second, and its row must not grow for ever. */
export const samplesAside = 128;

/**
 * Two readings of one (connector, transaction, time). What the first says stays; of one context, what it lacks is taken from the second. A value that
 * differs, or is of another context (G-22), stands in `other` under measurand[/phase][@location][~context][#n]. Joining the same again changes nothing.
 * A value beyond `samplesAside` is a conflict that the reading does not hold: the caller keeps it elsewhere.
 */
export function joinReadings(first: Reading, second: Reading): { reading: Reading; verdict: JoinVerdict } {
  const sameContext = contextOf(first) === contextOf(second);
  const columns = { ...first };
  const other: Record<string, unknown> = { ...first.other };
  let verdict: JoinVerdict = 'duplicate';
  const aside = (key: string, sample: unknown, added: JoinVerdict): void => {
    let free = key;
    for (let n = 2; free in other; n += 1) {
      if (sameJson(other[free], sample)) return;
      free = `${key}#${n}`;
    }
    const full = Object.keys(other).length >= samplesAside;
    verdict = free === key && !full && verdict !== 'conflict' ? added : 'conflict';
    if (!full) other[free] = sample;
  };
  for (const column of measuredColumns) {
    const value = second[column];
    if (value === null || value === first[column]) continue;
    if (sameContext && first[column] === null) {
      columns[column] = value;
      if (verdict === 'duplicate') verdict = 'added';
    } else if (!saidRaw(second, measurandOf[column], value)) {
      aside(`${measurandOf[column]}${sameContext ? '' : `~${contextOf(second)}`}`, { value, number: value, ...(sameContext ? { flag: 'repeated' } : {}) }, 'conflict');
    }
  }
  for (const [key, sample] of Object.entries(second.other ?? {})) {
    const plain = key.replace(/#\d+$/, '');
    const named = sameContext || plain.includes('~') ? plain : `${plain}~${contextOf(second)}`;
    // A sample that was of another context there may be of this row's own here.
    const own = named.endsWith(`~${contextOf(first)}`) ? named.slice(0, -contextOf(first).length - 1) : named;
    if (own !== plain && isColumnValue(first, own, sample)) continue;
    aside(own, sample, sameContext ? 'added' : 'conflict');
  }
  return { reading: { ...columns, other: Object.keys(other).length === 0 ? null : other }, verdict };
}

/** OCPP's default (1.6 section 7.43, 2.0.1 ReadingContextEnumType). */
const contextOf = (reading: Reading): string => reading.context ?? 'Sample.Periodic';

/** True where `other` holds the raw form of a column's value, which then is kept by that. */
function saidRaw(reading: Reading, measurand: string, value: number): boolean {
  return numberOf(reading.other?.[measurand]) === value;
}

function isColumnValue(reading: Reading, measurand: string, sample: unknown): boolean {
  const number = numberOf(sample);
  return number !== null && measuredColumns.some((column) => measurandOf[column] === measurand && reading[column] === number);
}

function numberOf(sample: unknown): number | null {
  return typeof sample === 'object' && sample !== null && 'number' in sample && typeof sample.number === 'number' ? sample.number : null;
}

/** Equal as JSON, whatever the order of keys: a database has its own. */
function sameJson(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner)) ?? '';
}

import type { LocalListEntry } from '@csms/contracts/commands/local-list';
import { cardKey } from './wanted-list.ts';

/** What a station can take, from its configuration (1.6, 9.2). */
export interface ListLimits {
  /** LocalAuthListMaxLength: entries on the list. */
  listMax: number;
  /** SendLocalListMaxLength: entries in one SendLocalList. */
  messageMax: number;
}

/** One SendLocalList, without its version. */
export interface ListUpdate { updateType: 'full' | 'differential'; entries: LocalListEntry[] }

export interface ListDifference { missing: LocalListEntry[]; changed: LocalListEntry[]; surplus: LocalListEntry[] }

/** How the list that a station has differs from the wanted one. */
export function compareLists(known: readonly LocalListEntry[], wanted: readonly LocalListEntry[]): ListDifference {
  const has = new Map(known.map((entry) => [cardKey(entry.tokenUid), entry]));
  const wants = new Set(wanted.map((entry) => cardKey(entry.tokenUid)));
  const difference: ListDifference = { missing: [], changed: [], surplus: known.filter((entry) => !wants.has(cardKey(entry.tokenUid))) };
  for (const entry of wanted) {
    const there = has.get(cardKey(entry.tokenUid));
    if (there === undefined) difference.missing.push(entry);
    else if (!isSame(there, entry)) difference.changed.push(entry);
  }
  return difference;
}

export type ListPlan = { kind: 'updates'; updates: ListUpdate[] } | { kind: 'too-long'; reason: string };

/**
 * The messages that bring a station from the list that it accepted last to the wanted one, none when nothing differs. `known` null: what it has is not
 * known, so the first message replaces everything. In either way the list is never longer than the station's own on the way: a full update is sent
 * in parts (Full, then Differential), and a differential one removes before it adds. A list beyond the station's length is refused, in words.
 */
export function planListUpdate(known: readonly LocalListEntry[] | null, wanted: readonly LocalListEntry[], limits: ListLimits): ListPlan {
  if (wanted.length > limits.listMax) {
    return { kind: 'too-long', reason: `${wanted.length} cards should be on the list, and the station holds ${limits.listMax} (LocalAuthListMaxLength)` };
  }
  const full = (): ListUpdate[] => {
    const [first = [], ...others] = parts(wanted, limits.messageMax);
    return [{ updateType: 'full', entries: first }, ...others.map((entries): ListUpdate => ({ updateType: 'differential', entries }))];
  };
  if (known === null) return { kind: 'updates', updates: full() };
  const { missing, changed, surplus } = compareLists(known, wanted);
  const removals = surplus.map((entry): LocalListEntry => ({ tokenUid: entry.tokenUid, status: null, validUntil: null, parentUid: null }));
  const changes = [...removals, ...changed, ...missing];
  const differential = parts(changes, limits.messageMax).map((entries): ListUpdate => ({ updateType: 'differential', entries }));
  const anew = full();
  return { kind: 'updates', updates: changes.length > 0 && anew.length < differential.length ? anew : differential };
}

function isSame(a: LocalListEntry, b: LocalListEntry): boolean {
  return a.tokenUid === b.tokenUid && a.status === b.status && timeOf(a.validUntil) === timeOf(b.validUntil) && (a.parentUid ?? '').toLowerCase() === (b.parentUid ?? '').toLowerCase();
}

const timeOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));

function parts<T>(all: readonly T[], size: number): T[][] {
  const cut: T[][] = [];
  for (let i = 0; i < all.length; i += Math.max(1, size)) cut.push(all.slice(i, i + Math.max(1, size)));
  return cut;
}

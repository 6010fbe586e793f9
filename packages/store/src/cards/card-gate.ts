import type { StartFact, StopFact, TransactionEventFact } from '@csms/domain';
import type { LaneFact } from '../books/facts.ts';
import { mapCards } from './card-fields.ts';
import type { CardKeys } from './card-keys.ts';

type CardFact = StartFact | StopFact | TransactionEventFact;
/** A fact as the books may hold it, and every way in which its card may stand there already, that of today first. */
export interface BookedFact<F extends CardFact> { fact: F; spellings: readonly string[] }

/**
 * The way of every fact into the lane: its card number becomes a reference, in the fact and in the payload that is kept as evidence. `cards` null: numbers
 * stay as they are.
 */
export function bookedFact<F extends CardFact>(cards: CardKeys | null, tenantId: string, fact: F): BookedFact<F> {
  if (cards === null) return { fact, spellings: fact.tokenUid === null ? [] : [fact.tokenUid] };
  return {
    fact: { ...fact, tokenUid: fact.tokenUid === null ? null : cards.reference(tenantId, fact.tokenUid), payload: mapCards(fact.payload, (uid) => cards.reference(tenantId, uid)) },
    spellings: fact.tokenUid === null ? [] : cards.spellings(tenantId, fact.tokenUid),
  };
}

/** Of a fact that names a card; empty for every other. */
export function spellingsOf(item: LaneFact): readonly string[] {
  if (item.kind !== 'start' && item.kind !== 'stop' && item.kind !== 'event') return [];
  return item.spellings ?? (item.fact.tokenUid === null ? [] : [item.fact.tokenUid]);
}

/** The cards of a batch by their other spellings: what a row from before says, in the words of today. */
export function otherSpellings(facts: readonly LaneFact[]): ReadonlyMap<string, string> {
  const others = new Map<string, string>();
  for (const item of facts) {
    const [today, ...before] = spellingsOf(item);
    for (const each of before) others.set(each, today!);
  }
  return others;
}

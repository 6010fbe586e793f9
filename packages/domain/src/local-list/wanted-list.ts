import type { LocalListEntry } from '@csms/contracts/commands/local-list';
import type { Token } from '../authorization/token.ts';

/** CiString20Type: what a 1.6 station can hold as an idTag. */
const idTagMax = 20;

export interface WantedList {
  /** By card number, each once. */
  entries: LocalListEntry[];
  /** Cards whose number is too long for an idTag; a 1.6 station can never have read one. */
  unfit: number;
}

/**
 * What the local authorisation list of a 1.6 station should say (1.6, 3.5.2): every card that may charge, with its end and its group, and every
 * blocked one as blocked, so that a station without a line refuses it too. Not on it: cards before or after their time, which a station refuses unlisted, and the
 * operator's own tokens (kind central), which nobody holds to a reader.
 */
export function wantedList(cards: readonly Token[], now: Date): WantedList {
  const entries = new Map<string, LocalListEntry>();
  let unfit = 0;
  for (const card of cards) {
    if (card.kind === 'central' || (card.validFrom != null && card.validFrom > now) || (card.validUntil !== null && card.validUntil <= now)) continue;
    if (card.uid.length > idTagMax) unfit += 1;
    else {
      entries.set(cardKey(card.uid), {
        tokenUid: card.uid, status: card.status === 'blocked' ? 'Blocked' : 'Accepted', validUntil: card.validUntil?.toISOString() ?? null,
        parentUid: card.parentUid !== null && card.parentUid.length <= idTagMax ? card.parentUid : null,
      });
    }
  }
  return { entries: [...entries.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry), unfit };
}

/** A card number as lists are compared: without case (CiString). */
export function cardKey(uid: string): string {
  return uid.toLowerCase();
}

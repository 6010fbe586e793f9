/**
 * What the books show of a card (C-15): its ends. The books have no card number, and whoever audits them has no key, so a card of the truth and one of the books
 * are the same where their ends are; station, time and register tell them apart.
 */
export function cardEnds(card: string): string {
  const reference = /^card:[0-9a-f]{32}:([^:]+)/.exec(card)?.[1];
  return (reference ?? (card.length < 8 ? `••••${card.slice(-2)}` : `${card.slice(0, 2)}••••${card.slice(-2)}`)).toLowerCase();
}

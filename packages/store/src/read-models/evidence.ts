import { maskUid } from './page.ts';

/** Card numbers stand under these names in OCPP payloads of both dialects and in our own commands; a reader sees them masked, as everywhere. */
const cardFields = new Set(['idTag', 'parentIdTag', 'idToken', 'tokenUid', 'parentUid']);

/** A stored payload as a reader may see it. */
export function maskCards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskCards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cardFields.has(name) && typeof inner === 'string' ? maskUid(inner) : maskCards(inner)]));
}

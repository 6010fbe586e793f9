import { maskUid } from './page.ts';

/** Card numbers stand in OCPP payloads under these names, in both dialects; a reader sees them masked, as everywhere. */
const cardFields = new Set(['idTag', 'parentIdTag', 'idToken']);

/** A stored OCPP payload as a reader may see it. */
export function maskCards(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskCards);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cardFields.has(name) && typeof inner === 'string' ? maskUid(inner) : maskCards(inner)]));
}

/** Card numbers stand under these names in OCPP payloads of both dialects and in our own commands, in any case that was seen. */
const cardFields = new Set(['idtag', 'parentidtag', 'idtoken', 'additionalidtoken', 'tokenuid', 'parentuid']);

/** The same value with each card number put through `change`. */
export function mapCards(value: unknown, change: (uid: string) => string): unknown {
  if (Array.isArray(value)) return value.map((each) => mapCards(each, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, cardFields.has(name.toLowerCase()) && typeof inner === 'string' && inner !== '' ? change(inner) : mapCards(inner, change)]));
}

/** A property that holds a card number, in any case and spelling that was seen, and its value, whole or cut. */
const cardInText = /("(?:id_?tag|parent_?id_?tag|id_?token|additional_?id_?token)"\s*:\s*)("(?:[^"\\]|\\.)*"?|-?\d[\d.eE+]*)/gi;

/**
 * A frame as text, byte for byte but for card numbers. Where escapes could hide their names it is read and written anew; null where that cannot be done.
 */
export function mapCardsInText(frame: string, change: (uid: string) => string): string | null {
  if (!frame.includes('\\u')) return frame.replace(cardInText, (_all, name: string, value: string) => `${name}"${value.replaceAll('"', '') === '' ? '' : change(value.replaceAll('"', ''))}"`);
  try {
    return JSON.stringify(mapCards(JSON.parse(frame), change));
  } catch {
    return null;
  }
}

const escapeSequences = [
  // OSC, DCS, SOS, PM, APC: up to BEL or ST, or to the end where neither comes.
  '(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c|$)',
  // CSI, with 7-bit and 8-bit introducer.
  '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?',
  // Any other two-character escape.
  '\\x1b[ -/]*[0-~]?',
].join('|');
const unseen = new RegExp(`${escapeSequences}|[\\x00-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]`, 'g');

/**
 * Text that came from a station (vendor, serial, reason, idTag) as a terminal may show it: without escape sequences, control characters and
 * marks that turn the direction of writing (L-02). A line break becomes a space.
 */
export function cleanText(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(unseen, '');
}

/** The same in a value of any shape, for JSON on a terminal: keys and values. */
export function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanValue);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleanValue(inner)]));
  return value;
}

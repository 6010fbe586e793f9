/**
 * A charger's timestamp. Without a zone it is UTC (G-13: the text of 1.6 leaves it open and many chargers send none).
 * Null where the text is no date at all; nothing is refused for being far away.
 */
export function parseStationTime(text: string): Date | null {
  // What most chargers send, and what a date parser reads as it is.
  if (text.endsWith('Z')) {
    const date = new Date(text);
    if (!Number.isNaN(date.getTime())) return date;
  }
  const trimmed = text.trim();
  const zoned = /(?:z|[+-]\d\d(?::?\d\d)?)$/i.test(trimmed.slice(10)) ? trimmed : `${trimmed}Z`;
  // Hours alone are a zone of ISO 8601, and a date parser does not know them.
  const date = new Date(zoned.replace(/^(\d{4}-\d\d-\d\d) /, '$1T').replace(/([+-]\d\d)$/, '$1:00'));
  return Number.isNaN(date.getTime()) ? null : date;
}

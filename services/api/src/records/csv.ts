/**
 * One line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, a tab, a line end at its beginning) begins with an
 * apostrophe: a card or a station may be called anything (L-02).
 */
export function csvLine(cells: readonly (string | number | null)[], separator = ','): string {
  return `${cells.map((cell) => csvCell(cell, separator)).join(separator)}\r\n`;
}

function csvCell(cell: string | number | null, separator: string): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r\n]/.test(cell) ? `'${cell}` : cell;
  return safe.includes(separator) || /["\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

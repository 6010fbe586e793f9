/** One line of data: its number in the file, counted as an editor counts, and its cells by the names of the header. */
export interface CsvRow { line: number; cells: Map<string, string> }

/** A file that is no CSV of the wanted columns; `message` says where, for a person. */
export class CsvFault extends Error { override name = 'CsvFault'; }

/**
 * Reads CSV (RFC 4180) with a header: cells in quotes may hold separators, line ends and doubled quotes; a byte order mark and empty lines are passed over; `\N`
 * and an empty cell are nothing, as MariaDB and spreadsheets write them. Throws CsvFault for a header that lacks a required column or has one that nobody knows,
 * for a row with more cells than the header, and for a quote that is never closed.
 */
export function readCsv(text: string, columns: { required: readonly string[]; optional: readonly string[] }): CsvRow[] {
  const [header, ...rows] = recordsOf(text.replace(/^\uFEFF/, ''));
  if (header === undefined) throw new CsvFault('the file is empty');
  const names = header.cells.map((name) => name.trim().toLowerCase());
  const known = [...columns.required, ...columns.optional];
  const missing = columns.required.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new CsvFault(`line ${header.line}: the header has no ${missing.join(', ')}; it may have ${known.join(', ')}`);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length > 0) throw new CsvFault(`line ${header.line}: nobody knows the column ${strange.map((name) => JSON.stringify(name)).join(', ')}; there may be ${known.join(', ')}`);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) throw new CsvFault(`line ${header.line}: the column ${twice[0]} is there twice`);
  return rows.map(({ line, cells }) => {
    if (cells.length > names.length) throw new CsvFault(`line ${line} has ${cells.length} cells, and the header ${names.length}`);
    return { line, cells: new Map(names.flatMap((name, i): [string, string][] => { const cell = cells[i]?.trim() ?? ''; return cell === '' || cell === '\\N' ? [] : [[name, cell]]; })) };
  });
}

function recordsOf(text: string): { line: number; cells: string[] }[] {
  const records: { line: number; cells: string[] }[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const cells: string[] = [];
    const first = line;
    for (;;) {
      let cell = '';
      if (text[at] === '"') {
        at += 1;
        for (;;) {
          const end = text.indexOf('"', at);
          if (end < 0) throw new CsvFault(`line ${first}: a quote is never closed`);
          cell += text.slice(at, end);
          at = end + 1;
          if (text[at] !== '"') break;
          cell += '"';
          at += 1;
        }
        line += cell.split('\n').length - 1;
      }
      const rest = /^[^,\r\n]*/.exec(text.slice(at, at + 100_000))![0];
      cell += rest;
      at += rest.length;
      cells.push(cell);
      if (text[at] !== ',') break;
      at += 1;
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    line += 1;
    if (cells.length > 1 || cells[0]!.trim() !== '') records.push({ line: first, cells });
  }
  return records;
}

import { cleanText } from './clean-text.ts';

export interface Column<T> { title: string; of: (row: T) => string | number | null | undefined; right?: boolean }

/** Rows under their titles, two spaces between columns; what is not known is an en dash. Wide signs count as two. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = rows.map((row) => columns.map((column) => shown(column.of(row))));
  const widths = columns.map((column, index) => Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? ''))));
  const line = (texts: string[]) => texts.map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.right ?? false, index === texts.length - 1)).join('  ').trimEnd();
  return [columns.map((column) => column.title), ...cells].map(line).join('\n') + '\n';
}

/** One thing: a name and a value on each line. */
export function facts(pairs: readonly (readonly [string, string | number | boolean | null | undefined])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${shown(typeof value === 'boolean' ? (value ? 'yes' : 'no') : value)}`).join('\n') + '\n';
}

function shown(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '–' : cleanText(String(value));
}

function pad(text: string, width: number, right: boolean, last: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text)));
  return right ? space + text : last ? text : text + space;
}

function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += /\p{Script=Han}|\p{Script=Hangul}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Emoji_Presentation}/u.test(char) ? 2 : /\p{Mn}/u.test(char) ? 0 : 1;
  return width;
}

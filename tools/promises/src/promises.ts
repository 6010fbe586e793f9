import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const rootDir = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const folder = join(rootDir, 'docs/promises');

/** One promise: what we say, the test that holds it, and the smallest change of the code that must turn that test red. */
export interface Promised {
  id: string;
  sentence: string;
  test: string;
  break?: { file: string; find: string; replace: string };
  /** The area's file under docs/promises. */
  area: string;
}

const series = ['G', 'I', 'T', 'O', 'K', 'C', 'S', 'A', 'L', 'U'];

export function loadPromises(): Promised[] {
  if (!existsSync(folder)) return [];
  const rows = readdirSync(folder).filter((name) => name.endsWith('.json')).flatMap((name) => {
    const list = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Omit<Promised, 'area'>[];
    return list.map((row) => ({ ...row, area: name.replace(/\.json$/, '') }));
  });
  return rows.sort((a, b) => series.indexOf(a.id[0]!) - series.indexOf(b.id[0]!) || Number(a.id.split('-')[1]) - Number(b.id.split('-')[1]) || a.test.localeCompare(b.test));
}

/** docs/promises.md, printed from the rows. */
export function promisesPage(rows: Promised[]): string {
  const lines = rows.map(({ id, sentence, test }) => `| ${id} | ${sentence.replaceAll('|', '\\|')} | [${test.split('/').slice(-1)[0]}](../${test}) |`);
  return [
    '# What we promise', '',
    'One row a promise: its id, the sentence as we hold it, and the test whose title names it. The rows live in `promises/*.json`, each with a',
    'one- or two-line break of the code; `npm run promises -- --prove [ID]` applies the break in a scratch copy and expects the test to go red',
    '(`--all` does so for every row). This page is printed by `npm run golden`.', '',
    '| id | promise | held by |', '|---|---|---|', ...lines, '',
  ].join('\n');
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadPromises, promisesPage, rootDir } from './promises.ts';

const rows = loadPromises();
const idPattern = /\b([GIOTCALDKSU]-\d{1,2})\b/g;
const titles = (text: string) => [...text.matchAll(/\b(?:it|test|describe)(?:\.each\([^)]*\))?\(\s*(['"`])((?:(?!\1)[\s\S])*)\1/g)].map((m) => m[2]!);
const testFiles = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], { cwd: rootDir, encoding: 'utf8' })
  .split('\n').filter((file) => file && existsSync(join(rootDir, file)) && !file.startsWith('tools/promises/'));
const read = (file: string) => readFileSync(join(rootDir, file), 'utf8');
const titlesText = (file: string) => {
  const text = read(file);
  return [...titles(text), ...[...text.matchAll(/Contract\(\s*'([^']*)'/g)].map((m) => m[1]!)].join('\n');
};
/** A test and the suites beside it that it runs: one contract suite serves several adapters. */
const withSuites = (file: string) => [file, ...[...read(file).matchAll(/from '(\.[^']+)'/g)].map((m) => join(file, '..', m[1]!)), ...[...read(file).matchAll(/from '@csms\/([a-z-]+)\/([^']+)'/g)].map((m) => `packages/${m[1]}/src/${m[2]}.ts`)].filter((each) => existsSync(join(rootDir, each))).map(titlesText).join('\n');

it('every promise has a test whose title names it', () => {
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !existsSync(join(rootDir, row.test)) || !new RegExp(`\\b${row.id}\\b`).test(withSuites(row.test))).map((row) => `${row.id}: ${row.test}`)).toEqual([]);
});

it('every id that a test title names is a promise', () => {
  const known = new Set(rows.map((row) => row.id));
  const strangers = testFiles.flatMap((file) => [...titlesText(file).matchAll(idPattern)].map((m) => m[1]!).filter((id) => !known.has(id)).map((id) => `${file} names ${id}`));
  expect(strangers).toEqual([]);
});

it('every promise of the series I, T and G keeps a break that still fits its file', () => {
  const wrong = rows.flatMap((row) => {
    if (!row.break) return /^[ITG]-/.test(row.id) ? [`${row.id} has no break`] : [];
    if (!existsSync(join(rootDir, row.break.file))) return [`${row.id}: ${row.break.file} is not there`];
    const times = read(row.break.file).split(row.break.find).length - 1;
    return times === 1 ? [] : [`${row.id}: its text stands ${times} times in ${row.break.file}`];
  });
  expect(wrong).toEqual([]);
});

it('docs/promises.md is what the rows say', () => {
  expect(read('docs/promises.md')).toBe(promisesPage(rows));
});

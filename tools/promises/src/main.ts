import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { loadPromises, rootDir, type Promised } from './promises.ts';

const help = `npm run promises                      lists what we promise
npm run promises -- --prove G-07      applies the break of G-07 in a scratch copy and expects its test to go red
npm run promises -- --all             the same for every promise that keeps a break; prints red out of total
`;

/*
 * A promise counts when its test could fail. The scratch copy has the sources and links to the installed packages, except that our own
 * packages resolve inside the copy, so that a break is seen through every import.
 */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { prove: { type: 'boolean' }, all: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
const rows = loadPromises();
if (values.help) process.stdout.write(help);
else if (!values.prove && !values.all) for (const row of rows) process.stdout.write(`${row.id.padEnd(5)} ${row.sentence}\n`);
else process.exitCode = prove(values.all || positionals.length === 0 ? rows : rows.filter((row) => positionals.includes(row.id)));

function prove(chosen: Promised[]): number {
  const withBreak = chosen.filter((row) => row.break);
  // Tests on a real Kubernetes need one: `npm run cluster -- exec -- npm run promises -- --prove O-05`.
  const elsewhere = process.env['CSMS_TEST_KUBECONFIG'] === undefined ? withBreak.filter((row) => row.test.startsWith('tools/cluster/suite/')) : [];
  if (elsewhere.length > 0) process.stdout.write(`not run: ${elsewhere.length} promises that need a real cluster (npm run cluster -- up; npm run cluster -- exec -- npm run promises -- --prove ID)\n`);
  const breakable = withBreak.filter((row) => !elsewhere.includes(row));
  if (breakable.length === 0) {
    process.stderr.write('no promise with a break was named\n');
    return 2;
  }
  const scratch = scratchCopy();
  const unbroken = new Map<string, Assertion[]>();
  let red = 0;
  try {
    for (const [index, row] of breakable.entries()) {
      if (!unbroken.has(row.test)) unbroken.set(row.test, runTests(scratch, row.test, null));
      const green = named(unbroken.get(row.test)!, row.id);
      const verdict = green.length === 0 || green.some((each) => each.status !== 'passed') ? 'NOT GREEN BEFORE' : goesRed(scratch, row) ? 'red' : 'STAYS GREEN';
      if (verdict === 'red') red += 1;
      process.stdout.write(`${String(index + 1).padStart(3)}/${breakable.length} ${row.id.padEnd(5)} ${verdict}  ${row.test}\n`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  process.stdout.write(`${red} of ${breakable.length} red\n`);
  return red === breakable.length ? 0 : 1;
}

/** Red means that a test whose title names the promise ran and failed: a file that no longer loads proves nothing. */
function goesRed(scratch: string, row: Promised): boolean {
  const file = join(scratch, row.break!.file);
  const before = readFileSync(file, 'utf8');
  if (before.split(row.break!.find).length !== 2) return false;
  writeFileSync(file, before.replace(row.break!.find, () => row.break!.replace));
  try {
    return named(runTests(scratch, row.test, row.id), row.id).some((each) => each.status === 'failed');
  } finally {
    writeFileSync(file, before);
  }
}

interface Assertion { fullName: string; status: string }

function named(assertions: Assertion[], id: string): Assertion[] {
  return assertions.filter((each) => new RegExp(`\\b${id}\\b`).test(each.fullName));
}

function runTests(scratch: string, test: string, id: string | null): Assertion[] {
  const report = join(scratch, 'report.json');
  rmSync(report, { force: true });
  const only = id === null ? [] : ['-t', `\\b${id}\\b`];
  spawnSync(join(rootDir, 'node_modules/.bin/vitest'), ['run', test, ...only, '--reporter=json', `--outputFile=${report}`], { cwd: scratch, stdio: 'ignore', timeout: 300_000 });
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as { testResults: { assertionResults: Assertion[] }[] };
    return testResults.flatMap((file) => file.assertionResults);
  } catch {
    return [];
  }
}

function scratchCopy(): string {
  const scratch = mkdtempSync(join(tmpdir(), 'csms-promises-'));
  const skipped = /(^|\/)(node_modules|\.csms|\.git|coverage)(\/|$)/;
  cpSync(rootDir, scratch, { recursive: true, filter: (from) => !skipped.test(relative(rootDir, from)) });
  const modules = join(scratch, 'node_modules');
  mkdirSync(join(modules, '@csms'), { recursive: true });
  for (const name of readdirSync(join(rootDir, 'node_modules'))) if (name !== '@csms') symlinkSync(join(rootDir, 'node_modules', name), join(modules, name));
  const root = JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')) as { workspaces: string[] };
  for (const workspace of root.workspaces.flatMap((pattern) => pattern.endsWith('/*') ? readdirSync(join(rootDir, dirname(pattern))).map((name) => join(dirname(pattern), name)) : [pattern])) {
    try {
      const { name } = JSON.parse(readFileSync(join(scratch, workspace, 'package.json'), 'utf8')) as { name: string };
      symlinkSync(join(scratch, workspace), join(scratch, 'node_modules', name));
    } catch { /* a folder that is no package */ }
    try { symlinkSync(join(rootDir, workspace, 'node_modules'), join(scratch, workspace, 'node_modules')); } catch { /* it has none of its own */ }
  }
  return scratch;
}

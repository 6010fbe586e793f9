/* `npm run test:cluster`: the suite against a real Kubernetes: one of our own, made for the run and gone after it, or that of KUBECONFIG. Ends with "N passed, N failed". */
import { spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { whyNoBuild } from './binaries.ts';
import { down, up, whyNot } from './cluster.ts';
import { whyNoNode } from './debian-packages.ts';
import { insideOf } from './enter.ts';
import { levels, placeOf, type Level } from './place.ts';
import { clusterSettings } from './settings.ts';

const helpText = `npm run test:cluster -- [--level control-plane|node] [--keep] [vitest's own arguments]

  --level   how much of a cluster: node (default, where the machine can have one), or control-plane, which leaves suite/node out and boots faster
  --keep    leave the cluster up for a look: npm run cluster -- exec --name suite -- kubectl get pods -A
  KUBECONFIG set: nothing is made, and that cluster is used
`;

const rootDir = join(import.meta.dirname, '../../..');
const name = 'suite';
const Report = z.object({
  numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number(), numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});
const say = (line: string): void => { process.stdout.write(`${line}\n`); };
const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

const { values, tokens } = parseArgs({ args: process.argv.slice(2), strict: false, tokens: true, allowPositionals: true, options: { level: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
const owned = new Set(tokens.flatMap((token) => (token.kind === 'option' && ['level', 'keep', 'help'].includes(token.name) ? [token.index, ...(token.value !== undefined && !token.inlineValue ? [token.index + 1] : [])] : [])));
const forVitest = process.argv.slice(2).filter((_, index) => !owned.has(index));

if (values.help === true) process.stdout.write(helpText);
else {
  const level = levels.find((each) => each === (values.level ?? 'node'));
  if (level === undefined) { process.stderr.write(`--level is control-plane or node, not "${String(values.level)}"\n`); process.exitCode = 2; }
  else process.exitCode = await run(level);
}

async function run(wanted: Level): Promise<number> {
  const { CSMS_CACHE_DIR: cacheDir, KUBECONFIG: kubeconfig } = clusterSettings();
  if (kubeconfig !== undefined) {
    say(`the cluster of ${kubeconfig} is used; nothing is made`);
    say('not run: what looks at our own cluster from outside (it is not ours)');
    return suite(process.execPath, [], { ...process.env, CSMS_TEST_KUBECONFIG: kubeconfig }, ['suite/own']);
  }
  const reason = whyNot() ?? (await whyNoBuild());
  if (reason !== undefined) { say(`not run: the suite on a real Kubernetes (${reason})`); say('0 passed, 0 failed'); return 0; }
  const noNode = wanted === 'node' ? await whyNoNode() : 'it was not asked for: --level node';
  const level = noNode === undefined ? 'node' : 'control-plane';
  const place = placeOf(cacheDir, name);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const beganMs = performance.now();
  try {
    await down(place);
    const { state } = await up({ name, level, cacheDir, fakeNodes: 3, say, ...(values.keep === true ? {} : { ownerPid: process.pid }) });
    say(`a cluster of the level ${level} is up after ${seconds(beganMs)}, of which its boot took ${((state.bootMs ?? 0) / 1000).toFixed(1)} s`);
    if (noNode !== undefined) say(`not run: what needs a real node (${noNode})`);
    const inside = insideOf(place, state, [process.execPath]);
    return await suite(inside.program, inside.args, { ...inside.env }, level === 'node' ? [] : ['suite/node'], stop.signal);
  } catch (error) {
    say(`the cluster: ${error instanceof Error ? error.message : String(error)}`);
    say('0 passed, 1 failed');
    return 1;
  } finally {
    const downMs = performance.now();
    if (values.keep !== true) { await down(place); say(`taken down in ${seconds(downMs)}`); }
  }
}

/** Runs vitest's project `cluster` without the named folders, and prints what it counted: a skipped test is a failed one. */
async function suite(program: string, args: string[], env: NodeJS.ProcessEnv, without: string[], signal?: AbortSignal): Promise<number> {
  const reports = await mkdtemp(join(tmpdir(), 'csms-cluster-'));
  const report = join(reports, 'report.json');
  try {
    const child = spawn(program, [
      ...args, join(rootDir, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'cluster', ...without.map((folder) => `--exclude=tools/cluster/${folder}/**`),
      '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...forVitest,
    ], { cwd: rootDir, stdio: 'inherit', env });
    signal?.addEventListener('abort', () => child.kill('SIGTERM'));
    await new Promise((resolve, reject) => { child.once('error', reject); child.once('exit', resolve); });
    if (!(await access(report).then(() => true, () => false))) { say('0 passed, 1 failed'); return 1; }
    const counted = Report.parse(JSON.parse(await readFile(report, 'utf8')));
    const broken = counted.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    const failed = counted.numFailedTests + counted.numPendingTests + counted.numTodoTests + broken + (counted.numPassedTests === 0 ? 1 : 0);
    say(`${counted.numPassedTests} passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

/* `npm run test:cluster`: the suite against a real Kubernetes: one of our own, made for the run and gone after it, or that of KUBECONFIG. Ends with "N passed, N failed". */
import { spawn } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { buildBinaries, whyNoBuild } from './binaries.ts';
import { down, up, whyNot } from './cluster.ts';
import { installDebianPackages, whyNoNode } from './debian-packages.ts';
import { insideOf } from './enter.ts';
import { OthersNotBuilt } from './images/build.ts';
import { imagesFor } from './images/images-for.ts';
import { whyNoImages } from './images/why-no-images.ts';
import { whyNotHere } from './machine.ts';
import { phasesIn, type Phase } from './phases.ts';
import { levels, placeOf, type Level } from './place.ts';
import { clusterSettings } from './settings.ts';

const helpText = `npm run test:cluster -- [--level control-plane|node] [--keep] [--minutes N] [--build-minutes N] [vitest's own arguments]

  --level          how much of a cluster: node (default, where the machine can have one), or control-plane, which leaves suite/node out and boots faster
  --keep           leave the cluster up for a look: npm run cluster -- exec --name suite -- kubectl get pods -A
  --minutes        what may be spent on the suite: a part that would not fit any more is named and not run
  --build-minutes  what may be spent on building a cluster that is not in the cache yet
  KUBECONFIG set: nothing is made, and that cluster is used
`;

const rootDir = join(import.meta.dirname, '../../..');
const name = 'suite';
/** Parts of the suite whose pods run images of ours. */
const needImages = ['suite/node/images.test.ts', 'suite/node/platform.test.ts', 'suite/node/elastic.test.ts'];
const ours = ['level', 'keep', 'help', 'minutes', 'build-minutes'];
const Report = z.object({
  numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number(), numTodoTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});
interface Counts { passed: number; failed: number }
/** One for all that is built before the suite. */
interface BuildLimit { minutes: number; signal: AbortSignal }
interface Runner { program: string; args: string[]; env: NodeJS.ProcessEnv }
const say = (line: string): void => { process.stdout.write(`${line}\n`); };
const seconds = (sinceMs: number): string => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
/** How Go says that modules are out of reach. */
const unreachable = /no such host|dial tcp|connection refused|i\/o timeout|proxyconnect|TLS handshake|x509:|module lookup disabled/;
const Minutes = z.coerce.number().positive().optional();

const { values, tokens } = parseArgs({
  args: process.argv.slice(2), strict: false, tokens: true, allowPositionals: true,
  options: { level: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean', short: 'h' }, minutes: { type: 'string' }, 'build-minutes': { type: 'string' } },
});
const owned = new Set(tokens.flatMap((token) => (token.kind === 'option' && ours.includes(token.name) ? [token.index, ...(token.value !== undefined && !token.inlineValue ? [token.index + 1] : [])] : [])));
const forVitest = process.argv.slice(2).filter((_, index) => !owned.has(index));

if (values.help === true) process.stdout.write(helpText);
else {
  const level = levels.find((each) => each === (values.level ?? 'node'));
  const limits = z.object({ minutes: Minutes, 'build-minutes': Minutes }).safeParse(values);
  if (level === undefined || !limits.success) { process.stderr.write(`--level is control-plane or node, --minutes and --build-minutes are numbers over 0\n\n${helpText}`); process.exitCode = 2; }
  else process.exitCode = await run(level, limits.data.minutes, limits.data['build-minutes']);
}

async function run(wanted: Level, minutes: number | undefined, buildMinutes: number | undefined): Promise<number> {
  const { CSMS_CACHE_DIR: cacheDir, KUBECONFIG: kubeconfig } = clusterSettings();
  if (kubeconfig !== undefined) {
    say(`the cluster of ${kubeconfig} is used; nothing is made`);
    say('not run: what looks at our own cluster from outside (it is not ours), and what is in images that were built here');
    const phases = (await phasesIn(rootDir)).map((phase) => ({ ...phase, files: phase.files.filter((file) => !file.includes('/suite/own/') && !file.endsWith('suite/node/images.test.ts')) }));
    return ended(await suite({ program: process.execPath, args: [], env: { ...process.env, CSMS_TEST_KUBECONFIG: kubeconfig } }, phases, minutes));
  }
  const limit = buildMinutes === undefined ? undefined : { minutes: buildMinutes, signal: AbortSignal.timeout(buildMinutes * 60_000) };
  const reason = whyNot() ?? (await whyNoBuild()) ?? (await whyNotHere('control-plane')) ?? (await build('control-plane', cacheDir, limit));
  if (reason !== undefined) { say(`not run: the suite on a real Kubernetes (${reason})`); say('0 passed, 0 failed'); return 0; }
  const noNode = wanted === 'node' ? await whyNoNodeHere(cacheDir, limit) : 'it was not asked for: --level node';
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
    const imageless = level === 'node' ? await giveImages(cacheDir, limit) : [];
    const phases = (await phasesIn(rootDir)).filter((phase) => level === 'node' || phase.level === 'control-plane').map((phase) => ({ ...phase, files: phase.files.filter((file) => !imageless.some((each) => file.endsWith(each))) })).filter(({ files }) => files.length > 0);
    return ended(await suite({ program: inside.program, args: inside.args, env: { ...inside.env } }, phases, minutes, stop.signal));
  } catch (error) {
    say(`the cluster: ${error instanceof Error ? error.message : String(error)}`);
    return ended({ passed: 0, failed: 1 });
  } finally {
    const downMs = performance.now();
    if (values.keep !== true) { await down(place); say(`taken down in ${seconds(downMs)}`); }
  }
}

function ended({ passed, failed }: Counts): number {
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

async function whyNoNodeHere(cacheDir: string, limit: BuildLimit | undefined): Promise<string | undefined> {
  const reason = await whyNoNode();
  if (reason !== undefined) return reason;
  try {
    await installDebianPackages(say);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return (await whyNotHere('node')) ?? build('node', cacheDir, limit);
}

/** Builds a level's binaries; the reason when there was not the time for it. What was compiled so far is kept, so that the next try is shorter. */
async function build(level: Level, cacheDir: string, limit: BuildLimit | undefined): Promise<string | undefined> {
  try {
    await buildBinaries(level, cacheDir, say, limit?.signal);
    return undefined;
  } catch (error) {
    if (error instanceof Error && unreachable.test(error.message)) return `what it is made of cannot be fetched: ${error.message.slice(0, 300)}`;
    if (limit?.signal.aborted !== true) throw error;
    return `its binaries were not built within ${limit.minutes} minutes: npm run cluster -- build --level ${level} builds them without a limit`;
  }
}

/** Runs the parts of the suite one after another (or all together, where vitest was given arguments), and adds up what they counted. */
async function suite(runner: Runner, phases: Phase[], minutes: number | undefined, signal?: AbortSignal): Promise<Counts> {
  const deadlineMs = minutes === undefined ? Infinity : performance.now() + minutes * 60_000;
  if (forVitest.length > 0) return vitest(runner, [...forVitest, ...(phases.some(({ level }) => level === 'node') ? [] : ['--exclude=tools/cluster/suite/node/**'])], deadlineMs, signal);
  const total: Counts = { passed: 0, failed: 0 };
  for (const phase of phases) {
    const leftMinutes = (deadlineMs - performance.now()) / 60_000;
    if (signal?.aborted === true || leftMinutes < phase.minutes * 1.25) { say(`not run: ${phase.name} (${leftMinutes.toFixed(0)} minutes are left, and it takes about ${phase.minutes})`); continue; }
    const beganMs = performance.now();
    const counts = await vitest(runner, [...phase.files, ...(phase.oneByOne === true ? ['--no-file-parallelism'] : [])], deadlineMs, signal);
    say(`${phase.name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds(beganMs)}`);
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  return total;
}

/** Builds what has changed of the images and gives them to the node; where this machine cannot, says so and gives the parts of the suite that need them. */
async function giveImages(cacheDir: string, limit: BuildLimit | undefined): Promise<string[]> {
  const noImages = await whyNoImages();
  if (noImages !== undefined) { say(`not run: what needs images (${noImages})`); return needImages; }
  const beganMs = performance.now();
  try {
    await imagesFor(name, cacheDir, say, { signal: limit?.signal });
  } catch (error) {
    if (error instanceof OthersNotBuilt) { say(`not run: what needs images (${error.message})`); return needImages; }
    if (limit?.signal.aborted !== true) throw error;
    say(`not run: what needs images (not all were built within ${limit.minutes} minutes: npm run images -- build builds them without a limit)`);
    return needImages;
  }
  say(`the node has the images after ${seconds(beganMs)}`);
  return [];
}

/** Runs vitest's project `cluster`, and counts: a skipped test is a failed one, and so is a run that was cut off. */
async function vitest(runner: Runner, args: string[], deadlineMs: number, signal?: AbortSignal): Promise<Counts> {
  const reports = await mkdtemp(join(tmpdir(), 'csms-cluster-'));
  const report = join(reports, 'report.json');
  try {
    const child = spawn(runner.program, [
      ...runner.args, join(rootDir, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'cluster', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args,
    ], { cwd: rootDir, stdio: 'inherit', env: runner.env });
    signal?.addEventListener('abort', () => child.kill('SIGTERM'));
    const cut = deadlineMs === Infinity ? undefined : setTimeout(() => { say('the time of the suite is up'); child.kill('SIGTERM'); }, Math.max(0, deadlineMs - performance.now()));
    await new Promise((resolve, reject) => { child.once('error', reject); child.once('exit', resolve); });
    clearTimeout(cut);
    if (!(await access(report).then(() => true, () => false))) return { passed: 0, failed: 1 };
    const counted = Report.parse(JSON.parse(await readFile(report, 'utf8')));
    const broken = counted.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
    return { passed: counted.numPassedTests, failed: counted.numFailedTests + counted.numPendingTests + counted.numTodoTests + broken + (counted.numPassedTests === 0 ? 1 : 0) };
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
}

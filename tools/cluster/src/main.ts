/* `npm run cluster`: a real single-node Kubernetes on this machine, without Docker. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBinaries } from './binaries.ts';
import { clusterNames, down, statusOf, up, whyNot, type ClusterStatus } from './cluster.ts';
import { importImage } from './container-runtime.ts';
import { insideOf } from './enter.ts';
import { levels, placeOf, type Level } from './place.ts';
import { clusterSettings } from './settings.ts';
import { readState } from './state.ts';

const helpText = `A real single-node Kubernetes, built from Go modules and Debian packages, in a network namespace of its own.

  npm run cluster -- up [--level control-plane|node] [--fake-nodes N] [--owner-pid PID]
  npm run cluster -- status          what there is of it
  npm run cluster -- exec -- CMD     a program inside its network, with its kubeconfig and kubectl
  npm run cluster -- load FILE       gives pods an image (docker-archive or oci-archive; level node)
  npm run cluster -- down [--all]    ends all of it, also what a killed one left
  npm run cluster -- build [--level control-plane|node]

Options:
  --level        control-plane (default): API server, controllers, scheduler, nodes that only seem to run (kwok)
                 node: and a real node with containerd, DNS and helm (needs root and apt-get)
  --fake-nodes   nodes of kwok (2 at the level control-plane, else none)
  --name         several clusters side by side (default: local)
  --owner-pid    the cluster goes when that process does; without it, it stays until down
  -o json        data for programs

Environment:
  KUBECONFIG      a cluster that is there already: nothing is made, and that one is used
  CSMS_CACHE_DIR  where what was built is kept (~/.cache/csms)

Examples:
  $ npm run cluster -- up
  $ npm run cluster -- exec -- kubectl get nodes
  $ npm run cluster -- down
`;

class UsageError extends Error {}

const options = {
  level: { type: 'string' }, name: { type: 'string', default: 'local' }, 'fake-nodes': { type: 'string' }, 'owner-pid': { type: 'string' },
  output: { type: 'string', short: 'o' }, all: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(argv: string[]): Promise<number> {
  const split = argv.indexOf('--');
  const [own, command] = split < 0 ? [argv, []] : [argv.slice(0, split), argv.slice(split + 1)];
  const { values, positionals } = read(own);
  const verb = positionals[0];
  if (values.help || verb === undefined) { process.stdout.write(helpText); return verb === undefined && !values.help ? 2 : 0; }
  if (positionals.length > (verb === 'load' ? 2 : 1)) throw new UsageError(`There is nothing to do with "${positionals.at(-1) ?? ''}".`);
  if (values.output !== undefined && values.output !== 'json') throw new UsageError(`-o knows json, not "${values.output}".`);
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(values.name)) throw new UsageError('--name is made of lower-case letters, digits and dashes.');
  const asJson = values.output === 'json';
  const say = (line: string): void => { process.stderr.write(`${line}\n`); };
  const { CSMS_CACHE_DIR: cacheDir, KUBECONFIG: kubeconfig } = clusterSettings();
  const level = levelOf(values.level);
  const place = placeOf(cacheDir, values.name);

  if (kubeconfig !== undefined && verb !== 'build') return useOther(kubeconfig, verb, command, asJson);
  switch (verb) {
    case 'build': {
      const { folders } = await buildBinaries(level, cacheDir, say);
      process.stdout.write(asJson ? `${JSON.stringify({ folders })}\n` : `${folders.join('\n')}\n`);
      return 0;
    }
    case 'up': {
      const reason = whyNot();
      if (reason !== undefined) throw new Error(reason);
      const fakeNodes = countOf('--fake-nodes', values['fake-nodes'] ?? (level === 'control-plane' ? '2' : '0'), 5_000);
      const ownerPid = values['owner-pid'] === undefined ? undefined : countOf('--owner-pid', values['owner-pid'], 2 ** 22);
      await up({ name: values.name, level, cacheDir, fakeNodes, say, ...(ownerPid === undefined ? {} : { ownerPid }) });
      print(await statusOf(place), asJson);
      return 0;
    }
    case 'status': {
      const status = await statusOf(place);
      print(status, asJson);
      return status.phase === 'ready' ? 0 : 1;
    }
    case 'down': {
      const names = values.all ? await clusterNames(cacheDir) : [values.name];
      const ended: string[] = [];
      for (const name of names) if (await down(placeOf(cacheDir, name))) ended.push(name);
      process.stdout.write(asJson ? `${JSON.stringify({ ended })}\n` : ended.length === 0 ? 'there was no cluster\n' : `ended: ${ended.join(', ')}\n`);
      return 0;
    }
    case 'exec': {
      if (command.length === 0) throw new UsageError('What should run? npm run cluster -- exec -- kubectl get nodes');
      const state = await readState(place);
      if (state?.phase !== 'ready') throw new Error(`The cluster ${values.name} is not up: npm run cluster -- up`);
      const inside = insideOf(place, state, command);
      return runInForeground(inside.program, inside.args, inside.env);
    }
    case 'load': {
      const archive = positionals[1];
      if (archive === undefined) throw new UsageError('Which file? npm run cluster -- load image.tar');
      const state = await readState(place);
      if (state?.phase !== 'ready' || state.level !== 'node') throw new Error(`The cluster ${values.name} is not up with a node: npm run cluster -- up --level node`);
      await importImage(place, resolve(archive));
      return 0;
    }
    default: throw new UsageError(`There is no verb "${verb}": up, down, status, exec, load, build.`);
  }
}

function read(argv: string[]) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function levelOf(text: string | undefined): Level {
  const level = levels.find((each) => each === (text ?? 'control-plane'));
  if (level === undefined) throw new UsageError(`--level is control-plane or node, not "${text ?? ''}".`);
  return level;
}

function countOf(option: string, text: string, max: number): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > max) throw new UsageError(`${option} is a whole number of at most ${max}, not "${text}".`);
  return count;
}

async function useOther(kubeconfig: string, verb: string, command: string[], asJson: boolean): Promise<number> {
  if (verb === 'exec') {
    if (command[0] === undefined) throw new UsageError('What should run? npm run cluster -- exec -- kubectl get nodes');
    return runInForeground(command[0], command.slice(1), process.env);
  }
  process.stdout.write(asJson ? `${JSON.stringify({ kubeconfig, made: false })}\n` : `KUBECONFIG is set: nothing is made or ended, the cluster of ${kubeconfig} is used\n`);
  return 0;
}

function runInForeground(program: string, args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 130));
  });
}

function print(status: ClusterStatus, asJson: boolean): void {
  if (asJson) { process.stdout.write(`${JSON.stringify(status)}\n`); return; }
  const took = status.bootMs === null ? '' : `, booted in ${(status.bootMs / 1000).toFixed(1)} s`;
  process.stdout.write(`${status.name}: ${status.phase}${status.level === null ? '' : ` (${status.level}${took})`}\n`);
  if (status.kubeconfig !== null) process.stdout.write(`kubeconfig  ${status.kubeconfig}\nnamespace   ${status.namespace ?? ''}\nlogs        ${status.logs ?? ''}\n`);
  for (const { name, pid, runs } of status.processes) process.stdout.write(`  ${name.padEnd(24)} ${runs ? String(pid) : `${pid} has ended`}\n`);
}

// Whoever reads may stop reading, as head does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error; });
main(process.argv.slice(2)).then((code) => { process.exitCode = code; }, (error: unknown) => {
  process.stderr.write(`cluster: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) process.stderr.write('(--help shows how)\n');
  process.exitCode = error instanceof UsageError ? 2 : 1;
});

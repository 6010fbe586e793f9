import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const home = join(import.meta.dirname, '..');

/** A peer that can be run, or why it cannot. */
export type Prepared = { name: string; command: [string, ...string[]] } | { name: string; missing: string };

/** Makes each peer ready: nothing for the one from npm, a virtual environment for Python, a binary for Go; both are kept in `cacheDir` by what they are made of. */
export async function preparePeers(cacheDir: string): Promise<Prepared[]> {
  await mkdir(cacheDir, { recursive: true });
  return [
    { name: 'ocpp-rpc', command: [process.execPath, join(home, 'src/ocpp-rpc-charger.ts')] },
    await attempt('python ocpp', () => preparePython(cacheDir)),
    await attempt('ocpp-go', () => prepareGo(cacheDir)),
  ];
}

async function attempt(name: string, prepare: () => Promise<[string, ...string[]]>): Promise<Prepared> {
  try {
    return { name, command: await prepare() };
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    return { name, missing: (stderr?.trim().split('\n').at(-1) ?? '') || message };
  }
}

async function preparePython(cacheDir: string): Promise<[string, ...string[]]> {
  const requirements = join(home, 'python/requirements.txt');
  const folder = join(cacheDir, `python-${await digest([requirements])}`);
  const python = join(folder, 'bin/python');
  if (!(await exists(join(folder, 'ready')))) {
    await run('python3', ['-m', 'venv', folder], { timeout: 120_000 });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements], { timeout: 300_000 });
    await run('touch', [join(folder, 'ready')]);
  }
  return [python, join(home, 'python/charger.py')];
}

async function prepareGo(cacheDir: string): Promise<[string, ...string[]]> {
  const sources = ['go.mod', 'go.sum', 'charger.go', 'answers.go'].map((file) => join(home, 'go', file));
  const binary = join(cacheDir, `ocpp-go-${await digest(sources)}`);
  if (!(await exists(binary))) await run('go', ['build', '-o', binary, '.'], { cwd: join(home, 'go'), timeout: 600_000 });
  return [binary];
}

async function digest(files: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

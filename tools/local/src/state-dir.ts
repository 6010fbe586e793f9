import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '@csms/kit';
import { eraseEmbeddedPostgres } from '@csms/store/embedded-postgres';
import { z } from 'zod';

const secretNames = ['appPassword', 'ownerPassword', 'busPassword', 'credentialPepper', 'cookieSecret', 'labToken', 'operatorClientSecret', 'dashboardClientSecret', 'cliClientSecret'] as const;
const Secrets = z.record(z.enum(secretNames), z.string().min(16));
export type Secrets = z.infer<typeof Secrets>;

/** What a first start needs: PostgreSQL's own files, the history, logs. */
const freeBytesMin = 300 * 1024 * 1024;

/** The folder that survives a restart. Refuses a second launcher over the same folder and a disk without room. */
export function openStateDir(dataDir: string, fresh: boolean): { secrets: Secrets; runFile: string; release: () => void } {
  const secretsFile = join(dataDir, 'secrets.json');
  if (fresh && existsSync(dataDir) && readdirSync(dataDir).length > 0 && !existsSync(secretsFile)) {
    throw new ConfigError(`--fresh was not done: ${dataDir} holds things that the platform did not put there; empty it yourself, or set CSMS_DATA_DIR to another folder`);
  }
  try {
    for (const folder of ['run', 'log']) makeFolder(join(dataDir, folder));
  } catch (error) {
    throw new ConfigError(`the data folder ${dataDir} cannot be made: ${(error as NodeJS.ErrnoException).code ?? String(error)}; set CSMS_DATA_DIR to a folder that can be written`);
  }
  const lock = join(dataDir, 'run', 'launcher.pid');
  const other = livePidOf(lock);
  if (other !== null) throw new ConfigError(`the platform already runs over ${dataDir} (process ${other}); stop it, or set CSMS_DATA_DIR to another folder`);
  if (fresh) {
    eraseEmbeddedPostgres(join(dataDir, 'postgres'));
    for (const name of ours) rmSync(join(dataDir, name), { recursive: true, force: true });
    for (const folder of ['run', 'log']) makeFolder(join(dataDir, folder));
  }
  const disk = statfsSync(dataDir);
  const freeBytes = disk.bavail * disk.bsize;
  if (freeBytes < freeBytesMin) throw new ConfigError(`the disk under ${dataDir} is full: ${Math.floor(freeBytes / 1_048_576)} MiB are free and ${freeBytesMin / 1_048_576} MiB are needed`);
  writeFileSync(lock, String(process.pid));
  return {
    secrets: keepSecrets(secretsFile),
    runFile: join(dataDir, 'run', 'platform.json'),
    release: () => { for (const file of [lock, join(dataDir, 'run', 'platform.json')]) rmSync(file, { force: true }); },
  };
}

/** What the platform keeps in its folder; `--fresh` removes these and nothing else. */
const ours = ['postgres', 'redis', 'identity', 'fleet', 'tls', 'run', 'log', 'secrets.json'];

/** Level by level: Node's own recursive form does not come back from a place like /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  mkdirSync(path);
}

function livePidOf(file: string): number | null {
  if (!existsSync(file)) return null;
  const pid = Number(readFileSync(file, 'utf8'));
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return null;
  try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node') ? pid : null; } catch { /* no /proc: ask the kernel instead */ }
  try { process.kill(pid, 0); return existsSync('/proc') ? null : pid; } catch { return null; }
}

function keepSecrets(file: string): Secrets {
  if (existsSync(file)) {
    try {
      return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      throw new ConfigError(`${file} is damaged; restore it, or begin anew with npm start -- --fresh`);
    }
  }
  const made = Object.fromEntries(secretNames.map((name) => [name, randomBytes(24).toString('hex')])) as Secrets;
  writeFileSync(`${file}.new`, JSON.stringify(made, null, 2), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}

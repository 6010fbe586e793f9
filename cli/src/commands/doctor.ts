import { readFileSync, readdirSync, statfsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Command } from 'commander';
import { LabState, Me } from '@csms/contracts/http/index';
import type { PlatformFile } from '@csms/contracts/platform-file';
import pg from 'pg';
import { z } from 'zod';
import { Api, askToken } from '../access.ts';
import { contextOf, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { readPlatform, rootDir, type CliSettings } from '../platform.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface Finding { check: string; ok: boolean; says: string; todo: string | null }
/** One check: resolves with what it found, throws with what is wrong; `todo` is what a person does then. */
interface Check { check: string; todo: string; run: () => Promise<string> | string }

const freeMiBMin = 300;
const limitMs = 5_000;

export function addDoctor(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('doctor'))
    .description('check the platform that runs here, line by line, and say what to do')
    .addHelpText('after', '\nExamples:\n  $ csmsctl doctor\n  $ csmsctl doctor -o json | jq \'.[] | select(.ok | not)\'')
    .action(async (options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const findings = await examine(context.settings);
      context.show(findings, () => {
        const lines = table(findings, [
          { title: 'CHECK', of: (finding) => finding.check }, { title: 'STATE', of: (finding) => (finding.ok ? 'ok' : 'failed') }, { title: 'FOUND', of: (finding) => finding.says },
        ]);
        const colored = terminal.color ? lines.replace(/^(\S+ +)(ok|failed)/gm, (_whole, check: string, state: string) => `${check}\x1b[${state === 'ok' ? 32 : 31}m${state}\x1b[0m`) : lines;
        return colored + findings.filter((finding) => finding.todo !== null).map((finding) => `${finding.check}: ${finding.todo}\n`).join('');
      });
      const failed = findings.filter((finding) => !finding.ok).length;
      if (failed > 0) throw new CliError(`${failed} of ${findings.length} checks failed`, exitCodes.refused);
    });
}

/** Every check that can be made; without a running platform only those of the machine, and one line that says so. */
export async function examine(settings: CliSettings): Promise<Finding[]> {
  const findings = await Promise.all(machineChecks(settings).map(finding));
  let platform: PlatformFile;
  try {
    platform = readPlatform(settings);
  } catch (error) {
    return [...findings, { check: 'platform', ok: false, says: messageOf(error), todo: 'start it with npm start' }];
  }
  return [...findings, ...(await Promise.all(platformChecks(settings, platform).map(finding)))];
}

function machineChecks(settings: CliSettings): Check[] {
  return [
    {
      check: 'node', todo: 'run npm ci: it installs the Node that this repository pins',
      run: () => {
        const { devDependencies } = z.object({ devDependencies: z.object({ node: z.string() }) }).parse(JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8')));
        if (process.versions.node !== devDependencies.node) throw new Error(`${process.versions.node} runs, ${devDependencies.node} is pinned`);
        return `${process.versions.node}, as pinned`;
      },
    },
    {
      check: 'disk', todo: 'free some space, or move the data with CSMS_DATA_DIR',
      run: () => {
        const disk = statfsSync(nearestFolder(settings.dataDir));
        const freeMiB = Math.floor((disk.bavail * disk.bsize) / 1_048_576);
        if (freeMiB < freeMiBMin) throw new Error(`${freeMiB} MiB are free, ${freeMiBMin} are needed`);
        return `${(freeMiB / 1024).toFixed(1)} GiB free`;
      },
    },
  ];
}

function platformChecks(settings: CliSettings, platform: PlatformFile): Check[] {
  const { addresses } = platform;
  const restart = 'stop it (Ctrl-C) and start it again with npm start; its log is in the data folder under log/';
  const lab = async () => (await Api.open(settings, { tenant: null, role: 'operator' })).call('GET', '/lab/state', LabState, { timeoutMs: limitMs });
  return [
    {
      check: 'launcher', todo: 'it died without cleaning up: start it again with npm start',
      run: () => {
        try { process.kill(platform.pid, 0); } catch { throw new Error(`process ${platform.pid} is gone`); }
        return `process ${platform.pid}, since ${platform.startedAt}`;
      },
    },
    {
      check: 'database', todo: `look into ${join(platform.dataDir, 'log')} and start the platform again; with DATABASE_URL, ask whoever runs that server`,
      run: () => withDatabase(platform.databaseUrl, async (client) => {
        const { rows } = await client.query<{ version: string; role: string; bypass: boolean }>(`SELECT current_setting('server_version') AS version, current_user AS role, rolbypassrls OR rolsuper AS bypass FROM pg_roles WHERE rolname = current_user`);
        const row = rows[0]!;
        if (row.bypass) throw new Error(`${row.role} can pass over row security: tenants are not kept apart`);
        return `PostgreSQL ${row.version}, as ${row.role}, which row security binds`;
      }),
    },
    {
      check: 'migrations', todo: 'start the platform again: migrations run at its start',
      run: () => withDatabase(platform.adminUrl, async (client) => {
        const { rows } = await client.query<{ name: string }>('SELECT name FROM pgmigrations');
        const wanted = readdirSync(join(rootDir, 'packages/store/migrations')).filter((name) => name.endsWith('.sql')).map((name) => name.replace(/\.sql$/, ''));
        const missing = wanted.filter((name) => !rows.some((row) => row.name === name));
        if (missing.length > 0) throw new Error(`${missing.join(', ')} did not run`);
        return `${wanted.length} of ${wanted.length} ran`;
      }),
    },
    {
      check: 'issuer', todo: restart,
      run: async () => {
        const found = z.object({ issuer: z.string() }).parse(await (await fetch(`${addresses.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(limitMs) })).json());
        await askToken(settings, { tenant: null, role: 'viewer' });
        return `${found.issuer} gives tokens`;
      },
    },
    {
      check: 'api', todo: restart,
      run: async () => {
        const me = await (await Api.open(settings, { tenant: null, role: 'viewer' })).call('GET', '/me', Me, { timeoutMs: limitMs });
        return `${addresses.api} answers, mode ${me.mode}`;
      },
    },
    {
      check: 'dashboard', todo: restart,
      run: async () => {
        const answer = await fetch(addresses.dashboard, { redirect: 'manual', signal: AbortSignal.timeout(limitMs) });
        if (answer.status >= 500) throw new Error(`${addresses.dashboard} answers ${answer.status}`);
        return `${addresses.dashboard} answers`;
      },
    },
    {
      check: 'chargers', todo: 'the gateways do not listen: kubectl-like details are in the data folder under log/',
      run: () => reachable(addresses.ocpp),
    },
    {
      check: 'gateways', todo: 'wait for a restart, or look into their logs in the data folder under log/',
      run: async () => {
        const gateways = (await lab()).processes.filter((process) => /gateway/.test(process.kind) || /gateway/.test(process.name));
        const ready = gateways.filter((gateway) => gateway.ready).length;
        if (ready === 0 || ready < gateways.length) throw new Error(`${ready} of ${gateways.length} are ready`);
        return `${ready} of ${gateways.length} ready`;
      },
    },
    {
      check: 'bus', todo: 'commands are slower without it, facts are not touched: start it again on the lab page, or start the platform again',
      run: async () => {
        const { bus } = await lab();
        if (bus.state !== 'running') throw new Error(`${bus.kind}, stopped`);
        return `${bus.kind}, running`;
      },
    },
  ];
}

async function finding({ check, todo, run }: Check): Promise<Finding> {
  try {
    return { check, ok: true, says: await run(), todo: null };
  } catch (error) {
    return { check, ok: false, says: messageOf(error), todo };
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return error.message === 'fetch failed' && cause ? cause : error.message || ('code' in error ? String(error.code) : error.name);
}

async function withDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: limitMs, statement_timeout: limitMs });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function reachable(address: string): Promise<string> {
  const url = new URL(address);
  const port = Number(url.port || (url.protocol === 'wss:' ? 443 : 80));
  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port, timeout: limitMs }, () => { socket.destroy(); resolve(`${address} listens`); });
    socket.once('timeout', () => { socket.destroy(); reject(new Error(`${address} does not answer`)); });
    socket.once('error', (error) => reject(new Error(`${address}: ${error.message}`)));
  });
}

function nearestFolder(path: string): string {
  for (let at = path; ; at = join(at, '..')) {
    try { statfsSync(at); return at; } catch { if (at === join(at, '..')) return '/'; }
  }
}

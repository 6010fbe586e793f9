import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';

/* What a newcomer types: `npm start`, Ctrl-C, `npm start` again; and what it says when it cannot. */
const rootDir = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'csms-start-'));
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const RunFile = z.object({ addresses: z.object({ api: z.string(), issuer: z.string(), dashboard: z.string() }), adminUrl: z.string(), cli: z.object({ clientId: z.string(), clientSecret: z.string() }) });

function start(env: Record<string, string>, args: string[] = []) {
  const ports = { CSMS_OCPP_PORT: '0', CSMS_API_PORT: '0', CSMS_DASHBOARD_PORT: '0', CSMS_IDENTITY_PORT: '0', CSMS_DATA_DIR: join(folder, 'data') };
  const child = spawn('npm', ['start', '--silent', '--', ...args], { cwd: rootDir, env: { ...process.env, ...ports, ...env }, detached: true });
  started.push(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
  const ended = new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)));
  return {
    child, ended, said: () => stdout, complained: () => stderr,
    ready: async () => {
      for (;;) {
        if (/^ready in /m.test(stdout)) return;
        if (child.exitCode !== null) throw new Error(`it ended before it was ready: ${stderr}${stdout}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    },
  };
}

async function tokenOf(run: z.infer<typeof RunFile>): Promise<string> {
  const answer = await fetch(`${run.addresses.issuer}/token`, {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', tenant: 'demo', role: 'viewer' }),
    headers: { authorization: `Basic ${Buffer.from(`${run.cli.clientId}:${run.cli.clientSecret}`).toString('base64')}` },
  });
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token;
}

const Sessions = z.object({ items: z.array(z.object({ id: z.string(), energyWh: z.number().nullable(), stationIdentity: z.string() })) });
const readRun = () => RunFile.parse(JSON.parse(readFileSync(join(folder, 'data/run/platform.json'), 'utf8')));
async function sessionsOf(query: string) {
  const run = readRun();
  const answer = await fetch(`${run.addresses.api}/sessions?${query}`, { headers: { authorization: `Bearer ${await tokenOf(run)}` } });
  return Sessions.parse(await answer.json()).items;
}

it('npm start ends in "ready", cars charge by themselves, Ctrl-C ends all of it within 10 s, and a second start finds the data', async () => {
  const first = start({}, ['--speed', '300']);
  await first.ready();
  expect(first.said()).toMatch(/sign in\s+admin/);
  expect(first.said()).toMatch(/LAB MODE/);
  let charging: z.infer<typeof Sessions>['items'] = [];
  while (charging.length === 0) {
    charging = (await sessionsOf('state=active')).filter((session) => session.stationIdentity.startsWith('CP_') && (session.energyWh ?? 0) > 0);
    await new Promise((done) => setTimeout(done, 200));
  }
  // A terminal's Ctrl-C reaches the whole foreground group.
  const asked = performance.now();
  process.kill(-first.child.pid!, 'SIGINT');
  await first.ended;
  expect(performance.now() - asked).toBeLessThan(10_000);
  expect(first.said()).toMatch(/stopped; the data stays/);

  const second = start({}, ['--no-demo']);
  await second.ready();
  const known = (await sessionsOf('limit=500')).map((session) => session.id);
  for (const session of charging) expect(known).toContain(session.id);

  const third = start({});
  expect(await third.ended).not.toBe(0);
  expect(third.complained()).toMatch(/already runs/);
  process.kill(-second.child.pid!, 'SIGINT');
  await second.ended;
});

it('Ctrl-C before it is ready takes back everything that was started', async () => {
  const dataDir = join(folder, 'early');
  const run = start({ CSMS_DATA_DIR: dataDir });
  while (!run.said().includes('issuer')) {
    if (run.child.exitCode !== null) throw new Error(`it ended by itself: ${run.complained()}`);
    await new Promise((done) => setTimeout(done, 10));
  }
  process.kill(-run.child.pid!, 'SIGINT');
  await run.ended;
  expect(run.said()).toMatch(/stopped; the data stays/);
  const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try { return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(dataDir) || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(dataDir); } catch { return false; }
  });
  expect(left).toEqual([]);
});

it('says in one clear sentence why it cannot start, exits non-zero, and leaves nothing half-started', async () => {
  const taken = createServer();
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const takenPort = String((taken.address() as AddressInfo).port);
  const brokenDir = join(folder, 'broken');
  cpSync(join(rootDir, 'examples'), brokenDir, { recursive: true });
  writeFileSync(join(brokenDir, 'bandung-01.yaml'), readFileSync(join(brokenDir, 'bandung-01.yaml'), 'utf8').replace(/latitude: [-\d.]+/, 'latitude: 191'));
  const foreignDir = join(folder, 'foreign');
  mkdirSync(foreignDir);
  writeFileSync(join(foreignDir, 'photo.jpg'), 'somebody’s');
  const cases: [Record<string, string>, string[], RegExp][] = [
    [{ CSMS_API_PORT: takenPort }, [], new RegExp(`port ${takenPort}.*is taken.*CSMS_API_PORT`)],
    [{}, ['--examples', brokenDir], /bandung-01\.yaml, line \d+: spec\.location\.latitude/],
    [{ DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/none' }, [], /DATABASE_URL cannot be used: 127\.0\.0\.1:1/],
    [{ OIDC_ISSUER: 'http://127.0.0.1:1' }, [], /OIDC_ISSUER cannot be used: http:\/\/127\.0\.0\.1:1/],
    [{ DATABASE_URL: 'mysql://x' }, [], /DATABASE_URL is wrong/],
    [{ REDIS_URL: 'redis://127.0.0.1:1' }, ['--no-demo'], /REDIS_URL cannot be used/],
    [{}, ['--sped', '3'], /--sped/],
    [{ CSMS_DATA_DIR: foreignDir }, ['--fresh'], /--fresh was not done/],
  ];
  for (const [index, [env, args, sentence]] of cases.entries()) {
    const run = start({ CSMS_DATA_DIR: join(folder, `case-${index}`), ...env }, args);
    expect(await run.ended, run.said()).not.toBe(0);
    expect(run.complained()).toMatch(sentence);
    expect(run.complained()).not.toMatch(/^\s+at /m);
    expect(run.complained().trim().split('\n').length).toBeLessThanOrEqual(2);
  }
  expect(readdirSync(foreignDir), '--fresh touches nothing that is not ours').toEqual(['photo.jpg']);
  taken.close();
});

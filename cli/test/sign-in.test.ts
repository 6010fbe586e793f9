import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Me } from '@csms/contracts/http/commerce';
import { PersonInvited } from '@csms/contracts/http/people';
import { ApiKeyCreated } from '@csms/contracts/http/api-keys';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../services/api/test/harness.ts';
import { runCli } from '../src/program.ts';
import { readSession, writeSession } from '../src/session.ts';

/* csmsctl as a person of their own: the device flow at the real issuer, the real API behind it, and the screen on which the code is entered. */
const dir = mkdtempSync(join(tmpdir(), 'csms-sign-in-'));
const sessionFile = join(dir, 'session.json');
let api: TestApi;
let url: string;
const ticking = setInterval(() => { if (api) api.clock.now = new Date(); }, 20);
beforeAll(async () => {
  api = await startTestApi({ withPeople: true });
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}/api/v1`;
  await api.site('demo', 'one');
  await api.site('kota', 'two');
});
afterAll(async () => { clearInterval(ticking); await api.close(); rmSync(dir, { recursive: true, force: true }); });

interface Run { code: number; out: string; err: string }
async function csmsctl(argv: string[], env: Record<string, string> = {}, onErr?: (text: string) => void): Promise<Run> {
  const run = { code: 0, out: '', err: '' };
  run.code = await runCli(argv, { color: false, env: { CSMS_SESSION_FILE: sessionFile, CSMS_API_URL: url, ...env }, out: (text) => { run.out += text; }, err: (text) => { run.err += text; onErr?.(text); } });
  return run;
}

/** A browser without a screen: keeps cookies, follows redirects of the issuer, fills in the form that it is shown. */
function browser() {
  const cookies = new Map<string, string>();
  const go = async (address: string, form?: Record<string, string>): Promise<{ url: string; text: string }> => {
    let [target, body] = [new URL(address, api.identity.issuer).href, form && new URLSearchParams(form)];
    for (let hops = 0; hops < 12; hops += 1) {
      const answer: Response = await fetch(target, { method: body ? 'POST' : 'GET', ...(body ? { body } : {}), redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
      for (const line of answer.headers.getSetCookie()) { const [name = '', value = ''] = line.split(';')[0]!.split('='); if (value) cookies.set(name, value); else cookies.delete(name); }
      const location = answer.headers.get('location');
      if (!location) return { url: target, text: await answer.text() };
      [target, body] = [new URL(location, target).href, undefined];
    }
    throw new Error('the redirects do not end');
  };
  const submit = async (page: { url: string; text: string }, fields: Record<string, string>): Promise<{ url: string; text: string }> => {
    const hidden = Object.fromEntries([...page.text.matchAll(/<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']));
    return go(new URL(/<form[^>]*action="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&') ?? '', page.url).href, { ...hidden, ...fields });
  };
  return { go, submit };
}

/** Signs in on another screen; the first password of someone who was invited is replaced on the way. */
async function allow(userCode: string, username: string, password: string, own?: string): Promise<string> {
  const { go, submit } = browser();
  const asked = await submit(await go('/device'), { user_code: userCode });
  expect(asked.text).toContain(userCode);
  let page = await submit(await submit(asked, {}), { username, password });
  if (own !== undefined) {
    expect(page.text).toContain('name="chosen"');
    expect((await submit(page, { chosen: 'short', again: 'short' })).text).toContain('role="alert"');
    page = await submit(page, { chosen: own, again: own });
  }
  return page.text;
}

async function login(username: string, password: string, own?: string): Promise<Run> {
  let done: Promise<string> | null = null;
  const run = await csmsctl(['login', '--issuer', api.identity.issuer], {}, (text) => {
    const code = /code: (\S+)/.exec(text)?.[1];
    if (code && !done) done = allow(code, username, password, own);
  });
  expect(await done).toMatch(/Kembali ke terminal|Go back to the terminal/);
  return run;
}

it('someone who was invited chooses a password, signs in by the device flow, and csmsctl is them until they log out', async () => {
  const admin = await api.tokenFor('demo', 'admin');
  const invited = await csmsctl(['people', 'invite', 'sari', '--name', 'Sari Wulandari', '--as', 'admin', '-o', 'json'], { CSMS_TOKEN: admin });
  const { temporaryPassword } = PersonInvited.parse(JSON.parse(invited.out));
  const signedIn = await login('sari@demo', temporaryPassword, 'a password of her own');
  expect([signedIn.code, signedIn.err]).toEqual([0, expect.stringContaining('signed in as Sari Wulandari, admin of demo')]);
  expect(statSync(sessionFile).mode & 0o777).toBe(0o600);
  expect(Me.parse(JSON.parse((await csmsctl(['whoami', '-o', 'json'])).out))).toMatchObject({ subject: 'sari@demo', tenant: 'demo', roles: ['admin'], impersonation: null });

  // An access token that is about to end is renewed once, whoever asks at the same time.
  const before = readSession(sessionFile)!;
  writeSession(sessionFile, { ...before, expiresAtMs: Date.now() });
  const together = await Promise.all([1, 2, 3].map(() => csmsctl(['sites', 'list', '-o', 'json'])));
  expect(together.map((run) => run.code)).toEqual([0, 0, 0]);
  expect(readSession(sessionFile)!.refreshToken).not.toBe(before.refreshToken);

  const listed = await csmsctl(['people']);
  expect(listed.out).toMatch(/sari@demo +Sari Wulandari +admin/);
  expect((await csmsctl(['people', 'set-role', 'nobody', '--as', 'viewer'])).code).toBe(4);
  expect((await csmsctl(['people', 'set-role', 'operator', '--as', 'viewer'])).out).toMatch(/role +viewer/);
  expect((await csmsctl(['audit', '--action', 'person'])).out).toMatch(/Sari Wulandari \(sari@demo\) +person\.role +operator +127\.0\.0\.1/);
  expect((await csmsctl(['audit', 'export', '-'])).out).toContain('person.invite');

  expect((await csmsctl(['logout', '--everywhere'])).err).toBe('signed out\n');
  expect((await csmsctl(['whoami'])).code).toBe(2);
  writeSession(sessionFile, { ...before, expiresAtMs: Date.now() });
  const over = await csmsctl(['whoami']);
  expect([over.code, over.err]).toEqual([1, expect.stringContaining('csmsctl login')]);
  expect((await csmsctl(['logout'])).code).toBe(4);
});

it('a program comes with a key, and staff with what an impersonation printed', async () => {
  const env = { CSMS_TOKEN: await api.tokenFor('demo', 'admin') };
  const made = ApiKeyCreated.parse(JSON.parse((await csmsctl(['keys', 'create', 'reports', '--areas', 'sites,sessions', '-o', 'json'], env)).out));
  expect((await csmsctl(['sites', 'list'], { CSMS_TOKEN: made.secret })).code).toBe(0);
  expect((await csmsctl(['stations'], { CSMS_TOKEN: made.secret })).err).toContain('area-missing');
  expect((await csmsctl(['keys', 'create', 'x', '--areas', 'moon'], env)).err).toContain('there is no area moon');
  expect((await csmsctl(['keys'], env)).out).toMatch(/reports +viewer +sites,sessions +active/);
  expect((await csmsctl(['keys', 'revoke', made.key.id], env)).code).toBe(0);
  expect((await csmsctl(['sites', 'list'], { CSMS_TOKEN: made.secret })).err).toContain('token-invalid');

  const acting = await csmsctl(['impersonate', 'kota', '--reason', 'ticket 4711'], { CSMS_TOKEN: await api.tokenFor(null, 'platform') });
  expect(acting.out).toMatch(/^csi_kota_\S{43}\n$/);
  const who = await csmsctl(['whoami'], { CSMS_TOKEN: acting.out.trim() });
  expect(who.out).toMatch(/tenant +kota[\s\S]*acting for them +.*ticket 4711/);
});

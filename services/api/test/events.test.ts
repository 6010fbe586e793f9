import type { LiveChange } from '@csms/contracts/live';
import { LiveEvent } from '@csms/contracts/live';
import { Problem } from '@csms/contracts/http/common';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './harness.ts';

/* The live stream over a real socket: what changes arrives once and in order, also across a cut line, and only at its own tenant. */
let api: TestApi;
let url: string;
beforeAll(async () => {
  api = await startTestApi();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
  await api.site('demo', 'one');
  await api.site('kota', 'two');
});
afterAll(async () => { await api.close(); });

interface Stream { status: number; text(): string; events(): LiveEvent[]; names(): string[]; until(met: () => boolean): Promise<void>; ended: Promise<void>; close(): void }

function open(token: string, headers: Record<string, string> = {}): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}`, ...headers } }, (answer) => {
      let text = '';
      let wake = (): void => undefined;
      answer.on('data', (chunk: Buffer) => { text += chunk.toString(); wake(); });
      const ended = new Promise<void>((done) => answer.once('close', () => { wake(); done(); }));
      const blocks = () => text.split('\n\n').map((block) => Object.fromEntries(block.split('\n').filter((line) => !line.startsWith(':')).map((line) => line.split(/: (.*)/s))) as Record<string, string>);
      resolve({
        status: answer.statusCode ?? 0, text: () => text, ended, close: () => asked.destroy(),
        events: () => blocks().filter((block) => block['event'] === 'change').map((block) => LiveEvent.parse(JSON.parse(block['data']!))),
        names: () => blocks().map((block) => block['event']).filter((name) => name !== undefined),
        async until(met) { while (!met()) await new Promise<void>((done) => { wake = done; }); },
      });
    });
    asked.once('error', reject);
    asked.end();
  });
}

let count = 0;
const change = (): LiveChange => ({ kind: 'knocking', identity: `K${++count}`, at: '2026-11-24T00:00:00.000Z' });
const unheard = (tenant: string, changes: LiveChange[]) => api.inTenant(tenant, (client) => client.query(`INSERT INTO outbox (tenant_id, changes) VALUES (current_setting('app.tenant'), $1)`, [JSON.stringify(changes)]));
/** One outbox row, and the wake-up that follows a commit. */
const write = async (tenant: string, changes: LiveChange[]) => { await unheard(tenant, changes); await api.bus.wake(tenant); };
const identities = (stream: Stream) => stream.events().flatMap((event) => event.changes).map((each) => (each.kind === 'knocking' ? each.identity : each.kind));

it('tells every listener of a tenant what changed, once and in order, and nobody else', async () => {
  const [a, b, other] = await Promise.all([api.tokenFor('demo', 'viewer'), api.tokenFor('demo', 'admin'), api.tokenFor('kota', 'viewer')].map(async (token) => open(await token)));
  const told: LiveChange[] = Array.from({ length: 12 }, change);
  // Nobody is woken, as when the bus is away.
  for (const each of told) await unheard('demo', [each]);
  await unheard('kota', [{ kind: 'knocking', identity: 'of-kota', at: '2026-11-24T00:00:00.000Z' }]);
  const names = told.map((each) => (each.kind === 'knocking' ? each.identity : ''));
  await Promise.all([a!.until(() => identities(a!).length >= 12), b!.until(() => identities(b!).length >= 12), other!.until(() => identities(other!).length >= 1)]);
  expect(identities(a!)).toEqual(names);
  expect(identities(b!)).toEqual(names);
  expect(identities(other!)).toEqual(['of-kota']);
  for (const stream of [a, b, other]) stream!.close();
});

it('goes on after the last event that was seen, whatever happened meanwhile', async () => {
  const token = await api.tokenFor('demo', 'viewer');
  const first = await open(token);
  await write('demo', [change()]);
  await first.until(() => first.events().length === 1);
  const seen = first.events()[0]!.id;
  first.close();
  await first.ended;
  const missed = Array.from({ length: 3 }, change);
  for (const each of missed) await write('demo', [each]);
  const again = await open(token, { 'last-event-id': seen });
  await write('demo', [change()]);
  await again.until(() => again.events().length === 4);
  expect(identities(again)).toEqual([...missed.map((each) => (each.kind === 'knocking' ? each.identity : '')), `K${count}`]);
  expect(again.events().every((event) => BigInt(event.id) > BigInt(seen))).toBe(true);
  again.close();

  // Who had seen nothing yet was told at the opening where it stood.
  const quiet = await open(token);
  await quiet.until(() => /id: \d+/.test(quiet.text()));
  const from = /id: (\d+)/.exec(quiet.text())![1]!;
  quiet.close();
  await write('demo', [change()]);
  const back = await open(token, { 'last-event-id': from });
  await back.until(() => back.events().length === 1);
  expect(identities(back)).toEqual([`K${count}`]);
  back.close();
});

it('says so when what was missed is no longer known', async () => {
  const token = await api.tokenFor('demo', 'viewer');
  const first = await open(token);
  await write('demo', [change()]);
  await first.until(() => first.events().length === 1);
  first.close();
  await write('demo', [change()]);
  await api.inTenant('demo', (client) => client.query('DELETE FROM outbox'));
  await write('demo', [change()]);
  const again = await open(token, { 'last-event-id': first.events()[0]!.id });
  await again.until(() => again.names().length > 0);
  expect(again.names()[0]).toBe('resync');
  again.close();
  const nonsense = await open(token, { 'last-event-id': 'nonsense' });
  await nonsense.until(() => nonsense.names().length > 0);
  expect(nonsense.names()[0]).toBe('resync');
  nonsense.close();
});

it('a change that is made through the API wakes the stream', async () => {
  const stream = await open(await api.tokenFor('demo', 'viewer'));
  await api.site('demo', 'three');
  await stream.until(() => identities(stream).includes('site'));
  stream.close();
});

it('a page of another origin may not listen, and the stream ends with its token', async () => {
  const token = await api.tokenFor('demo', 'viewer');
  const refused = await open(token, { origin: 'https://evil.example' });
  await refused.ended;
  expect(refused.status).toBe(403);
  expect(Problem.parse(JSON.parse(refused.text())).code).toBe('origin-refused');
  const allowed = await open(token, { origin: 'https://pages.example' });
  expect(allowed.status).toBe(200);
  allowed.close();
  expect((await open('nonsense')).status).toBe(401);

  const short = await api.forge((claims) => { claims.exp = Math.floor(Date.now() / 1000) + 1; });
  const stream = await open(short);
  expect(stream.status).toBe(200);
  await stream.ended;
});

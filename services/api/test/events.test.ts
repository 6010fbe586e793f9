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

it('A-07 a page of another origin may not listen, and the stream ends with its token', async () => {
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

it('a row that nobody can read does not end the stream: what follows it arrives, and so does what can be read beside it', async () => {
  const token = await api.tokenFor('demo', 'viewer');
  const stream = await open(token);
  const before = change();
  await write('demo', [before]);
  await stream.until(() => stream.events().length === 1);
  const beside = change();
  const poison = [{ kind: 'bill', sessionId: 's', totalMinor: 2 ** 63, currency: 'IDR', at: '2026-11-24T00:00:00.000Z' }, beside, { kind: 'nothing known' }];
  for (const row of [poison, 'words', poison.slice(0, 1)]) {
    await api.inTenant('demo', (client) => client.query(`INSERT INTO outbox (tenant_id, changes) VALUES ('demo', $1)`, [JSON.stringify(row)]));
  }
  await api.admin.query(`INSERT INTO outbox (tenant_id, at, changes) SELECT 'demo', 'infinity', '[]' FROM generate_series(1, 600)`);
  const after = change();
  await write('demo', [after]);
  const names = [before, beside, after].map((each) => (each.kind === 'knocking' ? each.identity : ''));
  await stream.until(() => identities(stream).includes(names[2]!));
  expect(identities(stream)).toEqual(names);
  // Whoever comes back from before those rows is told the same.
  const again = await open(token, { 'last-event-id': stream.events()[0]!.id });
  await again.until(() => identities(again).includes(names[2]!));
  expect(identities(again)).toEqual(names.slice(1));
  for (const each of [stream, again]) each.close();
});

it('an event id beyond any that there can be is nonsense, and answered as nonsense is', async () => {
  const token = await api.tokenFor('demo', 'viewer');
  for (const id of ['9223372036854775807', '9223372036854775808', '9999999999999999999', '9'.repeat(100)]) {
    const stream = await open(token, { 'last-event-id': id });
    expect(stream.status, id).toBe(200);
    await stream.until(() => stream.names().length > 0);
    expect(stream.names()[0]).toBe('resync');
    stream.close();
    await stream.ended;
  }
});

it('a holder may listen 20 times and a tenant 200 times at once; who leaves makes room', async () => {
  const holder = (sub: string) => api.forge((claims) => { claims.sub = sub; claims['tenant'] = 'kota'; });
  const streams = await Promise.all((await Promise.all(Array.from({ length: 10 }, (_, i) => holder(`holder-${i}`)))).flatMap((token) => Array.from({ length: 20 }, () => open(token))));
  expect(new Set(streams.map((stream) => stream.status))).toEqual(new Set([200]));
  const refused = await open(await holder('holder-10'));
  await refused.ended;
  expect([refused.status, Problem.parse(JSON.parse(refused.text())).code]).toEqual([429, 'too-many-requests']);
  // Room in the tenant, none for the first holder.
  for (const stream of streams.slice(20, 40)) { stream.close(); await stream.ended; }
  const roomFor = async (sub: string): Promise<number> => { const stream = await open(await holder(sub)); stream.close(); await stream.ended; return stream.status; };
  await expect.poll(() => roomFor('holder-10')).toBe(200);
  expect(await roomFor('holder-0')).toBe(429);
  const elsewhere = await open(await api.tokenFor('demo', 'viewer'));
  expect(elsewhere.status).toBe(200);
  for (const stream of [elsewhere, ...streams]) stream.close();
});

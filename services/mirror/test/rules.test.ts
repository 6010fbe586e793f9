import targaryen from 'targaryen';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { publishedRules } from './rules.ts';
import { startRealtimeDatabase } from './realtime-database.ts';

const own = '0d8ba3a4-1c83-4b7c-9d0e-8b0f6a1c2d3e';
const others = '7f1c2a90-55aa-4d0e-a3b1-2f9b8c7d6e5f';
const fresh = '11111111-2222-4333-8444-555555555555';
const node = { status: 'CHARGING', power: 7.36, energy: 1.235, duration: 590, last_updated: '2026-11-24T12:00:00.000Z', version: 5 };
const later = { ...node, status: 'FINISHED', power: 0, version: 6 };
const charger = { uid: own, token: { charger: true } };
const callers: Record<string, object | null> = { nobody: null, user: { uid: 'somebody', token: {} }, 'user named like a charger': { uid: own, token: {} }, charger, mirror: { uid: 'csms-mirror' } };

const ruleset = targaryen.ruleset(publishedRules());
/** A database that holds two nodes, asked by one caller. */
function asked(caller: string): targaryen.Database {
  const database = targaryen.database(ruleset, { chargers: { [own]: node, [others]: node }, secrets: { a: 1 } });
  const auth = callers[caller];
  return auth == null ? database : database.as(auth);
}
const mayWrite = (caller: string, path: string, value: unknown): boolean => asked(caller).write(path, value).allowed;

describe('D-03 the rules of the public database', () => {
  it.each(Object.keys(callers))('D-03 let %s read one node whose id is known, and nothing above it or beside it', (caller) => {
    expect(asked(caller).read(`/chargers/${own}`).allowed).toBe(true);
    expect(asked(caller).read(`/chargers/${own}/status`).allowed).toBe(true);
    for (const path of ['/', '/chargers', '/secrets', '/secrets/a', '/users']) expect(asked(caller).read(path).allowed, path).toBe(false);
  });

  it.each(['nobody', 'user', 'user named like a charger'])('D-03 let %s write nothing', (caller) => {
    for (const [path, value] of [['/', {}], ['/chargers', null], [`/chargers/${own}`, node], [`/chargers/${own}`, null], [`/chargers/${own}/status`, 'FAULT'], [`/chargers/${fresh}`, node], ['/secrets/a', 2], ['/users/me', true]] as const) {
      expect(mayWrite(caller, path, value), path).toBe(false);
    }
  });

  it('D-03 let the mirror write nodes, and nothing else', () => {
    expect(mayWrite('mirror', `/chargers/${own}`, later)).toBe(true);
    expect(mayWrite('mirror', `/chargers/${fresh}`, { ...node, version: 1 })).toBe(true);
    expect(mayWrite('mirror', `/chargers/${own}`, null)).toBe(true);
    for (const [path, value] of [['/', { chargers: {} }], ['/chargers', null], ['/chargers', { [own]: later }], ['/secrets/a', 2], ['/users/me', true]] as const) expect(mayWrite('mirror', path, value), path).toBe(false);
  });

  it('D-03 let a charger write its own node alone, which it neither makes nor takes away, and whose version it cannot move', () => {
    expect(mayWrite('charger', `/chargers/${own}`, { ...node, status: 'FAULT', power: 0 })).toBe(true);
    expect(mayWrite('charger', `/chargers/${own}/power`, 3)).toBe(true);
    expect(mayWrite('charger', `/chargers/${own}`, later)).toBe(false);
    expect(mayWrite('charger', `/chargers/${own}`, { ...node, version: 4 })).toBe(false);
    expect(mayWrite('charger', `/chargers/${own}`, null)).toBe(false);
    expect(mayWrite('charger', `/chargers/${others}`, node)).toBe(false);
    expect(mayWrite('charger', `/chargers/${others}/status`, 'FAULT')).toBe(false);
    const withoutNode = targaryen.database(ruleset, { chargers: { [others]: node } }).as(charger);
    expect(withoutNode.write(`/chargers/${own}`, node).allowed).toBe(false);
  });

  it('D-03 take a version that rises or stays, from the mirror too', () => {
    expect(mayWrite('mirror', `/chargers/${own}`, { ...later, version: 5 })).toBe(true);
    expect(mayWrite('mirror', `/chargers/${own}`, { ...later, version: 4 })).toBe(false);
  });

  it.each([
    ['status', ['STANDBY', 'CHARGING', 'FINISHED', 'FAULT'], ['Charging', 'OFFLINE', '', 1, true]],
    ['power', [0, 0.001, 350, 1_000_000], [-0.1, 1_000_001, '7.4 kW']],
    ['energy', [0, 12.345, 1_000_000], [-1, 1_000_001, '1 kWh']],
    ['duration', [0, 1, 2_678_400], [-1, 2_678_401, '5']],
    ['last_updated', ['2026-11-24T12:00:00.000Z'], ['yesterday', '2026-11-24', '2026-11-24T12:00:00.000+07:00', 1_795_000_000]],
    ['version', [6, 9_007_199_254_740_990], [0, -1, 6.5, '6']],
  ])('D-03 hold %s to its form', (field, good, bad) => {
    for (const value of good) expect(mayWrite('mirror', `/chargers/${own}`, { ...later, [field]: value }), String(value)).toBe(true);
    for (const value of bad) expect(mayWrite('mirror', `/chargers/${own}`, { ...later, [field]: value }), String(value)).toBe(false);
    const { [field]: _, ...without } = later as Record<string, unknown>;
    expect(mayWrite('mirror', `/chargers/${own}`, without)).toBe(false);
    expect(mayWrite('mirror', `/chargers/${own}/${field}`, null)).toBe(false);
  });

  it.each(['idTag', 'uid', 'identity', 'user', 'vin', 'serial', 'ip', 'password'])('D-04 have no place for %s, whoever writes', (field) => {
    for (const caller of ['mirror', 'charger']) {
      expect(mayWrite(caller, `/chargers/${own}`, { ...node, [field]: 'x' })).toBe(false);
      expect(mayWrite(caller, `/chargers/${own}/${field}`, 'x')).toBe(false);
    }
  });

  it.each(['CP-0001', 'demo', '0d8ba3a4-1c83-7b7c-9d0e-8b0f6a1c2d3e', '0D8BA3A4-1C83-4B7C-9D0E-8B0F6A1C2D3E'])('D-04 take no node under %s: an id is random, and nobody\'s login', (id) => {
    expect(mayWrite('mirror', `/chargers/${id}`, node)).toBe(false);
  });
});

/** Asks a server over its own socket, without any library. */
async function ask(port: number, token: string | null, requests: [action: string, body: object][]): Promise<unknown[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/.ws?v=5&ns=demo-mirror`);
  const answers: unknown[] = [];
  const all: [string, object][] = token === null ? requests : [['auth', { cred: token }], ...requests];
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('open', () => all.forEach(([a, b], r) => socket.send(JSON.stringify({ t: 'd', d: { r, a, b } }))));
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(String(data)) as { t: string; d: { r?: number; b?: { s: string } } };
      if (frame.d.r === undefined) return;
      answers[frame.d.r] = frame.d.b?.s;
      if (frame.d.r === all.length - 1) resolve();
    });
  });
  socket.close();
  return answers;
}

describe('over the wire', () => {
  it('D-03 the public reads a node and no list, a charger writes its own, and a token that is none opens nothing', async () => {
    const server = await startRealtimeDatabase({ acceptsAccount: (token) => token === 'account', userOf: (token) => (token === 'a.charger.token' ? charger : null) });
    try {
      const path = `chargers/${own}`;
      expect(await ask(server.port, null, [['gauth', { cred: 'account', authvar: { uid: 'csms-mirror' } }], ['p', { p: path, d: node }]])).toEqual(['ok', 'ok']);
      expect(await ask(server.port, null, [['g', { p: path }], ['q', { p: path, h: '' }], ['q', { p: 'chargers', h: '' }], ['q', { p: '', h: '' }], ['p', { p: path, d: later }]])).toEqual(['ok', 'ok', 'permission_denied', 'permission_denied', 'permission_denied']);
      expect(await ask(server.port, 'a.charger.token', [['m', { p: path, d: { status: 'FAULT', power: 0 } }], ['p', { p: `${path}/version`, d: 99 }], ['p', { p: `chargers/${others}`, d: node }]])).toEqual(['ok', 'ok', 'permission_denied', 'permission_denied']);
      expect(await ask(server.port, 'a.forged.token', [])).toEqual(['invalid_token']);
      expect(server.at(`/${path}`)).toEqual({ ...node, status: 'FAULT', power: 0 });
    } finally {
      await server.close();
    }
  });
});

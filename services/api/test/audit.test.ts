import { AuditPage } from '@csms/contracts/http/commerce';
import { prototypeRoutes } from '@csms/contracts/http/legacy';
import { routes, type RouteEntry } from '@csms/contracts/http/routes';
import { uuidv7 } from '@csms/kit';
import { makeAuthority } from '@csms/kit/x509/make-certificate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fillTenant } from './book-rows.ts';
import { startTestApi, type Answer, type TestApi } from './harness.ts';

/* whatever changes something leaves one row of the audit, and whatever is refused leaves none. */
let api: TestApi;
let tenant: Awaited<ReturnType<typeof fillTenant>>;
const tokens = { admin: '', operator: '', platform: '', second: '' };
const authority = makeAuthority({ commonName: 'Roots', organization: 'Charge-IT', notBefore: new Date(), notAfter: new Date(Date.now() + 86_400_000) });
let number = 0;
const named = (what: string): string => `${what}-${(number += 1)}`;
const Id = z.object({ id: z.string() });
const soon = (): string => new Date(Date.now() + 3_600_000).toISOString();

beforeAll(async () => {
  api = await startTestApi({ withPeople: true });
  api.clock.now = new Date();
  tenant = await fillTenant(api, 'demo');
  [tokens.admin, tokens.operator, tokens.platform] = await Promise.all([api.tokenFor('demo', 'admin'), api.tokenFor('demo', 'operator'), api.tokenFor(null, 'platform')]);
  tokens.second = await api.forge((claims) => { claims.sub = 'admin'; });
});
afterAll(async () => { await api.close(); });

const ask = (method: string, path: string, body?: unknown, token = tokens.admin, headers: Record<string, string> = {}): Promise<Answer> => api.call(method, path, token, body, headers);
/** Something that a change needs to be there first. */
async function made(method: string, path: string, body?: unknown, token = tokens.admin): Promise<string> {
  const answer = await ask(method, path, body, token);
  expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300);
  const { body: found } = answer;
  return z.union([Id.transform(({ id }) => id), z.object({ station: Id }).transform(({ station }) => station.id), z.object({ key: Id }).transform(({ key }) => key.id), z.object({ person: z.object({ subject: z.string() }) }).transform(({ person }) => person.subject)]).parse(found);
}
const aStation = (): Promise<string> => made('POST', '/stations', { siteId: tenant.site, identity: named('CP') });
const firmwareBody = () => ({ vendor: 'ACME', model: named('M'), version: '2.0', fileName: 'f.bin' });
async function aFirmware(until: 'entered' | 'file' | 'approved'): Promise<string> {
  const id = await made('POST', '/firmware', firmwareBody());
  if (until !== 'entered') await putFile(id);
  if (until === 'approved') await made('POST', `/firmware/${id}/approve`, undefined, tokens.second);
  return id;
}
const putFile = (id: string): Promise<Answer> => api.app.inject({ method: 'PUT', url: `/api/v1/firmware/${id}/file`, headers: { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/octet-stream' }, payload: Buffer.from('bytes') })
  .then((answer) => ({ status: answer.statusCode, body: answer.json() as unknown, headers: {} }));
const aRollout = async (): Promise<string> => made('POST', '/rollouts', { firmwareId: await aFirmwareThatFits() });
const aFirmwareThatFits = async (): Promise<string> => z.object({ firmwareId: z.string() }).parse(JSON.parse(await aStationThatFits())).firmwareId;
const aPlan = { evseId: 0, purpose: 'station-max', kind: 'Absolute', unit: 'W', startsAt: soon(), periods: [{ startS: 0, limit: 5_000 }] };
const siteBody = { tenant: 'demo', displayName: 'A site', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 60, spec: {} };

/** How each route that changes something is made to change something; what has to be there first is made by `given`. */
interface Change { given?: () => Promise<string>; change: (id: string) => Promise<Answer>; also?: RegExp }
const changes: Record<string, Change> = {
  'POST /me/sign-out-everywhere': { change: async () => ask('POST', '/me/sign-out-everywhere', undefined, await api.forge((claims) => { claims.sub = 'leaver'; })) },
  'POST /people': { change: () => ask('POST', '/people', { login: named('p'), name: 'Putri' }) },
  'PATCH /people/:subject': { given: () => made('POST', '/people', { login: named('p'), name: 'Putri' }), change: (id) => ask('PATCH', `/people/${id}`, { role: 'operator' }) },
  'DELETE /people/:subject': { given: () => made('POST', '/people', { login: named('p'), name: 'Putri' }), change: (id) => ask('DELETE', `/people/${id}`) },
  'POST /api-keys': { change: () => ask('POST', '/api-keys', { name: 'k', expiresAt: soon() }) },
  'DELETE /api-keys/:id': { given: () => made('POST', '/api-keys', { name: 'k', expiresAt: soon() }), change: (id) => ask('DELETE', `/api-keys/${id}`) },
  'POST /impersonations': { change: () => ask('POST', '/impersonations', { tenant: 'demo', reason: 'they asked for help' }, tokens.platform) },
  'DELETE /impersonations/current': { given: () => api.secretFor('impersonation', 'demo', 'viewer'), change: (secret) => ask('DELETE', '/impersonations/current', undefined, secret) },
  'PUT /sites/by-resource/:namespace/:name': { change: () => ask('PUT', `/sites/by-resource/demo/${named('site')}`, siteBody, tokens.platform) },
  'DELETE /sites/by-resource/:namespace/:name': { given: async () => { const name = named('site'); await made('PUT', `/sites/by-resource/demo/${name}`, siteBody, tokens.platform); return name; }, change: (name) => ask('DELETE', `/sites/by-resource/demo/${name}?tenant=demo`, undefined, tokens.platform) },
  'POST /stations': { change: () => ask('POST', '/stations', { siteId: tenant.site, identity: named('CP') }) },
  'POST /stations/:id/credential': { given: aStation, change: (id) => ask('POST', `/stations/${id}/credential`) },
  'POST /stations/:id/credential/push': { given: aStation, change: (id) => ask('POST', `/stations/${id}/credential/push`) },
  'PUT /stations/:id/security-profile': { given: aStation, change: (id) => ask('PUT', `/stations/${id}/security-profile`, { profile: 2 }) },
  'POST /stations/:id/commands': { given: aStation, change: (id) => ask('POST', `/stations/${id}/commands`, { command: { action: 'reset' } }) },
  'POST /stations/:id/local-list': { given: aStation, change: (id) => ask('POST', `/stations/${id}/local-list`, {}) },
  'POST /stations/:id/charging-plans': { given: aStation, change: (id) => ask('POST', `/stations/${id}/charging-plans`, aPlan) },
  'POST /stations/:id/charging-plans/clear': { given: aStation, change: (id) => ask('POST', `/stations/${id}/charging-plans/clear`, {}) },
  'POST /stations/:id/charging-plans/composite': { given: aStation, change: (id) => ask('POST', `/stations/${id}/charging-plans/composite`, { evseId: 0 }) },
  'POST /reservations': { given: aCardAndStation, change: (both) => ask('POST', '/reservations', JSON.parse(both) as object) },
  'DELETE /reservations/:id': { given: async () => { const id = await made('POST', '/reservations', JSON.parse(await aCardAndStation()) as object); await api.admin.query(`UPDATE reservation SET state = 'active' WHERE id = $1`, [id]); return id; }, change: (id) => ask('DELETE', `/reservations/${id}`) },
  'POST /tokens': { change: () => ask('POST', '/tokens', { uid: named('UID') }) },
  'PATCH /tokens/:id': { given: () => made('POST', '/tokens', { uid: named('UID') }), change: (id) => ask('PATCH', `/tokens/${id}`, { status: 'blocked' }) },
  'DELETE /tokens/:id': { given: () => made('POST', '/tokens', { uid: named('UID') }), change: (id) => ask('DELETE', `/tokens/${id}`) },
  'POST /users': { change: () => ask('POST', '/users', { uid: named('UID'), name: 'Sari' }) },
  'POST /drivers': { change: () => ask('POST', '/drivers', { name: 'Sari' }) },
  'PATCH /drivers/:id': { given: () => made('POST', '/drivers', { name: 'Sari' }), change: (id) => ask('PATCH', `/drivers/${id}`, { status: 'blocked' }) },
  'DELETE /drivers/:id': { given: () => made('POST', '/drivers', { name: 'Sari' }), change: (id) => ask('DELETE', `/drivers/${id}`) },
  'POST /card-groups': { change: () => ask('POST', '/card-groups', { name: named('family') }) },
  'PATCH /card-groups/:id': { given: () => made('POST', '/card-groups', { name: named('family') }), change: (id) => ask('PATCH', `/card-groups/${id}`, { status: 'blocked' }) },
  'PUT /card-policy': { change: () => ask('PUT', '/card-policy', { concurrentUse: 'allow' }) },
  'POST /stations/:id/enrolments': { given: aStation, change: (id) => ask('POST', `/stations/${id}/enrolments`, {}) },
  'DELETE /enrolments/:id': { given: async () => made('POST', `/stations/${await aStation()}/enrolments`, {}), change: (id) => ask('DELETE', `/enrolments/${id}`) },
  'POST /imports/:kind': { also: /^driver\.register$/, change: () => ask('POST', '/imports/drivers', { dryRun: false, rows: [1, 2].map((line) => ({ line, row: { ref: named('r'), name: 'Sari', email: null, phone: null, validFrom: null, validUntil: null } })) }) },
  'POST /tariffs': { change: () => ask('POST', '/tariffs', { name: 'T', energyPerKwhMinor: 1, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: soon() }) },
  'PUT /configuration-templates': { change: () => ask('PUT', '/configuration-templates', { wanted: { HeartbeatInterval: String(number += 1) } }) },
  'DELETE /configuration-templates/:id': { given: () => made('PUT', '/configuration-templates', { siteId: tenant.site, wanted: { HeartbeatInterval: '60' } }), change: (id) => ask('DELETE', `/configuration-templates/${id}`) },
  'POST /stations/:id/diagnostics': { given: aStation, change: (id) => ask('POST', `/stations/${id}/diagnostics`, {}) },
  'POST /stations/:id/logs': { given: aStation, change: (id) => ask('POST', `/stations/${id}/logs`, {}) },
  'DELETE /files/:id': { given: aStoredFile, change: (id) => ask('DELETE', `/files/${id}`) },
  'POST /firmware': { change: () => ask('POST', '/firmware', firmwareBody()) },
  'PUT /firmware/:id/file': { given: () => aFirmware('entered'), change: putFile },
  'POST /firmware/:id/approve': { given: () => aFirmware('file'), change: (id) => ask('POST', `/firmware/${id}/approve`, undefined, tokens.second) },
  'POST /firmware/:id/withdraw': { given: () => aFirmware('approved'), change: (id) => ask('POST', `/firmware/${id}/withdraw`) },
  'POST /stations/:id/firmware': { given: aStationThatFits, change: (both) => { const { station, firmwareId } = z.object({ station: z.string(), firmwareId: z.string() }).parse(JSON.parse(both)); return ask('POST', `/stations/${station}/firmware`, { firmwareId }); } },
  'POST /rollouts': { given: aFirmwareThatFits, change: (firmwareId) => ask('POST', '/rollouts', { firmwareId }) },
  'POST /rollouts/:id/pause': { given: aRollout, change: (id) => ask('POST', `/rollouts/${id}/pause`) },
  'POST /rollouts/:id/resume': { given: async () => { const id = await aRollout(); await made('POST', `/rollouts/${id}/pause`); return id; }, change: (id) => ask('POST', `/rollouts/${id}/resume`) },
  'POST /rollouts/:id/abort': { given: aRollout, change: (id) => ask('POST', `/rollouts/${id}/abort`) },
  'POST /certificates/:id/revocation': { change: () => ask('POST', `/certificates/${tenant.certificate}/revocation`, {}) },
  'POST /stations/:id/installed-certificates': { given: aStation, change: async (id) => ask('POST', `/stations/${id}/installed-certificates`, { certificatePem: (await authority).certificatePem }) },
  'POST /stations/:id/installed-certificates/list': { given: aStation, change: (id) => ask('POST', `/stations/${id}/installed-certificates/list`, {}) },
};

/** Routes that change something and have no row above, each with where it is tried, or why it has none. */
const elsewhere: Record<string, string> = {
  'POST /enrolments/:id/acceptance': 'needs a card that a station has seen: enrolments.test.ts',
  'POST /stations/:id/installed-certificates/deletion': 'needs a root that a station has: certificates.test.ts',
  'POST /tokens/look-up': 'reads; a POST so that the number stands in no address',
  'POST /lab/actions': 'needs the lab: lab.test.ts',
  'PUT /station-uploads/:tenant/:id/:secret': 'a station brings what somebody asked for, and that is in the audit',
  'PUT /station-uploads/:tenant/:id/:secret/:name': 'as above',
};

async function aCardAndStation(): Promise<string> {
  const [tokenUid, stationId] = [named('UID'), await aStation()];
  await made('POST', '/tokens', { uid: tokenUid });
  return JSON.stringify({ stationId, tokenUid, expiresAt: soon() });
}
async function aStationThatFits(): Promise<string> {
  const [station, firmwareId] = [await aStation(), await aFirmware('approved')];
  await api.admin.query('UPDATE station SET (vendor, model) = (SELECT vendor, model FROM firmware_image WHERE id = $2) WHERE id = $1', [station, firmwareId]);
  return JSON.stringify({ station, firmwareId });
}
async function aStoredFile(): Promise<string> {
  const [id, file] = [uuidv7(), uuidv7()];
  await api.inTenant('demo', (client) => client.query(`INSERT INTO station_upload (tenant_id, id, station_id, kind, nonce, idempotency_key, request_hash, request_id, created_by, created_at, expires_at, state, file_id, stored_at, size_bytes, sha256)
    VALUES ('demo', $1, $2, 'diagnostics', $3, $5, 'x', 2, 'me', now(), now(), 'stored', $4, now(), 5, 'x')`, [id, tenant.station, Buffer.alloc(16), file, id]));
  return id;
}

interface AuditRow { action: string; actor: string; target: string; address: string | null; trace_id: string | null; at: Date }
const auditSince = async (id: string | null): Promise<(AuditRow & { id: string })[]> => (await api.admin.query<AuditRow & { id: string }>('SELECT * FROM audit WHERE ($1::uuid IS NULL OR id > $1) ORDER BY id', [id])).rows;

describe('A-08 one row of the audit for each change, which says who, what, and from where; each command that it sends has one more under the same trace', () => {
  it.each(Object.entries(changes))('%s', async (title, { given, change, also }) => {
    const id = await given?.() ?? '';
    const last = (await auditSince(null)).at(-1)?.id ?? null;
    const answer = await change(id);
    expect(answer.status, `${title}: ${JSON.stringify(answer.body)}`).toBeLessThan(300);
    const rows = await auditSince(last);
    const commands = rows.filter((row) => row.action.startsWith('command.'));
    const own = rows.filter((row) => !commands.includes(row) && also?.test(row.action) !== true);
    expect(own.length > 0 ? own.length : commands.length, rows.map((row) => row.action).join(', ')).toBe(1);
    expect(rows[0]!.trace_id).toMatch(/^[0-9a-f]{32}$/);
    for (const row of rows) expect(row).toMatchObject({ address: '127.0.0.1', trace_id: rows[0]!.trace_id, target: expect.stringMatching(/./), actor: expect.stringMatching(/./) });
  });

  it('no route that changes something is left out', () => {
    const table: readonly RouteEntry[] = [...routes, ...prototypeRoutes];
    const mutating = table.filter((route) => route.method !== 'GET').map((route) => `${route.method} ${route.path}`);
    expect(mutating.filter((route) => !(route in changes) && !(route in elsewhere))).toEqual([]);
    expect([...Object.keys(changes), ...Object.keys(elsewhere)].filter((route) => !mutating.includes(route))).toEqual([]);
  });

  it('what is refused leaves none', async () => {
    const before = (await auditSince(null)).length;
    const refused = await Promise.all([
      ask('POST', '/tokens', { uid: '' }), ask('POST', '/stations', { siteId: uuidv7(), identity: 'X' }), ask('PATCH', `/tokens/${uuidv7()}`, { status: 'blocked' }), ask('POST', '/people', { login: 'p', name: 'P' }, tokens.operator),
      ask('POST', '/api-keys', { name: 'k', expiresAt: '2020-01-01T00:00:00.000Z' }), ask('POST', '/impersonations', { tenant: 'nobody', reason: 'just because' }, tokens.platform), ask('DELETE', '/people/nobody'),
    ]);
    expect(refused.map((answer) => answer.status)).toEqual([400, 404, 404, 403, 400, 404, 404]);
    expect((await auditSince(null)).length).toBe(before);
  });
});

it('A-08 the application can neither change nor delete a row of the audit, nor empty it', async () => {
  for (const text of [`UPDATE audit SET actor = 'nobody'`, 'DELETE FROM audit', 'TRUNCATE audit', `UPDATE audit SET address = NULL WHERE false`]) {
    await expect(api.inTenant('demo', (client) => client.query(text)), text).rejects.toMatchObject({ code: '42501' });
  }
});

it('A-08 the audit is found by who, what and when, and leaves as CSV that no spreadsheet calculates', async () => {
  await ask('POST', '/drivers', { name: '=HYPERLINK("http://evil")' });
  const stations = AuditPage.parse((await ask('GET', '/audit?action=station&limit=500')).body).items;
  expect(stations.length).toBeGreaterThan(10);
  expect(stations.every((entry) => /^station\./.test(entry.action))).toBe(true);
  const target = stations[0]!.target;
  expect(AuditPage.parse((await ask('GET', `/audit?target=${target}`)).body).items.every((entry) => entry.target === target)).toBe(true);
  expect(AuditPage.parse((await ask('GET', '/audit?actor=CSMS-CL&limit=1')).body).items).toHaveLength(1);
  expect(AuditPage.parse((await ask('GET', `/audit?until=${new Date(Date.now() - 86_400_000).toISOString()}`)).body).items).toEqual([]);

  const all = AuditPage.parse((await ask('GET', '/audit?limit=500')).body).items;
  const csv = await ask('GET', '/audit/export');
  expect(csv.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="audit.csv"' });
  const lines = z.string().parse(csv.body).trimEnd().split('\r\n');
  expect(lines[0]).toBe('\ufeffat,actor,action,target,detail,address,traceId,impersonationId,id');
  expect(lines.length - 1).toBe(all.length);
  expect(lines.slice(1).map((line) => line.slice(-36))).toEqual(all.map((entry) => entry.id));
  expect(z.string().parse((await ask('GET', '/audit/export?separator=;&action=driver')).body).split('\r\n')[0]).toContain(';actor;');
});

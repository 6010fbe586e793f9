import { Problem } from '@csms/contracts/http/common';
import { routes } from '@csms/contracts/http/routes';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { aSession, fillTenant } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* Two tenants in one database: whatever a caller says, the books that open are those of the token's claim. */
let api: TestApi;
const rows = { demo: null as unknown as Awaited<ReturnType<typeof fillTenant>>, kota: null as unknown as Awaited<ReturnType<typeof fillTenant>> };
beforeAll(async () => {
  api = await startTestApi({ withPeople: true });
  for (const tenant of ['demo', 'kota'] as const) rows[tenant] = await fillTenant(api, tenant);
});
afterAll(async () => { await api.close(); });

const Items = z.object({ items: z.array(z.record(z.string(), z.unknown())) });
const idsOf = (body: unknown): string[] => Items.parse(body).items.map((item) => String(item['id']));

it('T-07 the tenant is the claim of the token: a header, the query, the body and what a user may edit of itself are not asked', async () => {
  const token = await api.tokenFor('demo', 'admin');
  const own = await api.call('GET', '/stations', token);
  expect(idsOf(own.body)).toEqual([rows.demo.station]);

  for (const name of ['tenant', 'x-tenant', 'x-tenant-id', 'tenantid', 'x-csms-tenant']) {
    expect((await api.call('GET', '/stations', token, undefined, { [name]: 'kota' })).body).toEqual(own.body);
  }
  for (const name of ['tenant', 'tenantId', 'tenant_id']) {
    const asked = await api.call('GET', `/stations?${name}=kota`, token);
    expect(JSON.stringify(asked.body)).not.toContain(rows.kota.station);
    expect(asked.status === 400 || idsOf(asked.body)[0] === rows.demo.station).toBe(true);
  }
  for (const name of ['tenant', 'tenantId', 'tenant_id']) {
    const made = await api.call('POST', '/tokens', token, { uid: `BODY-${name}`, [name]: 'kota' });
    expect(made.status).toBe(400);
  }
  await api.call('POST', '/tokens', token, { uid: 'BODY-OWN' });
  const { rows: kept } = await api.admin.query(`SELECT tenant_id FROM token WHERE uid LIKE '%:BO••••%'`);
  expect(kept).toEqual([{ tenant_id: 'demo' }]);

  // What a person may change of themselves at an issuer: names, groups of their choosing, other claims.
  const edited = await api.forge((claims) => {
    Object.assign(claims, { name: 'kota', preferred_username: 'kota', tenantId: 'kota', tenants: ['kota'], groups: ['/tenants/kota'], organization: 'kota', email: 'a@kota' });
  });
  expect((await api.call('GET', '/stations', edited)).body).toEqual(own.body);
});

it('T-07 a token without the claim opens no books, and one of the platform none of a tenant, even with the claim', async () => {
  const without = await api.forge((claims) => { delete claims['tenant']; });
  const staff = await api.forge((claims) => { Object.assign(claims, { resource_access: { 'csms-api': { roles: ['platform', 'admin'] } } }); });
  for (const token of [without, staff, await api.tokenFor(null, 'platform')]) {
    const answer = await api.call('GET', '/stations', token);
    expect(answer.status).toBe(403);
    expect(Problem.parse(answer.body).code).toBe('role-missing');
  }
});

const listRoutes = ['/sites', '/stations', '/stations/knocking', '/connectors', '/commands', '/sessions', '/bills', '/tokens', '/drivers', '/card-groups', '/enrolments', '/tariffs', '/security-events', '/certificates', '/signing-requests', '/certificate-authorities', '/reservations', '/audit', '/api-keys', '/cps', '/users', '/uploads', '/firmware', '/firmware/updates', '/rollouts', '/configuration-templates', '/configuration-differences'];

it('every list answers with the rows of its own tenant, and with all of those', async () => {
  for (const path of listRoutes) {
    for (const [tenant, other] of [['demo', 'kota'], ['kota', 'demo']] as const) {
      const { status, body } = await api.call('GET', path, await api.tokenFor(tenant, 'admin'));
      expect(status, path).toBe(200);
      const text = JSON.stringify(body);
      expect(text, path).not.toContain(`of-${other}`);
      for (const id of Object.values(rows[other])) expect(text, path).not.toContain(id);
      expect(text.length, `${path} is not empty`).toBeGreaterThan(40);
    }
  }
  for (const [tenant, other] of [['demo', 'kota'], ['kota', 'demo']] as const) {
    const people = JSON.stringify((await api.call('GET', '/people', await api.tokenFor(tenant, 'admin'))).body);
    expect(people).toContain(tenant === 'demo' ? 'Ayu Lestari' : 'Dimas Pratama');
    expect(people).not.toContain(tenant === 'demo' ? 'Dimas Pratama' : 'Ayu Lestari');
    const { body: csv } = await api.call('GET', '/audit/export', await api.tokenFor(tenant, 'admin'));
    expect(csv).toContain(`site-of-${tenant}`);
    expect(csv).not.toContain(`of-${other}`);
  }
  const kotaReads = await api.call('GET', `/meter-values?stationId=${rows.demo.station}`, await api.tokenFor('kota', 'admin'));
  expect(kotaReads.status).toBe(404);
  // A list that is added to the table must be tried here too.
  const lists = routes.filter((route) => route.method === 'GET' && !route.path.includes(':') && !('labOnly' in route) && route.role !== 'platform');
  expect(lists.map((route) => route.path).filter((path) => !listRoutes.includes(path)).sort()).toEqual(['/audit/export', '/card-policy', '/events', '/health-scores', '/me', '/meter-values', '/overview', '/people']);
});

it('T-04 a thing of another tenant is a thing that does not exist: the same answer, to the byte', async () => {
  const token = await api.tokenFor('demo', 'admin');
  const nobody = uuidv7();
  const ask = async (id: { station: string; session: string; site: string; command: string; bill: string; token: string; reservation: string; plan: string; certificate: string }) => Promise.all([
    api.call('GET', `/stations/${id.station}`, token), api.call('POST', `/stations/${id.station}/credential`, token), api.call('POST', `/stations/${id.station}/commands`, token, { command: { action: 'reset' } }),
    api.call('GET', `/sessions/${id.session}`, token), api.call('GET', `/sessions/${id.session}/curve`, token), api.call('GET', `/sessions/${id.session}/explanation`, token),
    api.call('GET', `/sites/${id.site}`, token), api.call('GET', `/forecasts/${id.site}`, token), api.call('GET', `/models/${id.site}`, token), api.call('GET', `/overview?siteId=${id.site}`, token),
    api.call('GET', `/stations/${id.station}/local-list`, token), api.call('POST', `/stations/${id.station}/local-list`, token, {}), api.call('GET', `/stations/${id.station}/charging-plans`, token),
    api.call('POST', `/stations/${id.station}/charging-plans/clear`, token, { planId: id.plan }), api.call('POST', `/stations/${rows.demo.station}/charging-plans/clear`, token, { planId: id.plan }), api.call('GET', `/reservations/${id.reservation}`, token),
    api.call('DELETE', `/reservations/${id.reservation}`, token), api.call('POST', '/reservations', token, { stationId: id.station, tokenUid: 'UID-demo', expiresAt: new Date(Date.now() + 60_000).toISOString() }),
    api.call('GET', `/certificates/${id.certificate}`, token), api.call('POST', `/certificates/${id.certificate}/revocation`, token, {}), api.call('GET', `/stations/${id.station}/installed-certificates`, token),
    api.call('POST', `/stations/${id.station}/installed-certificates/list`, token, {}),
    api.call('GET', `/commands/${id.command}`, token), api.call('GET', `/bills/${id.bill}`, token), api.call('PATCH', `/tokens/${id.token}`, token, { status: 'blocked' }),
    api.call('GET', `/meter-values?stationId=${id.station}`, token), api.call('POST', '/stations', token, { siteId: id.site, identity: 'MINE' }),
    api.call('POST', '/tariffs', token, { siteId: id.site, name: 'T', energyPerKwhMinor: 1, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: '2026-01-01T00:00:00.000Z' }),
  ]);
  // Things whose ids fillTenant keeps to itself.
  const { rows: [others] } = await api.admin.query<Record<'upload' | 'firmware' | 'rollout' | 'template', string>>(`SELECT (SELECT id FROM station_upload WHERE tenant_id = 'kota') AS upload, (SELECT id FROM firmware_image WHERE tenant_id = 'kota') AS firmware,
    (SELECT id FROM firmware_rollout WHERE tenant_id = 'kota') AS rollout, (SELECT id FROM configuration_template WHERE tenant_id = 'kota') AS template`);
  for (const [method, path, body] of [
    ['GET', `/uploads/${others!.upload}`], ['GET', `/files/${others!.upload}`], ['DELETE', `/files/${others!.upload}`], ['GET', `/firmware/${others!.firmware}`], ['POST', `/firmware/${others!.firmware}/approve`], ['POST', `/firmware/${others!.firmware}/withdraw`],
    ['POST', '/rollouts', { firmwareId: others!.firmware }], ['GET', `/rollouts/${others!.rollout}`], ['POST', `/rollouts/${others!.rollout}/resume`], ['POST', `/rollouts/${others!.rollout}/abort`], ['DELETE', `/configuration-templates/${others!.template}`],
    ['GET', `/stations/${rows.kota.station}/configuration`], ['POST', `/stations/${rows.kota.station}/diagnostics`, {}], ['POST', `/stations/${rows.kota.station}/logs`, {}], ['POST', `/stations/${rows.kota.station}/firmware`, { firmwareId: others!.firmware }],
    ['PUT', '/configuration-templates', { siteId: rows.kota.site, wanted: {} }],
  ] as const) expect((await api.call(method, path, token, body)).status, `${method} ${path}`).toBe(404);
  const foreign = await ask(rows.kota);
  const none = await ask({ station: nobody, session: nobody, site: nobody, command: nobody, bill: nobody, token: nobody, reservation: nobody, plan: nobody, certificate: nobody });
  expect(foreign.map((answer) => answer.status)).toEqual(foreign.map(() => 404));
  expect(foreign.map((answer) => answer.body)).toEqual(none.map((answer) => answer.body));
  const { rows: untouched } = await api.admin.query(`SELECT status FROM token WHERE id = $1`, [rows.kota.token]);
  expect(untouched).toEqual([{ status: 'active' }]);
});

it('lists go on by cursor: every row once, in order, whatever the page', async () => {
  const ids = await api.inTenant('demo', async (client) => {
    const made: string[] = [];
    for (let i = 0; i < 23; i++) made.push(await aSession(client, { station: rows.demo.station, startedAt: new Date(Date.UTC(2026, 0, 1 + Math.floor(i / 4))), transactionRef: `page-${i}` }));
    return made;
  });
  const token = await api.tokenFor('demo', 'viewer');
  const seen: string[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const { body } = await api.call('GET', `/sessions?limit=5&until=2026-02-01T00:00:00.000Z${cursor === null ? '' : `&cursor=${cursor}`}`, token);
    const page: { items: { id: string; startedAt: string }[]; nextCursor: string | null } = z.object({ items: z.array(z.object({ id: z.string(), startedAt: z.string() })), nextCursor: z.string().nullable() }).parse(body);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== null);
  expect(pages).toBe(5);
  expect([...seen].sort()).toEqual([...ids].sort());
  expect(new Set(seen).size).toBe(23);
});

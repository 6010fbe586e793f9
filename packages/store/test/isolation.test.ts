import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inTenant } from '../src/in-tenant.ts';
import { openPool } from '../src/open-pool.ts';
import { booksUnderTest, type BooksUnderTest } from '../src/books/testing.ts';

let under: BooksUnderTest;
let app: pg.Pool;
beforeAll(async () => {
  under = await booksUnderTest();
  app = openPool({ connectionString: under.database.appUrl, max: 2 });
});
afterAll(async () => {
  await app.end();
  await under[Symbol.asyncDispose]();
});

/** The list of tenants, the list of migrations, and the bus, which holds no facts: who owns which socket, under a key that names the tenant. */
const withoutTenant = ['tenant', 'pgmigrations', 'bus_lease', 'bus_owner', 'bus_inbox', 'bus_rate'];

it('T-01 every table of a tenant, and every partition made later, has tenant_id in its key and forced row security with a check; the application owns nothing', async () => {
  const tables = await under.sql<{ name: string; has_tenant: boolean; nullable: boolean; rls: boolean; forced: boolean; in_key: boolean; policies: number; unchecked: number; owner: string }>(`
    SELECT c.relname AS name, a.attname IS NOT NULL AS has_tenant, NOT coalesce(a.attnotnull, false) AS nullable, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced,
      coalesce((SELECT a.attnum = ANY(i.indkey::int2[]) FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary), false) AS in_key,
      (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
      (SELECT count(*)::int FROM pg_policy p WHERE p.polrelid = c.oid AND (p.polwithcheck IS NULL OR p.polqual IS NULL)) AS unchecked,
      pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`);
  expect(tables.length).toBeGreaterThan(20);
  expect(tables.some((table) => /^meter_value_\d{8}$/.test(table.name))).toBe(true);
  expect(tables.filter((table) => !table.has_tenant).map((table) => table.name).filter((name) => !withoutTenant.includes(name))).toEqual([]);
  const tenantTables = tables.filter((table) => table.has_tenant && !table.name.startsWith('bus_'));
  expect(tenantTables.filter((table) => table.nullable || !table.in_key || !table.rls || !table.forced || table.policies === 0 || table.unchecked > 0).map((table) => table.name)).toEqual([]);
  expect(tables.filter((table) => table.owner === 'csms_app').map((table) => table.name)).toEqual([]);
  const foreign = await under.sql<{ name: string }>(`
    SELECT c.conname AS name FROM pg_constraint c WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
      AND c.confrelid <> 'tenant'::regclass AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attname = 'tenant_id' AND a.attnum = ANY(c.conkey))`);
  expect(foreign).toEqual([]);
  const [role] = await under.sql(`SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'csms_app'`);
  expect(role).toEqual({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false });
});

it('T-02 the tenant holds for one transaction: 500 requests of two tenants over two connections see no foreign row', async () => {
  const foreign = await Promise.all(Array.from({ length: 500 }, async (_, i) => {
    const tenantId = i % 2 ? 'demo' : 'kota';
    return inTenant(app, tenantId, async (client) => {
      const { rows } = await client.query<{ tenant_id: string }>('SELECT tenant_id FROM station UNION ALL SELECT tenant_id FROM token UNION ALL SELECT tenant_id FROM site');
      expect(rows.length).toBeGreaterThan(0);
      return rows.filter((row) => row.tenant_id !== tenantId).length;
    });
  }));
  expect(foreign.reduce((sum, n) => sum + n, 0)).toBe(0);
});

it('T-02 without a tenant there are no rows, never all; also on a connection that had one before', async () => {
  const client = new pg.Client({ connectionString: under.database.appUrl });
  await client.connect();
  try {
    expect((await client.query('SELECT 1 FROM station')).rowCount).toBe(0);
    await client.query('BEGIN');
    await client.query(`SELECT set_config('app.tenant', 'demo', true)`);
    expect((await client.query('SELECT 1 FROM station')).rowCount).toBe(3);
    await client.query('COMMIT');
    // After the transaction the setting is '', not NULL: a policy that compares with it must not match anything.
    expect((await client.query(`SELECT current_setting('app.tenant', true) AS tenant`)).rows).toEqual([{ tenant: '' }]);
    expect((await client.query('SELECT 1 FROM station')).rowCount).toBe(0);
    await expect(client.query(`INSERT INTO setting (tenant_id, name, value) VALUES ('demo', 'x', '1')`)).rejects.toThrow(/row-level security/);
  } finally {
    await client.end();
  }
});

it('T-02 a connection that was used for a tenant keeps nothing of it', async () => {
  const one = openPool({ connectionString: under.database.appUrl, max: 1 });
  try {
    expect(await inTenant(one, 'demo', async (client) => (await client.query('SELECT 1 FROM station')).rowCount)).toBe(3);
    expect((await one.query('SELECT 1 FROM station')).rowCount).toBe(0);
  } finally {
    await one.end();
  }
});

it('a tenant cannot write a row of another', async () => {
  await expect(inTenant(app, 'kota', (client) => client.query(`INSERT INTO setting (tenant_id, name, value) VALUES ('demo', 'x', '1')`))).rejects.toThrow(/row-level security/);
});

it('audit and evidence cannot be changed by the application', async () => {
  await expect(inTenant(app, 'demo', (client) => client.query(`UPDATE audit SET actor = 'x'`))).rejects.toThrow(/permission denied/);
  await expect(inTenant(app, 'demo', (client) => client.query('DELETE FROM session_event'))).rejects.toThrow(/permission denied/);
  await expect(inTenant(app, 'demo', (client) => client.query('DELETE FROM bill'))).rejects.toThrow(/permission denied/);
});

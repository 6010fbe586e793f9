import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inTenant } from '../src/in-tenant.ts';
import { openPool } from '../src/open-pool.ts';
import { startTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
let app: pg.Pool;
let admin: pg.Pool;
beforeAll(async () => {
  database = await startTestDatabase();
  app = openPool({ connectionString: database.appUrl, max: 1 });
  admin = openPool({ connectionString: database.adminUrl, max: 1 });
});
afterAll(async () => { await app.end(); await admin.end(); await database.close(); });

it.each(['UPDATE audit SET actor = actor', 'DELETE FROM audit', 'DELETE FROM session_event', 'UPDATE session_event SET payload = payload', 'DELETE FROM session', 'DELETE FROM bill', 'DELETE FROM orphan_stop',
  'DELETE FROM command', 'TRUNCATE session', 'CREATE TABLE mine (x int)', 'ALTER TABLE session DISABLE ROW LEVEL SECURITY', 'SET ROLE csms_owner'])(
  'the application may not: %s', async (text) => {
    await expect(inTenant(app, 'demo', (client) => client.query(text))).rejects.toMatchObject({ code: '42501' });
  });

it('only the two functions that keep partitions run with their owner’s rights, and no view reads with its owner’s', async () => {
  const definers = await admin.query(`SELECT proname AS name, proconfig AS path FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1`);
  expect(definers.rows).toEqual(['drop_meter_partitions', 'ensure_meter_partitions'].map((name) => ({ name, path: ['search_path=public, pg_temp'] })));
  const views = await admin.query(`SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)`);
  expect(views.rows).toEqual([]);
});

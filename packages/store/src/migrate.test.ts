import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrate } from './migrate.ts';
import { startTestDatabase, type TestDatabase } from './testing.ts';

let db: TestDatabase;
beforeAll(async () => { db = await startTestDatabase(); }, 60_000);
afterAll(async () => { await db.close(); });

it('migrating what is migrated runs nothing, also when several callers come at once', async () => {
  expect(await Promise.all([1, 2, 3].map(() => migrate({ ownerUrl: db.ownerUrl })))).toEqual([[], [], []]);
});

it('the owner that migrates is no superuser and makes partitions under forced row security', async () => {
  const app = new pg.Client({ connectionString: db.appUrl });
  await app.connect();
  try {
    const { rows } = await app.query<{ made: number }>(`SELECT ensure_meter_partitions('2026-11-01', '2026-11-10') AS made`);
    expect(rows[0]!.made).toBe(10);
  } finally {
    await app.end();
  }
});

it('a day whose rows already stand in the default partition is left there, and the other days are made', async () => {
  const app = new pg.Client({ connectionString: db.appUrl });
  await app.connect();
  try {
    await app.query(`INSERT INTO tenant (id, display_name) VALUES ('demo', 'Demo')`);
    await app.query(`BEGIN; SELECT set_config('app.tenant', 'demo', true);
      INSERT INTO meter_value (tenant_id, station_id, evse_id, connector_id, at, received_at)
      VALUES ('demo', gen_random_uuid(), 1, 1, '2026-12-05T10:00:00Z', now()); COMMIT`);
    const { rows } = await app.query<{ made: number }>(`SELECT ensure_meter_partitions('2026-12-04', '2026-12-06') AS made`);
    expect(rows[0]!.made).toBe(2);
  } finally {
    await app.end();
  }
});

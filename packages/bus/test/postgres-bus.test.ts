import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import type { InboxEntry } from '@csms/domain';
import { openBus } from '../src/index.ts';
import { busContract } from '../src/testing/bus-contract.ts';
import { openCuttableLink } from '../src/testing/cuttable-link.ts';
import { until } from '../src/testing/until.ts';

const quiet = { info: () => undefined, warn: () => undefined };

busContract('PostgreSQL', async () => {
  const database = await startTestDatabase();
  const url = new URL(database.busUrl);
  const link = await openCuttableLink({ host: url.hostname, port: Number(url.port) });
  url.port = String(link.port);
  const owner = new pg.Pool({ connectionString: database.ownerUrl, max: 1 });
  owner.on('error', () => undefined);
  return {
    open: (timing) => openBus({ databaseUrl: url.href, log: quiet, timing }),
    forgetAll: async () => void await owner.query('TRUNCATE bus_lease, bus_owner, bus_inbox, bus_rate'),
    cut: link.cut, freeze: link.freeze, mend: link.mend,
    async close() {
      await owner.end();
      await link.close();
      await database.close();
    },
  };
});

let database: TestDatabase;
let admin: pg.Pool;
beforeAll(async () => {
  database = await startTestDatabase();
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 1 });
  // The server stops before it has said goodbye to every idle connection.
  admin.on('error', () => undefined);
});
afterAll(async () => {
  await admin.end();
  await database.close();
});

it('its role is shut out and its backends ended: the bus is away, and back when the role may log in again', async () => {
  // A role of this test's own, because roles belong to the whole server.
  const role = `csms_bus_${randomUUID().slice(0, 8)}`;
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'test-only' IN ROLE csms_bus`);
  const url = new URL(database.busUrl);
  url.username = role;
  const bus = await openBus({ databaseUrl: url.href, log: quiet, timing: { retryMs: 200 } });
  const entries: InboxEntry[] = [];
  await bus.receive('a', (entry) => entries.push(entry));
  try {
    await admin.query(`ALTER ROLE ${role} NOLOGIN`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
    await until('the bus to be seen away', () => !bus.healthy());
    await expect(bus.ownerOf('demo', randomUUID())).rejects.toThrow('the bus could not');
    await admin.query(`ALTER ROLE ${role} LOGIN`);
    await until('the bus to be back', () => bus.healthy());
    await bus.send('a', { kind: 'kick', tenantId: 'demo', stationId: randomUUID(), epoch: 1n });
    await until('the entry', () => entries.length === 1);
  } finally {
    await bus.close();
    await admin.query(`DROP OWNED BY ${role}`);
    await admin.query(`DROP ROLE ${role}`);
  }
});

it('a lost notification costs one polling interval, never an entry', async () => {
  const bus = await openBus({ databaseUrl: database.busUrl, log: quiet, timing: { pollMs: 200 } });
  const entries: InboxEntry[] = [];
  await bus.receive('silent', (entry) => entries.push(entry));
  await admin.query('INSERT INTO bus_inbox (recipient, entry) VALUES ($1, $2)', ['silent', JSON.stringify({ kind: 'kick', tenantId: 'demo', stationId: 's', epoch: '3' })]);
  await until('the entry', () => entries.length === 1);
  await bus.close();
});

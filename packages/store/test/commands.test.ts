import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandLedger, StationCommand } from '@csms/domain';
import { createMemoryLedger } from '@csms/domain/command/testing/memory-ledger';
import { openCommandLedger } from '../src/commands/command-ledger.ts';
import { openLeftBehindBooks } from '../src/commands/left-behind.ts';
import { ledgerContract } from '../src/commands/testing/ledger-contract.ts';
import { startTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
let app: pg.Pool;
let admin: pg.Pool;
beforeAll(async () => {
  database = await startTestDatabase();
  app = new pg.Pool({ connectionString: database.appUrl, max: 8 });
  admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  // The server stops before it has said goodbye to every idle connection.
  for (const pool of [app, admin]) pool.on('error', () => undefined);
  await admin.query("INSERT INTO tenant (id, display_name) VALUES ('demo', 'Demo'), ('kota', 'Kota')");
  await admin.query("INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('demo', $1, 'demo', 'site', 'Site', 'Asia/Jakarta')", [siteId]);
});
afterAll(async () => {
  await app.end();
  await admin.end();
  await database.close();
});

const siteId = randomUUID();
async function aStation(): Promise<string> {
  const id = randomUUID();
  await admin.query('INSERT INTO station (tenant_id, id, site_id, identity) VALUES ($1, $2, $3, $4)', ['demo', id, siteId, `CP_${id.slice(0, 8)}`]);
  return id;
}

ledgerContract('in PostgreSQL', async () => {
  await admin.query("DELETE FROM command");
  const stationId = await aStation();
  return {
    ledger: openCommandLedger({ pool: app }), tenantId: 'demo', stationId,
    fence: async (epoch) => void await admin.query('UPDATE station SET online_epoch = $2 WHERE id = $1', [stationId, epoch.toString()]),
  };
});
ledgerContract('in memory', async () => {
  const ledger = createMemoryLedger();
  const stationId = randomUUID();
  return { ledger, tenantId: 'demo', stationId, fence: async (epoch) => ledger.fence(stationId, epoch) };
});

describe('the outbox', () => {
  it('has each change of a command, written with it, and its readers are woken', async () => {
    const woken: string[] = [];
    const ledger = openCommandLedger({ pool: app, onCommitted: (tenantId) => woken.push(tenantId) });
    const stationId = await aStation();
    const id = await sentCommand(ledger, stationId, { action: 'clear-cache' });
    await ledger.settle('demo', id, { state: 'accepted', result: {}, at: new Date() });
    await ledger.settle('demo', id, { state: 'rejected', at: new Date() });
    const { rows } = await admin.query<{ changes: { commandId: string; kind: string; state: string; action: string }[] }>("SELECT changes FROM outbox WHERE tenant_id = 'demo' ORDER BY id");
    const mine = rows.flatMap((row) => row.changes).filter((change) => change.commandId === id);
    expect(mine.map((change) => change.state)).toEqual(['queued', 'sent', 'accepted']);
    expect(mine[0]).toMatchObject({ kind: 'command', action: 'clear-cache', stationId });
    expect(woken).toEqual(['demo', 'demo', 'demo']);
  });
});

describe('the audit', () => {
  it('names who asked in the transaction of the command: once, whatever is repeated, and never one without the other', async () => {
    const ledger = openCommandLedger({ pool: app });
    const stationId = await aStation();
    const input = { tenantId: 'demo', stationId, command: { action: 'clear-cache' } as const, createdBy: 'Sari (sub-1)', createdAt: minutes(0), deadlineAt: minutes(1) };
    const ids = [randomUUID(), randomUUID(), randomUUID()] as const;
    for (const id of ids.slice(0, 2)) await ledger.create({ ...input, id, idempotencyKey: `audit-${stationId}` });
    const rowsOf = async () => (await admin.query<Record<string, unknown>>('SELECT target, actor, action, detail, at FROM audit WHERE target = ANY ($1)', [ids])).rows;
    expect(await rowsOf()).toEqual([{ target: ids[0], actor: 'Sari (sub-1)', action: 'command.clear-cache', detail: { stationId }, at: minutes(0) }]);

    await admin.query(`CREATE FUNCTION audit_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is full'; END $$`);
    await admin.query('CREATE TRIGGER audit_is_full BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_full()');
    try {
      await expect(ledger.create({ ...input, id: ids[2], idempotencyKey: ids[2] })).rejects.toThrow('the audit is full');
      expect(await ledger.get('demo', ids[2])).toBeNull();
    } finally {
      await admin.query('DROP TRIGGER audit_is_full ON audit');
    }
    expect(await rowsOf()).toHaveLength(1);
  });
});

describe('what dead processes left behind', () => {
  it('queued past the deadline becomes expired, sent long past it becomes unknown', async () => {
    const ledger = openCommandLedger({ pool: app });
    const stationId = await aStation();
    const queued = await aCommand(ledger, stationId, { action: 'clear-cache' });
    const sent = await sentCommand(ledger, stationId, { action: 'clear-cache' });
    const books = openLeftBehindBooks({ pool: app });
    expect((await books.tidy('demo', minutes(0))).sent.map((command) => command.id)).toContain(sent);
    expect(await ledger.get('demo', queued)).toMatchObject({ state: 'queued' });
    await books.tidy('demo', minutes(2));
    expect(await ledger.get('demo', queued)).toMatchObject({ state: 'expired', sentAt: null });
    expect(await ledger.get('demo', sent)).toMatchObject({ state: 'unknown' });
    expect(await books.tenants()).toEqual(['demo', 'kota']);
  });

  it('a row that fits no schema keeps no other from its end', async () => {
    const ledger = openCommandLedger({ pool: app });
    const stationId = await aStation();
    const [poison, unknown, good] = [await aCommand(ledger, stationId, { action: 'clear-cache' }), await sentCommand(ledger, stationId, { action: 'clear-cache' }), await aCommand(ledger, stationId, { action: 'clear-cache' })];
    await admin.query(`UPDATE command SET payload = 'null' WHERE id = ANY ($1)`, [[poison, unknown]]);
    const books = openLeftBehindBooks({ pool: app });
    await books.tidy('demo', minutes(1.2));
    await books.markUnknown('demo', [unknown], 'its gateway is gone', minutes(1.2));
    expect(await ledger.get('demo', good)).toMatchObject({ state: 'expired' });
    const { rows } = await admin.query<{ id: string; state: string }>('SELECT id, state FROM command WHERE id = ANY ($1)', [[poison, unknown]]);
    expect(Object.fromEntries(rows.map((row) => [row.id, row.state]))).toEqual({ [poison]: 'expired', [unknown]: 'unknown' });
    const { rows: told } = await admin.query<{ changes: { commandId?: string; state: string }[] }>(`SELECT changes FROM outbox WHERE tenant_id = 'demo'`);
    expect(told.flatMap((row) => row.changes)).toEqual(expect.arrayContaining([poison, good].map((commandId) => expect.objectContaining({ commandId, action: 'clear-cache', state: 'expired' }))));
  });

  it('G-46 an unknown remote start is accepted once its session is on the books; one session answers for one command', async () => {
    const ledger = openCommandLedger({ pool: app });
    const books = openLeftBehindBooks({ pool: app });
    const stationId = await aStation();
    const command: StationCommand = { action: 'remote-start', evseId: 2, tokenUid: 'Card-A', remoteStartId: 1 };
    const [first, second] = [await sentCommand(ledger, stationId, command), await sentCommand(ledger, stationId, command, minutes(0.1))];
    for (const id of [first, second]) await ledger.settle('demo', id, { state: 'unknown', at: minutes(0) });
    await aSession(stationId, { evseId: 2, tokenUid: 'CARD-A', startedAt: minutes(-5) });
    await aSession(stationId, { evseId: 1, tokenUid: 'CARD-A', startedAt: minutes(1) });
    await aSession(stationId, { evseId: 2, tokenUid: 'CARD-B', startedAt: minutes(1) });
    await books.tidy('demo', minutes(1));
    expect(await ledger.get('demo', first), 'earlier, elsewhere, another card').toMatchObject({ state: 'unknown', sessionId: null });

    const sessionId = await aSession(stationId, { evseId: 2, tokenUid: 'CARD-A', startedAt: minutes(1) });
    await books.tidy('demo', minutes(2));
    expect(await ledger.get('demo', first)).toMatchObject({ state: 'accepted', sessionId, detail: 'seen in the facts' });
    expect(await ledger.get('demo', second)).toMatchObject({ state: 'unknown', sessionId: null });
    expect(await ledger.settle('demo', first, { state: 'rejected', result: { status: 'Rejected' }, at: minutes(3) }), 'a late answer is kept beside')
      .toMatchObject({ state: 'accepted', lateResult: { status: 'Rejected' } });
  });

  it('on 2.0.1 the remote start id decides', async () => {
    const ledger = openCommandLedger({ pool: app });
    const books = openLeftBehindBooks({ pool: app });
    const stationId = await aStation();
    const id = await sentCommand(ledger, stationId, { action: 'remote-start', evseId: null, tokenUid: 'CARD-A', remoteStartId: 77 });
    await ledger.settle('demo', id, { state: 'accepted', result: {}, detail: 'Accepted', at: minutes(0) });
    await aSession(stationId, { version: 'ocpp2.0.1', tokenUid: 'CARD-A', startedAt: minutes(1), remoteStartId: '78' });
    const sessionId = await aSession(stationId, { version: 'ocpp2.0.1', tokenUid: 'OTHER', startedAt: minutes(1), remoteStartId: '77' });
    await books.tidy('demo', minutes(2));
    expect(await ledger.get('demo', id)).toMatchObject({ state: 'accepted', sessionId, detail: 'Accepted' });
  });

  it('an unknown remote stop is accepted once its session has ended', async () => {
    const ledger = openCommandLedger({ pool: app });
    const books = openLeftBehindBooks({ pool: app });
    const stationId = await aStation();
    const sessionId = await aSession(stationId, { tokenUid: 'CARD-A', startedAt: minutes(-30), transactionRef: '4711' });
    const id = await sentCommand(ledger, stationId, { action: 'remote-stop', transactionRef: '4711' });
    await ledger.settle('demo', id, { state: 'unknown', at: minutes(0) });
    await books.tidy('demo', minutes(1));
    expect(await ledger.get('demo', id)).toMatchObject({ state: 'unknown' });
    await admin.query("UPDATE session SET state = 'ended', ended_at = $2, end_received_at = $2 WHERE id = $1", [sessionId, minutes(1)]);
    await books.tidy('demo', minutes(2));
    expect(await ledger.get('demo', id)).toMatchObject({ state: 'accepted', sessionId, detail: 'seen in the facts' });
  });

  it('a station goes offline under the epoch it was seen with, not under a newer one', async () => {
    const books = openLeftBehindBooks({ pool: app });
    const [gone, back] = [await aStation(), await aStation()];
    await admin.query('UPDATE station SET online = true, online_epoch = 5 WHERE id = ANY ($1)', [[gone, back]]);
    const { online } = await books.tidy('demo', minutes(0));
    expect(online).toEqual(expect.arrayContaining([{ stationId: gone, epoch: 5n }, { stationId: back, epoch: 5n }]));
    await admin.query('UPDATE station SET online_epoch = 6 WHERE id = $1', [back]);
    await books.markOffline('demo', [{ stationId: gone, epoch: 5n }, { stationId: back, epoch: 5n }], minutes(1));
    const { rows } = await admin.query<{ id: string; online: boolean }>('SELECT id, online FROM station WHERE id = ANY ($1)', [[gone, back]]);
    expect(new Map(rows.map((row) => [row.id, row.online]))).toEqual(new Map([[gone, false], [back, true]]));
  });
});

const base = Date.now();
function minutes(count: number): Date {
  return new Date(base + count * 60_000);
}

async function aCommand(ledger: CommandLedger, stationId: string, command: StationCommand): Promise<string> {
  const { record } = await ledger.create({
    tenantId: 'demo', id: randomUUID(), stationId, command, idempotencyKey: randomUUID(), createdBy: 'operator', createdAt: minutes(0), deadlineAt: new Date(base + 30_000),
  });
  return record.id;
}

async function sentCommand(ledger: CommandLedger, stationId: string, command: StationCommand, at = minutes(0)): Promise<string> {
  const id = await aCommand(ledger, stationId, command);
  await ledger.markSent('demo', id, { gateway: 'gw-a', epoch: 5n, messageId: 'm1', at });
  return id;
}

async function aSession(stationId: string, session: { evseId?: number; tokenUid: string; startedAt: Date; version?: string; remoteStartId?: string; transactionRef?: string }): Promise<string> {
  const id = randomUUID();
  await admin.query(`INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, token_uid, remote_start_id, started_at, start_received_at, meter_start_wh)
    VALUES ('demo', $1, $2, $3, $3, $4, $5, $6, $7, $8, $8, 0)`,
  [id, stationId, session.evseId ?? 1, session.transactionRef ?? randomUUID(), session.version ?? 'ocpp1.6', session.tokenUid, session.remoteStartId ?? null, session.startedAt]);
  return id;
}

import { randomUUID } from 'node:crypto';
import { openBus, openReplyDesk } from '@csms/bus';
import type { CommandRecord, StationCommand } from '@csms/domain';
import { sendCommand } from '@csms/domain/command/send-command';
import { uuidv7 } from '@csms/kit';
import { startGatewayProcess } from '@csms/ocpp-gateway/commands/testing/gateway-process';
import { inTenant, registerStation, registerTenant, registerToken, upsertSite } from '@csms/store';
import { openCommandLedger } from '@csms/store/commands/command-ledger';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { startTestDatabase } from '@csms/store/testing';
import pg from 'pg';

const pepper = 'a pepper for peers of ours';
const actor = { name: 'test', now: new Date('2026-11-24T00:00:00Z') };

/** A real database, a real gateway, and the caller's side of commands. */
export interface Platform {
  url(identity: string): string;
  register(identity: string): Promise<{ stationId: string; password: string }>;
  send(stationId: string, command: StationCommand): Promise<CommandRecord>;
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openPlatform(): Promise<Platform> {
  const database = await startTestDatabase();
  const app = new pg.Pool({ connectionString: database.appUrl, max: 2 });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  for (const pool of [app, admin]) pool.on('error', () => undefined);
  await registerTenant(app, { id: 'demo', displayName: 'Demo' });
  const siteId = await inTenant(app, 'demo', async (client) => {
    await registerToken(client, { uid: 'CARD-1', kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, actor);
    return upsertSite(client, { namespace: 'test', name: 'site', displayName: 'Site', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} }, actor);
  });
  const gateway = await startGatewayProcess({ DATABASE_URL: database.appUrl, BUS_DATABASE_URL: database.busUrl, CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: pepper });
  const bus = await openBus({ databaseUrl: database.busUrl, log: { info: () => undefined, warn: () => undefined } });
  const ledger = openCommandLedger({ databaseUrl: database.appUrl, cards: cardKeysOfPepper(pepper) });
  const desk = await openReplyDesk(bus, `suite-${randomUUID()}`);
  return {
    url: (identity) => `ws://127.0.0.1:${gateway.port}/ocpp/demo/${encodeURIComponent(identity)}`,
    register: async (identity) => {
      const { id, password } = await inTenant(app, 'demo', (client) => registerStation(client, { siteId, identity, displayName: null }, pepper, actor));
      return { stationId: id, password };
    },
    async send(stationId, command) {
      const outcome = await sendCommand(
        { ledger, bus, now: () => new Date(), newId: () => uuidv7(), replyTo: desk.name, waitForReply: desk.waitForReply },
        { tenantId: 'demo', stationId, command, idempotencyKey: randomUUID(), createdBy: 'suite', timeoutMs: 20_000 });
      return outcome.record;
    },
    sql: async (text, values = []) => (await admin.query(text, values)).rows as never,
    async close() {
      await desk.close();
      await bus.close();
      await ledger.close();
      await gateway.kill('SIGKILL');
      await app.end();
      await admin.end();
      await database.close();
    },
  };
}

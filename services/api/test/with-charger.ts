import { StationCreated } from '@csms/contracts/http/stations';
import { createMemoryStorage, createPlainVehicle, createRandom, createSimulatedHardware, createStation, createSystemClock, type SimulatedHardware, type Station } from '../../../edge/src/index.ts';
import { expect, vi } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '../../ocpp-gateway/src/commands/testing/gateway-process.ts';
import { startTestApi, type TestApi } from './harness.ts';

/** A charger of our own making at a real gateway, registered through the API. */
export interface ChargerAtGateway { stationId: string; identity: string; station: Station; hardware: SimulatedHardware; plug(connectorId: number): void }

export interface TestPlatform {
  api: TestApi;
  gateway: GatewayProcess;
  admin: string;
  operator: string;
  /** A booted 1.6 charger with two connectors of 7.4 kW. */
  aCharger(identity: string, configuration?: Record<string, string>): Promise<ChargerAtGateway>;
  /** Calls the API as an operator and expects this status; the answer's body. */
  ask(method: string, path: string, body?: unknown, status?: number): Promise<unknown>;
  close(): Promise<void>;
}

/** The API in this process, a gateway in one of its own, one real PostgreSQL under both. */
export async function startTestPlatform(): Promise<TestPlatform> {
  const api = await startTestApi();
  const gateway = await startGatewayProcess({ DATABASE_URL: api.database.appUrl, BUS_DATABASE_URL: api.database.busUrl, CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: 'a-pepper-for-tests-only' });
  const [admin, operator, siteId] = [await api.tokenFor('demo', 'admin'), await api.tokenFor('demo', 'operator'), await api.site('demo', 'bandung-01')];
  const chargers: Station[] = [];
  // The API's clock in these tests is the real one: a charger's is.
  const ticking = setInterval(() => { api.clock.now = new Date(); }, 20);
  return {
    api, gateway, admin, operator,
    async aCharger(identity, configuration = {}) {
      const made = StationCreated.parse((await api.call('POST', '/stations', admin, { siteId, identity })).body);
      const clock = createSystemClock();
      const hardware = createSimulatedHardware([{ powerMaxW: 7_400, voltageV: 230 }, { powerMaxW: 7_400, voltageV: 230 }], clock);
      let transactions = 0;
      const station = createStation({
        identity, url: `ws://127.0.0.1:${gateway.port}/ocpp/demo`, password: made.credential.password, dialect: '1.6', connectorCount: 2, about: { vendor: 'Charge-IT', model: 'edge', firmwareVersion: '1.0.0' },
        hardware, storage: createMemoryStorage(), clock, random: createRandom(identity), newId: () => `${identity}-${(transactions += 1)}`, meterTickMs: 50, configuration: { MeterValueSampleInterval: '1', ...configuration },
      });
      chargers.push(station);
      station.start();
      const stationId = made.station.id;
      await vi.waitFor(async () => {
        const { rows } = await api.admin.query('SELECT online, booted_at IS NOT NULL AS booted, (SELECT count(*)::int FROM connector WHERE station_id = $1) AS connectors FROM station WHERE id = $1', [stationId]);
        expect(rows).toEqual([{ online: true, booted: true, connectors: 2 }]);
        expect(await api.bus.ownerOf('demo', stationId)).toMatchObject({ gateway: gateway.name });
      }, { timeout: 20_000, interval: 50 });
      return { stationId, identity, station, hardware, plug: (connectorId) => hardware.plug(connectorId, createPlainVehicle({ powerW: 7_000, needWh: 50_000 })) };
    },
    async ask(method, path, body, status = 200) {
      const answer = await api.call(method, path, operator, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(status);
      return answer.body;
    },
    async close() {
      clearInterval(ticking);
      for (const charger of chargers) await charger.stop();
      await gateway.kill('SIGKILL');
      await api.close();
    },
  };
}

import { randomBytes } from 'node:crypto';
import { Command, SessionPage } from '@csms/contracts/http/index';
import { until } from '@csms/kube/testing/until';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Installation } from './installation.ts';
import { metricOf, runningPods } from './pods.ts';
import { PRICE_PER_KWH_MINOR, connectStation, siteId, type ConnectedStation } from './site.ts';

const stations = 20;
const chargeWh = 150;

/** A fleet over two gateways: everyone is started and stopped through the API, and every watt-hour is in the books once. */
export function fleetProofs(installed: () => Installation): void {
  it(`${stations} chargers charge through the Service over two gateways; RemoteStart and RemoteStop through the API reach whichever holds the socket; nothing is lost and nothing twice`, async () => {
    const installation = installed();
    const { cluster, siteNamespace } = installation;
    const api = await installation.api();
    await cluster.kubectl('-n', siteNamespace, 'patch', 'chargingsite', 'bandung-01', '--type=merge', '-p', '{"spec":{"gateway":{"replicas":{"min":2}}}}');
    await until('two gateways are ready', async () => (await cluster.kubectl('-n', siteNamespace, 'get', 'deployment', 'csms-gateway-default', '-o', 'jsonpath={.status.availableReplicas}')) === '2', 120_000);
    const gateways = await runningPods(cluster, siteNamespace, 'ocpp-gateway');
    expect(gateways).toHaveLength(2);

    const site = await siteId(installation, 'bandung-01');
    const fleet: ConnectedStation[] = [];
    try {
      // kube-proxy hears of a new pod a moment after it is ready: a few come until both have one, then the others.
      for (let index = 0; index < stations; index += 1) fleet.push(await connectStation(installation, site, `FLEET_${index}`));
      const held = await Promise.all(gateways.map((pod) => metricOf(pod, 'csms_gateway_connections')));
      expect(held.reduce((sum, each) => sum + each, 0)).toBe(stations);
      expect(Math.min(...held)).toBeGreaterThan(0);
      console.log(`sockets on each gateway: ${held.join(' and ')}`);

      // A card charges at one place at a time.
      await Promise.all(fleet.map(async ({ id, charger }, index) => {
        const card = `04${randomBytes(5).toString('hex').toUpperCase()}${index.toString(16).padStart(2, '0').toUpperCase()}`;
        await api.call('POST', '/tokens', z.unknown(), { uid: card });
        charger.plug();
        const started = await api.call('POST', `/stations/${id}/commands?wait=true`, Command, { command: { action: 'remote-start', evseId: 1, tokenUid: card } });
        expect(started, JSON.stringify(started)).toMatchObject({ state: 'accepted' });
      }));
      await until('everyone charges', () => fleet.every(({ charger }) => charger.station.view().connectors[0]?.transaction != null), 60_000);
      await until(`everyone has ${chargeWh} Wh`, () => fleet.every(({ charger }) => (charger.station.view().connectors[0]?.registerWh ?? 0) >= chargeWh), 60_000);
      await Promise.all(fleet.map(async ({ id, charger }) => {
        const sessionId = await until('its session is in the books', async () => (await api.call('GET', `/sessions?stationId=${id}&state=active`, SessionPage)).items[0]?.id, 60_000);
        const stopped = await api.call('POST', `/stations/${id}/commands?wait=true`, Command, { command: { action: 'remote-stop', sessionId } });
        expect(stopped, JSON.stringify(stopped)).toMatchObject({ state: 'accepted' });
        await until('the transaction ends', () => charger.station.view().connectors[0]?.transaction === null && charger.station.view().waiting === 0, 60_000);
      }));
      const done = await Promise.all(gateways.map((pod) => metricOf(pod, 'csms_commands_total', 'outcome="accepted"')));
      expect(done.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(2 * stations);
      expect(Math.min(...done)).toBeGreaterThan(0);

      for (const { id, identity, charger } of fleet) {
        const [truth] = charger.station.truth();
        const energyWh = (truth?.meterStopWh ?? NaN) - (truth?.meterStartWh ?? NaN);
        const sessions = await until(`the bill of ${identity}`, async () => {
          const { items } = await api.call('GET', `/sessions?stationId=${id}`, SessionPage);
          return items.every(({ bill }) => bill?.state === 'final') && items;
        });
        expect(sessions.map((session) => [session.state, session.energyWh, session.bill?.totalMinor])).toEqual([['ended', energyWh, Math.round((energyWh * PRICE_PER_KWH_MINOR) / 1000)]]);
      }
    } finally {
      await Promise.all(fleet.map(({ charger }) => charger.station.stop()));
    }
  }, 300_000);
}

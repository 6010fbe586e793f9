import { afterEach, expect, it } from 'vitest';
import { ocpp16 } from '../src/index.ts';
import { until } from './csms-peer.ts';
import { aCharger, aPeer, stopAll } from './one-charger.ts';

afterEach(stopAll);

it('whatever a command holds, it is answered, and the charger goes on', async () => {
  // Neither side checks schemas here, so that the nonsense reaches the charger itself.
  const csms = await aPeer({ strict: false });
  const { station } = aCharger(csms.url, { behaviour: { extraProperties: true }, configuration: { CpoName: 'x' } });
  station.start();
  await until('boot', () => station.view().booted);
  const odd = [undefined, null, -1, 1.5, 1e300, '', 'x', 'toString', '2026-13-45T99:99:99Z', [], [null], {}, { a: [] }, true, 'http://', '0'.repeat(10_000)];
  const names = [
    'connectorId', 'key', 'value', 'type', 'idTag', 'reservationId', 'expiryDate', 'listVersion', 'updateType', 'localAuthorizationList', 'csChargingProfiles', 'chargingProfile', 'duration', 'chargingRateUnit', 'id',
    'location', 'retrieveDate', 'firmware', 'requestId', 'log', 'logType', 'certificate', 'certificateType', 'certificateChain', 'certificateHashData', 'requestedMessage', 'vendorId', 'transactionId',
  ];
  let answered = 0;
  for (const action of Object.keys(ocpp16.commands).filter((name) => name !== 'Reset')) {
    for (const value of odd) {
      const answer = csms.command(action, Object.fromEntries(names.map((name) => [name, value])));
      await answer.then(() => undefined, (error: unknown) => expect(error).toHaveProperty('rpcErrorCode'));
      answered += 1;
    }
  }
  expect(answered).toBeGreaterThan(300);
  expect(csms.connections).toBe(1);
  const before = csms.of('Heartbeat').length;
  expect(await csms.command('TriggerMessage', { requestedMessage: 'Heartbeat' })).toEqual({ status: 'Accepted' });
  await until('a heartbeat', () => csms.of('Heartbeat').length > before);
});

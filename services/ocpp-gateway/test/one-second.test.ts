import { afterAll, beforeAll, expect, it } from 'vitest';
import { aRawStation, type RawStation } from '../src/testing/raw-station.ts';
import { openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

/* Station clocks count seconds: what happens twice in one second is two things all the same, and nothing that was answered is lost. */
let platform: Platform;
let gateway: GatewayProcess;
beforeAll(async () => { platform = await openPlatform(); gateway = await platform.startGateway(); });
afterAll(() => platform?.close());

async function station(identity: string): Promise<(id: string, action: string, payload: object) => Promise<unknown[]>> {
  const password = (await platform.register(identity)).get(identity) ?? '';
  const raw: RawStation = await aRawStation({ port: gateway.port, identity, password });
  const ask = async (id: string, action: string, payload: object): Promise<unknown[]> => { raw.send([2, id, action, payload]); return raw.answer(id); };
  await ask('boot', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  return ask;
}

it('G-11 I-11 a power loss that stops both connectors in one second, before their starts came through, bills both', async () => {
  const ask = await station('TWO-CONNECTORS');
  const stop = (idTag: string, meterStop: number) => ({ transactionId: -1, idTag, meterStop, timestamp: '2026-11-24T09:00:00Z', reason: 'PowerLoss' });
  expect((await ask('stop1', 'StopTransaction', stop('CARD-1', 5000)))[0]).toBe(3);
  expect((await ask('stop2', 'StopTransaction', stop('CARD-2', 9000)))[0]).toBe(3);
  // It heard no answer, as it believes, and says both again.
  for (const [id, said] of [['again1', stop('CARD-1', 5000)], ['again2', stop('CARD-2', 9000)]] as const) expect((await ask(id, 'StopTransaction', said))[0]).toBe(3);
  for (const connectorId of [1, 2]) await ask(`start${connectorId}`, 'StartTransaction', { connectorId, idTag: `CARD-${connectorId}`, meterStart: 1000, timestamp: '2026-11-24T08:00:00Z' });
  expect(await platform.sql(`SELECT s.connector_id, s.state, b.energy_wh FROM session s JOIN bill b ON b.session_id = s.id JOIN station t ON t.id = s.station_id WHERE t.identity = 'TWO-CONNECTORS' ORDER BY 1`))
    .toEqual([{ connector_id: 1, state: 'ended', energy_wh: 4000 }, { connector_id: 2, state: 'ended', energy_wh: 8000 }]);
  expect(await platform.sql(`SELECT token_uid FROM orphan_stop o JOIN station t ON t.id = o.station_id WHERE t.identity = 'TWO-CONNECTORS' AND matched_session_id IS NULL`)).toEqual([]);
});

it('G-22 I-1 readings of one second that differ in context or value are all on the books, each once, and what differs is evidence', async () => {
  const ask = await station('TWO-READINGS');
  const [, , started] = await ask('start', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 100, timestamp: '2026-11-24T10:00:00Z' });
  const { transactionId } = started as { transactionId: number };
  const reading = (value: string, context: string) => ({ connectorId: 1, transactionId, meterValue: [{ timestamp: '2026-11-24T10:05:00Z', sampledValue: [{ value, context }] }] });
  const said = [reading('200', 'Sample.Periodic'), reading('260', 'Sample.Clock'), reading('205', 'Sample.Periodic')];
  for (const [n, each] of [...said, ...said].entries()) expect((await ask(`reading${n}`, 'MeterValues', each))[0]).toBe(3);
  const register = 'Energy.Active.Import.Register';
  expect(await platform.sql(`SELECT context, register_wh, other FROM meter_value WHERE transaction_ref = $1 AND at = '2026-11-24T10:05:00Z'`, [String(transactionId)])).toEqual([
    { context: 'Sample.Periodic', register_wh: 200, other: { [`${register}~Sample.Clock`]: { value: 260, number: 260 }, [register]: { value: 205, number: 205, flag: 'repeated' } } },
  ]);
  expect(await platform.sql(`SELECT verdict, payload->'registerWh' AS wh FROM session_event WHERE action = 'MeterValues' AND transaction_ref = $1 ORDER BY id`, [String(transactionId)])).toEqual([
    { verdict: 'conflict', wh: 260 }, { verdict: 'conflict', wh: 205 }, ...Array(3).fill({ verdict: 'duplicate', wh: null }),
  ]);
});

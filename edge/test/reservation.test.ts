import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStorage, createPlainVehicle } from '../src/index.ts';
import { until, type CsmsPeer } from './csms-peer.ts';
import { aBootedCharger, aCharger, stopAll, type OneCharger } from './one-charger.ts';

afterEach(stopAll);

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const car = () => createPlainVehicle({ powerW: 7_000, needWh: 10_000 });
const statusOf = ({ station }: OneCharger, connectorId: number) => station.view().connectors[connectorId - 1]?.status;
const reserve = (csms: CsmsPeer, request: object) => csms.command('ReserveNow', { connectorId: 1, expiryDate: inAnHour(), idTag: 'HOLDER', reservationId: 7, ...request });

describe('reservations of a 1.6 charger', () => {
  it('keeps a connector for its holder, names the reservation in the start, and refuses everybody else', async () => {
    const one = await aBootedCharger();
    const { csms, hardware, station } = one;
    expect(await reserve(csms, {})).toEqual({ status: 'Accepted' });
    await until('Reserved', () => csms.of('StatusNotification').some((call) => call.params['connectorId'] === 1 && call.params['status'] === 'Reserved'));
    expect(await reserve(csms, { reservationId: 8 })).toEqual({ status: 'Occupied' });
    expect(await csms.command('RemoteStartTransaction', { connectorId: 1, idTag: 'STRANGER' })).toEqual({ status: 'Rejected' });
    hardware.plug(1, car());
    hardware.tap(1, 'STRANGER');
    await until('the question', () => csms.of('Authorize').length === 1);
    hardware.tap(1, 'HOLDER');
    await until('the start', () => station.truth()[0]?.startAcknowledged);
    expect(csms.of('StartTransaction').map((call) => call.params)).toMatchObject([{ idTag: 'HOLDER', reservationId: 7 }]);
    expect(await csms.command('CancelReservation', { reservationId: 7 })).toEqual({ status: 'Rejected' });
    expect(await reserve(csms, { reservationId: 9 })).toEqual({ status: 'Occupied' });
  });

  it('is taken by a card of the same group, whether it is held to the reader or sent by the CSMS', async () => {
    const { csms, hardware, station } = await aBootedCharger();
    csms.answer('Authorize', ({ idTag }) => ({ idTagInfo: { status: 'Accepted', ...(idTag === 'COLLEAGUE' && { parentIdTag: 'FIRM' }) } }));
    await reserve(csms, { parentIdTag: 'FIRM' });
    await reserve(csms, { parentIdTag: 'FIRM', connectorId: 2, reservationId: 8 });
    hardware.plug(1, car());
    hardware.plug(2, car());
    expect(await csms.command('RemoteStartTransaction', { connectorId: 1, idTag: 'STRANGER' })).toEqual({ status: 'Accepted' });
    expect(await csms.command('RemoteStartTransaction', { connectorId: 1, idTag: 'COLLEAGUE' })).toEqual({ status: 'Accepted' });
    hardware.tap(2, 'COLLEAGUE');
    await until('both', () => station.truth().filter((truth) => truth.startAcknowledged).length === 2);
    expect(csms.of('StartTransaction').map((call) => [call.params['idTag'], call.params['reservationId']]).sort()).toEqual([['COLLEAGUE', 7], ['COLLEAGUE', 8]]);
  });

  it('ends by its time, by cancellation, by a fault, and when the connector is taken out of service', async () => {
    const one = await aBootedCharger();
    const { csms, hardware } = one;
    const reserved = (id: number) => until(`reservation of connector ${id}`, () => statusOf(one, id) === 'Reserved');
    await reserve(csms, { expiryDate: new Date(Date.now() + 400).toISOString() });
    await reserved(1);
    await until('its end', () => statusOf(one, 1) === 'Available');
    await reserve(csms, {});
    await reserved(1);
    expect(await csms.command('CancelReservation', { reservationId: 7 })).toEqual({ status: 'Accepted' });
    await until('free', () => statusOf(one, 1) === 'Available');
    expect(await csms.command('CancelReservation', { reservationId: 7 })).toEqual({ status: 'Rejected' });
    await reserve(csms, {});
    await reserved(1);
    hardware.raiseFault(1, 'GroundFailure');
    expect(await reserve(csms, {})).toEqual({ status: 'Faulted' });
    hardware.clearFault(1);
    expect(statusOf(one, 1)).toBe('Available');
    await reserve(csms, { connectorId: 2 });
    await reserved(2);
    await csms.command('ChangeAvailability', { connectorId: 2, type: 'Inoperative' });
    await until('out of service', () => statusOf(one, 2) === 'Unavailable');
    expect(await reserve(csms, { connectorId: 2 })).toEqual({ status: 'Unavailable' });
    expect(await reserve(csms, { connectorId: 9 })).toEqual({ status: 'Rejected' });
    expect(await reserve(csms, { expiryDate: '2020-01-01T00:00:00Z' })).toEqual({ status: 'Rejected' });
  });

  it('of connector 0 keeps one connector free, whichever, and the holder may use any', async () => {
    const { csms, hardware, station } = await aBootedCharger();
    expect(await reserve(csms, { connectorId: 0 })).toEqual({ status: 'Accepted' });
    expect(await csms.command('RemoteStartTransaction', { connectorId: 1, idTag: 'FIRST' })).toEqual({ status: 'Accepted' });
    hardware.plug(1, car());
    await until('the first', () => station.truth().length === 1);
    expect(await csms.command('RemoteStartTransaction', { connectorId: 2, idTag: 'SECOND' })).toEqual({ status: 'Rejected' });
    expect(await reserve(csms, { connectorId: 2, reservationId: 8 })).toEqual({ status: 'Occupied' });
    expect(await reserve(csms, { connectorId: 0, reservationId: 8 })).toEqual({ status: 'Occupied' });
    expect(await csms.command('RemoteStartTransaction', { connectorId: 2, idTag: 'HOLDER' })).toEqual({ status: 'Accepted' });
    hardware.plug(2, car());
    await until('the holder', () => station.truth()[1]?.startAcknowledged);
    expect(csms.of('StartTransaction').map((call) => call.params['reservationId'])).toEqual([undefined, 7]);
    const without = await aBootedCharger({ configuration: { ReserveConnectorZeroSupported: 'false' } });
    expect(await reserve(without.csms, { connectorId: 0 })).toEqual({ status: 'Rejected' });
  });

  it('is still there after a power loss', async () => {
    const storage = createMemoryStorage();
    const { csms, station } = await aBootedCharger({ storage });
    await reserve(csms, {});
    await reserve(csms, { connectorId: 2, reservationId: 8 });
    await until('both', () => station.view().connectors.every((connector) => connector.status === 'Reserved'));
    // The id of the first at another connector: it moves.
    await csms.command('CancelReservation', { reservationId: 8 });
    await until('free', () => station.view().connectors[1]?.status === 'Available');
    expect(await reserve(csms, { connectorId: 2 })).toEqual({ status: 'Accepted' });
    await until('moved', () => station.view().connectors[0]?.status === 'Available');
    await station.stop();
    const again = aCharger(csms.url, { storage });
    expect([statusOf(again, 1), statusOf(again, 2)]).toEqual(['Available', 'Reserved']);
  });
});

import { expect, it } from 'vitest';
import { answerTransfer, transferDataMax, type TransferContext } from './vendor-messages.ts';

function aContext() {
  const kept: unknown[] = [];
  const receivedAt = new Date('2026-11-24T09:00:00Z');
  const context: TransferContext = { source: { tenantId: 'demo', stationId: 's', ocppVersion: 'ocpp1.6', messageId: '1', receivedAt }, identity: 'CP_1', stations: { securityEvent: async (tenant, event) => { kept.push([tenant, event]); } } };
  return { context, kept, receivedAt };
}
const event = (data: unknown) => ({ vendorId: 'id.charge-it', messageId: 'StationEvent', data: data === null ? null : typeof data === 'string' ? data : JSON.stringify(data) });

it('a vendor and a message that nobody knows are answered as the text asks, whatever they are called', async () => {
  const { context } = aContext();
  for (const vendorId of ['com.example', '', 'toString', '__proto__', 'ID.CHARGE-IT']) expect(await answerTransfer({ vendorId, messageId: 'x', data: null }, context)).toEqual({ status: 'UnknownVendorId' });
  for (const messageId of [null, 'x', 'constructor', 'stationevent']) expect(await answerTransfer({ vendorId: 'id.charge-it', messageId, data: '{}' }, context)).toEqual({ status: 'UnknownMessageId' });
});

it('a station event is on the books before it is accepted', async () => {
  const { context, kept, receivedAt } = aContext();
  expect(await answerTransfer(event({ type: 'TamperDetectionActivated', techInfo: 'door', timestamp: '2026-11-24T08:00:00Z' }), context)).toEqual({ status: 'Accepted' });
  expect(await answerTransfer(event({ type: 'SettingSystemTime' }), context)).toEqual({ status: 'Accepted' });
  expect(kept).toEqual([
    ['demo', { stationId: 's', identity: 'CP_1', kind: 'TamperDetectionActivated', detail: 'door', at: new Date('2026-11-24T08:00:00Z') }],
    ['demo', { stationId: 's', identity: 'CP_1', kind: 'SettingSystemTime', detail: '', at: receivedAt }],
  ]);
});

it.each([[null], ['no json'], ['null'], ['[]'], [{}], [{ type: '' }], [{ type: 'x'.repeat(51) }], [{ type: 'a\u0000' }], [{ type: 'A', techInfo: 5 }], [{ type: 'A', timestamp: 'yesterday' }], [{ type: 'A', timestamp: '2026-13-41T99:00:00Z' }], [{ type: 'A', pad: 'x'.repeat(transferDataMax) }]])(
  'data that is none is rejected, and nothing is kept: %j', async (data) => {
    const { context, kept } = aContext();
    expect((await answerTransfer(event(data), context)).status).toBe('Rejected');
    expect(kept).toEqual([]);
  });

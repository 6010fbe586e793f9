import { expect, it } from 'vitest';
import { gatewayMetrics } from '../metrics.ts';
import { MemoryBooks } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';

async function ask(books: MemoryBooks, action: string, request: object): Promise<unknown[] | undefined> {
  const { receive, frames } = testSession(books);
  receive([2, '1', action, request]);
  await settled();
  return frames()[0];
}

it('a transfer of a vendor that nobody registered is answered so, and counted', async () => {
  const { registry } = gatewayMetrics();
  const count = async (): Promise<number> => Number(/csms_data_transfers_total\{[^}]*status="UnknownVendorId"[^}]*\} (\d+)/.exec(await registry.metrics())?.[1] ?? 0);
  const before = await count();
  expect(await ask(new MemoryBooks(), 'DataTransfer', { vendorId: 'com.example', messageId: 'x', data: 'y' })).toEqual([3, '1', { status: 'UnknownVendorId' }]);
  expect(await ask(new MemoryBooks(), 'DataTransfer', { vendorId: 'id.charge-it' })).toEqual([3, '1', { status: 'UnknownMessageId' }]);
  expect(await count()).toBe(before + 1);
});

it('what a registered vendor message keeps is on the books', async () => {
  const books = new MemoryBooks();
  expect(await ask(books, 'DataTransfer', { vendorId: 'id.charge-it', messageId: 'StationEvent', data: '{"type":"TamperDetectionActivated"}' })).toEqual([3, '1', { status: 'Accepted' }]);
  expect(books.securityEvents).toEqual(['TamperDetectionActivated']);
});

it('the words of a station about files and firmware reach the books, with the request that they name', async () => {
  const books = new MemoryBooks();
  for (const [action, request] of [
    ['DiagnosticsStatusNotification', { status: 'Uploading' }], ['FirmwareStatusNotification', { status: 'Downloading' }],
    ['LogStatusNotification', { status: 'UploadFailure', requestId: 7 }], ['SignedFirmwareStatusNotification', { status: 'InvalidSignature', requestId: 8 }],
  ] as const) expect(await ask(books, action, request)).toEqual([3, '1', {}]);
  expect(books.firmwareWords).toEqual([
    { of: 'diagnostics', status: 'Uploading', requestId: null }, { of: 'firmware', status: 'Downloading', requestId: null },
    { of: 'log', status: 'UploadFailure', requestId: 7 }, { of: 'firmware', status: 'InvalidSignature', requestId: 8 },
  ]);
});

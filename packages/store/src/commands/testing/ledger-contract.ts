import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandLedger, StationCommand } from '@csms/domain';

/** What every ledger of commands does; the fake that other tests use is held to it too. `fence`: presence was written under this epoch. */
export function ledgerContract(name: string, open: () => Promise<{ ledger: CommandLedger; tenantId: string; stationId: string; fence(epoch: bigint): Promise<void> }>): void {
  describe(`the ledger of commands ${name}`, () => {
    let ledger: CommandLedger;
    let tenantId: string;
    let stationId: string;
    let fence: (epoch: bigint) => Promise<void>;
    const at = new Date('2026-05-01T08:00:00.000Z');
    const later = (seconds: number): Date => new Date(at.getTime() + seconds * 1_000);
    const start: StationCommand = { action: 'remote-start', evseId: 1, tokenUid: 'CARD-1', remoteStartId: 7 };
    const create = (more: { command?: StationCommand; idempotencyKey?: string } = {}) => ledger.create({
      tenantId, id: randomUUID(), stationId, command: start, idempotencyKey: randomUUID(), createdBy: 'operator', createdAt: at, deadlineAt: later(30), ...more,
    });
    const sent = (id: string, more: { epoch?: bigint; at?: Date } = {}) => ledger.markSent(tenantId, id, { gateway: 'gw-a', epoch: 5n, messageId: 'm1', at: later(1), ...more });

    beforeEach(async () => {
      ({ ledger, tenantId, stationId, fence } = await open());
    });

    it('keeps a command once under its idempotency key, and tells another request under the same key', async () => {
      const idempotencyKey = randomUUID();
      const first = await create({ idempotencyKey });
      expect(first).toMatchObject({ outcome: 'created', record: { state: 'queued', command: start, createdAt: at, deadlineAt: later(30), sentAt: null, sessionId: null } });
      const again = await create({ idempotencyKey, command: { ...start, remoteStartId: 8 } });
      expect(again).toMatchObject({ outcome: 'existing', record: { id: first.record.id, command: { remoteStartId: 7 } } });
      expect(await create({ idempotencyKey, command: { ...start, tokenUid: 'CARD-2' } })).toMatchObject({ outcome: 'conflict', record: { id: first.record.id } });
    });

    it('I-5 lets one of many gateways write the frame', async () => {
      const { record } = await create();
      const tries = await Promise.all(Array.from({ length: 8 }, () => sent(record.id)));
      expect(tries.filter(Boolean)).toHaveLength(1);
      expect(await ledger.get(tenantId, record.id)).toMatchObject({ state: 'sent', sentAt: later(1) });
    });

    it('lets nobody write it after its deadline, or once it has expired', async () => {
      const { record } = await create();
      expect(await sent(record.id, { at: later(30) })).toBe(false);
      expect(await ledger.settle(tenantId, record.id, { state: 'expired', at: later(20) })).toMatchObject({ state: 'expired' });
      expect(await sent(record.id, { at: later(21) })).toBe(false);
      expect(await ledger.get(tenantId, record.id)).toMatchObject({ state: 'expired', sentAt: null });
    });

    it('I-6 lets a socket under an older epoch than the station\'s presence write nothing', async () => {
      const { record } = await create();
      await fence(6n);
      expect(await sent(record.id, { epoch: 5n })).toBe(false);
      expect(await sent(record.id, { epoch: 6n })).toBe(true);
    });

    it('an end that is certain stays; expiring what was sent changes nothing', async () => {
      const { record } = await create();
      await sent(record.id);
      expect(await ledger.settle(tenantId, record.id, { state: 'expired', at: later(31) })).toMatchObject({ state: 'sent' });
      expect(await ledger.settle(tenantId, record.id, { state: 'rejected', result: { status: 'Rejected' }, detail: 'Rejected', at: later(2) }))
        .toMatchObject({ state: 'rejected', result: { status: 'Rejected' }, detail: 'Rejected', answeredAt: later(2), lateResult: null });
      for (const state of ['accepted', 'unknown', 'not-connected'] as const) {
        expect(await ledger.settle(tenantId, record.id, { state, at: later(3) })).toMatchObject({ state: 'rejected' });
      }
    });

    it('G-27 an answer after unknown is kept as late and settles the state', async () => {
      const { record } = await create();
      await sent(record.id);
      expect(await ledger.settle(tenantId, record.id, { state: 'unknown', detail: 'no answer', at: later(30) })).toMatchObject({ state: 'unknown' });
      expect(await ledger.settle(tenantId, record.id, { state: 'accepted', result: { status: 'Accepted' }, at: later(40) }))
        .toMatchObject({ state: 'accepted', lateResult: { status: 'Accepted' } });
    });

    it('lists what waits for a frame, until its deadline', async () => {
      const [one, two] = [await create(), await create()];
      await sent(two.record.id);
      expect(await ledger.queued(tenantId, later(1))).toEqual([{ id: one.record.id, stationId }]);
      expect(await ledger.queued(tenantId, later(30))).toEqual([]);
    });

    it('knows nothing of another tenant', async () => {
      const { record } = await create();
      expect(await ledger.get('kota', record.id)).toBeNull();
      expect(await ledger.settle('kota', record.id, { state: 'expired', at })).toBeNull();
      expect(await ledger.markSent('kota', record.id, { gateway: 'gw-a', epoch: 5n, messageId: 'm', at })).toBe(false);
    });
  });
}

import type { StationCommand } from '@csms/domain';
import { startCommand } from '@csms/domain/command/send-command';
import { asksToSend, hasFirmwareWork, settleAsks, type FirmwareAsk } from '@csms/store/firmware/asks';
import { cancelFulfilled, stepRollouts, stepSingles, takeFirmwareTurn } from '@csms/store/firmware/rollouts';
import { settleUpdates } from '@csms/store/firmware/updates';
import { eachTenant } from '@csms/store/each-tenant';
import { inTenant } from '@csms/store/in-tenant';
import type { ApiParts } from '../api-parts.ts';
import { firmwareAddressOf } from '../files/station-address.ts';

/** How soon an update of a tenant that had none is noticed, at the latest. */
const idleForMs = 5_000;

/**
 * One round of every tenant's updates and rollouts. Everything that was decided is in the books before a station hears of it, and each command has a key of
 * its own there: the next round, in this process or another, takes up what this one left, and asks nobody twice. `idle` keeps from round to round which tenants have nothing
 * to drive: they are looked at less often.
 */
export async function driveFirmware(parts: Pick<ApiParts, 'pool' | 'ledger' | 'bus' | 'replies' | 'now' | 'newId' | 'log' | 'pepper' | 'files'>, idle?: Map<string, number>): Promise<void> {
  const { pool, now } = parts;
  await eachTenant(pool, async (tenantId) => {
    if ((idle?.get(tenantId) ?? 0) > now().getTime()) return;
    const asks = await inTenant(pool, tenantId, async (client) => {
      if (!(await hasFirmwareWork(client, now()))) { idle?.set(tenantId, now().getTime() + idleForMs); return []; }
      if (!(await takeFirmwareTurn(client))) return [];
      await settleAsks(client, now());
      await settleUpdates(client, now());
      await cancelFulfilled(client, now());
      await stepRollouts(client, now());
      await stepSingles(client, now());
      return asksToSend(client);
    });
    for (const ask of asks) {
      const started = await startCommand({ ...parts, replyTo: parts.replies.name, waitForReply: parts.replies.waitForReply }, {
        tenantId, stationId: ask.stationId, command: commandOf(ask, firmwareAddressOf(parts, { tenantId, id: ask.updateId, nonce: ask.nonce }, ask.fileName)), timeoutMs: 60_000, createdBy: ask.createdBy, idempotencyKey: ask.key,
      });
      if (started.kind === 'conflict') parts.log.error({ event: 'firmware_ask_conflict', updateId: ask.updateId }, 'a station was asked for this update in other words');
      else started.ended.catch((err: unknown) => parts.log.warn({ event: 'command_unfollowed', err, commandId: started.record.id }, 'a command was left to the sweep'));
    }
  });
}

/** Of the books alone, so that every process makes the same command. */
function commandOf(ask: FirmwareAsk, location: string): StationCommand {
  const common = { location, retrieveAt: ask.askedAt.toISOString(), retries: 3, retryIntervalS: 30 };
  if (!ask.isSigned || ask.signature === null || ask.certificatePem === null) return { action: 'update-firmware', ...common };
  return { action: 'signed-update-firmware', ...common, requestId: ask.requestId, installAt: null, signingCertificatePem: ask.certificatePem, signature: ask.signature };
}

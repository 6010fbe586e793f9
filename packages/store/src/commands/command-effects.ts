import type pg from 'pg';
import type { LiveChange } from '@csms/contracts/live';
import type { CommandRecord, StationCommand } from '@csms/domain';
import { tryReadCommandRow } from './command-row.ts';
import { forgetRefusedCredential, forgetRefusedProfile } from './station-security-effects.ts';
import { configurationChangedEffect, configurationReadEffect } from '../configuration/configuration-effects.ts';
import { uploadEffect } from '../uploads/upload-effects.ts';
import { clearChargingProfileEffect, setChargingProfileEffect } from '../charging-plan/plan-effects.ts';
import { cancelReservationEffect, reserveNowEffect } from '../reservation/reservation-effects.ts';
import { certificateSignedEffect, deleteCertificateEffect, installCertificateEffect, installedCertificateIdsEffect } from '../certificates/certificate-effects.ts';
import { localListVersionEffect, sendLocalListEffect } from '../local-list/local-list-effects.ts';

/**
 * What the books learn from the end of a command, in the very transaction in which it ends: `record` has its state, and the station's answer in
 * `result` (what the station wrote, validated by nobody: parse it). Runs again for a late answer. Within the tenant of the command. What it resolves with
 * is told to the live stream with the end of the command: an effect writes no outbox row itself, because that is a transaction's last statement.
 */
export type CommandEffect<A extends StationCommand['action']> = (client: pg.PoolClient, command: Extract<StationCommand, { action: A }>, record: CommandRecord, at: Date) => Promise<LiveChange[] | void>;

const effects: { readonly [A in StationCommand['action']]?: CommandEffect<A> } = {
  'push-credential': forgetRefusedCredential,
  'set-security-profile': forgetRefusedProfile,
  'certificate-signed': certificateSignedEffect,
  'install-certificate': installCertificateEffect,
  'delete-certificate': deleteCertificateEffect,
  'get-installed-certificate-ids': installedCertificateIdsEffect,
  'send-local-list': sendLocalListEffect,
  'get-local-list-version': localListVersionEffect,
  'reserve-now': reserveNowEffect,
  'cancel-reservation': cancelReservationEffect,
  'set-charging-profile': setChargingProfileEffect,
  'clear-charging-profile': clearChargingProfileEffect,
  'get-configuration': configurationReadEffect,
  'change-configuration': configurationChangedEffect,
  'get-diagnostics': uploadEffect,
  'get-log': uploadEffect,
};

/** Runs the effect of a command that has just ended, where it has one. */
export async function applyEffect(client: pg.PoolClient, record: CommandRecord, at: Date): Promise<LiveChange[]> {
  // The key of the lookup is the command's own action, so the effect takes this very command.
  const effect = effects[record.command.action] as CommandEffect<StationCommand['action']> | undefined;
  return (await effect?.(client, record.command, record, at)) ?? [];
}

/** The same for rows of commands that a sweep has ended. A row that cannot be read keeps no other from its end, and has no effect. */
export async function applyEffects(client: pg.PoolClient, rows: readonly unknown[], at: Date): Promise<LiveChange[]> {
  const changes: LiveChange[] = [];
  for (const row of rows) {
    const record = tryReadCommandRow(row);
    if (record !== null) changes.push(...await applyEffect(client, record, at));
  }
  return changes;
}

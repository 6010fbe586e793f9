import type { CommandRecord, StationCommand } from '@csms/domain';
import { standardKey } from '@csms/domain/station-configuration/standard-keys';
import type pg from 'pg';
import { z } from 'zod';

const Read16 = z.object({
  configurationKey: z.array(z.object({ key: z.string(), readonly: z.boolean().default(false), value: z.string().nullish() })).default([]), unknownKey: z.array(z.string()).default([]),
});
const Read201 = z.object({ getVariableResult: z.array(z.object({ attributeStatus: z.string(), attributeValue: z.string().nullish(), component: z.object({ name: z.string() }), variable: z.object({ name: z.string() }) })) });
const Changed = z.object({ status: z.string() });

interface Told { key: string; value: string | null; isKnown: boolean; isReadonly: boolean }
/** A station that has more is at fault: each is a row for ever. */
const keysMax = 500;

/** GetConfiguration: what the station told, with the command that asked for it. All keys were asked for: what it does not tell any more is forgotten. */
export async function configurationReadEffect(client: pg.PoolClient, command: Extract<StationCommand, { action: 'get-configuration' }>, record: CommandRecord, at: Date): Promise<void> {
  const told = toldBy(record.result ?? record.lateResult);
  if (told === null || !(record.state === 'accepted' || record.state === 'rejected')) return;
  const byKey = new Map(told.filter(({ key }) => key.length >= 1 && key.length <= 50 && !key.includes('\0')).map((each) => [each.key.toLowerCase(), each]));
  const rows = [...byKey.values()].slice(0, keysMax);
  await client.query(`DELETE FROM configuration_value WHERE station_id = $1 AND (lower(key) = ANY ($2::text[]) OR $3)`, [record.stationId, rows.map((row) => row.key.toLowerCase()), command.keys.length === 0 && record.state === 'accepted']);
  await client.query(
    `INSERT INTO configuration_value (tenant_id, station_id, key, value, is_known, is_readonly, source, command_id, at)
     SELECT current_setting('app.tenant'), $1, r.key, r.value, r.is_known, r.is_readonly, 'read', $2, $3 FROM unnest($4::text[], $5::text[], $6::boolean[], $7::boolean[]) AS r(key, value, is_known, is_readonly)`,
    [record.stationId, record.id, at, rows.map((row) => row.key), rows.map((row) => valueToKeep(row.key, row.value)), rows.map((row) => row.isKnown), rows.map((row) => row.isReadonly)]);
}

function toldBy(result: unknown): Told[] | null {
  const variables = Read201.safeParse(result);
  if (variables.success) {
    return variables.data.getVariableResult.map((each) => ({
      key: `${each.component.name}.${each.variable.name}`, value: each.attributeStatus === 'Accepted' ? each.attributeValue ?? null : null, isKnown: each.attributeStatus === 'Accepted', isReadonly: false,
    }));
  }
  const read = Read16.safeParse(result);
  if (!read.success) return null;
  const { configurationKey, unknownKey } = read.data;
  return [...unknownKey.map((key) => ({ key, value: null, isKnown: false, isReadonly: false })), ...configurationKey.map((each) => ({ key: each.key, value: each.value ?? null, isKnown: true, isReadonly: each.readonly }))];
}

/** ChangeConfiguration: the value is the station's now (1.6, 7.22 Accepted), or after its reboot, or it does not know the key. */
export async function configurationChangedEffect(client: pg.PoolClient, command: Extract<StationCommand, { action: 'change-configuration' }>, record: CommandRecord, at: Date): Promise<void> {
  const { data } = Changed.safeParse(record.result ?? record.lateResult);
  if (data === undefined || command.key === '' || command.key.length > 50) return;
  const [status, value] = [data.status, valueToKeep(command.key, command.value)];
  if (!['Accepted', 'RebootRequired', 'NotSupported'].includes(status)) return;
  const { rows } = await client.query<{ key: string; value: string | null; is_readonly: boolean }>('DELETE FROM configuration_value WHERE station_id = $1 AND lower(key) = lower($2) RETURNING key, value, is_readonly', [record.stationId, command.key]);
  const before = rows[0];
  await client.query(
    `INSERT INTO configuration_value (tenant_id, station_id, key, value, is_known, is_readonly, pending_value, source, command_id, at) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, 'changed', $7, $8)`,
    [record.stationId, before?.key ?? command.key, status === 'Accepted' ? value : status === 'RebootRequired' ? before?.value ?? null : null, status !== 'NotSupported', before?.is_readonly ?? false, status === 'RebootRequired' ? value : null, record.id, at]);
}

/** A secret is not kept beside what anybody may read. */
function valueToKeep(key: string, value: string | null): string | null {
  return value === null || standardKey(key)?.access === 'write' ? null : value.replaceAll('\0', '').slice(0, 2_500);
}

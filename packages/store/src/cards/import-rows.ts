import type { z } from 'zod';
import type { CardRow, DriverRow, TransactionRow } from '@csms/contracts/http/imports';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { audit, registerToken, type Actor } from '../register.ts';
import type { TenantCards } from './card-keys.ts';
import { addDriver, addGroup, changeDriver, changeToken } from './driver-rows.ts';

export interface RowOutcome { outcome: 'created' | 'updated' | 'unchanged' | 'refused'; detail: string | null }

const created: RowOutcome = { outcome: 'created', detail: null };
const unchanged: RowOutcome = { outcome: 'unchanged', detail: null };
const refused = (detail: string): RowOutcome => ({ outcome: 'refused', detail });
const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const sameTime = (a: Date | number | null, b: Date | null): boolean => (a === null || b === null ? a === b : Number(a) === b.getTime());

/** A driver of another system: made once, and brought to what the file says when it comes again. */
export async function importDriver(client: pg.ClientBase, row: z.infer<typeof DriverRow>, actor: Actor): Promise<RowOutcome> {
  const wanted = { name: row.name, email: row.email, phone: row.phone, validFrom: timeOf(row.validFrom), validUntil: timeOf(row.validUntil) };
  if (isBackwards(wanted)) return refused('valid_until must be after valid_from');
  const { rows: [known] } = await client.query<{ id: string; name: string; email: string | null; phone: string | null; valid_from: Date | null; valid_until: Date | null }>('SELECT * FROM driver WHERE external_ref = $1', [row.ref]);
  if (known === undefined) {
    await addDriver(client, { ...wanted, externalRef: row.ref }, actor);
    return created;
  }
  if (known.name === wanted.name && known.email === wanted.email && known.phone === wanted.phone && sameTime(known.valid_from, wanted.validFrom) && sameTime(known.valid_until, wanted.validUntil)) return unchanged;
  await changeDriver(client, known.id, wanted, actor);
  return { outcome: 'updated', detail: null };
}

/** A card of another system. The number is the key; a card that is blocked here is not freed by a file. */
export async function importCard(client: pg.ClientBase, row: z.infer<typeof CardRow>, cards: TenantCards, actor: Actor): Promise<RowOutcome> {
  const [validFrom, validUntil] = [timeOf(row.validFrom), timeOf(row.validUntil)];
  if (isBackwards({ validFrom, validUntil })) return refused('valid_until must be after valid_from');
  let driverId: string | null = null;
  if (row.driverRef !== null) {
    driverId = (await client.query<{ id: string }>('SELECT id FROM driver WHERE external_ref = $1', [row.driverRef])).rows[0]?.id ?? null;
    if (driverId === null) return refused(`no driver has the reference ${row.driverRef}: import drivers first`);
  }
  const groupId = row.group === null ? null : (await client.query<{ id: string }>('SELECT id FROM card_group WHERE name = $1', [row.group])).rows[0]?.id ?? await addGroup(client, { name: row.group, parentUid: null }, cards, actor);
  const { rows: [known] } = await client.query<{ id: string; status: string; driver_id: string | null; group_id: string | null; valid_from: Date | null; valid_until: Date | null }>(
    'SELECT id, status, driver_id, group_id, valid_from, valid_until FROM token WHERE uid_key = ANY($1)', [cards.keys.spellings(cards.tenantId, row.uid).map((each) => each.toLowerCase())]);
  if (known === undefined) {
    const id = await registerToken(client, { uid: row.uid, kind: 'rfid', driverName: row.driverName, driverId, groupId, validFrom, validUntil, parentUid: null }, actor, cards);
    if (row.status === 'blocked') await changeToken(client, id, { status: 'blocked' }, actor);
    return created;
  }
  const toBlock = row.status === 'blocked' && known.status === 'active';
  const same = known.driver_id === driverId && known.group_id === groupId && sameTime(known.valid_from, validFrom) && sameTime(known.valid_until, validUntil) && !toBlock;
  if (same) return unchanged;
  await changeToken(client, known.id, { driverId, groupId, validFrom, validUntil, ...(toBlock ? { status: 'blocked' } : {}) }, actor);
  return { outcome: 'updated', detail: null };
}

/**
 * A transaction that another system has ended: a session of source `import`, once, whatever the number of imports. With an amount its bill is kept as that
 * system made it, final; no tariff of ours ever prices it, so nobody pays twice.
 */
export async function importTransaction(client: pg.ClientBase, row: z.infer<typeof TransactionRow>, cards: TenantCards, actor: Actor): Promise<RowOutcome> {
  const [startedAt, endedAt] = [new Date(row.startedAt), new Date(row.endedAt)];
  if (endedAt < startedAt) return refused('ended_at is before started_at');
  if (endedAt > actor.now) return refused('ended_at is in the future: only what has ended is imported');
  if (row.meterStartWh !== null && row.meterStopWh !== null && Math.abs(row.meterStopWh - row.meterStartWh - row.energyWh) > 1) return refused('energy is not the difference of the two registers');
  const { rows: [station] } = await client.query<{ id: string; currency: string }>(`SELECT st.id, t.currency FROM station st JOIN tenant t ON t.id = st.tenant_id WHERE st.identity = $1`, [row.station]);
  if (station === undefined) return refused(`no station with the identity ${row.station} is registered`);
  if (row.amountMinor !== null && row.currency !== null && row.currency !== station.currency) return refused(`bills here are in ${station.currency}, this one is in ${row.currency}`);
  const reference = row.uid === null ? null : cards.keys.reference(cards.tenantId, row.uid);
  const { rows: [token] } = row.uid === null ? { rows: [] } : await client.query<{ id: string }>('SELECT id FROM token WHERE uid_key = ANY($1)', [cards.keys.spellings(cards.tenantId, row.uid).map((each) => each.toLowerCase())]);
  const { rows: [session] } = await client.query<{ id: string }>(
    `INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, source, token_uid, token_id, started_at, start_received_at, ended_at, end_received_at, state, meter_start_wh, meter_stop_wh, energy_wh)
     VALUES (current_setting('app.tenant'), $1, $2, $3, $3, $4, 'ocpp1.6', 'import', $5, $6, $7, $7, $8, $8, 'ended', $9, $10, $11) ON CONFLICT (tenant_id, station_id, transaction_ref) DO NOTHING RETURNING id`,
    [uuidv7(), station.id, row.connectorId, importedRef(row.ref), reference, token?.id ?? null, startedAt, endedAt, row.meterStartWh, row.meterStopWh, row.energyWh]);
  if (session === undefined) return unchanged;
  if (row.amountMinor !== null) {
    const line = { kind: 'session-fee', quantity: 1, unit: 'session', unitPriceMinor: row.amountMinor, amountMinor: row.amountMinor };
    await client.query(
      `INSERT INTO bill (tenant_id, id, session_id, currency, energy_wh, total_minor, lines, state, created_at, finalized_at) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $5, $6, 'final', $7, $7)`,
      [uuidv7(), session.id, station.currency, row.energyWh, row.amountMinor, JSON.stringify([line]), endedAt]);
  }
  return created;
}

/** Never the id of a transaction that a station was told: those are whole numbers. */
export const importedRef = (ref: string): string => `import:${ref}`;

/** One word in the audit for a whole file's part. */
export async function auditImport(client: pg.ClientBase, kind: string, counts: Record<string, number>, actor: Actor): Promise<void> {
  await audit(client, actor, `import.${kind}`, kind, counts);
}

function isBackwards({ validFrom, validUntil }: { validFrom: Date | null; validUntil: Date | null }): boolean {
  return validFrom !== null && validUntil !== null && validUntil <= validFrom;
}

import { renewalDays } from '@csms/domain/certificate/judge';
import type pg from 'pg';
import { z } from 'zod';

const DueRow = z.object({ id: z.string(), station_id: z.string(), certificate_pem: z.string(), deliveries: z.number().int() });

export interface DueDelivery { id: string; stationId: string; chainPem: string; attempt: number }

/** No more often than this is a certificate sent again by itself; a station that comes back is tried at once. */
const againAfter = "least(interval '6 hours', interval '1 minute' * power(2, least(c.deliveries, 10)))";

/**
 * Takes certificates that their stations do not have yet and could be given now: the station is there, and the time has come or it has reconnected since the
 * last try. Each is one caller's: a second process finds it taken.
 */
export async function takeDueDeliveries(client: pg.ClientBase, now: Date, limit: number): Promise<DueDelivery[]> {
  const { rows } = await client.query(
    `UPDATE station_certificate AS c SET deliveries = c.deliveries + 1, delivery_tried_at = $1, delivery_due_at = $1::timestamptz + ${againAfter}
     WHERE c.id IN (SELECT d.id FROM station_certificate d JOIN station st ON st.tenant_id = d.tenant_id AND st.id = d.station_id
       WHERE d.state = 'issued' AND st.online AND d.not_after > $1 AND (d.delivery_due_at <= $1 OR st.online_since > d.delivery_tried_at)
       ORDER BY d.delivery_due_at LIMIT $2 FOR UPDATE OF d SKIP LOCKED)
     RETURNING c.id, c.station_id, c.certificate_pem, c.deliveries`, [now, limit]);
  return z.array(DueRow).parse(rows).map((row) => ({ id: row.id, stationId: row.station_id, chainPem: row.certificate_pem, attempt: row.deliveries }));
}

const RenewalRow = z.object({ id: z.string(), station_id: z.string() });

/** Takes certificates in their last 30 days whose stations are there and have no newer one; each at most once a day. */
export async function takeDueRenewals(client: pg.ClientBase, now: Date, limit: number): Promise<{ id: string; stationId: string }[]> {
  const { rows } = await client.query(
    `UPDATE station_certificate AS c SET renewal_asked_at = $1
     WHERE c.id IN (SELECT d.id FROM station_certificate d JOIN station st ON st.tenant_id = d.tenant_id AND st.id = d.station_id
       WHERE d.state = 'installed' AND st.online AND st.ocpp_version = 'ocpp1.6' AND d.not_after <= $1::timestamptz + interval '${renewalDays} days' AND d.not_after > $1::timestamptz - interval '${renewalDays} days'
         AND (d.renewal_asked_at IS NULL OR d.renewal_asked_at <= $1::timestamptz - interval '1 day')
         AND NOT EXISTS (SELECT 1 FROM station_certificate n WHERE n.tenant_id = d.tenant_id AND n.station_id = d.station_id AND n.state IN ('issued', 'installed') AND n.not_after > d.not_after)
         AND EXISTS (SELECT 1 FROM certificate_authority a WHERE a.tenant_id = d.tenant_id AND a.state = 'active' AND a.signs)
       ORDER BY d.not_after LIMIT $2 FOR UPDATE OF d SKIP LOCKED)
     RETURNING c.id, c.station_id`, [now, limit]);
  return z.array(RenewalRow).parse(rows).map((row) => ({ id: row.id, stationId: row.station_id }));
}

const ExpiryRow = z.object({ station: z.date().nullable(), authority: z.date().nullable() });

/** The earliest end among the newest certificates that stations have, and among the authorities. */
export async function earliestExpiry(client: pg.ClientBase): Promise<{ station: Date | null; authority: Date | null }> {
  const { rows } = await client.query(`SELECT
    (SELECT min(newest) FROM (SELECT max(not_after) AS newest FROM station_certificate WHERE state = 'installed' GROUP BY station_id) AS each_station) AS station,
    (SELECT min(not_after) FROM certificate_authority WHERE state = 'active') AS authority`);
  return ExpiryRow.parse(rows[0]);
}

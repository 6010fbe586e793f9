import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import type { TestApi } from './harness.ts';

/* Rows of the books for tests of what is read: written as SQL, because the reader is what is tried here. */

export interface SessionRow {
  station: string; startedAt: Date; endedAt?: Date | null; transactionRef?: string; energyWh?: number | null; state?: 'active' | 'ended' | 'lost-stop'; billMinor?: number | null;
  tokenUid?: string; meterStartWh?: number; lastRegisterWh?: number | null; lastReadingAt?: Date | null; chargingEndedAt?: Date | null; powerW?: number | null; flags?: string[]; connectorId?: number; endReceivedAt?: Date;
}

/** A 1.6 session, ended one hour after its start unless said otherwise; billed when `billMinor` is given. */
export async function aSession(client: pg.PoolClient, row: SessionRow): Promise<string> {
  const id = uuidv7();
  const state = row.state ?? 'ended';
  const endedAt = row.endedAt === undefined ? (state === 'active' ? null : new Date(row.startedAt.getTime() + 3_600_000)) : row.endedAt;
  await client.query(`INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, token_uid, started_at, start_received_at, ended_at, end_received_at, charging_ended_at, state, energy_wh,
      meter_start_wh, last_register_wh, last_reading_at, last_power_w, flags)
    VALUES (current_setting('app.tenant'), $1, $2, $3, $3, $4, 'ocpp1.6', $5, $6, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
  [id, row.station, row.connectorId ?? 1, row.transactionRef ?? id, row.tokenUid ?? `CARD${id}`, row.startedAt, endedAt, row.endReceivedAt ?? endedAt, row.chargingEndedAt ?? null, state, row.energyWh === undefined ? (state === 'active' ? null : 10_000) : row.energyWh,
    row.meterStartWh ?? 0, row.lastRegisterWh ?? null, row.lastReadingAt ?? null, row.powerW ?? null, row.flags ?? []]);
  if (row.billMinor != null) {
    await client.query(`INSERT INTO bill (tenant_id, id, session_id, currency, energy_wh, total_minor, lines, state, created_at, finalized_at) VALUES (current_setting('app.tenant'), $1, $2, 'IDR', $3, $4, $5, 'final', $6, $6)`,
      [uuidv7(), id, row.energyWh ?? 10_000, row.billMinor, JSON.stringify([{ kind: 'energy', quantity: 10, unit: 'kWh', unitPriceMinor: 2_466, amountMinor: row.billMinor }]), endedAt ?? row.startedAt]);
  }
  return id;
}

/** A champion of a site and its forecast of 24 hours from `originAt`: 1, 2, ... 24 kWh an hour. Returns the model's id. */
export async function aForecast(client: pg.PoolClient, { site, originAt }: { site: string; originAt: Date }): Promise<string> {
  const [model, forecast] = [uuidv7(), uuidv7()];
  await client.query(`INSERT INTO model_version (tenant_id, id, site_id, kind, state, trained_at, data_hash, code_version, seed, window_from, window_to, sample_days, sample_sessions, parameters, metrics, decision, reason)
    VALUES (current_setting('app.tenant'), $1, $2, 'profile', 'champion', '2026-11-24T00:00:00Z', 'h', 'c', 1, '2026-10-01', '2026-11-24', 54, 500, '{}', '{"maeWh": 2500, "rmseWh": 3000}', 'promoted', 'first')`, [model, site]);
  await client.query(`INSERT INTO training_run (tenant_id, id, site_id, kind, local_date, started_at, ended_at, outcome) VALUES (current_setting('app.tenant'), $1, $2, 'daily', '2026-11-24', '2026-11-24T00:00:00Z', '2026-11-24T00:00:05Z', 'promoted')`, [uuidv7(), site]);
  await client.query(`INSERT INTO forecast (tenant_id, id, site_id, model_version_id, issued_at, origin_at, horizon_hours) VALUES (current_setting('app.tenant'), $1, $2, $3, $4, $4, 24)`, [forecast, site, model, originAt]);
  await client.query(`INSERT INTO forecast_point (tenant_id, forecast_id, hour_at, p10_wh, p50_wh, p90_wh, mean_wh)
    SELECT current_setting('app.tenant'), $1, $2::timestamptz + n * interval '1 hour', 0, 1000, 9000, 1000 * (n + 1) FROM generate_series(0, 23) n`, [forecast, originAt]);
  return model;
}

/** One of everything that a tenant can have; every text that is a tenant's own says `of-<tenant>`. */
export async function fillTenant(api: TestApi, tenant: string): Promise<{ site: string; station: string; session: string; bill: string; token: string; tariff: string; command: string; reservation: string; plan: string; certificate: string }> {
  const site = await api.site(tenant, `site-of-${tenant}`);
  const now = new Date();
  return api.inTenant(tenant, async (client) => {
    const [station, token, tariff, command] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
    const insert = (table: string, columns: Record<string, unknown>) => client.query(
      `INSERT INTO ${table} (tenant_id, ${Object.keys(columns).join(', ')}) VALUES (current_setting('app.tenant'), ${Object.keys(columns).map((_, i) => `$${i + 1}`).join(', ')})`, Object.values(columns));
    await insert('station', { id: station, site_id: site, identity: `CP-of-${tenant}`, vendor: `vendor-of-${tenant}` });
    await insert('connector', { station_id: station, evse_id: 1, connector_id: 1, status: 'Available', info: `info-of-${tenant}` });
    await insert('token', { id: token, uid: `UID-${tenant}`, driver_name: `driver-of-${tenant}` });
    await insert('driver', { id: uuidv7(), name: `driver-of-${tenant}` });
    await insert('card_group', { id: uuidv7(), name: `group-of-${tenant}`, parent_uid: `PARENT-${tenant}`, sealed_parent: `PARENT-${tenant}` });
    await insert('enrolment', { id: uuidv7(), station_id: station, opened_at: now, expires_at: now, opened_by: `someone-of-${tenant}` });
    await insert('tariff', { id: tariff, name: `tariff-of-${tenant}`, energy_per_kwh_minor: 2_466, valid_from: new Date('2026-01-01') });
    await insert('api_key', { id: uuidv7(), name: `key-of-${tenant}`, role: 'viewer', secret_hmac: Buffer.alloc(32), created_by: `someone-of-${tenant}`, created_at: now, expires_at: now });
    await insert('knocking_station', { identity: `STRANGER-of-${tenant}`, first_seen_at: now, last_seen_at: now, reason: 'unknown station' });
    await insert('security_event', { id: uuidv7(), station_id: station, identity: `CP-of-${tenant}`, kind: `kind-of-${tenant}`, at: now, received_at: now });
    await insert('command', { id: command, station_id: station, action: 'reset', payload: JSON.stringify({ action: 'reset', kind: 'soft' }), idempotency_key: `key-of-${tenant}`, request_hash: 'x', state: 'accepted', created_by: `someone-of-${tenant}`, created_at: now, deadline_at: now });
    await insert('meter_value', { station_id: station, evse_id: 1, connector_id: 1, transaction_ref: `ref-of-${tenant}`, at: now, received_at: now, register_wh: 1 });
    await insert('mirrored_station', { station_id: station, target: `https://mirror-of-${tenant}.firebaseio.com/`, version: 1, state: JSON.stringify({ status: 'STANDBY', power: 0, energy: 0, duration: 0, last_updated: now.toISOString() }), changed_at: now });
    await insert('station_quirk', { station_id: station, kind: 'missing-zone', times: 3, first_at: now, last_at: now, place: `place-of-${tenant}` });
    await insert('quarantined_frame', { id: uuidv7(), station_id: station, key: 'k', action: 'StopTransaction', outcome: 'refused', is_fact: true, kinds: ['not-understood'], reason: `reason-of-${tenant}`, frame: `[2,"1","StopTransaction",{"idTag":"UID-${tenant}"}]`, times: 1, first_at: now, last_at: now });
    const [firmware, rollout] = [uuidv7(), uuidv7()];
    await insert('station_upload', { id: uuidv7(), station_id: station, kind: 'diagnostics', nonce: Buffer.alloc(16), idempotency_key: `key-of-${tenant}`, request_hash: 'x', request_id: 1, created_by: `someone-of-${tenant}`, created_at: now, expires_at: now });
    await insert('firmware_image', { id: firmware, vendor: `vendor-of-${tenant}`, model: 'M', version: '2', file_name: 'f', created_by: `someone-of-${tenant}`, created_by_name: `someone-of-${tenant}`, created_at: now });
    await insert('firmware_rollout', { id: rollout, firmware_id: firmware, state: 'paused', update_timeout_s: 60, created_by: `someone-of-${tenant}`, created_at: now, updated_at: now });
    await insert('firmware_update', { id: uuidv7(), firmware_id: firmware, station_id: station, rollout_id: rollout, request_id: 1, nonce: Buffer.alloc(16), timeout_s: 60, created_by: `someone-of-${tenant}`, created_at: now });
    await insert('configuration_template', { id: uuidv7(), wanted: JSON.stringify({ [`Key-of-${tenant}`]: '1' }), updated_by: `someone-of-${tenant}`, updated_at: now });
    await insert('configuration_value', { station_id: station, key: `Other-of-${tenant}`, value: '1', is_known: true, is_readonly: false, source: 'read', command_id: command, at: now });
    const [certificate, fingerprint] = [uuidv7(), (tenant === 'demo' ? 'd' : 'e').repeat(64)];
    await insert('certificate_authority', { fingerprint_sha256: fingerprint, subject: `subject-of-${tenant}`, operator_name: `operator-of-${tenant}`, certificate_pem: `pem-of-${tenant}`, not_before: now, not_after: now, signs: false, updated_at: now });
    await insert('signing_request', { id: uuidv7(), station_id: station, csr_sha256: `hash-of-${tenant}`, csr_pem: `pem-of-${tenant}`, requested_at: now, detail: `detail-of-${tenant}` });
    await insert('station_certificate', { id: certificate, station_id: station, issuer: `issuer-of-${tenant}`, serial_number: '1', fingerprint_sha256: fingerprint, certificate_pem: `pem-of-${tenant}`, not_before: now, not_after: now, state: 'installed', created_at: now });
    await insert('installed_certificate', { station_id: station, use: 'CentralSystemRootCertificate', hash_algorithm: 'SHA256', issuer_name_hash: `name-of-${tenant}`, issuer_key_hash: `key-of-${tenant}`, serial_number: '1', seen_at: now });
    const [reservation, plan] = [uuidv7(), uuidv7()];
    await insert('reservation', { id: reservation, station_id: station, number: 1, evse_id: 0, token_uid: `UID-${tenant}`, expires_at: now, idempotency_key: `key-of-${tenant}`, created_by: `someone-of-${tenant}`, created_at: now });
    await insert('charging_plan', {
      id: plan, station_id: station, evse_id: 0, profile_number: 1, purpose: 'station-max', stack_level: 0, state: 'accepted', created_by: `someone-of-${tenant}`, created_at: now,
      plan: JSON.stringify({ profileId: 1, purpose: 'station-max', stackLevel: 0, kind: 'Absolute', recurrency: null, validFrom: null, validTo: null, transactionRef: null, unit: 'W', durationS: null, startsAt: now.toISOString(), minRate: null, periods: [{ startS: 0, limit: 1, numberPhases: null }] }),
    });
    const session = await aSession(client, { station, startedAt: new Date(now.getTime() - 7_200_000), transactionRef: `ref-of-${tenant}`, tokenUid: `UID-${tenant}`, billMinor: 24_660 });
    const { rows } = await client.query<{ id: string }>('SELECT id FROM bill WHERE session_id = $1', [session]);
    return { site, station, session, bill: rows[0]!.id, token, tariff, command, reservation, plan, certificate };
  });
}

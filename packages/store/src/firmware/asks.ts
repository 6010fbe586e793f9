import type pg from 'pg';

/** An update that is marked as asked: what its command is made of, the same in every process that makes it. */
export interface FirmwareAsk {
  updateId: string; stationId: string; key: string; nonce: Buffer; requestId: number; askedAt: Date; fileName: string; isSigned: boolean;
  signature: string | null; certificatePem: string | null; createdBy: string;
}

/** The key of an update's command: one a try, so no process and no restart asks twice. */
const keyOf = `'firmware-update/' || u.id || '/' || u.attempt`;

/** Updates that are asked by the books and have no command yet: their process died, or was slower than this one. */
export async function asksToSend(client: pg.ClientBase): Promise<FirmwareAsk[]> {
  const { rows } = await client.query<FirmwareAsk>(
    `SELECT u.id AS "updateId", u.station_id AS "stationId", ${keyOf} AS key, u.nonce, u.request_id AS "requestId", u.asked_at AS "askedAt", f.file_name AS "fileName", u.is_signed AS "isSigned",
       f.signature, f.signing_certificate_pem AS "certificatePem", u.created_by AS "createdBy"
     FROM firmware_update u JOIN firmware_image f ON f.tenant_id = u.tenant_id AND f.id = u.firmware_id
     WHERE u.state = 'asked' AND f.state = 'approved' AND NOT EXISTS (SELECT 1 FROM command c WHERE c.tenant_id = u.tenant_id AND c.idempotency_key = ${keyOf}) ORDER BY u.asked_at LIMIT 200`);
  return rows;
}

/** How long a station that could not be asked is left alone. */
const askAgainAfter = "interval '20 seconds'";

/**
 * What came of the commands. Not written to a socket: the update waits for another turn. A station that does not know SignedUpdateFirmware is asked by
 * UpdateFirmware at its next turn: the firmware is approved either way. A no is a failure; `unknown` waits for the station's own word.
 */
export async function settleAsks(client: pg.ClientBase, now: Date): Promise<void> {
  await client.query(
    `WITH answered AS (
       SELECT u.id, c.state AS said, c.detail, u.is_signed AND c.state = 'failed' AND (c.result ->> 'code') IN ('NotSupported', 'NotImplemented') AS unknown_to_it
       FROM firmware_update u JOIN command c ON c.tenant_id = u.tenant_id AND c.idempotency_key = ${keyOf}
       WHERE u.state = 'asked' AND c.state IN ('rejected', 'failed', 'expired', 'not-connected') FOR UPDATE OF u SKIP LOCKED)
     UPDATE firmware_update u SET
       state = CASE WHEN a.unknown_to_it OR a.said IN ('expired', 'not-connected') THEN 'waiting' ELSE 'failed' END,
       signed_refused = u.signed_refused OR a.unknown_to_it,
       not_before = CASE WHEN a.said IN ('expired', 'not-connected') THEN $1::timestamptz + ${askAgainAfter} END,
       detail = CASE WHEN a.unknown_to_it THEN 'the station does not know SignedUpdateFirmware' ELSE left('the station was asked: ' || coalesce(a.detail, a.said), 300) END,
       ended_at = CASE WHEN a.said IN ('rejected', 'failed') AND NOT a.unknown_to_it THEN $1::timestamptz END
     FROM answered a WHERE u.id = a.id`, [now]);
}

/** Is there anything to drive: asked before the rest, because mostly there is nothing. Each part has its own index of open rows. */
export async function hasFirmwareWork(client: pg.ClientBase, now: Date): Promise<boolean> {
  const { rows } = await client.query<{ work: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM firmware_rollout WHERE state = 'running') OR EXISTS (SELECT 1 FROM firmware_update WHERE state NOT IN ('installed', 'failed', 'cancelled'))
       OR EXISTS (SELECT 1 FROM firmware_update WHERE state = 'installed' AND ended_at > $1::timestamptz - interval '1 hour') AS work`, [now]);
  return rows[0]!.work;
}

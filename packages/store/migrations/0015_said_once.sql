-- Up Migration
-- A repeated POST makes one rollout and one update: the key of the request stands with what it made, as it does for commands and uploads.
ALTER TABLE firmware_rollout ADD COLUMN idempotency_key text, ADD COLUMN request_hash text;
ALTER TABLE firmware_update ADD COLUMN idempotency_key text, ADD COLUMN request_hash text,
  ADD COLUMN fetches integer NOT NULL DEFAULT 0;   -- how often its address was opened: stations try again, and nobody tries for ever (C-13)
CREATE UNIQUE INDEX firmware_rollout_asked_once ON firmware_rollout (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX firmware_update_asked_once ON firmware_update (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

-- The bytes of an upload lie under an id of their own for each try, null: under the upload's. A writer that was away for long cannot put others in their place.
ALTER TABLE station_upload ADD COLUMN file_id uuid;

-- Rows from before: of rollouts of one firmware to one site that are not over the latest goes on, and no answer of a station holds a password. Row by row of
-- tenants, because under forced row security the owner sees none without.
DO $$
DECLARE
  t text;
  named constant text := '("key": "AuthorizationKey", "value": )"(?:[^"\\]|\\.)*"';
  password constant text := '(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])';
BEGIN
  FOR t IN SELECT id FROM tenant LOOP
    PERFORM set_config('app.tenant', t, true);
    UPDATE firmware_rollout r SET state = 'aborted', detail = 'another rollout of this firmware there goes on', updated_at = now()
      WHERE state IN ('running', 'paused', 'stopped') AND EXISTS (SELECT 1 FROM firmware_rollout o WHERE o.firmware_id = r.firmware_id AND o.site_id IS NOT DISTINCT FROM r.site_id AND o.state IN ('running', 'paused', 'stopped') AND o.id > r.id);
    UPDATE firmware_update u SET state = 'cancelled', ended_at = now() FROM firmware_rollout r WHERE r.id = u.rollout_id AND r.state = 'aborted' AND u.state = 'waiting';
    UPDATE command SET
      result = regexp_replace(regexp_replace(result::text, named, '\1"***"', 'gi'), password, '***', 'gi')::jsonb,
      late_result = regexp_replace(regexp_replace(late_result::text, named, '\1"***"', 'gi'), password, '***', 'gi')::jsonb,
      detail = regexp_replace(detail, password, '***', 'gi')
      WHERE action IN ('get-configuration', 'change-configuration', 'push-credential', 'set-security-profile', 'data-transfer')
        AND (concat_ws(' ', result::text, late_result::text) ~* named OR concat_ws(' ', result::text, late_result::text, detail) ~* password);
    UPDATE security_event SET detail = regexp_replace(detail, password, '***', 'gi') WHERE detail ~* password;
    UPDATE quarantined_frame SET frame = regexp_replace(frame, password, '***', 'gi'), reason = regexp_replace(reason, password, '***', 'gi') WHERE frame ~* password OR reason ~* password;
  END LOOP;
  PERFORM set_config('app.tenant', '', true);
END $$;
CREATE UNIQUE INDEX firmware_rollout_one_at_a_time ON firmware_rollout (tenant_id, firmware_id, site_id) NULLS NOT DISTINCT WHERE state IN ('running', 'paused', 'stopped');

-- Down Migration
-- Books are never taken down.

-- Up Migration
-- What the rules of a session remember between messages (packages/domain/src/session/session-state.ts).
ALTER TABLE session
  ADD COLUMN meter_start_at timestamptz,
  ADD COLUMN last_register_at timestamptz,
  ADD COLUMN charging_state text,
  ADD COLUMN charging_state_at timestamptz;
CREATE INDEX session_open_by_token ON session (tenant_id, lower(token_uid)) WHERE state = 'active';
CREATE INDEX orphan_stop_open ON orphan_stop (tenant_id, station_id) WHERE matched_session_id IS NULL;
CREATE INDEX bill_provisional ON bill (tenant_id, created_at) WHERE state = 'provisional';

-- A day that already has rows in the catch-all stays there: row security hides them from the owner too, so the check is the table's own.
CREATE OR REPLACE FUNCTION ensure_meter_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE d date; part text; made integer := 0;
BEGIN
  IF last_day - first_day > 400 THEN RAISE EXCEPTION 'at most 400 days at once'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('csms.meter_partitions'));
  FOR d IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    part := 'meter_value_' || to_char(d, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF meter_value FOR VALUES FROM (%L) TO (%L)', part,
        d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
      EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', part);
      made := made + 1;
    EXCEPTION WHEN check_violation THEN NULL;
    END;
  END LOOP;
  RETURN made;
END $$;

-- Down Migration
-- Books are never taken down.

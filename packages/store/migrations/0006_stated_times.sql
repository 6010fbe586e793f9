-- Up Migration
-- A charger whose clock is wrong (G-13): started_at and ended_at are what counts, these are what it said, null where both are the same. The natural key
-- of a 1.6 start stays the charger's own word, so that a repetition is known whenever and wherever it comes; a register that could not be read is null.
ALTER TABLE session ADD COLUMN stated_started_at timestamptz, ADD COLUMN stated_ended_at timestamptz;
DROP INDEX session_start_16;
CREATE UNIQUE INDEX session_start_16 ON session (tenant_id, station_id, connector_id, token_uid, (coalesce(stated_started_at, started_at)), meter_start_wh) NULLS NOT DISTINCT
  WHERE ocpp_version = 'ocpp1.6' AND source = 'ocpp';

-- Whose transaction a stop speaks of that is nobody's at its own station.
CREATE INDEX session_by_ref ON session (tenant_id, transaction_ref);

-- Down Migration
-- Books are never taken down.

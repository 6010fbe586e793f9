-- Up Migration
-- A station that loses power ends what ran on all its connectors in one second, with the id -1 for each: card and register are part of what a stop is.
CREATE UNIQUE INDEX orphan_stop_said ON orphan_stop (tenant_id, station_id, transaction_ref, ended_at, token_uid, meter_stop_wh) NULLS NOT DISTINCT;
ALTER TABLE orphan_stop DROP CONSTRAINT orphan_stop_tenant_id_station_id_transaction_ref_ended_at_key;

-- Down Migration
-- Books are never taken down.

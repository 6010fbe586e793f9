-- Up Migration
-- What a batch looks for under its locks: stops without a start, bills that wait for a late stop.
CREATE INDEX orphan_stop_open ON orphan_stop (tenant_id, station_id) WHERE matched_session_id IS NULL;
CREATE INDEX bill_provisional ON bill (tenant_id, created_at) WHERE state = 'provisional';

-- Down Migration
-- Books are never taken down.

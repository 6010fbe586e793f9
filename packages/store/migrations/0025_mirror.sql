-- Up Migration
-- What the public mirror shows of each station, and how far it has been written. One row a station, whatever happened since: the mirror's outbox is coalesced by
-- construction and cannot grow. docs/mirror.md
CREATE TABLE mirrored_station (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  public_id     uuid NOT NULL DEFAULT gen_random_uuid(),       -- opens no door: random, and nobody's login
  target        text NOT NULL DEFAULT '' CHECK (length(target) <= 500),  -- the database that it is written to
  version       bigint NOT NULL DEFAULT 0,         -- rises with every change of `state`, and never falls
  state         jsonb,                             -- packages/domain/src/public-state; null: the node is to be taken away
  changed_at    timestamptz,                       -- the oldest change that is not written yet; null: all is
  written_version bigint NOT NULL DEFAULT 0,
  written_at    timestamptz,
  PRIMARY KEY (tenant_id, station_id),
  UNIQUE (tenant_id, public_id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
CREATE INDEX mirrored_station_unwritten ON mirrored_station (tenant_id, target, changed_at) WHERE changed_at IS NOT NULL;

ALTER TABLE mirrored_station ENABLE ROW LEVEL SECURITY;
ALTER TABLE mirrored_station FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON mirrored_station USING (tenant_id = nullif(current_setting('app.tenant', true), '')) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), ''));
GRANT SELECT, INSERT, UPDATE ON mirrored_station TO csms_app;

-- Down Migration
-- Books are never taken down.

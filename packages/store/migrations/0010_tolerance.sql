-- Up Migration
-- What stations do differently from the text of OCPP: how often, and the frames that were refused or mended. docs/tolerance.md has the rule.
CREATE TABLE station_quirk (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  kind          text NOT NULL CHECK (length(kind) <= 40),      -- packages/domain/src/tolerance/deviation.ts
  times         bigint NOT NULL,
  first_at      timestamptz NOT NULL, last_at timestamptz NOT NULL,
  place         text NOT NULL,                     -- where it was seen last, e.g. StatusNotification/info
  PRIMARY KEY (tenant_id, station_id, kind),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);

CREATE TABLE quarantined_frame (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  key           text NOT NULL CHECK (length(key) <= 64),       -- frames of one key are one row
  action        text NOT NULL,
  outcome       text NOT NULL CHECK (outcome IN ('refused', 'repaired', 'unreadable')),
  is_fact       boolean NOT NULL,                  -- a transaction message, kept whole before it was answered
  kinds         text[] NOT NULL,
  reason        text NOT NULL,
  frame         text NOT NULL CHECK (length(frame) <= 65536),
  times         bigint NOT NULL,
  first_at      timestamptz NOT NULL, last_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, key),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
CREATE INDEX quarantined_frame_latest ON quarantined_frame (tenant_id, station_id, last_at DESC, id DESC);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['station_quirk', 'quarantined_frame'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO csms_app', t);
  END LOOP;
END $$;

-- Down Migration
-- Books are never taken down.

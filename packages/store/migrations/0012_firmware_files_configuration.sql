-- Up Migration
-- Files that stations send, firmware that they fetch, and what is configured in them (OCPP 1.6: FirmwareManagement, Core, security whitepaper). The bytes lie in
-- a folder or in S3 under the id of their row; a row without its bytes says so by its state.

-- One asked upload: a single-use address, and the file when it came whole.
CREATE TABLE station_upload (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('diagnostics', 'diagnostics-log', 'security-log')),
  nonce         bytea NOT NULL CHECK (length(nonce) = 16),   -- the chance in the address; its secret is an HMAC over this
  idempotency_key text NOT NULL,
  request_hash  text NOT NULL,                     -- the same key for another request is a conflict
  request_id    integer NOT NULL,                  -- GetLog's; for GetDiagnostics ours alone
  from_at       timestamptz, to_at timestamptz,
  state         text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'receiving', 'stored', 'failed', 'expired', 'deleted')),
  station_says  text, station_said_at timestamptz, -- the last status that the station told of it
  created_by    text NOT NULL, created_at timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  receiving_until timestamptz, attempts integer NOT NULL DEFAULT 0,
  file_name     text CHECK (length(file_name) <= 255), size_bytes bigint, sha256 text, stored_at timestamptz, deleted_at timestamptz,
  detail        text,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, idempotency_key),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id),
  CHECK (expires_at <= created_at + interval '1 hour'),
  CHECK (state <> 'stored' OR (size_bytes IS NOT NULL AND sha256 IS NOT NULL AND stored_at IS NOT NULL))
);
CREATE INDEX station_upload_by_time ON station_upload (tenant_id, created_at DESC, id DESC);
CREATE INDEX station_upload_by_station ON station_upload (tenant_id, station_id, created_at DESC);
CREATE INDEX station_upload_open ON station_upload (tenant_id, expires_at) WHERE state IN ('asked', 'receiving');
CREATE INDEX station_upload_kept ON station_upload (tenant_id, stored_at) WHERE state = 'stored';
CREATE SEQUENCE station_request_id AS integer START 1 MAXVALUE 2147483647 CYCLE;   -- requestId of GetLog and SignedUpdateFirmware

-- The catalogue of firmware. Nothing goes to a station that is not approved: by a second person, or by the signature of a certificate that a second
-- person approved before.
CREATE TABLE firmware_image (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  vendor        text NOT NULL, model text NOT NULL, version text NOT NULL, file_name text NOT NULL CHECK (length(file_name) <= 255),
  state         text NOT NULL DEFAULT 'awaiting-file' CHECK (state IN ('awaiting-file', 'awaiting-approval', 'approved', 'withdrawn')),
  signature     text, signing_certificate_pem text, signing_fingerprint text,
  file_id       uuid, size_bytes bigint, sha256 text,   -- the bytes lie under file_id: nothing that comes later can take their place
  created_by    text NOT NULL, created_by_name text NOT NULL, created_at timestamptz NOT NULL,
  uploaded_by   text, uploaded_at timestamptz,
  approved_by   text, approved_by_name text, approved_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK ((signature IS NULL) = (signing_certificate_pem IS NULL)),
  CHECK ((signature IS NULL) = (signing_fingerprint IS NULL)),
  CHECK (state NOT IN ('awaiting-approval', 'approved') OR (file_id IS NOT NULL AND size_bytes IS NOT NULL AND sha256 IS NOT NULL)),
  -- Unsigned: never by the person who brought it.
  CHECK (state <> 'approved' OR signature IS NOT NULL OR (approved_by IS NOT NULL AND approved_by <> created_by AND approved_by <> uploaded_by))
);
CREATE UNIQUE INDEX firmware_image_version ON firmware_image (tenant_id, lower(vendor), lower(model), version) WHERE state <> 'withdrawn';
CREATE INDEX firmware_image_by_time ON firmware_image (tenant_id, created_at DESC, id DESC);
CREATE INDEX firmware_image_signer ON firmware_image (tenant_id, signing_fingerprint) WHERE state = 'approved';

CREATE TABLE firmware_rollout (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  firmware_id   uuid NOT NULL,
  site_id       uuid,                              -- null: every site of the tenant
  state         text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'stopped', 'aborted', 'done')),
  stage         text NOT NULL DEFAULT 'one' CHECK (stage IN ('one', 'tenth', 'all')),
  detail        text,
  forgiven_started integer NOT NULL DEFAULT 0, forgiven_failed integer NOT NULL DEFAULT 0,   -- counted before a person let a stopped one go on
  update_timeout_s integer NOT NULL CHECK (update_timeout_s BETWEEN 1 AND 86400),
  created_by    text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, firmware_id) REFERENCES firmware_image (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id)
);
CREATE INDEX firmware_rollout_by_time ON firmware_rollout (tenant_id, created_at DESC, id DESC);
CREATE INDEX firmware_rollout_running ON firmware_rollout (tenant_id) WHERE state = 'running';

-- One station's way to one firmware, alone or as part of a rollout.
CREATE TABLE firmware_update (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  firmware_id   uuid NOT NULL,
  station_id    uuid NOT NULL,
  rollout_id    uuid,
  place         integer NOT NULL DEFAULT 0,        -- its turn in the rollout
  state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'asked', 'downloading', 'downloaded', 'installing', 'installed', 'failed', 'cancelled')),
  attempt       integer NOT NULL DEFAULT 0,        -- commands sent for it; the number is part of their idempotency key
  is_signed     boolean NOT NULL DEFAULT false,    -- asked by SignedUpdateFirmware
  signed_refused boolean NOT NULL DEFAULT false,   -- the station does not know SignedUpdateFirmware
  request_id    integer NOT NULL,
  nonce         bytea NOT NULL CHECK (length(nonce) = 16),
  not_before    timestamptz,                       -- no try before this
  asked_at      timestamptz, expires_at timestamptz, fetched_at timestamptz,
  firmware_before text,
  station_says  text, station_said_at timestamptz,
  detail        text,
  timeout_s     integer NOT NULL,
  created_by    text NOT NULL, created_at timestamptz NOT NULL, ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, rollout_id, station_id),
  FOREIGN KEY (tenant_id, firmware_id) REFERENCES firmware_image (tenant_id, id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id),
  FOREIGN KEY (tenant_id, rollout_id) REFERENCES firmware_rollout (tenant_id, id)
);
-- A station is on its way to one firmware at a time.
CREATE UNIQUE INDEX firmware_update_on_its_way ON firmware_update (tenant_id, station_id) WHERE state IN ('asked', 'downloading', 'downloaded', 'installing');
CREATE INDEX firmware_update_open ON firmware_update (tenant_id, id) WHERE state NOT IN ('installed', 'failed', 'cancelled');
CREATE INDEX firmware_update_just_installed ON firmware_update (tenant_id, ended_at) WHERE state = 'installed';   -- a boot may still disprove it
CREATE INDEX firmware_update_by_station ON firmware_update (tenant_id, station_id, asked_at DESC);
CREATE INDEX firmware_update_by_time ON firmware_update (tenant_id, created_at DESC, id DESC);
CREATE INDEX firmware_update_of_rollout ON firmware_update (tenant_id, rollout_id, place);

-- What a station said that it has configured, when, and in answer to which command.
CREATE TABLE configuration_value (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  key           text NOT NULL CHECK (length(key) BETWEEN 1 AND 50),
  value         text CHECK (length(value) <= 2500),  -- null: the station has the key without a value
  is_known      boolean NOT NULL,                  -- false: the station does not know the key
  is_readonly   boolean NOT NULL,
  pending_value text CHECK (length(pending_value) <= 2500),  -- taken, and in force after a reboot
  source        text NOT NULL CHECK (source IN ('read', 'changed')),
  command_id    uuid NOT NULL, at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, station_id, key),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id),
  FOREIGN KEY (tenant_id, command_id) REFERENCES command (tenant_id, id)
);

CREATE TABLE configuration_template (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  site_id       uuid,                              -- null: every site of the tenant; a site's own goes before it, key by key
  wanted        jsonb NOT NULL,                    -- key -> value
  updated_by    text NOT NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE NULLS NOT DISTINCT (tenant_id, site_id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id)
);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['station_upload', 'firmware_image', 'firmware_rollout', 'firmware_update', 'configuration_value', 'configuration_template'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO csms_app', t);
  END LOOP;
END $$;
GRANT USAGE ON SEQUENCE station_request_id TO csms_app;
-- What was sent or installed stays on record.
REVOKE DELETE ON station_upload, firmware_image, firmware_rollout, firmware_update FROM csms_app;

-- Down Migration
-- Books are never taken down.

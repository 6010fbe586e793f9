-- Up Migration
-- Certificates of stations (OCPP 1.6 security whitepaper; security profile 3). Public things alone: no private key is ever in the books.

-- Whom a tenant lets sign. The API writes here what it finds in its folder of authorities; the gateway reads.
CREATE TABLE certificate_authority (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  fingerprint_sha256 text NOT NULL CHECK (fingerprint_sha256 ~ '^[0-9a-f]{64}$'),
  subject       text NOT NULL,
  operator_name text NOT NULL,                     -- what O must be in its stations' certificates (CpoName)
  certificate_pem text NOT NULL CHECK (length(certificate_pem) <= 20000),
  not_before    timestamptz NOT NULL, not_after timestamptz NOT NULL,
  signs         boolean NOT NULL,                  -- false: believed, but new certificates are not signed with it here
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'retired')),
  updated_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, fingerprint_sha256)
);

-- SignCertificate.req: kept before it is answered.
CREATE TABLE signing_request (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  csr_sha256    text NOT NULL,
  csr_pem       text NOT NULL CHECK (length(csr_pem) <= 10240),
  requested_at  timestamptz NOT NULL,
  state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'signed', 'refused')),
  detail        text,
  settled_at    timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, csr_sha256),      -- the same request again is the same request
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
CREATE INDEX signing_request_pending ON signing_request (tenant_id, requested_at) WHERE state = 'pending';
CREATE INDEX signing_request_by_station ON signing_request (tenant_id, station_id, requested_at DESC);

-- A station's own certificate: signed by us, or seen when the station came in with it.
CREATE TABLE station_certificate (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  request_id    uuid,                              -- null: not asked of us
  issuer        text NOT NULL,
  serial_number text NOT NULL,                     -- upper-case hex without leading zeros
  fingerprint_sha256 text NOT NULL,
  certificate_pem text NOT NULL,                   -- the chain as it is sent, leaf first
  not_before    timestamptz NOT NULL, not_after timestamptz NOT NULL,
  state         text NOT NULL CHECK (state IN ('issued', 'installed', 'rejected', 'revoked')),
  detail        text,
  created_at    timestamptz NOT NULL,
  deliveries integer NOT NULL DEFAULT 0, delivery_tried_at timestamptz, delivery_due_at timestamptz,
  installed_at  timestamptz,                       -- the station said that it took it
  first_used_at timestamptz,                       -- the station came in with it
  renewal_asked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, fingerprint_sha256),
  UNIQUE (tenant_id, request_id),                  -- one certificate a request, whoever signs twice
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id),
  FOREIGN KEY (tenant_id, request_id) REFERENCES signing_request (tenant_id, id)
);
CREATE INDEX station_certificate_by_time ON station_certificate (tenant_id, created_at DESC, id DESC);
CREATE INDEX station_certificate_undelivered ON station_certificate (tenant_id, delivery_due_at) WHERE state = 'issued';

-- Our own revocations, and those read from the lists of other authorities.
CREATE TABLE revoked_certificate (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  issuer        text NOT NULL,
  serial_number text NOT NULL,
  revoked_at    timestamptz NOT NULL,
  source        text NOT NULL CHECK (source IN ('operator', 'list')),
  reason        text,
  PRIMARY KEY (tenant_id, issuer, serial_number)
);

-- What a station says is installed in it (GetInstalledCertificateIds), and what it took or deleted since.
CREATE TABLE installed_certificate (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  use           text NOT NULL,
  hash_algorithm text NOT NULL, issuer_name_hash text NOT NULL, issuer_key_hash text NOT NULL, serial_number text NOT NULL,
  subject       text,                              -- known where we sent it
  seen_at       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, station_id, use, hash_algorithm, issuer_name_hash, issuer_key_hash, serial_number),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);

-- Security events: the same one again is a count, not a row. Rows from before this have no key and stay as they are.
ALTER TABLE security_event ADD COLUMN severity text NOT NULL DEFAULT 'notice' CHECK (severity IN ('critical', 'notice'));
ALTER TABLE security_event ADD COLUMN source text NOT NULL DEFAULT 'station' CHECK (source IN ('station', 'csms'));
ALTER TABLE security_event ADD COLUMN times integer NOT NULL DEFAULT 1;
ALTER TABLE security_event ADD COLUMN last_received_at timestamptz;
ALTER TABLE security_event ADD COLUMN same_key text;
CREATE UNIQUE INDEX security_event_same ON security_event (tenant_id, same_key);
CREATE INDEX security_event_by_time ON security_event (tenant_id, at DESC, id DESC);

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['certificate_authority', 'signing_request', 'station_certificate', 'revoked_certificate', 'installed_certificate'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO csms_app', t);
  END LOOP;
END $$;
-- What was asked for, signed or revoked stays on record.
REVOKE DELETE ON signing_request, station_certificate, revoked_certificate, certificate_authority FROM csms_app;

-- Down Migration
-- Books are never taken down.

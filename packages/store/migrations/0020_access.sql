-- Up Migration
-- Who may do what, beyond what the issuer says: keys for programs, staff that acts as a tenant's own, and from when on older tokens of somebody count no more.

CREATE TABLE api_key (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  role          text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  areas         text[],                            -- tags of the API's description; null: all
  secret_hmac   bytea NOT NULL,                    -- under the pepper, with the tenant in what is signed
  created_by    text NOT NULL, created_at timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  revoked_at    timestamptz, revoked_by text,
  last_used_at  timestamptz,                       -- to the minute
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, secret_hmac)
);

CREATE TABLE impersonation (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  staff_subject text NOT NULL, staff_name text,
  role          text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  reason        text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  secret_hmac   bytea NOT NULL,
  started_at    timestamptz NOT NULL, expires_at timestamptz NOT NULL,
  ended_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, secret_hmac)
);

-- No reference to tenant: the platform's staff have the book '*', which no tenant can be called.
CREATE TABLE access_cut (
  tenant_id     text NOT NULL,
  subject       text NOT NULL,
  not_before    timestamptz NOT NULL,              -- a token that was issued before this is no token any more
  PRIMARY KEY (tenant_id, subject)
);

ALTER TABLE audit
  ADD COLUMN address text,                         -- where the request came from
  ADD COLUMN impersonation_id uuid;                -- staff of the platform acted as the tenant's own

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['api_key', 'impersonation', 'access_cut'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON api_key, impersonation, access_cut TO csms_app;

-- Down Migration
-- Books are never taken down.

-- Up Migration
-- How a station has to come in (OCPP 1.6 security whitepaper, 2.0.1 part A): 0 nothing, 1 password, 2 password over TLS, 3 certificate over TLS. What is there
-- already came over a plain port with a password.
ALTER TABLE station
  ADD COLUMN security_profile smallint NOT NULL DEFAULT 1 CHECK (security_profile BETWEEN 0 AND 3),
  ADD COLUMN security_profile_next smallint CHECK (security_profile_next BETWEEN 1 AND 3),  -- asked for; final with the first connection under it, never lower
  ADD COLUMN credential_sealed bytea,              -- the new password under a key made of the pepper, from its making until its first use or its refusal
  ADD CONSTRAINT station_profile_rises CHECK (security_profile_next > security_profile);

-- The bus of an installation without Redis: how often something happened in a window of time. As the other tables of the bus: no fact, no tenant, may be truncated.
CREATE UNLOGGED TABLE bus_rate (
  key           text PRIMARY KEY,
  count         integer NOT NULL,
  expires_at    timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON bus_rate TO csms_bus, csms_app;

-- Down Migration
-- Books are never taken down.

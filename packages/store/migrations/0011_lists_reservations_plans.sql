-- Up Migration
-- What a 1.6 station was told beyond single commands: its local authorisation list, its reservations, its charging profiles.

-- Rises with every change of a tenant's cards, whatever changed them; a local list made from a lower one is stale.
CREATE TABLE card_revision (
  tenant_id     text PRIMARY KEY REFERENCES tenant (id),
  revision      bigint NOT NULL
);
CREATE FUNCTION card_revision_rises() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO card_revision AS r (tenant_id, revision) SELECT DISTINCT tenant_id, 1 FROM changed ORDER BY tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET revision = r.revision + 1;
  RETURN NULL;
END $$;
CREATE TRIGGER token_added AFTER INSERT ON token REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION card_revision_rises();
CREATE TRIGGER token_changed AFTER UPDATE ON token REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION card_revision_rises();
CREATE TRIGGER token_removed AFTER DELETE ON token REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION card_revision_rises();

-- A station has a row from the first time that its list was to be synchronised, and is kept in step from then on.
CREATE TABLE local_list (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  version       integer NOT NULL DEFAULT 0,        -- that the station accepted last; 0: none
  sent_version  integer NOT NULL DEFAULT 0,        -- the highest that was ever sent, so that none is used twice
  content_known boolean NOT NULL DEFAULT false,    -- false: the entries below may not be what the station has; the next update is a full one
  card_revision bigint NOT NULL DEFAULT -1,        -- of the cards that the last whole update was made from
  reported_version integer, reported_at timestamptz,   -- GetLocalListVersion; -1: not supported
  outcome       text NOT NULL DEFAULT 'never' CHECK (outcome IN ('never', 'in-step', 'failed', 'too-long', 'unsupported')),
  detail        text,
  synced_at     timestamptz, tried_at timestamptz,
  failures      integer NOT NULL DEFAULT 0, retry_at timestamptz,
  syncing_until timestamptz,                       -- somebody is at it; longer than any of them can take
  PRIMARY KEY (tenant_id, station_id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);

-- What the station accepted, card by card.
CREATE TABLE local_list_entry (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  card_key      text NOT NULL,                     -- the number in lower case (CiString)
  token_uid     text NOT NULL,
  status        text NOT NULL,
  valid_until   timestamptz,
  parent_uid    text,
  PRIMARY KEY (tenant_id, station_id, card_key),
  FOREIGN KEY (tenant_id, station_id) REFERENCES local_list (tenant_id, station_id)
);

-- Numbers by which stations know reservations and charging profiles: positive and 31 bit, as those of transactions.
CREATE SEQUENCE reservation_number AS integer START 1 MAXVALUE 2147483647 NO CYCLE;
CREATE SEQUENCE charging_profile_number AS integer START 1 MAXVALUE 2147483647 NO CYCLE;

CREATE TABLE reservation (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  number        integer NOT NULL,                  -- reservationId on the wire
  evse_id       integer NOT NULL CHECK (evse_id >= 0),  -- 0: any of the station
  token_uid     text NOT NULL,
  parent_uid    text,
  expires_at    timestamptz NOT NULL,
  state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'active', 'taken', 'expired', 'cancelled', 'refused')),
  detail        text,
  session_id    uuid,                              -- that took it
  idempotency_key text NOT NULL,
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL,
  ended_at      timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, number),
  UNIQUE (tenant_id, idempotency_key),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
-- The few that are open: what a start or a fault is held against, and what expires.
CREATE INDEX reservation_open ON reservation (tenant_id, station_id) WHERE state IN ('pending', 'active');
CREATE INDEX reservation_by_time ON reservation (tenant_id, created_at DESC, id DESC);

CREATE TABLE charging_plan (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  evse_id       integer NOT NULL CHECK (evse_id >= 0),  -- 0: the station, or each of its EVSEs
  profile_number integer NOT NULL,                 -- chargingProfileId on the wire
  purpose       text NOT NULL CHECK (purpose IN ('station-max', 'session-default', 'session')),
  stack_level   integer NOT NULL CHECK (stack_level >= 0),
  plan          jsonb NOT NULL,                    -- ChargingPlan (packages/contracts/src/commands/charging-plan.ts)
  session_id    uuid,                              -- purpose session: whose
  state         text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'accepted', 'refused', 'replaced', 'cleared')),
  detail        text,
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL,
  accepted_at   timestamptz, ended_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, profile_number),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id)
);
CREATE INDEX charging_plan_by_station ON charging_plan (tenant_id, station_id, created_at DESC, id DESC);
CREATE INDEX charging_plan_installed ON charging_plan (tenant_id, station_id) WHERE state IN ('pending', 'accepted');

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['card_revision', 'local_list', 'local_list_entry', 'reservation', 'charging_plan'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO csms_app', t);
  END LOOP;
END $$;
GRANT DELETE ON local_list_entry TO csms_app;
GRANT USAGE ON SEQUENCE reservation_number, charging_profile_number TO csms_app;

-- Down Migration
-- Books are never taken down.

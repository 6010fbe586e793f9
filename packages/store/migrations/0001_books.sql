-- Up Migration
-- The books: every table carries tenant_id, is keyed and referenced with it, and is closed by forced row-level security at the end of this file.
-- Roles exist before this runs (see src/migrate.ts): csms_app logs in, owns nothing and cannot bypass row security.

CREATE TABLE tenant (
  id            text PRIMARY KEY CHECK (id ~ '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
  display_name  text NOT NULL,
  currency      text NOT NULL DEFAULT 'IDR',
  created_at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE site (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  namespace     text NOT NULL,
  name          text NOT NULL,
  display_name  text NOT NULL,
  latitude      double precision,
  longitude     double precision,
  address       text,
  time_zone     text NOT NULL,
  grid_max_power_w double precision,
  heartbeat_interval_s integer NOT NULL DEFAULT 300,
  spec          jsonb NOT NULL DEFAULT '{}',      -- what the ChargingSite object says; read-only for the API
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'deleted')),
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, namespace, name)
);

CREATE TABLE station (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  site_id       uuid NOT NULL,
  identity      text NOT NULL CHECK (length(identity) BETWEEN 1 AND 48),
  display_name  text,
  credential_hmac bytea,                           -- HMAC-SHA256 under the pepper; null: no one can connect yet
  credential_hmac_next bytea,                      -- the new key until its first use (G-33)
  ocpp_version  text,                              -- ocpp1.6 | ocpp2.0.1 | ocpp2.1, as last negotiated
  vendor        text, model text, serial text, firmware text,
  booted_at     timestamptz,
  registration  text NOT NULL DEFAULT 'Accepted' CHECK (registration IN ('Accepted', 'Pending', 'Rejected')),
  online        boolean NOT NULL DEFAULT false,
  online_epoch  bigint NOT NULL DEFAULT 0,         -- the ownership epoch that presence was written under
  online_since  timestamptz, offline_since timestamptz,
  last_seen_at  timestamptz,
  status        text, error_code text, status_info text, status_at timestamptz,  -- connectorId 0: the station itself
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, identity),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id)
);

CREATE TABLE knocking_station (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  identity      text NOT NULL CHECK (length(identity) BETWEEN 1 AND 48),
  first_seen_at timestamptz NOT NULL, last_seen_at timestamptz NOT NULL,
  attempts      bigint NOT NULL DEFAULT 1,
  remote_address text, ocpp_version text, reason text NOT NULL,
  PRIMARY KEY (tenant_id, identity)
);

CREATE TABLE connector (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  evse_id       integer NOT NULL,                  -- 1.6: equal to connector_id
  connector_id  integer NOT NULL CHECK (connector_id > 0),
  status        text NOT NULL DEFAULT 'Unknown',   -- the 1.6 words; 2.x Occupied is refined by the running session
  error_code    text, info text,
  status_at     timestamptz,                       -- the charger's clock (or receipt when it gave none)
  received_at   timestamptz,
  PRIMARY KEY (tenant_id, station_id, evse_id, connector_id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);

CREATE TABLE token (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  uid           text NOT NULL CHECK (length(uid) BETWEEN 1 AND 36),
  kind          text NOT NULL DEFAULT 'rfid' CHECK (kind IN ('rfid', 'app', 'vehicle', 'central')),
  driver_name   text,
  status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
  valid_until   timestamptz,
  parent_uid    text,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX token_uid ON token (tenant_id, lower(uid));    -- CiString in the OCPP text

CREATE TABLE tariff (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  site_id       uuid,                              -- null: the tenant's default
  name          text NOT NULL,
  currency      text NOT NULL DEFAULT 'IDR',
  energy_per_kwh_minor integer NOT NULL CHECK (energy_per_kwh_minor >= 0),
  session_fee_minor integer NOT NULL DEFAULT 0 CHECK (session_fee_minor >= 0),
  idle_per_minute_minor integer NOT NULL DEFAULT 0 CHECK (idle_per_minute_minor >= 0),
  idle_grace_minutes integer NOT NULL DEFAULT 0 CHECK (idle_grace_minutes >= 0),
  valid_from    timestamptz NOT NULL,
  valid_until   timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id)
);

-- G-05: 1.6 transaction ids are positive 31-bit integers from here and from nowhere else.
CREATE SEQUENCE ocpp16_transaction_id AS integer START 1 MAXVALUE 2147483647 NO CYCLE;

CREATE TABLE session (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  evse_id       integer NOT NULL,
  connector_id  integer,                           -- null: a 2.x station that never said which (G-40)
  transaction_ref text NOT NULL,                   -- the OCPP transaction id as text
  ocpp_version  text NOT NULL,
  source        text NOT NULL DEFAULT 'ocpp' CHECK (source IN ('ocpp', 'import')),
  token_uid     text,
  token_id      uuid,
  authorization_status text NOT NULL DEFAULT 'Accepted',  -- Accepted | Blocked | Expired | Invalid | ConcurrentTx
  remote_start_id text,
  started_at    timestamptz NOT NULL, start_received_at timestamptz NOT NULL,   -- charger's clock; ours
  meter_start_wh double precision, meter_start_at timestamptz,                  -- 2.x: the earliest register of its events, whatever came first
  ended_at      timestamptz, end_received_at timestamptz,
  meter_stop_wh double precision,
  stop_reason   text, stop_token_uid text,
  state         text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'ended', 'lost-stop')),
  energy_wh     double precision,                  -- register at end minus at start; never negative (G-19 flags)
  charging_ended_at timestamptz,                   -- when energy stopped flowing
  idle_since    timestamptz,                       -- SuspendedEV since, while it lasts
  idle_seconds  integer NOT NULL DEFAULT 0,
  last_register_wh double precision, last_power_w double precision, last_soc_pct double precision, last_reading_at timestamptz,
  last_register_at timestamptz,                    -- when last_register_wh was read; the newest reading may have carried none
  charging_state text, charging_state_at timestamptz,  -- Charging | SuspendedEV | ..., by status (1.6) or by event (2.x), and since when
  last_seq_no   integer,                           -- 2.x
  flags         text[] NOT NULL DEFAULT '{}',      -- e.g. negative-energy, offline-start, unknown-token, late-stop, seq-gap
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, transaction_ref),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
-- I-2: the natural key of a 1.6 start. Any retry, on any gateway, at any time, meets this row.
CREATE UNIQUE INDEX session_start_16 ON session (tenant_id, station_id, connector_id, token_uid, started_at, meter_start_wh)
  WHERE ocpp_version = 'ocpp1.6' AND source = 'ocpp';
CREATE INDEX session_open ON session (tenant_id, station_id, evse_id) WHERE state = 'active';
CREATE INDEX session_open_by_token ON session (tenant_id, lower(token_uid)) WHERE state = 'active';
CREATE INDEX session_by_start ON session (tenant_id, started_at DESC, id DESC);
CREATE INDEX session_by_station ON session (tenant_id, station_id, started_at DESC, id DESC);

-- Every message that touched a session and what was decided: evidence for `csmsctl session explain`.
CREATE TABLE session_event (
  tenant_id     text NOT NULL,
  id            bigint GENERATED ALWAYS AS IDENTITY,
  station_id    uuid NOT NULL,
  session_id    uuid,                              -- null: nobody's (yet)
  transaction_ref text,
  action        text NOT NULL,                     -- StartTransaction, TransactionEvent/Updated, ...
  message_id    text NOT NULL,
  seq_no        integer,
  charging_state text,                             -- 2.x: what the event said, so that idle time can be counted again when an event comes late
  event_at      timestamptz,                       -- the charger's clock
  received_at   timestamptz NOT NULL,
  verdict       text NOT NULL CHECK (verdict IN ('applied', 'duplicate', 'late', 'orphan', 'conflict')),
  detail        text,                              -- the decision in words
  payload       jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
CREATE INDEX session_event_by_session ON session_event (tenant_id, session_id, id);
CREATE INDEX session_event_seq ON session_event (tenant_id, station_id, transaction_ref, seq_no) WHERE seq_no IS NOT NULL;

-- I-11: a stop that matches nothing is kept until its start arrives or an operator settles it.
CREATE TABLE orphan_stop (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  transaction_ref text NOT NULL,
  token_uid     text,
  meter_stop_wh double precision,
  ended_at      timestamptz NOT NULL,
  received_at   timestamptz NOT NULL,
  reason        text,
  payload       jsonb NOT NULL,
  matched_session_id uuid,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, station_id, transaction_ref, ended_at),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);

CREATE TABLE bill (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  session_id    uuid NOT NULL,
  tariff_id     uuid,
  currency      text NOT NULL,
  energy_wh     double precision NOT NULL CHECK (energy_wh >= 0),
  total_minor   bigint NOT NULL CHECK (total_minor >= 0),
  lines         jsonb NOT NULL,                    -- the calculation, line by line
  state         text NOT NULL CHECK (state IN ('provisional', 'final')),
  created_at    timestamptz NOT NULL, finalized_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, session_id),                  -- I-3: one bill a session, ever
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id),
  FOREIGN KEY (tenant_id, tariff_id) REFERENCES tariff (tenant_id, id)
);

-- One row a (connector, time); no foreign key, because this is the hot path and its station was resolved at connect.
CREATE TABLE meter_value (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  evse_id       integer NOT NULL,
  connector_id  integer NOT NULL,                  -- 0 where a 2.x station gave none
  transaction_ref text NOT NULL DEFAULT '',        -- part of the key: one session's End and the next one's Begin may share a second
  at            timestamptz NOT NULL,
  received_at   timestamptz NOT NULL,
  context       text,
  register_wh   double precision,                  -- Energy.Active.Import.Register
  power_w       double precision,                  -- Power.Active.Import
  current_a     double precision, voltage_v double precision, soc_pct double precision, temperature_c double precision,
  other         jsonb,                             -- every other sample, and the raw value and unit where one was converted or flagged
  PRIMARY KEY (tenant_id, station_id, evse_id, connector_id, transaction_ref, at)
) PARTITION BY RANGE (at);
CREATE TABLE meter_value_other PARTITION OF meter_value DEFAULT;   -- nothing is refused for its date

CREATE TABLE command (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  action        text NOT NULL,                     -- our word: remote-start, remote-stop, reset, unlock, trigger, ...
  payload       jsonb NOT NULL,
  idempotency_key text NOT NULL,
  request_hash  text NOT NULL,
  state         text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'accepted', 'rejected', 'failed', 'unknown', 'expired', 'not-connected')),
  created_by    text NOT NULL,
  created_at    timestamptz NOT NULL, deadline_at timestamptz NOT NULL,
  sent_at       timestamptz, sent_epoch bigint, gateway text, message_id text,
  answered_at   timestamptz, result jsonb, detail text,
  late_result   jsonb, late_at timestamptz,
  session_id    uuid,                              -- what a remote start or stop led to, seen in the facts
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, idempotency_key),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
CREATE INDEX command_by_station ON command (tenant_id, station_id, created_at DESC, id DESC);

CREATE TABLE security_event (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  station_id    uuid, identity text,
  kind          text NOT NULL, detail text, at timestamptz NOT NULL, received_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
);

CREATE TABLE audit (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  at            timestamptz NOT NULL,
  actor         text NOT NULL, action text NOT NULL, target text NOT NULL,
  detail        jsonb, trace_id text,
  PRIMARY KEY (tenant_id, id)
);

-- Written in the transaction of the facts it names, as its last statement. Ids of one tenant are given under a lock that is held until the commit,
-- so they become visible in their order and a reader that pages by id never passes one over. (An id taken without the lock can commit after a
-- greater one that has an older transaction id, and then even "below the oldest running transaction" would skip it.)
CREATE TABLE outbox (
  tenant_id     text NOT NULL,
  id            bigint NOT NULL DEFAULT 0,         -- given by the trigger below
  xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at            timestamptz NOT NULL DEFAULT now(),
  changes       jsonb NOT NULL,                    -- array of LiveChange (packages/contracts/src/live.ts)
  PRIMARY KEY (tenant_id, id)
);

CREATE SEQUENCE outbox_id;
CREATE FUNCTION outbox_takes_its_turn() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(NEW.tenant_id, 7411));
  NEW.id := nextval('outbox_id');
  RETURN NEW;
END $$;
CREATE TRIGGER outbox_turn BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION outbox_takes_its_turn();

CREATE TABLE model_version (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  site_id       uuid NOT NULL,
  task          text NOT NULL DEFAULT 'load',
  kind          text NOT NULL,                     -- profile | ridge | blend
  state         text NOT NULL CHECK (state IN ('challenger', 'champion', 'retired')),
  trained_at    timestamptz NOT NULL,
  data_hash     text NOT NULL, code_version text NOT NULL, seed integer NOT NULL,
  window_from   timestamptz NOT NULL, window_to timestamptz NOT NULL,
  sample_days   integer NOT NULL, sample_sessions integer NOT NULL,
  parameters    jsonb NOT NULL, metrics jsonb NOT NULL,
  decision      text NOT NULL, reason text NOT NULL,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id)
);
CREATE UNIQUE INDEX one_champion ON model_version (tenant_id, site_id, task) WHERE state = 'champion';

CREATE TABLE training_run (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  site_id       uuid NOT NULL,
  kind          text NOT NULL CHECK (kind IN ('daily', 'deep')),
  local_date    date NOT NULL,
  started_at    timestamptz NOT NULL, ended_at timestamptz,
  outcome       text NOT NULL CHECK (outcome IN ('running', 'promoted', 'kept', 'learning', 'failed')),
  reason        text,
  days_of_data  integer,
  model_version_id uuid,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id)
);

CREATE TABLE forecast (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  site_id       uuid NOT NULL,
  task          text NOT NULL DEFAULT 'load',
  model_version_id uuid NOT NULL,
  issued_at     timestamptz NOT NULL, origin_at timestamptz NOT NULL,
  horizon_hours integer NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, site_id, task, origin_at, model_version_id),
  FOREIGN KEY (tenant_id, site_id) REFERENCES site (tenant_id, id),
  FOREIGN KEY (tenant_id, model_version_id) REFERENCES model_version (tenant_id, id)
);

CREATE TABLE forecast_point (
  tenant_id     text NOT NULL,
  forecast_id   uuid NOT NULL,
  hour_at       timestamptz NOT NULL,              -- start of the hour
  p10_wh        double precision NOT NULL, p50_wh double precision NOT NULL, p90_wh double precision NOT NULL,
  usual_wh      double precision,                  -- the profile's value: "usual for a Tuesday"
  actual_wh     double precision, scored_at timestamptz,
  PRIMARY KEY (tenant_id, forecast_id, hour_at),
  FOREIGN KEY (tenant_id, forecast_id) REFERENCES forecast (tenant_id, id)
);

-- What a process must remember about a tenant between starts (for instance the shift of imported history).
CREATE TABLE setting (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  name          text NOT NULL,
  value         jsonb NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

-- Partitions: the application may ask for a day and may drop old days, and nothing else of the schema.
CREATE FUNCTION ensure_meter_partitions(first_day date, last_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE d date; part text; made integer := 0;
BEGIN
  IF last_day - first_day > 400 THEN RAISE EXCEPTION 'at most 400 days at once'; END IF;
  PERFORM pg_advisory_xact_lock(hashtext('csms.meter_partitions'));
  FOR d IN SELECT generate_series(first_day, last_day, interval '1 day')::date LOOP
    part := 'meter_value_' || to_char(d, 'YYYYMMDD');
    CONTINUE WHEN to_regclass('public.' || part) IS NOT NULL;
    -- Rows of that day may stand in the default partition already. The owner, under forced row security, cannot see them to ask; PostgreSQL's own
    -- scan at the creation does, and refuses: such a day stays in the default partition.
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF meter_value FOR VALUES FROM (%L) TO (%L)', part,
        d::timestamp AT TIME ZONE 'UTC', (d + 1)::timestamp AT TIME ZONE 'UTC');
      EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
      EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
      EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', part);
      made := made + 1;
    EXCEPTION WHEN check_violation THEN NULL;
    END;
  END LOOP;
  RETURN made;
END $$;

CREATE FUNCTION drop_meter_partitions(before_day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE part text; dropped integer := 0;
BEGIN
  FOR part IN SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
              WHERE i.inhparent = 'meter_value'::regclass AND c.relname ~ '^meter_value_[0-9]{8}$'
                AND to_date(right(c.relname, 8), 'YYYYMMDD') < before_day LOOP
    EXECUTE format('DROP TABLE %I', part);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

-- Close the books: forced row security on everything that has a tenant, and the smallest grants.
DO $$
DECLARE t text;
BEGIN
  FOR t IN SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO csms_app', t);
  END LOOP;
END $$;
-- The list of tenants is no secret inside the platform; what a tenant has is.
GRANT SELECT, INSERT, UPDATE ON tenant TO csms_app;
REVOKE UPDATE, DELETE ON audit, session_event FROM csms_app;
GRANT UPDATE (session_id, verdict, detail) ON session_event TO csms_app;   -- an orphan that found its session
REVOKE DELETE ON session, bill, orphan_stop, command FROM csms_app;
GRANT USAGE ON SEQUENCE ocpp16_transaction_id, outbox_id TO csms_app;
REVOKE ALL ON FUNCTION ensure_meter_partitions(date, date), drop_meter_partitions(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_meter_partitions(date, date), drop_meter_partitions(date) TO csms_app;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- Down Migration
-- Books are never taken down.

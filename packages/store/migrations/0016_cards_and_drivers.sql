-- Up Migration
-- Card numbers leave the books (C-15). Where a number stood there is a reference: card:<keyed HMAC>:<its ends>, which finds a card and shows its ends and no more
-- (packages/store/src/cards/). A card that a station must be told of has its number beside it as well, sealed under a key that is not in the database.
-- Rows from before keep their numbers until a job of the API has replaced them: this file has no key. Both spellings are understood meanwhile.
ALTER TABLE token DROP CONSTRAINT token_uid_check;
ALTER TABLE token ADD CONSTRAINT token_uid_check CHECK (length(uid) BETWEEN 1 AND 80);
ALTER TABLE token
  ADD COLUMN sealed_uid text,                      -- card:<keyed HMAC>:<ends>:<key id>:<AES-256-GCM>; null: uid is a number from before
  ADD COLUMN sealed_parent text,
  ADD COLUMN driver_id uuid,
  ADD COLUMN group_id uuid,
  ADD COLUMN valid_from timestamptz;

CREATE TABLE driver (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  email         text, phone text,
  external_ref  text,                              -- what another system calls this driver; an import finds its own again by it
  status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
  valid_from    timestamptz, valid_until timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX driver_external ON driver (tenant_id, external_ref) WHERE external_ref IS NOT NULL;
CREATE INDEX driver_by_time ON driver (tenant_id, created_at DESC, id DESC);

-- Cards of one group may end each other's sessions: a station learns the group's parent id with the card (1.6, 3.5.3; 2.0.1, C09).
CREATE TABLE card_group (
  tenant_id     text NOT NULL REFERENCES tenant (id),
  id            uuid NOT NULL,
  name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  parent_uid    text NOT NULL,                     -- a reference, as token.uid
  sealed_parent text NOT NULL,
  status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked')),
  created_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);
ALTER TABLE token ADD FOREIGN KEY (tenant_id, driver_id) REFERENCES driver (tenant_id, id);
ALTER TABLE token ADD FOREIGN KEY (tenant_id, group_id) REFERENCES card_group (tenant_id, id);
CREATE INDEX token_by_driver ON token (tenant_id, driver_id) WHERE driver_id IS NOT NULL;

-- What a tenant decides of all its cards; no row: the defaults.
CREATE TABLE card_policy (
  tenant_id     text PRIMARY KEY REFERENCES tenant (id),
  concurrent_use text NOT NULL DEFAULT 'refuse' CHECK (concurrent_use IN ('refuse', 'allow')),
  updated_at    timestamptz NOT NULL
);

-- A station may remember a card that it was once told to accept. The count rises with each block; a station whose own is lower is asked to forget (ClearCache).
ALTER TABLE card_revision ADD COLUMN block_revision bigint NOT NULL DEFAULT 0;
CREATE TABLE card_cache (
  tenant_id     text NOT NULL,
  station_id    uuid NOT NULL,
  cleared_revision bigint NOT NULL DEFAULT 0,
  clearing_until timestamptz,
  tried_at      timestamptz,
  retry_at      timestamptz,
  failures      integer NOT NULL DEFAULT 0,
  detail        text,
  PRIMARY KEY (tenant_id, station_id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);

-- Tap to enrol: the next card that nobody knows and that is held to this station while the window is open is offered.
CREATE TABLE enrolment (
  tenant_id     text NOT NULL,
  id            uuid NOT NULL,
  station_id    uuid NOT NULL,
  opened_at     timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  opened_by     text NOT NULL,
  state         text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'offered', 'accepted', 'cancelled')),
  card_uid      text, sealed_uid text,
  offered_at    timestamptz, ended_at timestamptz,
  token_id      uuid,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, station_id) REFERENCES station (tenant_id, id)
);
CREATE UNIQUE INDEX enrolment_open ON enrolment (tenant_id, station_id) WHERE state IN ('open', 'offered');
CREATE INDEX enrolment_by_time ON enrolment (tenant_id, opened_at DESC, id DESC);

-- A change of a driver or of a group is a change of their cards.
CREATE TRIGGER driver_changed AFTER UPDATE ON driver REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION card_revision_rises();
CREATE TRIGGER group_changed AFTER UPDATE ON card_group REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION card_revision_rises();

-- Where rows from before stand: of no size once they are replaced.
CREATE INDEX session_with_number ON session (tenant_id, id) WHERE token_uid NOT LIKE 'card:%' OR stop_token_uid NOT LIKE 'card:%';
CREATE INDEX command_with_number ON command (tenant_id, id) WHERE action IN ('remote-start', 'send-local-list', 'reserve-now') AND payload::text NOT LIKE '%card:%';

ALTER TABLE local_list_entry ADD COLUMN sealed_uid text, ADD COLUMN sealed_parent text;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['driver', 'card_group', 'card_policy', 'card_cache', 'enrolment'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I USING (tenant_id = nullif(current_setting(''app.tenant'', true), '''')) WITH CHECK (tenant_id = nullif(current_setting(''app.tenant'', true), ''''))', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO csms_app', t);
  END LOOP;
END $$;
GRANT DELETE ON driver, card_group TO csms_app;

-- Evidence cannot be changed by the application, so its numbers are masked here; what reads it has always shown them masked. Tenant by tenant, because under
-- forced row security the owner sees no row without one.
DO $$
DECLARE
  t text;
  long_number constant text := '("(?:idTag|parentIdTag|idToken|additionalIdToken|tokenUid|parentUid)"\s*:\s*)"([^"\\]{2})[^"\\]{4,}([^"\\]{2})"';
  short_number constant text := '("(?:idTag|parentIdTag|idToken|additionalIdToken|tokenUid|parentUid)"\s*:\s*)"[^"\\•]{0,5}?([^"\\•]{1,2})"';
BEGIN
  FOR t IN SELECT id FROM tenant LOOP
    PERFORM set_config('app.tenant', t, true);
    UPDATE session_event SET payload = regexp_replace(regexp_replace(payload::text, long_number, '\1"\2••••\3"', 'gi'), short_number, '\1"••••\2"', 'gi')::jsonb
      WHERE payload::text ~* '"(idTag|idToken)"';
    UPDATE orphan_stop SET payload = regexp_replace(regexp_replace(payload::text, long_number, '\1"\2••••\3"', 'gi'), short_number, '\1"••••\2"', 'gi')::jsonb
      WHERE payload::text ~* '"(idTag|idToken)"';
    UPDATE quarantined_frame SET frame = regexp_replace(regexp_replace(frame, long_number, '\1"\2••••\3"', 'gi'), short_number, '\1"••••\2"', 'gi')
      WHERE frame ~* 'idTag|idToken';
  END LOOP;
  PERFORM set_config('app.tenant', '', true);
END $$;

-- Down Migration
-- Books are never taken down.

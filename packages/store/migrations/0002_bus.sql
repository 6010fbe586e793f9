-- Up Migration
-- The bus of an installation without Redis. Nothing here is a fact: unlogged, may be truncated at any moment, and its role may be shut out.
-- No tenant_id columns and no row security: a key is "<tenant>/<station>", and only processes of the platform see it.

CREATE UNLOGGED TABLE bus_lease (
  gateway       text PRIMARY KEY,                  -- a process under a name that is new at every start
  expires_at    timestamptz NOT NULL
);

CREATE UNLOGGED TABLE bus_owner (
  station_key   text PRIMARY KEY,
  gateway       text,                              -- null: given up
  socket_id     text,
  epoch         bigint NOT NULL,                   -- clock-based milliseconds, at least the previous one + 1
  connected_at  timestamptz NOT NULL,              -- stays after release: a delayed claim of an older socket is refused
  changed_at    timestamptz NOT NULL,
  previous_gateway text, previous_socket_id text, previous_epoch bigint   -- whom the last claim took it from
);

CREATE UNLOGGED TABLE bus_inbox (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recipient     text NOT NULL,
  entry         jsonb NOT NULL,
  at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX bus_inbox_recipient ON bus_inbox (recipient, id);

GRANT SELECT, INSERT, UPDATE, DELETE ON bus_lease, bus_owner, bus_inbox TO csms_bus, csms_app;

-- Commands that still need someone: few rows, whatever the size of the ledger.
CREATE INDEX command_open ON command (tenant_id, created_at)
  WHERE state IN ('queued', 'sent', 'unknown') OR (state = 'accepted' AND session_id IS NULL AND action IN ('remote-start', 'remote-stop'));
CREATE INDEX command_session ON command (tenant_id, session_id) WHERE session_id IS NOT NULL;

-- Down Migration
-- Books are never taken down.

-- Up Migration
-- Card numbers compare without case (CiString in the OCPP text). The key is a column and no expression: lower() is not leakproof, so under row
-- security PostgreSQL never uses an index on lower(uid), and each card check would read every card of the tenant.
ALTER TABLE token ADD COLUMN uid_key text NOT NULL GENERATED ALWAYS AS (lower(uid)) STORED;
DROP INDEX token_uid;
CREATE UNIQUE INDEX token_uid ON token (tenant_id, uid_key);
ALTER TABLE session ADD COLUMN token_key text GENERATED ALWAYS AS (lower(token_uid)) STORED;
DROP INDEX session_open_by_token;
CREATE INDEX session_open_by_token ON session (tenant_id, token_key) WHERE state = 'active';

-- Each reading updates its session, each sign of life its station: room for the new version on the same page.
ALTER TABLE session SET (fillfactor = 70);
ALTER TABLE station SET (fillfactor = 70);

-- Down Migration
-- Books are never taken down.

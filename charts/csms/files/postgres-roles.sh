#!/bin/sh
# Runs once, over an empty data folder: what is not the books' own. Their roles, database and schema come with the API's migration.
set -eu
psql -v ON_ERROR_STOP=1 --username postgres --dbname postgres -v keycloak="$KEYCLOAK_DB_PASSWORD" -v backup="$BACKUP_PASSWORD" <<'SQL'
CREATE ROLE keycloak LOGIN PASSWORD :'keycloak';
CREATE DATABASE keycloak OWNER keycloak;
-- Reads everything, whatever row-level security says: a dump without all rows is none.
CREATE ROLE csms_backup LOGIN BYPASSRLS PASSWORD :'backup' IN ROLE pg_read_all_data;
SQL

#!/bin/bash
# What the public image's entry point does with these variables: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS,
# POSTGRES_HOST_AUTH_METHOD, PGDATA, and /docker-entrypoint-initdb.d over an empty data folder.
set -euo pipefail
[ "${1:-}" = "${1#-}" ] || set -- postgres "$@"

if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  user=${POSTGRES_USER:-postgres}
  database=${POSTGRES_DB:-$user}
  if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then POSTGRES_PASSWORD=$(< "$POSTGRES_PASSWORD_FILE"); fi
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "${POSTGRES_HOST_AUTH_METHOD:-}" != trust ]; then
    echo 'Error: the database is not initialized and no superuser password is given: set POSTGRES_PASSWORD' >&2
    exit 1
  fi
  mkdir -p "$PGDATA"
  chmod 00700 "$PGDATA"
  # Arguments of initdb are separated by blanks, as in the public image.
  eval 'initdb --username="$user" --pwfile=<(printf "%s\n" "${POSTGRES_PASSWORD:-}") '"${POSTGRES_INITDB_ARGS:-}"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"

  # Nobody from outside before everything is made.
  options=$(printf '%q ' "${@:2}" -c listen_addresses= -p 5432)
  PGUSER=$user pg_ctl --pgdata="$PGDATA" --options="$options" --wait start
  export PGHOST=/var/run/postgresql
  if [ "$database" != postgres ]; then
    psql -v ON_ERROR_STOP=1 --no-password --username "$user" --dbname postgres -v database="$database" <<< 'CREATE DATABASE :"database";'
  fi
  for file in /docker-entrypoint-initdb.d/*; do
    case "$file" in
      *.sh) echo "running $file"; if [ -x "$file" ]; then POSTGRES_USER=$user POSTGRES_DB=$database "$file"; else . "$file"; fi ;;
      *.sql) echo "running $file"; psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$user" --dbname "$database" --file "$file" ;;
      *.sql.gz) echo "running $file"; gunzip --stdout "$file" | psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$user" --dbname "$database" ;;
    esac
  done
  PGUSER=$user pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
  unset PGHOST
  echo 'PostgreSQL init process complete; ready for start up.'
fi

exec "$@"

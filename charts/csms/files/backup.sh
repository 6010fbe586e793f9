#!/bin/sh
# One dump a database and day, readable only when it is whole: written beside its place, listed by pg_restore, then moved.
set -eu
day=$(date -u +%Y-%m-%dT%H%M%SZ)
for database in $DATABASES; do
  part="/backup/.$database.part"
  pg_dump --format=custom --compress=6 --file="$part" "$database"
  pg_restore --list "$part" > /tmp/list
  test "$(grep -c 'TABLE DATA' /tmp/list)" -gt 0
  mv "$part" "/backup/$database-$day.dump"
  echo "{\"event\":\"backup\",\"database\":\"$database\",\"bytes\":$(wc -c < "/backup/$database-$day.dump")}"
done
find /backup -maxdepth 1 -name '*.dump' -mtime "+$KEEP_DAYS" -delete

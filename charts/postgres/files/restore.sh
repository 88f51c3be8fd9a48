#!/bin/bash
# Restore a dump ($DUMP, else the newest) into a new database, which then takes the name of the old one. The old database
# stays as superbill_before_TIME until an operator drops it. If a step fails, the old database is unchanged.
set -euo pipefail

dump=${DUMP:+/backup/${DUMP##*/}}
dump=${dump:-$(find /backup -name 'superbill-*.dump' | sort | tail -n 1)}
if [ ! -s "$dump" ]; then
    echo "there is no dump at '$dump'" >&2
    exit 1
fi
before=superbill_before_$(date -u +%Y%m%dt%H%M%Sz)

echo "restoring $dump"
PGOPTIONS='--client-min-messages=warning' dropdb --if-exists superbill_restored
createdb --template=template0 --owner=superbill_owner superbill_restored
pg_restore --exit-on-error --no-owner --role=superbill_owner --dbname=superbill_restored "$dump"

psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=before="$before" <<'SQL'
SET client_min_messages = error;
ALTER DATABASE superbill ALLOW_CONNECTIONS false;
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = 'superbill' \g /dev/null
BEGIN;
ALTER DATABASE superbill RENAME TO :"before";
ALTER DATABASE superbill_restored RENAME TO superbill;
COMMIT;
ALTER DATABASE :"before" ALLOW_CONNECTIONS true;
SQL
echo "restored; the old database is now $before"

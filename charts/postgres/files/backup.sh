#!/bin/bash
# Dump the database into /backup, and keep the newest $KEEP dumps. An unfinished dump is called *.part.
set -euo pipefail
umask 077

dump=/backup/superbill-$(date -u +%Y%m%dT%H%M%SZ).dump
rm -f /backup/*.part
pg_dump --format=custom --file="$dump.part"
pg_restore --list "$dump.part" >/dev/null
sync "$dump.part"
mv "$dump.part" "$dump"
echo "wrote $dump ($(stat -c %s "$dump") bytes)"

find /backup -name 'superbill-*.dump' | sort | head -n "-$KEEP" | while read -r old; do
    rm "$old"
    echo "removed $old"
done
ls -l /backup

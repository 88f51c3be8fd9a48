# Fetch the dump that is to be restored from the object store, unless /backup has it: $DUMP, else the newest of both places.
umask 077
dump=${DUMP-}
dump=${dump##*/}
if [ -z "$dump" ]; then
    stored=$(rclone lsf --files-only dumps:)
    dump=$({ ls /backup && echo "$stored"; } | grep -E '^superbill-[0-9]{8}T[0-9]{6}Z\.dump$' | sort | tail -n 1)
fi
if [ ! -e "/backup/$dump" ]; then
    rclone copy --verbose --stats=0 --include="/$dump" dumps: /backup
fi
if [ ! -e "/backup/$dump" ]; then
    echo "there is no dump '$dump', neither on the volume nor in the object store, which has:" >&2
    rclone lsl dumps: >&2
    exit 1
fi

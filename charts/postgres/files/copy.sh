# Copy the dumps in /backup that the object store lacks, and remove there all but the newest $KEEP (0: none). rclone shows
# a dump in the store when it is complete, not before, and fails where one there is not what the volume has.
rclone copy --verbose --stats=0 --immutable --size-only --include='/superbill-*Z.dump' /backup dumps:

if [ "$KEEP" -gt 0 ]; then
    rclone lsf --files-only dumps: | grep -E '^superbill-[0-9]{8}T[0-9]{6}Z\.dump$' | sort -r |
        tail -n "+$((KEEP + 1))" | while read -r old; do
        rclone deletefile "dumps:$old"
        echo "removed $old from the object store"
    done
fi
echo "the object store has:"
rclone lsl --include='/superbill-*Z.dump' dumps:

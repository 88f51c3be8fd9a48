#!/bin/sh
# The beginning of copy.sh and of fetch.sh: `dumps:` is the path in the object store, and encrypts. rclone takes the
# password in a form of its own.
set -eu
if [ "$RCLONE_CONFIG_DUMPS_TYPE" = crypt ]; then
    password=${ENCRYPTION_PASSWORD:?is missing in the secret of the object store}
    RCLONE_CONFIG_DUMPS_PASSWORD=$(printf %s "$password" | rclone obscure -)
    export RCLONE_CONFIG_DUMPS_PASSWORD
fi


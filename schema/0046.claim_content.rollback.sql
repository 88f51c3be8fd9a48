-- squawk-ignore-file ban-drop-function
-- To undo the migration is to drop what it made.

DROP FUNCTION billing.claim_subscribers(uuid, uuid[]);

DROP FUNCTION billing.claim_parts(uuid, uuid);

DROP FUNCTION billing.claimed_line_items(uuid, uuid);

ALTER FUNCTION billing.claim_parts(uuid, uuid) ROWS 1000;

ALTER FUNCTION billing.claim_faults(uuid, uuid) ROWS 1000;

ALTER FUNCTION billing.claimed_line_items(uuid, uuid) ROWS 1000;

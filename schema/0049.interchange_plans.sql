-- depends: 0048.more_claim_faults
--
-- How many rows the functions of claims return. Postgres takes 1,000 for granted, and then reads
-- all line items of a clinic rather than look up those of a claim: 25 claims took 560 ms, and now
-- take 48.

ALTER FUNCTION billing.claimed_line_items(uuid, uuid) ROWS 10;

ALTER FUNCTION billing.claim_faults(uuid, uuid) ROWS 1;

ALTER FUNCTION billing.claim_parts(uuid, uuid) ROWS 1;

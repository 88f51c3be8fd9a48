-- squawk-ignore-file ban-drop-function, ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.claim');

SELECT audit.unwatch('billing.drug');

SELECT audit.unwatch('billing.claim_detail');

DROP VIEW api.claims;

DROP TABLE billing.claim;

DROP VIEW api.drugs;

DROP TABLE billing.drug;

DROP VIEW api.claim_details;

DROP TABLE billing.claim_detail;

DROP FUNCTION billing.make_claim();

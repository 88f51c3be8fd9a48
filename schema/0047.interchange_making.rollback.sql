-- squawk-ignore-file ban-drop-function, ban-drop-trigger
-- To undo the migration is to drop what it made.

REVOKE INSERT (trading_partner_id, claim_ids)
ON billing.interchange, api.interchanges FROM superbill_api, superbill_biller;

DROP TRIGGER interchange_submits_its_claims ON billing.interchange;

DROP FUNCTION billing.note_submissions();

DROP TRIGGER interchange_copies_its_claims ON billing.interchange;

DROP FUNCTION billing.make_interchange();

DROP FUNCTION billing.interchange_faults(uuid, uuid[]);

DROP FUNCTION billing.claim_faults(uuid, uuid);

DROP FUNCTION billing.is_state(text);

DROP FUNCTION billing.count_written(text);

-- squawk-ignore-file ban-drop-function, ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.adjustment');

SELECT audit.unwatch('billing.allocation');

SELECT audit.unwatch('billing.payment');

DROP VIEW billing.ledger_entry;

REVOKE SELECT (time_zone) ON billing.practice FROM superbill_clinician, superbill_reporter;

REVOKE SELECT (charge) ON billing.line_item FROM superbill_reporter;

REVOKE SELECT (posted_at, voided_at) ON billing.encounter FROM superbill_reporter;

DROP VIEW api.adjustments;

DROP TABLE billing.adjustment;

DROP VIEW api.allocations;

DROP TABLE billing.allocation;

DROP VIEW api.payments;

DROP TABLE billing.payment;

DROP FUNCTION billing.check_adjustment();

DROP FUNCTION billing.check_allocation();

-- depends: 0049.interchange_plans
--
-- What those who read reports alone don't need any more: since the reports of money read each
-- amount where it stands, none of them reads the ledger, its days, or the reversals. Without USAGE
-- of the schema billing they could not read these by themselves either.

REVOKE SELECT ON billing.ledger_entry FROM superbill_reporter;

REVOKE SELECT (line_item_id, reversed_at) ON billing.reversal FROM superbill_reporter;

REVOKE SELECT (received_on) ON billing.payment FROM superbill_reporter;

REVOKE SELECT (adjusted_on) ON billing.adjustment FROM superbill_reporter;

REVOKE SELECT (voided_at) ON billing.encounter FROM superbill_reporter;

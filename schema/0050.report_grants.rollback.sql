GRANT SELECT (voided_at) ON billing.encounter TO superbill_reporter;

GRANT SELECT (adjusted_on) ON billing.adjustment TO superbill_reporter;

GRANT SELECT (received_on) ON billing.payment TO superbill_reporter;

GRANT SELECT (line_item_id, reversed_at) ON billing.reversal TO superbill_reporter;

GRANT SELECT ON billing.ledger_entry TO superbill_reporter;

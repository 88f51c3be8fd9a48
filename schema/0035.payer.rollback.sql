-- squawk-ignore-file ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.payer');

DROP VIEW api.payers;

DROP TABLE billing.payer;

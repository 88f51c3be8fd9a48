-- squawk-ignore-file ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.trading_partner');

DROP VIEW api.trading_partners;

DROP TABLE billing.trading_partner;

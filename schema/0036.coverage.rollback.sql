-- squawk-ignore-file ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.coverage');

DROP VIEW api.coverages;

DROP TABLE billing.coverage;

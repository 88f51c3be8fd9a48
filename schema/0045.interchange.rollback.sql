-- squawk-ignore-file ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.submission');

SELECT audit.unwatch('billing.interchange');

DROP VIEW api.submissions;

DROP VIEW api.interchanges;

DROP TABLE billing.submission;

DROP TABLE billing.interchange;

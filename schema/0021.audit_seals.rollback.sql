-- squawk-ignore-file ban-drop-function, ban-drop-table
-- To undo the migration is to drop what it made: the seals are lost.

DROP FUNCTION audit.drop_month(date);

DROP FUNCTION job.seal_audit();

DROP FUNCTION audit.cluster();

DROP TABLE audit.seal;

SELECT audit.confirm('audit.seal', 'unguard');

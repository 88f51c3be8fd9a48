-- squawk-ignore-file ban-drop-function, ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.practice');

REVOKE ALL ON identity.answer FROM superbill_admin;

DROP VIEW api.practices;

DROP TABLE billing.practice;

DROP FUNCTION billing.is_time_zone(text);

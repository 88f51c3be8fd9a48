-- squawk-ignore-file ban-drop-type, ban-drop-view
-- To undo the migration is to drop what it made.

DROP VIEW api.superbills;

DROP TYPE billing.superbill_line_item;

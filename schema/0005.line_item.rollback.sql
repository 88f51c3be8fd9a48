-- squawk-ignore-file ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

DROP VIEW api.line_items;

DROP TABLE billing.line_item;

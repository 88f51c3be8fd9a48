-- squawk-ignore-file ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made.

SELECT audit.unwatch('billing.patient_detail');

DROP VIEW api.patient_details;

DROP TABLE billing.patient_detail;

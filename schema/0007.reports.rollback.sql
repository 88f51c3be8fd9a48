-- squawk-ignore-file ban-drop-view
-- To undo the migration is to drop what it made.

REVOKE SELECT (code, description) ON billing.cpt_code FROM superbill_reporter;

REVOKE SELECT (id, encounter_id, cpt_code, units) ON billing.line_item FROM superbill_reporter;

REVOKE SELECT (id, patient_id, date) ON billing.encounter FROM superbill_reporter;

REVOKE SELECT (id, first_name, last_name) ON billing.patient FROM superbill_reporter;

DROP VIEW reporting.patient_statements;

DROP VIEW reporting.monthly_activity;

DROP VIEW reporting.code_utilisation;

DROP VIEW reporting.encounters_without_line_items;

-- squawk-ignore-file ban-drop-column, ban-drop-constraint, ban-drop-function, ban-drop-table
-- squawk-ignore-file ban-drop-trigger, ban-drop-view, require-concurrent-index-deletion
-- The second temporal keys go with their columns.

SELECT audit.unwatch('billing.diagnosis');

SELECT audit.unwatch('billing.diagnosis_code_version');

SELECT audit.unwatch('billing.cpt_code_version');

DROP VIEW api.diagnoses;

DROP TRIGGER encounter_moves_its_diagnoses ON billing.encounter;

DROP FUNCTION billing.move_diagnoses();

DROP TABLE billing.diagnosis;

DROP FUNCTION billing.follow_encounter();

DROP INDEX billing.diagnosis_code_version_code_id_idx;

DROP INDEX billing.cpt_code_version_code_id_idx;

ALTER TABLE billing.diagnosis_code_version DROP COLUMN code_hash;

ALTER TABLE billing.cpt_code_version DROP COLUMN code_hash;

SELECT audit.watch('billing.cpt_code_version');

SELECT audit.watch('billing.diagnosis_code_version');

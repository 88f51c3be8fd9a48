-- squawk-ignore-file ban-drop-function, ban-drop-table, ban-drop-trigger, ban-drop-view
-- To undo the migration is to drop what it made. The extension stays, for others.

SELECT audit.unwatch('billing.place_of_service');

SELECT audit.unwatch('billing.modifier');

SELECT audit.unwatch('billing.diagnosis_code_version');

SELECT audit.unwatch('billing.diagnosis_code');

SELECT audit.unwatch('billing.cpt_code_version');

DROP VIEW api.places_of_service;

DROP VIEW api.modifiers;

DROP VIEW api.diagnosis_code_versions;

DROP VIEW api.diagnosis_codes;

DROP VIEW api.cpt_code_versions;

DROP TABLE billing.place_of_service;

DROP TABLE billing.modifier;

DROP TRIGGER diagnosis_code_has_a_version ON billing.diagnosis_code;

DROP FUNCTION billing.add_diagnosis_code_version();

DROP TABLE billing.diagnosis_code_version;

DROP TABLE billing.diagnosis_code;

DROP TRIGGER cpt_code_has_a_version ON billing.cpt_code;

DROP FUNCTION billing.add_cpt_code_version();

DROP TABLE billing.cpt_code_version;

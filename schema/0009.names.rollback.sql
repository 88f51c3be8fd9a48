-- squawk-ignore-file ban-drop-constraint, ban-drop-view, constraint-missing-not-valid
-- To undo the migration is to drop what it made, and to make again what it dropped.

DROP VIEW reporting.names_to_correct;

ALTER TABLE billing.patient DROP CONSTRAINT patient_last_name_has_no_blanks_at_its_edges;

ALTER TABLE billing.patient DROP CONSTRAINT patient_last_name_has_no_control_characters;

ALTER TABLE billing.patient DROP CONSTRAINT patient_last_name_has_at_most_60_characters;

ALTER TABLE billing.patient DROP CONSTRAINT patient_first_name_has_no_blanks_at_its_edges;

ALTER TABLE billing.patient DROP CONSTRAINT patient_first_name_has_no_control_characters;

ALTER TABLE billing.patient DROP CONSTRAINT patient_first_name_has_at_most_35_characters;

ALTER TABLE billing.patient ADD CONSTRAINT patient_first_name_has_at_most_100_characters CHECK (
    char_length(first_name) <= 100
);

COMMENT ON CONSTRAINT patient_first_name_has_at_most_100_characters ON billing.patient IS
'A patient''s first name must have at most 100 characters.';

ALTER TABLE billing.patient ADD CONSTRAINT patient_last_name_has_at_most_100_characters CHECK (
    char_length(last_name) <= 100
);

COMMENT ON CONSTRAINT patient_last_name_has_at_most_100_characters ON billing.patient IS
'A patient''s last name must have at most 100 characters.';

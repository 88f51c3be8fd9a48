-- depends: 0008.units
--
-- Names as a claim carries them: X12's field for a last name holds 60 characters, and that for a
-- first name 35. Line breaks and tabs, and blanks at the edges, come from spreadsheets: a name with
-- them looks like another one and is not found.
--
-- Blanks are what Unicode calls white space. Characters without a width are left alone: some
-- scripts need them inside a name. The two classes list their members by number, for the reason
-- that 0002.patient gives.
--
-- NOT VALID: names that are there already stay as they are, and a report lists them. Postgres
-- checks each row that is added or changed. When the report is empty, VALIDATE CONSTRAINT says so.
-- The old limit of 100 characters says nothing more beside the new ones.
--
-- squawk-ignore-file ban-drop-constraint

ALTER TABLE billing.patient DROP CONSTRAINT patient_first_name_has_at_most_100_characters;

ALTER TABLE billing.patient DROP CONSTRAINT patient_last_name_has_at_most_100_characters;

ALTER TABLE billing.patient ADD CONSTRAINT patient_first_name_has_at_most_35_characters CHECK (
    char_length(first_name) <= 35
) NOT VALID;

ALTER TABLE billing.patient ADD CONSTRAINT patient_first_name_has_no_control_characters CHECK (
    first_name ~ '^[^\u0001-\u001f\u007f-\u009f\u2028\u2029]*$'
) NOT VALID;

ALTER TABLE billing.patient ADD CONSTRAINT patient_first_name_has_no_blanks_at_its_edges CHECK (
    first_name ~ '^[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'
    '(.*[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])?$'
) NOT VALID;

ALTER TABLE billing.patient ADD CONSTRAINT patient_last_name_has_at_most_60_characters CHECK (
    char_length(last_name) <= 60
) NOT VALID;

ALTER TABLE billing.patient ADD CONSTRAINT patient_last_name_has_no_control_characters CHECK (
    last_name ~ '^[^\u0001-\u001f\u007f-\u009f\u2028\u2029]*$'
) NOT VALID;

ALTER TABLE billing.patient ADD CONSTRAINT patient_last_name_has_no_blanks_at_its_edges CHECK (
    last_name ~ '^[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'
    '(.*[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])?$'
) NOT VALID;

COMMENT ON CONSTRAINT patient_first_name_has_at_most_35_characters ON billing.patient IS
'A patient''s first name must have at most 35 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT patient_first_name_has_no_control_characters ON billing.patient IS
'A patient''s first name must have no tabs, line breaks or other control characters.';

COMMENT ON CONSTRAINT patient_first_name_has_no_blanks_at_its_edges ON billing.patient IS
'A patient''s first name must neither begin nor end with a blank.';

COMMENT ON CONSTRAINT patient_last_name_has_at_most_60_characters ON billing.patient IS
'A patient''s last name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT patient_last_name_has_no_control_characters ON billing.patient IS
'A patient''s last name must have no tabs, line breaks or other control characters.';

COMMENT ON CONSTRAINT patient_last_name_has_no_blanks_at_its_edges ON billing.patient IS
'A patient''s last name must neither begin nor end with a blank.';

CREATE VIEW reporting.names_to_correct WITH (security_invoker = true) AS
SELECT
    p.id AS patient_id,
    p.first_name,
    p.last_name
FROM billing.patient AS p
WHERE
    char_length(p.first_name) > 35
    OR char_length(p.last_name) > 60
    OR concat_ws('x', p.first_name, p.last_name) ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'
    OR p.first_name ~ '^[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'
    OR p.first_name ~ '[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$'
    OR p.last_name ~ '^[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'
    OR p.last_name ~ '[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$'
ORDER BY p.id;

COMMENT ON VIEW reporting.names_to_correct IS
'Patients whose names no claim can carry, because they were stored before that was checked: longer '
'than 35 and 60 characters, with control characters, or with blanks at their edges.';

COMMENT ON COLUMN reporting.names_to_correct.patient_id IS
'The patient.';

GRANT SELECT ON reporting.names_to_correct TO superbill_api, superbill_reporter;

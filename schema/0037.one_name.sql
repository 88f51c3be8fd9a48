-- depends: 0036.coverage
--
-- People with one name. X12 needs a last name alone: the one name is the last, and the first name
-- is the empty text, which somebody has to write. A first name that was forgotten is a fault as
-- before.
--
-- Each rule says what it said, and takes the empty text. Who reads a first name finds a text. Each
-- is one pattern: generators of clients make no type of an OR.
--
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid
-- A rule that takes more than the one before it holds for every row: to read them is short.

ALTER TABLE billing.patient
DROP CONSTRAINT patient_first_name_is_not_blank,
DROP CONSTRAINT patient_first_name_has_no_blanks_at_its_edges,
ADD CONSTRAINT patient_first_name_is_not_blank CHECK (
    first_name ~ '^$|[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
    '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f'
    '\ufeff\uffa0\ufff0-\ufffb]'
),
ADD CONSTRAINT patient_first_name_has_no_blanks_at_its_edges CHECK (
    first_name ~ '^([^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'
    '(.*[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])?)?$'
) NOT VALID;

COMMENT ON COLUMN billing.patient.first_name IS
'The patient''s given name, as it stands on the insurance card; empty for a person with one name, '
'which is the last name then.
Example: John';

COMMENT ON CONSTRAINT patient_first_name_is_not_blank ON billing.patient IS
'A patient''s first name must have at least one visible character, or be empty on purpose.';

COMMENT ON CONSTRAINT patient_first_name_has_no_blanks_at_its_edges ON billing.patient IS
'A patient''s first name must neither begin nor end with a blank.';

-- depends: 0001.schemas
--
-- A patient: no more than a bill needs to say whose it is.
--
-- A name is blank if nothing in it can be seen. The class in the CHECKs lists white space, controls
-- and characters that print nothing, each by number: \s and [:space:] mean one thing here and
-- others in a browser or in Python, and the pattern is part of the API's document.

CREATE TABLE billing.patient (
    id uuid DEFAULT uuidv7() NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    CONSTRAINT patient_pkey PRIMARY KEY (id),
    CONSTRAINT patient_first_name_is_not_blank CHECK (
        first_name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
        '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f'
        '\ufeff\uffa0\ufff0-\ufffb]'
    ),
    CONSTRAINT patient_first_name_has_at_most_100_characters CHECK (char_length(first_name) <= 100),
    CONSTRAINT patient_last_name_is_not_blank CHECK (
        last_name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
        '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f'
        '\ufeff\uffa0\ufff0-\ufffb]'
    ),
    CONSTRAINT patient_last_name_has_at_most_100_characters CHECK (char_length(last_name) <= 100)
);

CREATE INDEX patient_last_name_id_idx ON billing.patient (last_name, id);

COMMENT ON TABLE billing.patient IS
'The people who receive care.';

COMMENT ON COLUMN billing.patient.id IS
'Identifies the patient; later patients have greater ids.';

COMMENT ON COLUMN billing.patient.first_name IS
'The patient''s given name, as it stands on the insurance card.
Example: John';

COMMENT ON COLUMN billing.patient.last_name IS
'The patient''s family name, as it stands on the insurance card.
Example: Oberly';

COMMENT ON CONSTRAINT patient_pkey ON billing.patient IS
'A patient''s id belongs to one patient only.';

COMMENT ON CONSTRAINT patient_first_name_is_not_blank ON billing.patient IS
'A patient''s first name must have at least one visible character.';

COMMENT ON CONSTRAINT patient_first_name_has_at_most_100_characters ON billing.patient IS
'A patient''s first name must have at most 100 characters.';

COMMENT ON CONSTRAINT patient_last_name_is_not_blank ON billing.patient IS
'A patient''s last name must have at least one visible character.';

COMMENT ON CONSTRAINT patient_last_name_has_at_most_100_characters ON billing.patient IS
'A patient''s last name must have at most 100 characters.';

COMMENT ON INDEX billing.patient_last_name_id_idx IS
'Finds and lists patients by last name, page by page.';

CREATE VIEW api.patients WITH (security_invoker = true) AS
SELECT
    p.id,
    p.first_name,
    p.last_name
FROM billing.patient AS p;

COMMENT ON VIEW api.patients IS
'The people who receive care.';

-- Not granted: DELETE, because a patient's bills refer to the patient and have to be kept; and
-- writing id, which the database gives.
GRANT SELECT (id, first_name, last_name) ON billing.patient TO superbill_api;

GRANT INSERT (first_name, last_name) ON billing.patient TO superbill_api;

GRANT UPDATE (first_name, last_name) ON billing.patient TO superbill_api;

GRANT SELECT ON api.patients TO superbill_api;

GRANT INSERT (first_name, last_name) ON api.patients TO superbill_api;

GRANT UPDATE (first_name, last_name) ON api.patients TO superbill_api;

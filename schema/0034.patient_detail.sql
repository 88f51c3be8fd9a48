-- depends: 0033.posting
--
-- What a payer asks of a patient, one row to one patient, so that patients stay as short as they
-- are. All of it may come later: the front desk has the name first. Lengths are those of X12.
--
-- Who registers a patient adds the details with the patient's id, or puts them at the patient's id.

CREATE TABLE billing.patient_detail (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    patient_id uuid NOT NULL,
    middle_name text,
    suffix text,
    birth_date date,
    sex text COLLATE "C",
    address_line_1 text,
    address_line_2 text,
    city text,
    state text COLLATE "C",
    postal_code text COLLATE "C",
    phone text COLLATE "C",
    external_id text COLLATE "C",
    CONSTRAINT patient_detail_pkey PRIMARY KEY (clinic_id, patient_id),
    CONSTRAINT patient_detail_patient_id_fkey
    FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient (clinic_id, id),
    CONSTRAINT patient_detail_middle_name_is_one_line CHECK (
        middle_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT patient_detail_middle_name_has_at_most_25_characters CHECK (
        char_length(middle_name) <= 25
    ),
    CONSTRAINT patient_detail_suffix_is_one_line CHECK (
        suffix ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT patient_detail_suffix_has_at_most_10_characters CHECK (char_length(suffix) <= 10),
    CONSTRAINT patient_detail_birth_date_is_not_before_1900 CHECK (birth_date >= '1900-01-01'),
    CONSTRAINT patient_detail_birth_date_has_begun CHECK (
        birth_date <= CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
    ),
    CONSTRAINT patient_detail_sex_is_known CHECK (sex IN ('F', 'M', 'U')),
    CONSTRAINT patient_detail_address_line_1_is_one_line CHECK (
        address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT patient_detail_address_line_1_has_at_most_55_characters CHECK (
        char_length(address_line_1) <= 55
    ),
    CONSTRAINT patient_detail_address_line_2_is_one_line CHECK (
        address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT patient_detail_address_line_2_has_at_most_55_characters CHECK (
        char_length(address_line_2) <= 55
    ),
    CONSTRAINT patient_detail_city_is_one_line CHECK (
        city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT patient_detail_city_has_at_most_30_characters CHECK (char_length(city) <= 30),
    CONSTRAINT patient_detail_state_has_two_letters CHECK (state ~ '^[A-Z]{2}$'),
    CONSTRAINT patient_detail_postal_code_has_five_or_nine_digits CHECK (
        postal_code ~ '^[0-9]{5}([0-9]{4})?$'
    ),
    CONSTRAINT patient_detail_phone_has_ten_digits CHECK (phone ~ '^[2-9][0-9]{9}$'),
    CONSTRAINT patient_detail_external_id_is_one_line CHECK (
        external_id ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT patient_detail_external_id_has_at_most_50_characters CHECK (
        char_length(external_id) <= 50
    ),
    CONSTRAINT patient_detail_external_id_key UNIQUE (clinic_id, external_id)
);

CREATE INDEX patient_detail_birth_date_patient_id_idx
ON billing.patient_detail (clinic_id, birth_date, patient_id);

CREATE INDEX patient_detail_phone_patient_id_idx
ON billing.patient_detail (clinic_id, phone, patient_id);

COMMENT ON TABLE billing.patient_detail IS
'What is known of patients beside their names: birth, sex, address, numbers.';

COMMENT ON COLUMN billing.patient_detail.clinic_id IS
'The clinic that has the patient''s record.';

COMMENT ON COLUMN billing.patient_detail.patient_id IS
'The patient.';

COMMENT ON COLUMN billing.patient_detail.middle_name IS
'The middle name, or its initial.
Example: Ann';

COMMENT ON COLUMN billing.patient_detail.suffix IS
'What follows the name.
Example: Jr';

COMMENT ON COLUMN billing.patient_detail.birth_date IS
'The date of birth.
Example: 1962-08-14';

COMMENT ON COLUMN billing.patient_detail.sex IS
'The sex as the payer has it: female, male or unknown.';

COMMENT ON COLUMN billing.patient_detail.address_line_1 IS
'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.patient_detail.address_line_2 IS
'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.patient_detail.city IS
'The city.
Example: Seattle';

COMMENT ON COLUMN billing.patient_detail.state IS
'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.patient_detail.postal_code IS
'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.patient_detail.phone IS
'The telephone number, with the area code.
Example: 2065550100';

COMMENT ON COLUMN billing.patient_detail.external_id IS
'The patient''s number in another system.
Example: 8842-17';

COMMENT ON CONSTRAINT patient_detail_pkey ON billing.patient_detail IS
'A patient has one row of details; change the one that is there.';

COMMENT ON CONSTRAINT patient_detail_patient_id_fkey ON billing.patient_detail IS
'The patient of these details must be on record.';

COMMENT ON CONSTRAINT patient_detail_middle_name_is_one_line ON billing.patient_detail IS
'A patient''s middle name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_middle_name_has_at_most_25_characters
ON billing.patient_detail IS
'A patient''s middle name must have at most 25 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT patient_detail_suffix_is_one_line ON billing.patient_detail IS
'A patient''s suffix must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_suffix_has_at_most_10_characters ON billing.patient_detail IS
'A patient''s suffix must have at most 10 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT patient_detail_birth_date_is_not_before_1900 ON billing.patient_detail IS
'A patient''s birth date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT patient_detail_birth_date_has_begun ON billing.patient_detail IS
'A patient''s birth date must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT patient_detail_sex_is_known ON billing.patient_detail IS
'A patient''s sex must be F, M or U.';

COMMENT ON CONSTRAINT patient_detail_address_line_1_is_one_line ON billing.patient_detail IS
'A patient''s address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_address_line_1_has_at_most_55_characters
ON billing.patient_detail IS
'A patient''s address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT patient_detail_address_line_2_is_one_line ON billing.patient_detail IS
'A patient''s address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_address_line_2_has_at_most_55_characters
ON billing.patient_detail IS
'A patient''s address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT patient_detail_city_is_one_line ON billing.patient_detail IS
'A patient''s city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_city_has_at_most_30_characters ON billing.patient_detail IS
'A patient''s city must have at most 30 characters.';

COMMENT ON CONSTRAINT patient_detail_state_has_two_letters ON billing.patient_detail IS
'A patient''s state must be two capital letters.';

COMMENT ON CONSTRAINT patient_detail_postal_code_has_five_or_nine_digits
ON billing.patient_detail IS
'A patient''s ZIP code must be five or nine digits without a hyphen.';

COMMENT ON CONSTRAINT patient_detail_phone_has_ten_digits ON billing.patient_detail IS
'A patient''s phone must be ten digits and nothing else, the first of them 2 to 9.';

COMMENT ON CONSTRAINT patient_detail_external_id_is_one_line ON billing.patient_detail IS
'A patient''s external id must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_external_id_has_at_most_50_characters
ON billing.patient_detail IS
'A patient''s external id must have at most 50 characters.';

COMMENT ON CONSTRAINT patient_detail_external_id_key ON billing.patient_detail IS
'An external id belongs to one patient only.';

COMMENT ON INDEX billing.patient_detail_birth_date_patient_id_idx IS
'Finds patients by date of birth, page by page.';

COMMENT ON INDEX billing.patient_detail_phone_patient_id_idx IS
'Finds patients by telephone number, page by page.';

CREATE POLICY own ON billing.patient_detail USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.patient_detail IS
'A session sees and changes the details of patients of its own clinic.';

ALTER TABLE billing.patient_detail ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.patient_details WITH (security_invoker = true) AS
SELECT
    p.patient_id,
    p.middle_name,
    p.suffix,
    p.birth_date,
    p.sex,
    p.address_line_1,
    p.address_line_2,
    p.city,
    p.state,
    p.postal_code,
    p.phone,
    p.external_id
FROM billing.patient_detail AS p;

COMMENT ON VIEW api.patient_details IS
'What is known of patients beside their names: birth, sex, address, numbers.';

-- Not granted: changing patient_id, because another patient's details are other ones; and DELETE,
-- because what is wrong is changed or emptied.
GRANT
SELECT (
    patient_id, middle_name, suffix, birth_date, sex, address_line_1, address_line_2, city,
    state, postal_code, phone, external_id
)
ON billing.patient_detail TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.patient_details TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT
INSERT (
    patient_id, middle_name, suffix, birth_date, sex, address_line_1, address_line_2, city,
    state, postal_code, phone, external_id
),
UPDATE (
    middle_name, suffix, birth_date, sex, address_line_1, address_line_2, city, state,
    postal_code, phone, external_id
)
ON billing.patient_detail, api.patient_details TO
superbill_api, superbill_front_desk, superbill_biller;

SELECT audit.watch('billing.patient_detail');

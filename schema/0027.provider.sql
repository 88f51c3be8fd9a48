-- depends: 0026.practice
--
-- Who gives care, with the NPI that a claim names. Lengths are those of X12.

CREATE TABLE billing.provider (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    npi text COLLATE "C" NOT NULL,
    first_name text,
    last_name text NOT NULL,
    credentials text,
    license_number text,
    license_state text COLLATE "C",
    taxonomy_code text COLLATE "C",
    CONSTRAINT provider_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT provider_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
    CONSTRAINT provider_npi_has_ten_digits CHECK (npi ~ '^[12][0-9]{9}$'),
    CONSTRAINT provider_npi_has_its_check_digit CHECK (
        CASE WHEN npi ~ '^[12][0-9]{9}$' THEN (
            24
            + CAST(translate(substr(npi, 1, 1), '0123456789', '0246813579') AS integer)
            + CAST(substr(npi, 2, 1) AS integer)
            + CAST(translate(substr(npi, 3, 1), '0123456789', '0246813579') AS integer)
            + CAST(substr(npi, 4, 1) AS integer)
            + CAST(translate(substr(npi, 5, 1), '0123456789', '0246813579') AS integer)
            + CAST(substr(npi, 6, 1) AS integer)
            + CAST(translate(substr(npi, 7, 1), '0123456789', '0246813579') AS integer)
            + CAST(substr(npi, 8, 1) AS integer)
            + CAST(translate(substr(npi, 9, 1), '0123456789', '0246813579') AS integer)
            + CAST(substr(npi, 10, 1) AS integer)
        ) % 10 = 0 END
    ),
    CONSTRAINT provider_npi_key UNIQUE (clinic_id, npi),
    CONSTRAINT provider_first_name_is_one_line CHECK (
        first_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT provider_first_name_has_at_most_35_characters CHECK (char_length(first_name) <= 35),
    CONSTRAINT provider_last_name_is_one_line CHECK (
        last_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT provider_last_name_has_at_most_60_characters CHECK (char_length(last_name) <= 60),
    CONSTRAINT provider_credentials_is_one_line CHECK (
        credentials ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT provider_credentials_has_at_most_20_characters CHECK (
        char_length(credentials) <= 20
    ),
    CONSTRAINT provider_license_number_is_one_line CHECK (
        license_number ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT provider_license_number_has_at_most_30_characters CHECK (
        char_length(license_number) <= 30
    ),
    CONSTRAINT provider_license_state_has_two_letters CHECK (license_state ~ '^[A-Z]{2}$'),
    CONSTRAINT provider_license_has_a_state CHECK (num_nulls(license_number, license_state) <> 1),
    CONSTRAINT provider_taxonomy_code_has_its_shape CHECK (
        taxonomy_code ~ '^[0-9]{2}[0-9A-Z]{7}X$'
    )
);

CREATE INDEX provider_last_name_id_idx ON billing.provider (clinic_id, last_name, id);

COMMENT ON TABLE billing.provider IS
'Who gives care.';

COMMENT ON COLUMN billing.provider.clinic_id IS
'The clinic for which the provider works.';

COMMENT ON COLUMN billing.provider.id IS
'Identifies the provider; later ones have greater ids.';

COMMENT ON COLUMN billing.provider.npi IS
'The NPI of the person.
Example: 1679576722';

COMMENT ON COLUMN billing.provider.first_name IS
'The given name.
Example: Grace';

COMMENT ON COLUMN billing.provider.last_name IS
'The family name.
Example: Kim';

COMMENT ON COLUMN billing.provider.credentials IS
'What stands behind the name.
Example: MD';

COMMENT ON COLUMN billing.provider.license_number IS
'The number of the license.
Example: MD60012345';

COMMENT ON COLUMN billing.provider.license_state IS
'The state that gave the license.
Example: WA';

COMMENT ON COLUMN billing.provider.taxonomy_code IS
'The taxonomy code of the National Uniform Claim Committee.
Example: 207Q00000X';

COMMENT ON CONSTRAINT provider_pkey ON billing.provider IS
'A provider''s id belongs to one provider only.';

COMMENT ON CONSTRAINT provider_clinic_id_fkey ON billing.provider IS
'A provider must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT provider_npi_has_ten_digits ON billing.provider IS
'A provider''s NPI must be ten digits, the first of them 1 or 2.';

COMMENT ON CONSTRAINT provider_npi_has_its_check_digit ON billing.provider IS
'A provider''s NPI must end with the check digit of its first nine digits.';

COMMENT ON CONSTRAINT provider_npi_key ON billing.provider IS
'An NPI belongs to one provider only.';

COMMENT ON CONSTRAINT provider_first_name_is_one_line ON billing.provider IS
'A provider''s first name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_first_name_has_at_most_35_characters ON billing.provider IS
'A provider''s first name must have at most 35 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT provider_last_name_is_one_line ON billing.provider IS
'A provider''s last name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_last_name_has_at_most_60_characters ON billing.provider IS
'A provider''s last name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT provider_credentials_is_one_line ON billing.provider IS
'A provider''s credentials must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_credentials_has_at_most_20_characters ON billing.provider IS
'A provider''s credentials must have at most 20 characters.';

COMMENT ON CONSTRAINT provider_license_number_is_one_line ON billing.provider IS
'A provider''s license number must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_license_number_has_at_most_30_characters ON billing.provider IS
'A provider''s license number must have at most 30 characters.';

COMMENT ON CONSTRAINT provider_license_state_has_two_letters ON billing.provider IS
'A provider''s license state must be two capital letters.';

COMMENT ON CONSTRAINT provider_license_has_a_state ON billing.provider IS
'A provider''s license number and license state must be given together.';

COMMENT ON CONSTRAINT provider_taxonomy_code_has_its_shape ON billing.provider IS
'A provider''s taxonomy code must be ten characters that begin with two digits and end with X.';

COMMENT ON INDEX billing.provider_last_name_id_idx IS
'Finds and lists providers by last name, page by page.';

CREATE POLICY own ON billing.provider USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.provider IS
'A session sees and changes the providers of its own clinic.';

ALTER TABLE billing.provider ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.providers WITH (security_invoker = true) AS
SELECT
    p.id,
    p.npi,
    p.first_name,
    p.last_name,
    p.credentials,
    p.license_number,
    p.license_state,
    p.taxonomy_code
FROM billing.provider AS p;

COMMENT ON VIEW api.providers IS
'Who gives care.';

-- Not granted: DELETE, because bills name the provider; and writing id, which the database gives.
GRANT
SELECT (id, npi, first_name, last_name, credentials, license_number, license_state, taxonomy_code)
ON billing.provider TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

GRANT
SELECT
ON api.providers TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

GRANT
INSERT (npi, first_name, last_name, credentials, license_number, license_state, taxonomy_code),
UPDATE (npi, first_name, last_name, credentials, license_number, license_state, taxonomy_code)
ON billing.provider, api.providers TO
superbill_api, superbill_biller, superbill_admin;

SELECT audit.watch('billing.provider');

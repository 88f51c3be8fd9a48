-- depends: 0025.codes
--
-- Who bills: the practice of a clinic, as the billing provider of its claims. A clinic has one.
--
-- Everything but its name may be missing until a claim needs it. The ZIP code has nine digits,
-- which X12 asks of the billing provider alone. Lengths are those of X12.
--
-- An NPI ends with a check digit: Luhn's, over 80840 and the ten digits. The digits of 80840 add
-- 24, and translate doubles a digit and adds up the digits of that. As arithmetic it costs 5
-- microseconds; a query over generate_series cost 73. The CASE accepts a text that is no NPI, which
-- the other CHECK refuses: so one fault has one sentence.
--
-- The days of reports are the practice's, in its time zone. AT TIME ZONE takes "EST" and "FOO3" as
-- well, so a pattern asks for a name of the IANA database.

CREATE FUNCTION billing.is_time_zone(name text) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = '' AS $$
BEGIN
    PERFORM now() AT TIME ZONE is_time_zone.name;
    RETURN true;
EXCEPTION
    WHEN invalid_parameter_value THEN RETURN false;
END
$$;

COMMENT ON FUNCTION billing.is_time_zone(text) IS
'Whether Postgres knows a time zone.';

CREATE TABLE billing.practice (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    npi text COLLATE "C",
    tax_id text COLLATE "C",
    tax_id_type text COLLATE "C" DEFAULT 'EIN' NOT NULL,
    address_line_1 text,
    address_line_2 text,
    city text,
    state text COLLATE "C",
    postal_code text COLLATE "C",
    phone text COLLATE "C",
    taxonomy_code text COLLATE "C",
    time_zone text COLLATE "C" DEFAULT 'America/New_York' NOT NULL,
    CONSTRAINT practice_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT practice_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
    CONSTRAINT practice_clinic_id_key UNIQUE (clinic_id),
    CONSTRAINT practice_name_is_one_line CHECK (
        name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT practice_name_has_at_most_60_characters CHECK (char_length(name) <= 60),
    CONSTRAINT practice_npi_has_ten_digits CHECK (npi ~ '^[12][0-9]{9}$'),
    CONSTRAINT practice_npi_has_its_check_digit CHECK (
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
    CONSTRAINT practice_tax_id_has_nine_digits CHECK (tax_id ~ '^[0-9]{9}$'),
    CONSTRAINT practice_tax_id_type_is_known CHECK (tax_id_type IN ('EIN', 'SSN')),
    CONSTRAINT practice_address_line_1_is_one_line CHECK (
        address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT practice_address_line_1_has_at_most_55_characters CHECK (
        char_length(address_line_1) <= 55
    ),
    CONSTRAINT practice_address_line_2_is_one_line CHECK (
        address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT practice_address_line_2_has_at_most_55_characters CHECK (
        char_length(address_line_2) <= 55
    ),
    CONSTRAINT practice_city_is_one_line CHECK (
        city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT practice_city_has_at_most_30_characters CHECK (char_length(city) <= 30),
    CONSTRAINT practice_state_has_two_letters CHECK (state ~ '^[A-Z]{2}$'),
    CONSTRAINT practice_postal_code_has_nine_digits CHECK (postal_code ~ '^[0-9]{9}$'),
    CONSTRAINT practice_phone_has_ten_digits CHECK (phone ~ '^[2-9][0-9]{9}$'),
    CONSTRAINT practice_taxonomy_code_has_its_shape CHECK (
        taxonomy_code ~ '^[0-9]{2}[0-9A-Z]{7}X$'
    ),
    CONSTRAINT practice_time_zone_has_the_shape_of_a_name CHECK (
        time_zone ~ '^[A-Z][A-Za-z_]*(/[A-Z][A-Za-z_-]*){1,2}$'
    ),
    CONSTRAINT practice_time_zone_is_known CHECK (billing.is_time_zone(time_zone))
);

COMMENT ON TABLE billing.practice IS
'Who bills: the clinic''s practice, as the billing provider of its claims.';

COMMENT ON COLUMN billing.practice.clinic_id IS
'The clinic that bills.';

COMMENT ON COLUMN billing.practice.id IS
'Identifies the practice; later ones have greater ids.';

COMMENT ON COLUMN billing.practice.name IS
'The legal name.
Example: Example Family Medicine';

COMMENT ON COLUMN billing.practice.npi IS
'The NPI of the organization.
Example: 1234567893';

COMMENT ON COLUMN billing.practice.tax_id IS
'The tax id, without a hyphen.
Example: 911234567';

COMMENT ON COLUMN billing.practice.tax_id_type IS
'Which kind of number the tax id is: an employer''s (EIN) or a person''s (SSN).';

COMMENT ON COLUMN billing.practice.address_line_1 IS
'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.practice.address_line_2 IS
'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.practice.city IS
'The city.
Example: Seattle';

COMMENT ON COLUMN billing.practice.state IS
'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.practice.postal_code IS
'The ZIP code with its four digits more, without a hyphen.
Example: 981010001';

COMMENT ON COLUMN billing.practice.phone IS
'The telephone number, with the area code.
Example: 2065550100';

COMMENT ON COLUMN billing.practice.taxonomy_code IS
'The taxonomy code of the National Uniform Claim Committee.
Example: 207Q00000X';

COMMENT ON COLUMN billing.practice.time_zone IS
'Where the practice is: which day it is there is the day of reports.
Example: America/Los_Angeles';

COMMENT ON CONSTRAINT practice_pkey ON billing.practice IS
'A practice''s id belongs to one practice only.';

COMMENT ON CONSTRAINT practice_clinic_id_fkey ON billing.practice IS
'A practice must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT practice_clinic_id_key ON billing.practice IS
'A clinic has one practice; change the one that is there.';

COMMENT ON CONSTRAINT practice_name_is_one_line ON billing.practice IS
'A practice''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_name_has_at_most_60_characters ON billing.practice IS
'A practice''s name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT practice_npi_has_ten_digits ON billing.practice IS
'A practice''s NPI must be ten digits, the first of them 1 or 2.';

COMMENT ON CONSTRAINT practice_npi_has_its_check_digit ON billing.practice IS
'A practice''s NPI must end with the check digit of its first nine digits.';

COMMENT ON CONSTRAINT practice_tax_id_has_nine_digits ON billing.practice IS
'A practice''s tax id must be nine digits without a hyphen.';

COMMENT ON CONSTRAINT practice_tax_id_type_is_known ON billing.practice IS
'A practice''s tax id type must be EIN or SSN.';

COMMENT ON CONSTRAINT practice_address_line_1_is_one_line ON billing.practice IS
'A practice''s address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_address_line_1_has_at_most_55_characters ON billing.practice IS
'A practice''s address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT practice_address_line_2_is_one_line ON billing.practice IS
'A practice''s address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_address_line_2_has_at_most_55_characters ON billing.practice IS
'A practice''s address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT practice_city_is_one_line ON billing.practice IS
'A practice''s city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_city_has_at_most_30_characters ON billing.practice IS
'A practice''s city must have at most 30 characters.';

COMMENT ON CONSTRAINT practice_state_has_two_letters ON billing.practice IS
'A practice''s state must be two capital letters.';

COMMENT ON CONSTRAINT practice_postal_code_has_nine_digits ON billing.practice IS
'A practice''s ZIP code must be nine digits without a hyphen, as claims ask of who bills.';

COMMENT ON CONSTRAINT practice_phone_has_ten_digits ON billing.practice IS
'A practice''s phone must be ten digits and nothing else, the first of them 2 to 9.';

COMMENT ON CONSTRAINT practice_taxonomy_code_has_its_shape ON billing.practice IS
'A practice''s taxonomy code must be ten characters that begin with two digits and end with X.';

COMMENT ON CONSTRAINT practice_time_zone_has_the_shape_of_a_name ON billing.practice IS
'A practice''s time zone must be an area and a place, such as America/Chicago.';

COMMENT ON CONSTRAINT practice_time_zone_is_known ON billing.practice IS
'A practice''s time zone must be one that the database of time zones has.';

CREATE POLICY own ON billing.practice USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.practice IS
'A session sees and changes the practice of its own clinic.';

ALTER TABLE billing.practice ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.practices WITH (security_invoker = true) AS
SELECT
    p.id,
    p.name,
    p.npi,
    p.tax_id,
    p.tax_id_type,
    p.address_line_1,
    p.address_line_2,
    p.city,
    p.state,
    p.postal_code,
    p.phone,
    p.taxonomy_code,
    p.time_zone
FROM billing.practice AS p;

COMMENT ON VIEW api.practices IS
'Who bills: the clinic''s practice, as the billing provider of its claims.';

-- Not granted: DELETE, because bills name the practice, which is changed instead; and writing id,
-- which the database gives.
GRANT
SELECT (
    id, name, npi, tax_id, tax_id_type, address_line_1, address_line_2, city, state,
    postal_code, phone, taxonomy_code, time_zone
)
ON billing.practice TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

GRANT
SELECT
ON api.practices TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

GRANT
INSERT (
    name, npi, tax_id, tax_id_type, address_line_1, address_line_2, city, state, postal_code,
    phone, taxonomy_code, time_zone
),
UPDATE (
    name, npi, tax_id, tax_id_type, address_line_1, address_line_2, city, state, postal_code,
    phone, taxonomy_code, time_zone
)
ON billing.practice, api.practices TO
superbill_api, superbill_admin;

-- This is the first that superbill_admin may write, so answers are kept for it as for the others.
GRANT SELECT (key, fingerprint, body, location), INSERT (key, fingerprint, body, location)
ON identity.answer TO superbill_admin;

SELECT audit.watch('billing.practice');

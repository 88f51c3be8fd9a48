-- depends: 0034.patient_detail
--
-- Who pays: insurers and programs. A claim has to be there within filing_days of the service: a
-- year is Medicare's limit, and others have less. Lengths are those of X12.
--
-- A number on a card or of a payer has no sign that separates the fields of a claim: X12 has no way
-- to write one inside a field.

CREATE TABLE billing.payer (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    payer_number text COLLATE "C",
    claim_filing text COLLATE "C" DEFAULT 'CI' NOT NULL,
    address_line_1 text,
    address_line_2 text,
    city text,
    state text COLLATE "C",
    postal_code text COLLATE "C",
    filing_days bigint DEFAULT 365 NOT NULL,
    CONSTRAINT payer_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT payer_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
    CONSTRAINT payer_name_is_one_line CHECK (
        name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT payer_name_has_at_most_60_characters CHECK (char_length(name) <= 60),
    CONSTRAINT payer_payer_number_has_no_separators CHECK (
        payer_number ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'
    ),
    CONSTRAINT payer_payer_number_has_at_most_80_characters CHECK (char_length(payer_number) <= 80),
    CONSTRAINT payer_claim_filing_is_known CHECK (
        claim_filing IN (
            '11', '12', '13', '14', '15', '16', '17', 'AM', 'BL', 'CH', 'CI', 'DS', 'FI', 'HM',
            'LM', 'MA', 'MB', 'MC', 'OF', 'TV', 'VA', 'WC', 'ZZ'
        )
    ),
    CONSTRAINT payer_address_line_1_is_one_line CHECK (
        address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT payer_address_line_1_has_at_most_55_characters CHECK (
        char_length(address_line_1) <= 55
    ),
    CONSTRAINT payer_address_line_2_is_one_line CHECK (
        address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT payer_address_line_2_has_at_most_55_characters CHECK (
        char_length(address_line_2) <= 55
    ),
    CONSTRAINT payer_city_is_one_line CHECK (
        city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT payer_city_has_at_most_30_characters CHECK (char_length(city) <= 30),
    CONSTRAINT payer_state_has_two_letters CHECK (state ~ '^[A-Z]{2}$'),
    CONSTRAINT payer_postal_code_has_five_or_nine_digits CHECK (
        postal_code ~ '^[0-9]{5}([0-9]{4})?$'
    ),
    CONSTRAINT payer_filing_days_is_positive CHECK (filing_days >= 1),
    CONSTRAINT payer_filing_days_is_at_most_3650 CHECK (filing_days <= 3650)
);

CREATE INDEX payer_name_id_idx ON billing.payer (clinic_id, name, id);

CREATE INDEX payer_payer_number_id_idx ON billing.payer (clinic_id, payer_number, id);

COMMENT ON TABLE billing.payer IS
'Who pays: insurers and programs.';

COMMENT ON COLUMN billing.payer.clinic_id IS
'The clinic that bills them.';

COMMENT ON COLUMN billing.payer.id IS
'Identifies the payer; later ones have greater ids.';

COMMENT ON COLUMN billing.payer.name IS
'The name.
Example: Medicare';

COMMENT ON COLUMN billing.payer.payer_number IS
'The number under which claims reach the payer.
Example: 00882';

COMMENT ON COLUMN billing.payer.claim_filing IS
'What kind of payer it is, as claims say it (X12''s SBR09): CI commercial, BL Blue Cross, MB '
'Medicare Part B, MC Medicaid, HM an HMO, WC workers'' compensation, and others.';

COMMENT ON COLUMN billing.payer.address_line_1 IS
'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.payer.address_line_2 IS
'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.payer.city IS
'The city.
Example: Seattle';

COMMENT ON COLUMN billing.payer.state IS
'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.payer.postal_code IS
'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.payer.filing_days IS
'How many days after the service a claim has to be there.
Example: 90';

COMMENT ON CONSTRAINT payer_pkey ON billing.payer IS
'A payer''s id belongs to one payer only.';

COMMENT ON CONSTRAINT payer_clinic_id_fkey ON billing.payer IS
'A payer must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT payer_name_is_one_line ON billing.payer IS
'A payer''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_name_has_at_most_60_characters ON billing.payer IS
'A payer''s name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT payer_payer_number_has_no_separators ON billing.payer IS
'A payer''s number must have neither accents nor the signs * : ^ | ~, which separate the fields '
'of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT payer_payer_number_has_at_most_80_characters ON billing.payer IS
'A payer''s number must have at most 80 characters.';

COMMENT ON CONSTRAINT payer_claim_filing_is_known ON billing.payer IS
'A payer''s claim filing must be a code that X12 has: 11 to 17, AM, BL, CH, CI, DS, FI, HM, LM, '
'MA, MB, MC, OF, TV, VA, WC or ZZ.';

COMMENT ON CONSTRAINT payer_address_line_1_is_one_line ON billing.payer IS
'A payer''s address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_address_line_1_has_at_most_55_characters ON billing.payer IS
'A payer''s address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT payer_address_line_2_is_one_line ON billing.payer IS
'A payer''s address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_address_line_2_has_at_most_55_characters ON billing.payer IS
'A payer''s address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT payer_city_is_one_line ON billing.payer IS
'A payer''s city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_city_has_at_most_30_characters ON billing.payer IS
'A payer''s city must have at most 30 characters.';

COMMENT ON CONSTRAINT payer_state_has_two_letters ON billing.payer IS
'A payer''s state must be two capital letters.';

COMMENT ON CONSTRAINT payer_postal_code_has_five_or_nine_digits ON billing.payer IS
'A payer''s ZIP code must be five or nine digits without a hyphen.';

COMMENT ON CONSTRAINT payer_filing_days_is_positive ON billing.payer IS
'A payer''s filing days must be at least 1.';

COMMENT ON CONSTRAINT payer_filing_days_is_at_most_3650 ON billing.payer IS
'A payer''s filing days must be at most 3650.';

COMMENT ON INDEX billing.payer_name_id_idx IS
'Finds and lists payers by name, page by page.';

COMMENT ON INDEX billing.payer_payer_number_id_idx IS
'Finds payers by number, page by page.';

CREATE POLICY own ON billing.payer USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.payer IS
'A session sees and changes the payers of its own clinic.';

ALTER TABLE billing.payer ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.payers WITH (security_invoker = true) AS
SELECT
    p.id,
    p.name,
    p.payer_number,
    p.claim_filing,
    p.address_line_1,
    p.address_line_2,
    p.city,
    p.state,
    p.postal_code,
    p.filing_days
FROM billing.payer AS p;

COMMENT ON VIEW api.payers IS
'Who pays: insurers and programs.';

-- Not granted: DELETE, because coverages and claims name the payer; and writing id, which the
-- database gives.
GRANT
SELECT (
    id, name, payer_number, claim_filing, address_line_1, address_line_2, city, state,
    postal_code, filing_days
)
ON billing.payer TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.payers TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT
INSERT (
    name, payer_number, claim_filing, address_line_1, address_line_2, city, state, postal_code,
    filing_days
),
UPDATE (
    name, payer_number, claim_filing, address_line_1, address_line_2, city, state, postal_code,
    filing_days
)
ON billing.payer, api.payers TO
superbill_api, superbill_biller;

SELECT audit.watch('billing.payer');

-- depends: 0038.payment
--
-- Claims, and what only they need: of an encounter (claim_detail) and of a line item (drug).
--
-- A claim is made of a posted encounter, for a coverage of its patient that is valid on its date.
-- To insert it makes the encounter billed. There is one original claim for a coverage; a later one
-- replaces or voids it (frequency 7, 8) and quotes the payer's number of it. What it asks for is
-- copied, without what was reversed. The control number is what the payer's answer quotes; it is
-- made of the id, because numbers in order would tell of the claims of other clinics.
--
-- The details of a claim may be entered and corrected until the encounter is voided: they are no
-- charges.

CREATE TABLE billing.claim_detail (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    encounter_id uuid NOT NULL,
    provider_signature boolean DEFAULT true NOT NULL,
    assignment text COLLATE "C" DEFAULT 'A' NOT NULL,
    benefits_assigned text COLLATE "C" DEFAULT 'Y' NOT NULL,
    release_of_information text COLLATE "C" DEFAULT 'Y' NOT NULL,
    related_cause text COLLATE "C",
    accident_date date,
    accident_state text COLLATE "C",
    referring_provider_id uuid,
    prior_authorization_number text,
    CONSTRAINT claim_detail_pkey PRIMARY KEY (clinic_id, encounter_id),
    CONSTRAINT claim_detail_encounter_id_fkey
    FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter (clinic_id, id),
    CONSTRAINT claim_detail_referring_provider_id_fkey
    FOREIGN KEY (clinic_id, referring_provider_id) REFERENCES billing.provider (clinic_id, id),
    CONSTRAINT claim_detail_assignment_is_known CHECK (assignment IN ('A', 'B', 'C')),
    CONSTRAINT claim_detail_benefits_assigned_is_known CHECK (benefits_assigned IN ('Y', 'N', 'W')),
    CONSTRAINT claim_detail_release_of_information_is_known CHECK (
        release_of_information IN ('I', 'Y')
    ),
    CONSTRAINT claim_detail_related_cause_is_known CHECK (related_cause IN ('AA', 'EM', 'OA')),
    CONSTRAINT claim_detail_accident_date_is_not_before_1900 CHECK (accident_date >= '1900-01-01'),
    CONSTRAINT claim_detail_accident_date_has_begun CHECK (
        accident_date <= CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
    ),
    CONSTRAINT claim_detail_accident_state_has_two_letters CHECK (accident_state ~ '^[A-Z]{2}$'),
    CONSTRAINT claim_detail_accident_has_a_cause CHECK (
        num_nulls(related_cause) = 0 OR num_nonnulls(accident_date, accident_state) = 0
    ),
    CONSTRAINT claim_detail_prior_authorization_number_is_one_line CHECK (
        prior_authorization_number
        ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT claim_detail_prior_authorization_number_has_at_most_50 CHECK (
        char_length(prior_authorization_number) <= 50
    )
);

COMMENT ON TABLE billing.claim_detail IS
'What the claims of an encounter say that its bill does not.';

COMMENT ON COLUMN billing.claim_detail.clinic_id IS
'The clinic that bills for the encounter.';

COMMENT ON COLUMN billing.claim_detail.encounter_id IS
'The encounter.';

COMMENT ON COLUMN billing.claim_detail.provider_signature IS
'Whether the provider''s signature is on file (CLM06).';

COMMENT ON COLUMN billing.claim_detail.assignment IS
'Whether the provider accepts what the payer pays (CLM07). A: yes; B: for laboratory services; C:'
' no.';

COMMENT ON COLUMN billing.claim_detail.benefits_assigned IS
'Whether the patient has the payer pay the provider (CLM08). Y: yes; N: no; W: does not apply.';

COMMENT ON COLUMN billing.claim_detail.release_of_information IS
'What lets the provider tell the payer (CLM09). Y: a signature; I: the law.';

COMMENT ON COLUMN billing.claim_detail.related_cause IS
'What caused the condition (CLM11). AA: a car accident; EM: work; OA: another accident.';

COMMENT ON COLUMN billing.claim_detail.accident_date IS
'The day of the accident.';

COMMENT ON COLUMN billing.claim_detail.accident_state IS
'The state of the accident.
Example: WA';

COMMENT ON COLUMN billing.claim_detail.referring_provider_id IS
'Who referred the patient.';

COMMENT ON COLUMN billing.claim_detail.prior_authorization_number IS
'The number under which the payer has agreed.
Example: PA-0034512';

COMMENT ON CONSTRAINT claim_detail_pkey ON billing.claim_detail IS
'An encounter has its claim details only once.';

COMMENT ON CONSTRAINT claim_detail_encounter_id_fkey ON billing.claim_detail IS
'Claim details must belong to an encounter that is on record.';

COMMENT ON CONSTRAINT claim_detail_referring_provider_id_fkey ON billing.claim_detail IS
'A referring provider must be on record.';

COMMENT ON CONSTRAINT claim_detail_assignment_is_known ON billing.claim_detail IS
'An assignment must be A, B or C.';

COMMENT ON CONSTRAINT claim_detail_benefits_assigned_is_known ON billing.claim_detail IS
'Benefits assigned must be Y, N or W.';

COMMENT ON CONSTRAINT claim_detail_release_of_information_is_known ON billing.claim_detail IS
'A release of information must be I or Y.';

COMMENT ON CONSTRAINT claim_detail_related_cause_is_known ON billing.claim_detail IS
'A related cause must be AA, EM or OA.';

COMMENT ON CONSTRAINT claim_detail_accident_date_is_not_before_1900 ON billing.claim_detail IS
'The date of an accident must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT claim_detail_accident_date_has_begun ON billing.claim_detail IS
'The date of an accident must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT claim_detail_accident_state_has_two_letters ON billing.claim_detail IS
'The state of an accident must be two capital letters.';

COMMENT ON CONSTRAINT claim_detail_accident_has_a_cause ON billing.claim_detail IS
'An accident''s date and state must come with its related cause.';

COMMENT ON CONSTRAINT claim_detail_prior_authorization_number_is_one_line ON billing.claim_detail IS
'A prior authorization number must be one line that neither begins nor ends with a blank.';

COMMENT ON CONSTRAINT claim_detail_prior_authorization_number_has_at_most_50
ON billing.claim_detail IS
'A prior authorization number must have at most 50 characters.';

CREATE POLICY own ON billing.claim_detail USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.claim_detail IS
'A session sees and changes the claim details of its own clinic.';

ALTER TABLE billing.claim_detail ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.claim_details WITH (security_invoker = true) AS
SELECT
    d.encounter_id,
    d.provider_signature,
    d.assignment,
    d.benefits_assigned,
    d.release_of_information,
    d.related_cause,
    d.accident_date,
    d.accident_state,
    d.referring_provider_id,
    d.prior_authorization_number
FROM billing.claim_detail AS d;

COMMENT ON VIEW api.claim_details IS
'What the claims of an encounter say that its bill does not.';

CREATE TABLE billing.drug (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    line_item_id uuid NOT NULL,
    drug_code text COLLATE "C" NOT NULL,
    quantity api.number NOT NULL,
    unit text COLLATE "C" NOT NULL,
    CONSTRAINT drug_pkey PRIMARY KEY (clinic_id, line_item_id),
    CONSTRAINT drug_line_item_id_fkey
    FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item (clinic_id, id)
    ON DELETE CASCADE,
    CONSTRAINT drug_drug_code_has_eleven_digits CHECK (drug_code ~ '^[0-9]{11}$'),
    CONSTRAINT drug_quantity_is_positive CHECK (quantity > 0),
    CONSTRAINT drug_quantity_is_at_most_9999999 CHECK (quantity <= 9999999),
    CONSTRAINT drug_quantity_has_at_most_3_decimals CHECK (quantity = round(quantity, 3)),
    CONSTRAINT drug_unit_is_known CHECK (unit IN ('F2', 'GR', 'ME', 'ML', 'UN'))
);

COMMENT ON TABLE billing.drug IS
'The drug that was given, for a line item that has one.';

COMMENT ON COLUMN billing.drug.clinic_id IS
'The clinic that bills the line item.';

COMMENT ON COLUMN billing.drug.line_item_id IS
'The line item.';

COMMENT ON COLUMN billing.drug.drug_code IS
'The drug, as an NDC of eleven digits.
Example: 00409379601';

COMMENT ON COLUMN billing.drug.quantity IS
'How much of it was given.
Example: 1.5';

COMMENT ON COLUMN billing.drug.unit IS
'What it is counted in. F2: international units; GR: grams; ME: milligrams; ML: milliliters; UN: '
'units.';

COMMENT ON CONSTRAINT drug_pkey ON billing.drug IS
'A line item has one drug.';

COMMENT ON CONSTRAINT drug_line_item_id_fkey ON billing.drug IS
'A drug must belong to a line item that is on record.';

COMMENT ON CONSTRAINT drug_drug_code_has_eleven_digits ON billing.drug IS
'A drug code must be eleven digits.';

COMMENT ON CONSTRAINT drug_quantity_is_positive ON billing.drug IS
'The quantity of a drug must be more than 0.';

COMMENT ON CONSTRAINT drug_quantity_is_at_most_9999999 ON billing.drug IS
'The quantity of a drug must be at most 9999999.';

COMMENT ON CONSTRAINT drug_quantity_has_at_most_3_decimals ON billing.drug IS
'The quantity of a drug must have at most three digits after the point.';

COMMENT ON CONSTRAINT drug_unit_is_known ON billing.drug IS
'The unit of a drug must be F2, GR, ME, ML or UN.';

CREATE POLICY own ON billing.drug USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.drug IS
'A session sees and changes the drugs of its own clinic.';

ALTER TABLE billing.drug ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.drugs WITH (security_invoker = true) AS
SELECT
    d.line_item_id,
    d.drug_code,
    d.quantity,
    d.unit
FROM billing.drug AS d;

COMMENT ON VIEW api.drugs IS
'The drugs that were given, for the line items that have one.';

CREATE TABLE billing.claim (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    encounter_id uuid NOT NULL,
    coverage_id uuid NOT NULL,
    frequency text COLLATE "C" DEFAULT '1' NOT NULL,
    payer_claim_number text,
    control_number text COLLATE "C" GENERATED ALWAYS AS (
        upper(substr(replace(CAST(id AS text), '-', ''), 1, 20))
    ) STORED NOT NULL,
    total_charge numeric(14, 2) NOT NULL,
    created_at timestamptz DEFAULT current_timestamp NOT NULL,
    CONSTRAINT claim_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT claim_control_number_key UNIQUE (clinic_id, control_number),
    CONSTRAINT claim_encounter_id_fkey
    FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter (clinic_id, id),
    CONSTRAINT claim_coverage_id_fkey
    FOREIGN KEY (clinic_id, coverage_id) REFERENCES billing.coverage (clinic_id, id),
    CONSTRAINT claim_frequency_is_known CHECK (frequency IN ('1', '7', '8')),
    CONSTRAINT claim_correction_quotes_the_payer CHECK (
        (frequency = '1') = (num_nulls(payer_claim_number) = 1)
    ),
    CONSTRAINT claim_payer_claim_number_is_one_line CHECK (
        payer_claim_number ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT claim_payer_claim_number_has_at_most_50_characters CHECK (
        char_length(payer_claim_number) <= 50
    ),
    CONSTRAINT claim_is_of_a_posted_encounter CHECK (num_nulls(encounter_id) = 0 OR true),
    CONSTRAINT claim_coverage_is_the_patients CHECK (num_nulls(coverage_id) = 0 OR true),
    CONSTRAINT claim_correction_follows_a_claim CHECK (num_nulls(frequency) = 0 OR true)
);

CREATE INDEX claim_encounter_id_id_idx ON billing.claim (clinic_id, encounter_id, id);

CREATE UNIQUE INDEX claim_original_is_one ON billing.claim (clinic_id, encounter_id, coverage_id)
WHERE frequency = '1';

COMMENT ON TABLE billing.claim IS
'What was sent to payers: the original claim of an encounter, and those that replace or void it.';

COMMENT ON COLUMN billing.claim.clinic_id IS
'The clinic that claims.';

COMMENT ON COLUMN billing.claim.id IS
'Identifies the claim; later ones have greater ids.';

COMMENT ON COLUMN billing.claim.encounter_id IS
'The encounter that it is for.';

COMMENT ON COLUMN billing.claim.coverage_id IS
'The coverage by which the payer is asked.';

COMMENT ON COLUMN billing.claim.frequency IS
'What it is (CLM05-3). 1: the original claim; 7: one that replaces it; 8: one that voids it.';

COMMENT ON COLUMN billing.claim.payer_claim_number IS
'The payer''s number of the claim that this one replaces or voids.
Example: ICN2024031500017';

COMMENT ON COLUMN billing.claim.control_number IS
'The number that the payer''s answer quotes (CLM01).
Example: 01A2083F9BE87170A59C';

COMMENT ON COLUMN billing.claim.total_charge IS
'What it asks for: the charges that were not reversed.
Example: 125.00';

COMMENT ON COLUMN billing.claim.created_at IS
'When it was made.';

COMMENT ON CONSTRAINT claim_pkey ON billing.claim IS
'A claim''s id belongs to one claim only.';

COMMENT ON CONSTRAINT claim_control_number_key ON billing.claim IS
'A control number belongs to one claim only.';

COMMENT ON CONSTRAINT claim_encounter_id_fkey ON billing.claim IS
'A claim must be for an encounter that is on record.';

COMMENT ON CONSTRAINT claim_coverage_id_fkey ON billing.claim IS
'A claim must be by a coverage that is on record.';

COMMENT ON CONSTRAINT claim_frequency_is_known ON billing.claim IS
'A claim''s frequency must be 1, 7 or 8.';

COMMENT ON CONSTRAINT claim_correction_quotes_the_payer ON billing.claim IS
'A claim must have the payer''s claim number if it replaces or voids one, and only then.';

COMMENT ON CONSTRAINT claim_payer_claim_number_is_one_line ON billing.claim IS
'A payer''s claim number must be one line that neither begins nor ends with a blank.';

COMMENT ON CONSTRAINT claim_payer_claim_number_has_at_most_50_characters ON billing.claim IS
'A payer''s claim number must have at most 50 characters.';

COMMENT ON CONSTRAINT claim_is_of_a_posted_encounter ON billing.claim IS
'A claim must be for an encounter that is posted or billed; one that voids a claim, also for a '
'voided one.';

COMMENT ON CONSTRAINT claim_coverage_is_the_patients ON billing.claim IS
'A claim must be by a coverage of the encounter''s patient that is valid on its date.';

COMMENT ON CONSTRAINT claim_correction_follows_a_claim ON billing.claim IS
'A claim that replaces or voids one must follow the original claim by this coverage.';

COMMENT ON INDEX billing.claim_encounter_id_id_idx IS
'Lists an encounter''s claims, page by page.';

COMMENT ON INDEX billing.claim_original_is_one IS
'An encounter has one original claim by each coverage.';

CREATE POLICY own ON billing.claim USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.claim IS
'A session sees and changes the claims of its own clinic.';

ALTER TABLE billing.claim ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION billing.make_claim() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    encounter record;
    names text[] := '{}';
    places text[] := '{}';
BEGIN
    SELECT e.patient_id, e.date, e.status INTO encounter FROM billing.encounter AS e
    WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id
    FOR NO KEY UPDATE;
    IF encounter.status = 'draft' OR (encounter.status = 'voided' AND new.frequency <> '8') THEN
        names := names || CAST('claim_is_of_a_posted_encounter' AS text);
        places := places || CAST('encounter_id' AS text);
    END IF;
    -- What is not there is refused by the foreign keys.
    IF EXISTS (
        SELECT FROM billing.coverage AS c
        WHERE
            c.clinic_id = new.clinic_id AND c.id = new.coverage_id
            AND (c.patient_id <> encounter.patient_id OR NOT c.valid_during @> encounter.date)
    ) THEN
        names := names || CAST('claim_coverage_is_the_patients' AS text);
        places := places || CAST('coverage_id' AS text);
    END IF;
    IF new.frequency <> '1' AND NOT EXISTS (
        SELECT FROM billing.claim AS c
        WHERE
            c.clinic_id = new.clinic_id AND c.encounter_id = new.encounter_id
            AND c.coverage_id = new.coverage_id AND c.frequency = '1'
    ) THEN
        names := names || CAST('claim_correction_follows_a_claim' AS text);
        places := places || CAST('frequency' AS text);
    END IF;
    IF names <> '{}' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'claim',
            CONSTRAINT = array_to_string(names, ','), COLUMN = array_to_string(places, ',');
    END IF;
    new.total_charge := (
        SELECT coalesce(sum(l.charge), 0) FROM billing.line_item AS l
        WHERE
            l.clinic_id = new.clinic_id AND l.encounter_id = new.encounter_id
            AND NOT l.is_reversed
    );
    UPDATE billing.encounter AS e SET status = 'billed'
    WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id AND e.status = 'posted';
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.make_claim() IS
'Copies what a claim asks for, and makes its encounter billed; or says why there can be none.';

REVOKE ALL ON FUNCTION billing.make_claim() FROM public;

CREATE TRIGGER claim_bills_its_encounter BEFORE INSERT ON billing.claim
FOR EACH ROW EXECUTE FUNCTION billing.make_claim();

COMMENT ON TRIGGER claim_bills_its_encounter ON billing.claim IS
'Fills: total_charge';

CREATE VIEW api.claims WITH (security_invoker = true) AS
SELECT
    c.id,
    c.encounter_id,
    c.coverage_id,
    c.frequency,
    c.payer_claim_number,
    c.control_number,
    c.total_charge,
    c.created_at
FROM billing.claim AS c;

COMMENT ON VIEW api.claims IS
'What was sent to payers: the original claim of an encounter, and those that replace or void it.';

-- Not granted: changing or removing a claim, because it was sent; and to those who treat, claims.
GRANT
SELECT (
    encounter_id, provider_signature, assignment, benefits_assigned, release_of_information,
    related_cause, accident_date, accident_state, referring_provider_id, prior_authorization_number
)
ON billing.claim_detail TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.claim_details TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT
INSERT (
    encounter_id, provider_signature, assignment, benefits_assigned, release_of_information,
    related_cause, accident_date, accident_state, referring_provider_id, prior_authorization_number
),
UPDATE (
    provider_signature, assignment, benefits_assigned, release_of_information,
    related_cause, accident_date, accident_state, referring_provider_id, prior_authorization_number
)
ON billing.claim_detail, api.claim_details TO
superbill_api, superbill_clinician, superbill_biller;

GRANT SELECT (line_item_id, drug_code, quantity, unit)
ON billing.drug TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.drugs TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT
INSERT (line_item_id, drug_code, quantity, unit), UPDATE (drug_code, quantity, unit), DELETE
ON billing.drug, api.drugs TO superbill_api, superbill_clinician, superbill_biller;

GRANT
SELECT (
    id, encounter_id, coverage_id, frequency, payer_claim_number, control_number, total_charge,
    created_at
)
ON billing.claim TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT ON api.claims TO
superbill_api, superbill_biller, superbill_auditor;

GRANT INSERT (encounter_id, coverage_id, frequency, payer_claim_number)
ON billing.claim, api.claims TO superbill_api, superbill_biller;

SELECT audit.watch('billing.claim_detail');

SELECT audit.watch('billing.drug');

SELECT audit.watch('billing.claim');

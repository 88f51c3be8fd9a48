-- depends: 0035.payer
--
-- Who pays for a patient, and when: from effective_on to ends_on, both days included, one coverage
-- of each priority on a day. A subscriber is named where it is not the patient, and only there; the
-- rest of what a claim needs of a subscriber may be missing until then.
--
-- The range is empty where the dates are in the wrong order: otherwise Postgres would refuse them
-- before the CHECK could say why.

CREATE TABLE billing.coverage (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    payer_id uuid NOT NULL,
    priority text COLLATE "C" DEFAULT 'P' NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    group_number text COLLATE "C",
    group_name text,
    relationship text COLLATE "C" DEFAULT '18' NOT NULL,
    subscriber_first_name text,
    subscriber_last_name text,
    subscriber_birth_date date,
    subscriber_sex text COLLATE "C",
    subscriber_address_line_1 text,
    subscriber_address_line_2 text,
    subscriber_city text,
    subscriber_state text COLLATE "C",
    subscriber_postal_code text COLLATE "C",
    effective_on date NOT NULL,
    ends_on date,
    valid_during daterange GENERATED ALWAYS AS (
        CASE
            WHEN effective_on <= coalesce(ends_on, effective_on)
                THEN daterange(effective_on, ends_on, '[]')
            ELSE 'empty'
        END
    ) STORED NOT NULL,
    CONSTRAINT coverage_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT coverage_patient_id_fkey
    FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient (clinic_id, id),
    CONSTRAINT coverage_payer_id_fkey
    FOREIGN KEY (clinic_id, payer_id) REFERENCES billing.payer (clinic_id, id),
    CONSTRAINT coverage_priority_is_known CHECK (priority IN ('P', 'S', 'T')),
    CONSTRAINT coverage_member_id_has_no_separators CHECK (
        member_id ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'
    ),
    CONSTRAINT coverage_member_id_has_at_most_80_characters CHECK (char_length(member_id) <= 80),
    CONSTRAINT coverage_group_number_has_no_separators CHECK (
        group_number ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'
    ),
    CONSTRAINT coverage_group_number_has_at_most_50_characters CHECK (
        char_length(group_number) <= 50
    ),
    CONSTRAINT coverage_group_name_is_one_line CHECK (
        group_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT coverage_group_name_has_at_most_60_characters CHECK (char_length(group_name) <= 60),
    CONSTRAINT coverage_relationship_is_known CHECK (
        relationship IN ('18', '01', '19', '20', '21', '39', '40', '53', 'G8')
    ),
    CONSTRAINT coverage_subscriber_first_name_is_one_line CHECK (
        subscriber_first_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT coverage_subscriber_first_name_has_at_most_35_characters CHECK (
        char_length(subscriber_first_name) <= 35
    ),
    CONSTRAINT coverage_subscriber_last_name_is_one_line CHECK (
        subscriber_last_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT coverage_subscriber_last_name_has_at_most_60_characters CHECK (
        char_length(subscriber_last_name) <= 60
    ),
    CONSTRAINT coverage_subscriber_birth_date_is_not_before_1900 CHECK (
        subscriber_birth_date >= '1900-01-01'
    ),
    CONSTRAINT coverage_subscriber_birth_date_has_begun CHECK (
        subscriber_birth_date <= CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
    ),
    CONSTRAINT coverage_subscriber_sex_is_known CHECK (subscriber_sex IN ('F', 'M', 'U')),
    CONSTRAINT coverage_subscriber_address_line_1_is_one_line CHECK (
        subscriber_address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT coverage_subscriber_address_line_1_has_at_most_55_characters CHECK (
        char_length(subscriber_address_line_1) <= 55
    ),
    CONSTRAINT coverage_subscriber_address_line_2_is_one_line CHECK (
        subscriber_address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT coverage_subscriber_address_line_2_has_at_most_55_characters CHECK (
        char_length(subscriber_address_line_2) <= 55
    ),
    CONSTRAINT coverage_subscriber_city_is_one_line CHECK (
        subscriber_city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT coverage_subscriber_city_has_at_most_30_characters CHECK (
        char_length(subscriber_city) <= 30
    ),
    CONSTRAINT coverage_subscriber_state_has_two_letters CHECK (subscriber_state ~ '^[A-Z]{2}$'),
    CONSTRAINT coverage_subscriber_postal_code_has_five_or_nine_digits CHECK (
        subscriber_postal_code ~ '^[0-9]{5}([0-9]{4})?$'
    ),
    CONSTRAINT coverage_subscriber_is_named CHECK (
        relationship = '18' OR num_nulls(subscriber_last_name) = 0
    ),
    CONSTRAINT coverage_patient_is_not_named_again CHECK (
        relationship <> '18'
        OR num_nonnulls(
            subscriber_first_name, subscriber_last_name, subscriber_birth_date, subscriber_sex,
            subscriber_address_line_1, subscriber_address_line_2, subscriber_city, subscriber_state,
            subscriber_postal_code
        ) = 0
    ),
    CONSTRAINT coverage_effective_on_is_not_before_1900 CHECK (effective_on >= '1900-01-01'),
    CONSTRAINT coverage_ends_on_is_not_before_effective_on CHECK (ends_on >= effective_on),
    CONSTRAINT coverage_is_one_a_day EXCLUDE USING gist (
        clinic_id WITH =, patient_id WITH =, priority WITH =, valid_during WITH &&
    )
);

CREATE INDEX coverage_patient_id_id_idx ON billing.coverage (clinic_id, patient_id, id);

CREATE INDEX coverage_payer_id_id_idx ON billing.coverage (clinic_id, payer_id, id);

CREATE INDEX coverage_member_id_id_idx ON billing.coverage (clinic_id, member_id, id);

COMMENT ON TABLE billing.coverage IS
'Who pays for a patient, and when.';

COMMENT ON COLUMN billing.coverage.clinic_id IS
'The clinic that has the patient''s record.';

COMMENT ON COLUMN billing.coverage.id IS
'Identifies the coverage; later ones have greater ids.';

COMMENT ON COLUMN billing.coverage.patient_id IS
'The insured patient.';

COMMENT ON COLUMN billing.coverage.payer_id IS
'Who pays.';

COMMENT ON COLUMN billing.coverage.priority IS
'Whose turn it is: primary, secondary, tertiary.';

COMMENT ON COLUMN billing.coverage.member_id IS
'The member''s number, as it stands on the card.
Example: 1EG4TE5MK73';

COMMENT ON COLUMN billing.coverage.group_number IS
'The number of the group, if the card has one.
Example: 76411-0';

COMMENT ON COLUMN billing.coverage.group_name IS
'The name of the group or plan.
Example: Example Works';

COMMENT ON COLUMN billing.coverage.relationship IS
'What the patient is to the subscriber, as claims say it (X12''s SBR02): 18 the same person, 01 '
'spouse, 19 child, 20 employee, 53 life partner, G8 another, and others.';

COMMENT ON COLUMN billing.coverage.subscriber_first_name IS
'The subscriber''s given name, where it is not the patient.
Example: Grace';

COMMENT ON COLUMN billing.coverage.subscriber_last_name IS
'The subscriber''s family name, where it is not the patient.
Example: Oberly';

COMMENT ON COLUMN billing.coverage.subscriber_birth_date IS
'The subscriber''s date of birth.
Example: 1960-01-31';

COMMENT ON COLUMN billing.coverage.subscriber_sex IS
'The subscriber''s sex: female, male or unknown.';

COMMENT ON COLUMN billing.coverage.subscriber_address_line_1 IS
'The subscriber''s street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.coverage.subscriber_address_line_2 IS
'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.coverage.subscriber_city IS
'The city.
Example: Seattle';

COMMENT ON COLUMN billing.coverage.subscriber_state IS
'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.coverage.subscriber_postal_code IS
'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.coverage.effective_on IS
'The first day on which it pays.
Example: 2026-01-01';

COMMENT ON COLUMN billing.coverage.ends_on IS
'The last day on which it pays; null: it has no end yet.
Example: 2026-12-31';

COMMENT ON COLUMN billing.coverage.valid_during IS
'The days from the first to the last.';

COMMENT ON CONSTRAINT coverage_pkey ON billing.coverage IS
'A coverage''s id belongs to one coverage only.';

COMMENT ON CONSTRAINT coverage_patient_id_fkey ON billing.coverage IS
'A coverage''s patient must be on record.';

COMMENT ON CONSTRAINT coverage_payer_id_fkey ON billing.coverage IS
'A coverage''s payer must be on record.';

COMMENT ON CONSTRAINT coverage_priority_is_known ON billing.coverage IS
'A coverage''s priority must be P, S or T.';

COMMENT ON CONSTRAINT coverage_member_id_has_no_separators ON billing.coverage IS
'A coverage''s member id must have neither accents nor the signs * : ^ | ~, which separate the '
'fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT coverage_member_id_has_at_most_80_characters ON billing.coverage IS
'A coverage''s member id must have at most 80 characters.';

COMMENT ON CONSTRAINT coverage_group_number_has_no_separators ON billing.coverage IS
'A coverage''s group number must have neither accents nor the signs * : ^ | ~, which separate the '
'fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT coverage_group_number_has_at_most_50_characters ON billing.coverage IS
'A coverage''s group number must have at most 50 characters.';

COMMENT ON CONSTRAINT coverage_group_name_is_one_line ON billing.coverage IS
'A coverage''s group name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_group_name_has_at_most_60_characters ON billing.coverage IS
'A coverage''s group name must have at most 60 characters.';

COMMENT ON CONSTRAINT coverage_relationship_is_known ON billing.coverage IS
'A coverage''s relationship must be a code that X12 has: 01, 18, 19, 20, 21, 39, 40, 53 or G8.';

COMMENT ON CONSTRAINT coverage_subscriber_first_name_is_one_line ON billing.coverage IS
'A coverage''s subscriber first name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_first_name_has_at_most_35_characters
ON billing.coverage IS
'A coverage''s subscriber first name must have at most 35 characters, which is what a claim '
'holds.';

COMMENT ON CONSTRAINT coverage_subscriber_last_name_is_one_line ON billing.coverage IS
'A coverage''s subscriber last name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_last_name_has_at_most_60_characters ON billing.coverage IS
'A coverage''s subscriber last name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT coverage_subscriber_birth_date_is_not_before_1900 ON billing.coverage IS
'A coverage''s subscriber birth date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT coverage_subscriber_birth_date_has_begun ON billing.coverage IS
'A coverage''s subscriber birth date must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT coverage_subscriber_sex_is_known ON billing.coverage IS
'A coverage''s subscriber sex must be F, M or U.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_1_is_one_line ON billing.coverage IS
'A coverage''s subscriber address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_1_has_at_most_55_characters
ON billing.coverage IS
'A coverage''s subscriber address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_2_is_one_line ON billing.coverage IS
'A coverage''s subscriber address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_2_has_at_most_55_characters
ON billing.coverage IS
'A coverage''s subscriber address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT coverage_subscriber_city_is_one_line ON billing.coverage IS
'A coverage''s subscriber city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_city_has_at_most_30_characters ON billing.coverage IS
'A coverage''s subscriber city must have at most 30 characters.';

COMMENT ON CONSTRAINT coverage_subscriber_state_has_two_letters ON billing.coverage IS
'A coverage''s subscriber state must be two capital letters.';

COMMENT ON CONSTRAINT coverage_subscriber_postal_code_has_five_or_nine_digits ON billing.coverage IS
'A coverage''s subscriber ZIP code must be five or nine digits without a hyphen.';

COMMENT ON CONSTRAINT coverage_subscriber_is_named ON billing.coverage IS
'A coverage must have the subscriber''s last name where the patient is not the subscriber.';

COMMENT ON CONSTRAINT coverage_patient_is_not_named_again ON billing.coverage IS
'A coverage must say nothing of the subscriber where the patient is the subscriber.';

COMMENT ON CONSTRAINT coverage_effective_on_is_not_before_1900 ON billing.coverage IS
'A coverage must not begin before 1900.';

COMMENT ON CONSTRAINT coverage_ends_on_is_not_before_effective_on ON billing.coverage IS
'A coverage must not end before it begins.';

COMMENT ON CONSTRAINT coverage_is_one_a_day ON billing.coverage IS
'A patient has one coverage of each priority on a day; end the one that is there on the day '
'before.';

COMMENT ON INDEX billing.coverage_patient_id_id_idx IS
'Lists a patient''s coverages, page by page.';

COMMENT ON INDEX billing.coverage_payer_id_id_idx IS
'Lists the coverages by a payer, page by page.';

COMMENT ON INDEX billing.coverage_member_id_id_idx IS
'Finds coverages by the number on the card, page by page.';

CREATE POLICY own ON billing.coverage USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.coverage IS
'A session sees and changes the coverages of its own clinic.';

ALTER TABLE billing.coverage ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.coverages WITH (security_invoker = true) AS
SELECT
    c.id,
    c.patient_id,
    c.payer_id,
    c.priority,
    c.member_id,
    c.group_number,
    c.group_name,
    c.relationship,
    c.subscriber_first_name,
    c.subscriber_last_name,
    c.subscriber_birth_date,
    c.subscriber_sex,
    c.subscriber_address_line_1,
    c.subscriber_address_line_2,
    c.subscriber_city,
    c.subscriber_state,
    c.subscriber_postal_code,
    c.effective_on,
    c.ends_on
FROM billing.coverage AS c;

COMMENT ON VIEW api.coverages IS
'Who pays for a patient, and when.';

-- Not granted: changing patient_id or payer_id, because that is another coverage; reading
-- valid_during, which the two dates say; and writing id, which the database gives.
GRANT
SELECT (
    id, patient_id, payer_id, priority, member_id, group_number, group_name, relationship,
    subscriber_first_name, subscriber_last_name, subscriber_birth_date, subscriber_sex,
    subscriber_address_line_1, subscriber_address_line_2, subscriber_city, subscriber_state,
    subscriber_postal_code, effective_on, ends_on
)
ON billing.coverage TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.coverages TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT
INSERT (
    patient_id, payer_id, priority, member_id, group_number, group_name, relationship,
    subscriber_first_name, subscriber_last_name, subscriber_birth_date, subscriber_sex,
    subscriber_address_line_1, subscriber_address_line_2, subscriber_city, subscriber_state,
    subscriber_postal_code, effective_on, ends_on
),
UPDATE (
    priority, member_id, group_number, group_name, relationship, subscriber_first_name,
    subscriber_last_name, subscriber_birth_date, subscriber_sex, subscriber_address_line_1,
    subscriber_address_line_2, subscriber_city, subscriber_state, subscriber_postal_code,
    effective_on, ends_on
),
DELETE
ON billing.coverage, api.coverages TO
superbill_api, superbill_front_desk, superbill_biller;

SELECT audit.watch('billing.coverage');

-- depends: 0039.claim
--
-- All that a superbill holds: who bills, who gave care, who the patient is and who insures them on
-- the day, what was found, what was done and what it costs, and what was paid.
--
-- What it had stays as it was, and the rest stands behind it: the view is replaced, and the type of
-- a line item gets attributes at its end. A nested thing has a type of its own, because a column of
-- a declared type can be described, and json cannot.
--
-- Codes have the text of the day of service. A version of a code that ended later, or came later,
-- changes no bill.
--
-- A voided bill and a reversed line cost nothing, and a line that is not posted has no amount yet:
-- the totals are sums of billing.ledger_entry. A payment counts once it is allocated to a line
-- item.
--
-- The practice is the session's own, by the policy. The owner of the tables sees those of all
-- clinics; then the bill names none, rather than another clinic's.

CREATE TYPE billing.superbill_practice AS (
    name text,
    npi text,
    tax_id text,
    tax_id_type text,
    address_line_1 text,
    address_line_2 text,
    city text,
    state text,
    postal_code text,
    phone text
);

CREATE TYPE billing.superbill_provider AS (
    id uuid,
    npi text,
    first_name text,
    last_name text,
    credentials text,
    license_number text,
    license_state text
);

CREATE TYPE billing.superbill_patient AS (
    middle_name text,
    suffix text,
    birth_date date,
    sex text,
    address_line_1 text,
    address_line_2 text,
    city text,
    state text,
    postal_code text,
    phone text,
    external_id text
);

CREATE TYPE billing.superbill_coverage AS (
    id uuid,
    priority text,
    payer_name text,
    payer_number text,
    member_id text,
    group_number text,
    group_name text,
    relationship text,
    subscriber_first_name text,
    subscriber_last_name text,
    subscriber_birth_date date
);

CREATE TYPE billing.superbill_diagnosis AS (
    position smallint,
    diagnosis_code text,
    diagnosis_code_description text
);

CREATE TYPE billing.superbill_totals AS (
    charges numeric (16, 2),
    patient_payments numeric (16, 2),
    payer_payments numeric (16, 2),
    adjustments numeric (16, 2),
    balance numeric (16, 2)
);

ALTER TYPE billing.superbill_line_item
ADD ATTRIBUTE date date,
ADD ATTRIBUTE unit_type text,
ADD ATTRIBUTE modifiers text[],
ADD ATTRIBUTE diagnosis_pointers smallint[],
ADD ATTRIBUTE unit_charge numeric(10, 2),
ADD ATTRIBUTE charge numeric(14, 2),
ADD ATTRIBUTE is_reversed boolean;

COMMENT ON TYPE billing.superbill_practice IS
'Who bills, as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_practice.name IS
'The legal name of the practice.
Example: Example Family Medicine';

COMMENT ON COLUMN billing.superbill_practice.npi IS
'The NPI of the practice.
Example: 1234567893';

COMMENT ON COLUMN billing.superbill_practice.tax_id IS
'The tax id, without a hyphen.
Example: 911234567';

COMMENT ON COLUMN billing.superbill_practice.tax_id_type IS
'Which kind of number the tax id is: an employer''s (EIN) or a person''s (SSN).
Example: EIN';

COMMENT ON COLUMN billing.superbill_practice.address_line_1 IS
'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.superbill_practice.address_line_2 IS
'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.superbill_practice.city IS
'The city.
Example: Seattle';

COMMENT ON COLUMN billing.superbill_practice.state IS
'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.superbill_practice.postal_code IS
'The ZIP code, without a hyphen.
Example: 981010001';

COMMENT ON COLUMN billing.superbill_practice.phone IS
'The telephone number, with the area code.
Example: 2065550100';

COMMENT ON TYPE billing.superbill_provider IS
'Who gave care, as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_provider.id IS
'Identifies the provider.';

COMMENT ON COLUMN billing.superbill_provider.npi IS
'The NPI of the provider.
Example: 1679576722';

COMMENT ON COLUMN billing.superbill_provider.first_name IS
'The given name.
Example: Grace';

COMMENT ON COLUMN billing.superbill_provider.last_name IS
'The family name.
Example: Kim';

COMMENT ON COLUMN billing.superbill_provider.credentials IS
'The credentials.
Example: MD';

COMMENT ON COLUMN billing.superbill_provider.license_number IS
'The number of the license.
Example: MD00012345';

COMMENT ON COLUMN billing.superbill_provider.license_state IS
'The state that gave the license.
Example: WA';

COMMENT ON TYPE billing.superbill_patient IS
'What a superbill says of the patient beside the name.';

COMMENT ON COLUMN billing.superbill_patient.middle_name IS
'The middle name.
Example: Quincy';

COMMENT ON COLUMN billing.superbill_patient.suffix IS
'What follows the name.
Example: Jr';

COMMENT ON COLUMN billing.superbill_patient.birth_date IS
'The day of birth.
Example: 1950-05-05';

COMMENT ON COLUMN billing.superbill_patient.sex IS
'The sex, as on claims.
Example: F';

COMMENT ON COLUMN billing.superbill_patient.address_line_1 IS
'Street and number, or a post office box.
Example: 2 Elm Street';

COMMENT ON COLUMN billing.superbill_patient.address_line_2 IS
'What else the address has, such as an apartment.
Example: Apt 3';

COMMENT ON COLUMN billing.superbill_patient.city IS
'The city.
Example: Seattle';

COMMENT ON COLUMN billing.superbill_patient.state IS
'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.superbill_patient.postal_code IS
'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.superbill_patient.phone IS
'The telephone number, with the area code.
Example: 2065550111';

COMMENT ON COLUMN billing.superbill_patient.external_id IS
'The patient''s id in another program.
Example: MRN-001';

COMMENT ON TYPE billing.superbill_coverage IS
'An insurance of the patient on the day, as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_coverage.id IS
'Identifies the coverage.';

COMMENT ON COLUMN billing.superbill_coverage.priority IS
'Who pays first (P), second (S) or third (T).
Example: P';

COMMENT ON COLUMN billing.superbill_coverage.payer_name IS
'The name of the payer.
Example: Medicare';

COMMENT ON COLUMN billing.superbill_coverage.payer_number IS
'The number that the payer has in claims.
Example: 00882';

COMMENT ON COLUMN billing.superbill_coverage.member_id IS
'The number of the insured person.
Example: 1EG4TE5MK73';

COMMENT ON COLUMN billing.superbill_coverage.group_number IS
'The number of the group.
Example: 998877';

COMMENT ON COLUMN billing.superbill_coverage.group_name IS
'The name of the group.
Example: Example Works';

COMMENT ON COLUMN billing.superbill_coverage.relationship IS
'What the patient is to the subscriber: 18 is the subscriber.
Example: 18';

COMMENT ON COLUMN billing.superbill_coverage.subscriber_first_name IS
'The given name of a subscriber who is not the patient.
Example: Ann';

COMMENT ON COLUMN billing.superbill_coverage.subscriber_last_name IS
'The family name of a subscriber who is not the patient.
Example: Oberly';

COMMENT ON COLUMN billing.superbill_coverage.subscriber_birth_date IS
'The day of birth of a subscriber who is not the patient.
Example: 1948-01-31';

COMMENT ON TYPE billing.superbill_diagnosis IS
'A diagnosis as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_diagnosis.position IS
'The number by which line items point at it.
Example: 1';

COMMENT ON COLUMN billing.superbill_diagnosis.diagnosis_code IS
'The diagnosis code.
Example: E119';

COMMENT ON COLUMN billing.superbill_diagnosis.diagnosis_code_description IS
'What the code stood for on the day.
Example: Type 2 diabetes mellitus without complications';

COMMENT ON TYPE billing.superbill_totals IS
'What a superbill costs, what was paid, and what is owed.';

COMMENT ON COLUMN billing.superbill_totals.charges IS
'What the line items cost, without those that were reversed; 0 if the bill is voided.
Example: 200.23';

COMMENT ON COLUMN billing.superbill_totals.patient_payments IS
'What the patient paid for them.
Example: 25.00';

COMMENT ON COLUMN billing.superbill_totals.payer_payments IS
'What payers paid for them.
Example: 99.99';

COMMENT ON COLUMN billing.superbill_totals.adjustments IS
'What is not asked for any more, such as what a contract with the payer takes off.
Example: 25.00';

COMMENT ON COLUMN billing.superbill_totals.balance IS
'What is still owed: the charges without payments and adjustments.
Example: 50.24';

COMMENT ON COLUMN billing.superbill_line_item.date IS
'The date of service.
Example: 2024-03-01';

COMMENT ON COLUMN billing.superbill_line_item.unit_type IS
'What the units are.
Example: UN';

COMMENT ON COLUMN billing.superbill_line_item.modifiers IS
'The modifiers, in order.
Example: ["25"]';

COMMENT ON COLUMN billing.superbill_line_item.diagnosis_pointers IS
'The positions of the diagnoses that it is for, the main one first.
Example: [1]';

COMMENT ON COLUMN billing.superbill_line_item.unit_charge IS
'The fee for a unit, copied when the bill was posted.
Example: 125.00';

COMMENT ON COLUMN billing.superbill_line_item.charge IS
'The fee times the units; nothing before the bill is posted.
Example: 125.00';

COMMENT ON COLUMN billing.superbill_line_item.is_reversed IS
'Whether it was taken back after posting. It costs nothing then.';

CREATE OR REPLACE VIEW api.superbills WITH (security_invoker = true) AS
SELECT
    e.id AS encounter_id,
    e.date,
    e.patient_id,
    (
        SELECT p.first_name FROM billing.patient AS p
        WHERE p.id = e.patient_id
    ) AS first_name,
    (
        SELECT p.last_name FROM billing.patient AS p
        WHERE p.id = e.patient_id
    ) AS last_name,
    ARRAY(
        SELECT
            CAST(
                ROW(
                    l.id, l.cpt_code,
                    (
                        SELECT v.description FROM billing.cpt_code_version AS v
                        WHERE v.code = CAST(l.cpt_code AS name) AND l.day <@ v.valid_during
                    ),
                    trim_scale(l.units), lower(l.day), l.unit_type,
                    l.modifiers, l.diagnosis_pointers, l.unit_charge, l.charge,
                    l.is_reversed
                )
                AS billing.superbill_line_item
            ) AS line_item
        FROM billing.line_item AS l
        WHERE l.encounter_id = e.id
        ORDER BY l.id
    ) AS line_items,
    e.status,
    e.void_reason,
    e.place_of_service,
    (
        SELECT s.name FROM billing.place_of_service AS s
        WHERE s.code = e.place_of_service
    ) AS place_of_service_name,
    (
        SELECT
            CASE WHEN count(*) = 1 THEN any_value(
                CAST(
                    ROW(
                        b.name, b.npi, b.tax_id, b.tax_id_type, b.address_line_1,
                        b.address_line_2, b.city, b.state, b.postal_code, b.phone
                    )
                    AS billing.superbill_practice
                )
            ) END
        FROM billing.practice AS b
    ) AS practice,
    (
        SELECT
            CAST(
                ROW(
                    g.id, g.npi, g.first_name, g.last_name, g.credentials, g.license_number,
                    g.license_state
                )
                AS billing.superbill_provider
            )
        FROM billing.provider AS g
        WHERE g.id = e.provider_id
    ) AS provider,
    (
        SELECT
            CAST(
                ROW(
                    d.middle_name, d.suffix, d.birth_date, d.sex, d.address_line_1,
                    d.address_line_2, d.city, d.state, d.postal_code, d.phone, d.external_id
                )
                AS billing.superbill_patient
            )
        FROM billing.patient_detail AS d
        WHERE d.patient_id = e.patient_id
    ) AS patient_details,
    ARRAY(
        SELECT
            CAST(
                ROW(
                    c.id, c.priority, y.name, y.payer_number, c.member_id, c.group_number,
                    c.group_name, c.relationship, c.subscriber_first_name,
                    c.subscriber_last_name, c.subscriber_birth_date
                )
                AS billing.superbill_coverage
            ) AS coverage
        FROM billing.coverage AS c
        INNER JOIN billing.payer AS y ON c.payer_id = y.id
        WHERE
            c.patient_id = e.patient_id
            AND e.date BETWEEN c.effective_on AND coalesce(c.ends_on, e.date)
        ORDER BY array_position(ARRAY['P', 'S', 'T'], c.priority)
    ) AS coverages,
    ARRAY(
        SELECT
            CAST(
                ROW(
                    d.position, d.diagnosis_code,
                    (
                        SELECT v.description FROM billing.diagnosis_code_version AS v
                        WHERE v.code = CAST(d.diagnosis_code AS name) AND v.valid_during @> e.date
                    )
                )
                AS billing.superbill_diagnosis
            ) AS diagnosis
        FROM billing.diagnosis AS d
        WHERE d.encounter_id = e.id
        ORDER BY d.position
    ) AS diagnoses,
    (
        SELECT
            CAST(
                ROW(
                    coalesce(
                        sum(m.amount) FILTER (
                            WHERE m.kind IN ('charge', 'reversal', 'void')
                        ),
                        0
                    ),
                    coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'patient payment'), 0),
                    coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'payer payment'), 0),
                    coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'adjustment'), 0),
                    coalesce(sum(m.amount), 0)
                )
                AS billing.superbill_totals
            )
        FROM billing.ledger_entry AS m
        WHERE m.encounter_id = e.id
    ) AS totals
FROM billing.encounter AS e;

COMMENT ON VIEW api.superbills IS
'The bills: of each encounter all that a payer or a patient asks for, with what was paid.';

COMMENT ON COLUMN api.superbills.place_of_service_name IS
'The name of the place of service.
Example: Office';

COMMENT ON COLUMN api.superbills.practice IS
'Who bills; nothing if the practice has not been set up.';

COMMENT ON COLUMN api.superbills.provider IS
'Who gave care.';

COMMENT ON COLUMN api.superbills.patient_details IS
'The patient''s birth date, sex, address and more; nothing if they were not recorded.';

COMMENT ON COLUMN api.superbills.coverages IS
'The insurances that are valid on the day, in the order in which they pay.';

COMMENT ON COLUMN api.superbills.diagnoses IS
'The diagnoses, by position.';

COMMENT ON COLUMN api.superbills.totals IS
'What it costs, what was paid, and what is owed.';

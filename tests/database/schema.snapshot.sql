CREATE SCHEMA api;

COMMENT ON SCHEMA api IS 'Superbill

A billing API for healthcare providers. A patient comes in: that is an encounter. Each thing
done in it is a line item: a procedure code and a number of units. Together they are the
encounter''s superbill, the itemised record that a claim is made from.

To bill a visit: add a patient, add an encounter to the patient, add line items to the encounter,
and read the superbill.

Every rule in this document is a rule of the database. What breaks one is answered with a problem
document (RFC 9457) that names every fault and where it stands, and nothing is changed.

License: MIT
Contact: Superbill contributors';

CREATE SCHEMA audit;

COMMENT ON SCHEMA audit IS 'Who changed what: a trail that can only grow, and its seals.';

CREATE SCHEMA billing;

COMMENT ON SCHEMA billing IS 'The tables: what is known about patients, their encounters and what was done in each.';

CREATE SCHEMA identity;

COMMENT ON SCHEMA identity IS 'Who calls: the clinics, their members, and for whom a session acts.';

CREATE SCHEMA job;

COMMENT ON SCHEMA job IS 'What the server does by itself, at intervals.';

CREATE SCHEMA reporting;

COMMENT ON SCHEMA reporting IS 'Questions that people ask of the bills, each answered by a view that can only be read.';

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

CREATE DOMAIN api.number AS numeric;

COMMENT ON DOMAIN api.number IS 'A quantity, with a decimal point if it needs one.';

CREATE DOMAIN api.search AS text COLLATE pg_catalog."C";

COMMENT ON DOMAIN api.search IS 'What a search compares. A column of this type is in no answer and in no body.';

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

COMMENT ON TYPE billing.superbill_coverage IS 'An insurance of the patient on the day, as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_coverage.id IS 'Identifies the coverage.';

COMMENT ON COLUMN billing.superbill_coverage.priority IS 'Who pays first (P), second (S) or third (T).
Example: P';

COMMENT ON COLUMN billing.superbill_coverage.payer_name IS 'The name of the payer.
Example: Medicare';

COMMENT ON COLUMN billing.superbill_coverage.payer_number IS 'The number that the payer has in claims.
Example: 00882';

COMMENT ON COLUMN billing.superbill_coverage.member_id IS 'The number of the insured person.
Example: 1EG4TE5MK73';

COMMENT ON COLUMN billing.superbill_coverage.group_number IS 'The number of the group.
Example: 998877';

COMMENT ON COLUMN billing.superbill_coverage.group_name IS 'The name of the group.
Example: Example Works';

COMMENT ON COLUMN billing.superbill_coverage.relationship IS 'What the patient is to the subscriber: 18 is the subscriber.
Example: 18';

COMMENT ON COLUMN billing.superbill_coverage.subscriber_first_name IS 'The given name of a subscriber who is not the patient.
Example: Ann';

COMMENT ON COLUMN billing.superbill_coverage.subscriber_last_name IS 'The family name of a subscriber who is not the patient.
Example: Oberly';

COMMENT ON COLUMN billing.superbill_coverage.subscriber_birth_date IS 'The day of birth of a subscriber who is not the patient.
Example: 1948-01-31';

CREATE TYPE billing.superbill_diagnosis AS (
	"position" smallint,
	diagnosis_code text,
	diagnosis_code_description text
);

COMMENT ON TYPE billing.superbill_diagnosis IS 'A diagnosis as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_diagnosis."position" IS 'The number by which line items point at it.
Example: 1';

COMMENT ON COLUMN billing.superbill_diagnosis.diagnosis_code IS 'The diagnosis code.
Example: E119';

COMMENT ON COLUMN billing.superbill_diagnosis.diagnosis_code_description IS 'What the code stood for on the day.
Example: Type 2 diabetes mellitus without complications';

CREATE TYPE billing.superbill_line_item AS (
	id uuid,
	cpt_code text,
	cpt_code_description text,
	units api.number,
	date date,
	unit_type text,
	modifiers text[],
	diagnosis_pointers smallint[],
	unit_charge numeric(10,2),
	charge numeric(14,2),
	is_reversed boolean
);

COMMENT ON TYPE billing.superbill_line_item IS 'A line item as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_line_item.id IS 'Identifies the line item.';

COMMENT ON COLUMN billing.superbill_line_item.cpt_code IS 'The code of the procedure that was done.
Example: G0438';

COMMENT ON COLUMN billing.superbill_line_item.cpt_code_description IS 'What the procedure code stands for.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN billing.superbill_line_item.units IS 'How many times it was done, or how many of the unit that the code''s description names, such as miles. It may have up to three digits after the point.
Example: 1';

COMMENT ON COLUMN billing.superbill_line_item.date IS 'The date of service.
Example: 2024-03-01';

COMMENT ON COLUMN billing.superbill_line_item.unit_type IS 'What the units are.
Example: UN';

COMMENT ON COLUMN billing.superbill_line_item.modifiers IS 'The modifiers, in order.
Example: ["25"]';

COMMENT ON COLUMN billing.superbill_line_item.diagnosis_pointers IS 'The positions of the diagnoses that it is for, the main one first.
Example: [1]';

COMMENT ON COLUMN billing.superbill_line_item.unit_charge IS 'The fee for a unit, copied when the bill was posted.
Example: 125.00';

COMMENT ON COLUMN billing.superbill_line_item.charge IS 'The fee times the units; nothing before the bill is posted.
Example: 125.00';

COMMENT ON COLUMN billing.superbill_line_item.is_reversed IS 'Whether it was taken back after posting. It costs nothing then.';

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

COMMENT ON TYPE billing.superbill_patient IS 'What a superbill says of the patient beside the name.';

COMMENT ON COLUMN billing.superbill_patient.middle_name IS 'The middle name.
Example: Quincy';

COMMENT ON COLUMN billing.superbill_patient.suffix IS 'What follows the name.
Example: Jr';

COMMENT ON COLUMN billing.superbill_patient.birth_date IS 'The day of birth.
Example: 1950-05-05';

COMMENT ON COLUMN billing.superbill_patient.sex IS 'The sex, as on claims.
Example: F';

COMMENT ON COLUMN billing.superbill_patient.address_line_1 IS 'Street and number, or a post office box.
Example: 2 Elm Street';

COMMENT ON COLUMN billing.superbill_patient.address_line_2 IS 'What else the address has, such as an apartment.
Example: Apt 3';

COMMENT ON COLUMN billing.superbill_patient.city IS 'The city.
Example: Seattle';

COMMENT ON COLUMN billing.superbill_patient.state IS 'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.superbill_patient.postal_code IS 'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.superbill_patient.phone IS 'The telephone number, with the area code.
Example: 2065550111';

COMMENT ON COLUMN billing.superbill_patient.external_id IS 'The patient''s id in another program.
Example: MRN-001';

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

COMMENT ON TYPE billing.superbill_practice IS 'Who bills, as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_practice.name IS 'The legal name of the practice.
Example: Example Family Medicine';

COMMENT ON COLUMN billing.superbill_practice.npi IS 'The NPI of the practice.
Example: 1234567893';

COMMENT ON COLUMN billing.superbill_practice.tax_id IS 'The tax id, without a hyphen.
Example: 911234567';

COMMENT ON COLUMN billing.superbill_practice.tax_id_type IS 'Which kind of number the tax id is: an employer''s (EIN) or a person''s (SSN).
Example: EIN';

COMMENT ON COLUMN billing.superbill_practice.address_line_1 IS 'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.superbill_practice.address_line_2 IS 'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.superbill_practice.city IS 'The city.
Example: Seattle';

COMMENT ON COLUMN billing.superbill_practice.state IS 'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.superbill_practice.postal_code IS 'The ZIP code, without a hyphen.
Example: 981010001';

COMMENT ON COLUMN billing.superbill_practice.phone IS 'The telephone number, with the area code.
Example: 2065550100';

CREATE TYPE billing.superbill_provider AS (
	id uuid,
	npi text,
	first_name text,
	last_name text,
	credentials text,
	license_number text,
	license_state text
);

COMMENT ON TYPE billing.superbill_provider IS 'Who gave care, as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_provider.id IS 'Identifies the provider.';

COMMENT ON COLUMN billing.superbill_provider.npi IS 'The NPI of the provider.
Example: 1679576722';

COMMENT ON COLUMN billing.superbill_provider.first_name IS 'The given name.
Example: Grace';

COMMENT ON COLUMN billing.superbill_provider.last_name IS 'The family name.
Example: Kim';

COMMENT ON COLUMN billing.superbill_provider.credentials IS 'The credentials.
Example: MD';

COMMENT ON COLUMN billing.superbill_provider.license_number IS 'The number of the license.
Example: MD00012345';

COMMENT ON COLUMN billing.superbill_provider.license_state IS 'The state that gave the license.
Example: WA';

CREATE TYPE billing.superbill_totals AS (
	charges numeric(16,2),
	patient_payments numeric(16,2),
	payer_payments numeric(16,2),
	adjustments numeric(16,2),
	balance numeric(16,2)
);

COMMENT ON TYPE billing.superbill_totals IS 'What a superbill costs, what was paid, and what is owed.';

COMMENT ON COLUMN billing.superbill_totals.charges IS 'What the line items cost, without those that were reversed; 0 if the bill is voided.
Example: 200.23';

COMMENT ON COLUMN billing.superbill_totals.patient_payments IS 'What the patient paid for them.
Example: 25.00';

COMMENT ON COLUMN billing.superbill_totals.payer_payments IS 'What payers paid for them.
Example: 99.99';

COMMENT ON COLUMN billing.superbill_totals.adjustments IS 'What is not asked for any more, such as what a contract with the payer takes off.
Example: 25.00';

COMMENT ON COLUMN billing.superbill_totals.balance IS 'What is still owed: the charges without payments and adjustments.
Example: 50.24';

CREATE FUNCTION audit."billing.adjustment"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.adjustment', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.adjustment') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.adjustment', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.adjustment',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.adjustment', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.adjustment', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.adjustment AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.adjustment"() IS 'Writes the changes of billing.adjustment to the audit trail.';

CREATE FUNCTION audit."billing.allocation"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.allocation', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.allocation') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.allocation', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.allocation',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.allocation', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.allocation', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.allocation AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.allocation"() IS 'Writes the changes of billing.allocation to the audit trail.';

CREATE FUNCTION audit."billing.claim"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.claim', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.claim') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.claim', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.claim',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.claim', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.claim', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.claim AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.claim"() IS 'Writes the changes of billing.claim to the audit trail.';

CREATE FUNCTION audit."billing.claim_detail"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.claim_detail', CAST(r.encounter_id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.claim_detail') AS w ON w.key = CAST(json_build_array(to_json(r.encounter_id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.claim_detail', CAST(r.encounter_id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.claim_detail',
            CASE WHEN r IS NULL THEN CAST(o.encounter_id AS text) ELSE CAST(r.encounter_id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, encounter_id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.claim_detail', CAST(o.encounter_id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.claim_detail', CAST(o.encounter_id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.claim_detail AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.claim_detail"() IS 'Writes the changes of billing.claim_detail to the audit trail.';

CREATE FUNCTION audit."billing.coverage"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.coverage', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.coverage') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.coverage', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.coverage',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.coverage', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.coverage', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.coverage AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.coverage"() IS 'Writes the changes of billing.coverage to the audit trail.';

CREATE FUNCTION audit."billing.cpt_code"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.cpt_code', CAST(r.code AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.cpt_code') AS w ON w.key = CAST(json_build_array(to_json(r.code) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.cpt_code', CAST(r.code AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.cpt_code',
            CASE WHEN r IS NULL THEN CAST(o.code AS text) ELSE CAST(r.code AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (code)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.cpt_code', CAST(o.code AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.cpt_code', CAST(o.code AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.cpt_code AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.cpt_code"() IS 'Writes the changes of billing.cpt_code to the audit trail.';

CREATE FUNCTION audit."billing.cpt_code_version"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.cpt_code_version', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.cpt_code_version') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.cpt_code_version', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.cpt_code_version',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.cpt_code_version', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.cpt_code_version', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.cpt_code_version AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.cpt_code_version"() IS 'Writes the changes of billing.cpt_code_version to the audit trail.';

CREATE FUNCTION audit."billing.diagnosis"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.diagnosis', concat_ws(',', replace(replace(CAST(r.encounter_id AS text), '%', '%25'), ',', '%2C'), replace(replace(CAST(r."position" AS text), '%', '%25'), ',', '%2C')), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.diagnosis') AS w ON w.key = CAST(json_build_array(to_json(r.encounter_id) #>> '{}', to_json(r."position") #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.diagnosis', concat_ws(',', replace(replace(CAST(r.encounter_id AS text), '%', '%25'), ',', '%2C'), replace(replace(CAST(r."position" AS text), '%', '%25'), ',', '%2C')), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.diagnosis',
            CASE WHEN r IS NULL THEN concat_ws(',', replace(replace(CAST(o.encounter_id AS text), '%', '%25'), ',', '%2C'), replace(replace(CAST(o."position" AS text), '%', '%25'), ',', '%2C')) ELSE concat_ws(',', replace(replace(CAST(r.encounter_id AS text), '%', '%25'), ',', '%2C'), replace(replace(CAST(r."position" AS text), '%', '%25'), ',', '%2C')) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, encounter_id, "position")
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.diagnosis', concat_ws(',', replace(replace(CAST(o.encounter_id AS text), '%', '%25'), ',', '%2C'), replace(replace(CAST(o."position" AS text), '%', '%25'), ',', '%2C')), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.diagnosis', concat_ws(',', replace(replace(CAST(o.encounter_id AS text), '%', '%25'), ',', '%2C'), replace(replace(CAST(o."position" AS text), '%', '%25'), ',', '%2C')), 'truncate', to_jsonb(o), NULL
        FROM billing.diagnosis AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.diagnosis"() IS 'Writes the changes of billing.diagnosis to the audit trail.';

CREATE FUNCTION audit."billing.diagnosis_code"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.diagnosis_code', CAST(r.code AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.diagnosis_code') AS w ON w.key = CAST(json_build_array(to_json(r.code) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.diagnosis_code', CAST(r.code AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.diagnosis_code',
            CASE WHEN r IS NULL THEN CAST(o.code AS text) ELSE CAST(r.code AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (code)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.diagnosis_code', CAST(o.code AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.diagnosis_code', CAST(o.code AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.diagnosis_code AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.diagnosis_code"() IS 'Writes the changes of billing.diagnosis_code to the audit trail.';

CREATE FUNCTION audit."billing.diagnosis_code_version"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.diagnosis_code_version', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.diagnosis_code_version') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.diagnosis_code_version', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.diagnosis_code_version',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.diagnosis_code_version', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.diagnosis_code_version', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.diagnosis_code_version AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.diagnosis_code_version"() IS 'Writes the changes of billing.diagnosis_code_version to the audit trail.';

CREATE FUNCTION audit."billing.drug"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.drug', CAST(r.line_item_id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.drug') AS w ON w.key = CAST(json_build_array(to_json(r.line_item_id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.drug', CAST(r.line_item_id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.drug',
            CASE WHEN r IS NULL THEN CAST(o.line_item_id AS text) ELSE CAST(r.line_item_id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, line_item_id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.drug', CAST(o.line_item_id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.drug', CAST(o.line_item_id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.drug AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.drug"() IS 'Writes the changes of billing.drug to the audit trail.';

CREATE FUNCTION audit."billing.encounter"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.encounter', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.encounter') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.encounter', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.encounter',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.encounter', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.encounter', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.encounter AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.encounter"() IS 'Writes the changes of billing.encounter to the audit trail.';

CREATE FUNCTION audit."billing.fee"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.fee', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.fee') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.fee', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.fee',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.fee', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.fee', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.fee AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.fee"() IS 'Writes the changes of billing.fee to the audit trail.';

CREATE FUNCTION audit."billing.interchange"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.interchange', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.interchange') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.interchange', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.interchange',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.interchange', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.interchange', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.interchange AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.interchange"() IS 'Writes the changes of billing.interchange to the audit trail.';

CREATE FUNCTION audit."billing.line_item"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.line_item', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.line_item') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.line_item', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.line_item',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.line_item', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.line_item', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.line_item AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.line_item"() IS 'Writes the changes of billing.line_item to the audit trail.';

CREATE FUNCTION audit."billing.modifier"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.modifier', CAST(r.code AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.modifier') AS w ON w.key = CAST(json_build_array(to_json(r.code) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.modifier', CAST(r.code AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.modifier',
            CASE WHEN r IS NULL THEN CAST(o.code AS text) ELSE CAST(r.code AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (code)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.modifier', CAST(o.code AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.modifier', CAST(o.code AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.modifier AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.modifier"() IS 'Writes the changes of billing.modifier to the audit trail.';

CREATE FUNCTION audit."billing.modifier_version"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.modifier_version', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.modifier_version') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.modifier_version', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.modifier_version',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.modifier_version', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.modifier_version', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.modifier_version AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.modifier_version"() IS 'Writes the changes of billing.modifier_version to the audit trail.';

CREATE FUNCTION audit."billing.patient"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.patient', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.patient') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.patient', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.patient',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.patient', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.patient', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.patient AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.patient"() IS 'Writes the changes of billing.patient to the audit trail.';

CREATE FUNCTION audit."billing.patient_detail"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.patient_detail', CAST(r.patient_id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.patient_detail') AS w ON w.key = CAST(json_build_array(to_json(r.patient_id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.patient_detail', CAST(r.patient_id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.patient_detail',
            CASE WHEN r IS NULL THEN CAST(o.patient_id AS text) ELSE CAST(r.patient_id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, patient_id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.patient_detail', CAST(o.patient_id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.patient_detail', CAST(o.patient_id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.patient_detail AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.patient_detail"() IS 'Writes the changes of billing.patient_detail to the audit trail.';

CREATE FUNCTION audit."billing.payer"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.payer', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.payer') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.payer', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.payer',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.payer', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.payer', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.payer AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.payer"() IS 'Writes the changes of billing.payer to the audit trail.';

CREATE FUNCTION audit."billing.payment"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.payment', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.payment') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.payment', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.payment',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.payment', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.payment', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.payment AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.payment"() IS 'Writes the changes of billing.payment to the audit trail.';

CREATE FUNCTION audit."billing.place_of_service"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.place_of_service', CAST(r.code AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.place_of_service') AS w ON w.key = CAST(json_build_array(to_json(r.code) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.place_of_service', CAST(r.code AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.place_of_service',
            CASE WHEN r IS NULL THEN CAST(o.code AS text) ELSE CAST(r.code AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (code)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.place_of_service', CAST(o.code AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.place_of_service', CAST(o.code AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.place_of_service AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.place_of_service"() IS 'Writes the changes of billing.place_of_service to the audit trail.';

CREATE FUNCTION audit."billing.place_of_service_version"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CAST('00000000-0000-0000-0000-000000000000' AS uuid), coalesce(w.actor, identity.refuse_several()), 'billing.place_of_service_version', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.place_of_service_version') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.place_of_service_version', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN CAST('00000000-0000-0000-0000-000000000000' AS uuid) ELSE CAST('00000000-0000-0000-0000-000000000000' AS uuid) END, identity.actor(), 'billing.place_of_service_version',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.place_of_service_version', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT CAST('00000000-0000-0000-0000-000000000000' AS uuid), identity.actor(), 'billing.place_of_service_version', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.place_of_service_version AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.place_of_service_version"() IS 'Writes the changes of billing.place_of_service_version to the audit trail.';

CREATE FUNCTION audit."billing.practice"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.practice', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.practice') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.practice', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.practice',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.practice', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.practice', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.practice AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.practice"() IS 'Writes the changes of billing.practice to the audit trail.';

CREATE FUNCTION audit."billing.provider"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.provider', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.provider') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.provider', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.provider',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.provider', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.provider', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.provider AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.provider"() IS 'Writes the changes of billing.provider to the audit trail.';

CREATE FUNCTION audit."billing.reversal"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.reversal', CAST(r.line_item_id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.reversal') AS w ON w.key = CAST(json_build_array(to_json(r.line_item_id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.reversal', CAST(r.line_item_id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.reversal',
            CASE WHEN r IS NULL THEN CAST(o.line_item_id AS text) ELSE CAST(r.line_item_id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, line_item_id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.reversal', CAST(o.line_item_id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.reversal', CAST(o.line_item_id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.reversal AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.reversal"() IS 'Writes the changes of billing.reversal to the audit trail.';

CREATE FUNCTION audit."billing.submission"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.submission', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.submission') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.submission', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.submission',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.submission', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.submission', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.submission AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.submission"() IS 'Writes the changes of billing.submission to the audit trail.';

CREATE FUNCTION audit."billing.trading_partner"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'billing.trading_partner', CAST(r.id AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('billing.trading_partner') AS w ON w.key = CAST(json_build_array(to_json(r.id) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'billing.trading_partner', CAST(r.id AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'billing.trading_partner',
            CASE WHEN r IS NULL THEN CAST(o.id AS text) ELSE CAST(r.id AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (clinic_id, id)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.trading_partner', CAST(o.id AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'billing.trading_partner', CAST(o.id AS text), 'truncate', to_jsonb(o), NULL
        FROM billing.trading_partner AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."billing.trading_partner"() IS 'Writes the changes of billing.trading_partner to the audit trail.';

CREATE FUNCTION audit.cluster() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    RETURN (SELECT (c.system_identifier)::text AS system_identifier FROM pg_control_system() c(pg_control_version, catalog_version_no, system_identifier, pg_control_last_modified));

COMMENT ON FUNCTION audit.cluster() IS 'The cluster of Postgres, which counts its transactions itself.';

CREATE FUNCTION audit.confirm(relation text, action text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
INSERT INTO audit.change (clinic_id, actor, relation, record, action, after)
VALUES (
    '00000000-0000-0000-0000-000000000000', identity.actor(), confirm.relation, '', confirm.action,
    jsonb_build_object('triggers', encode(audit.triggers(), 'hex'))
)
$$;

COMMENT ON FUNCTION audit.confirm(relation text, action text) IS 'Writes that the triggers of the trail are as they are on purpose. A seal under others is broken.';

CREATE FUNCTION audit.drop_month(month date) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    AS $$
DECLARE
    first CONSTANT timestamptz := date_trunc('month', drop_month.month);
    name CONSTANT text := 'change_' || to_char(drop_month.month, 'YYYY_MM');
    dropped bigint;
    sealed bigint;
BEGIN
    IF first >= date_trunc('month', now()) THEN
        RAISE EXCEPTION 'the month % is not over', to_char(first, 'YYYY-MM');
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('job.seal_audit', 0));
    SELECT count(*) INTO dropped FROM audit.change AS c
    WHERE c.at >= first AND c.at < first + interval '1 month';
    SELECT coalesce(sum(s.changes), 0) INTO sealed FROM audit.seal AS s WHERE s.month = first;
    IF dropped <> sealed THEN
        RAISE EXCEPTION '% has % changes, of which % are sealed: see superbill verify',
            to_char(first, 'YYYY-MM'), dropped, sealed;
    END IF;
    INSERT INTO audit.change (clinic_id, actor, relation, record, action, after)
    SELECT c.clinic_id, identity.actor(), c.relation, c.record, 'baseline', c.after
    FROM audit.change AS c
    WHERE
        c.at >= first AND c.at < first + interval '1 month' AND c.after IS NOT NULL
        AND c.record <> ''
        AND NOT EXISTS (
            SELECT FROM audit.change AS d
            WHERE d.clinic_id = c.clinic_id AND d.record = c.record AND d.relation = c.relation
            AND d.n > c.n
        );
    INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
    SELECT
        '00000000-0000-0000-0000-000000000000', identity.actor(), 'audit.change', '', 'drop',
        jsonb_build_object(
            'month', to_char(first, 'YYYY-MM-DD'), 'changes', dropped,
            'confirmed', coalesce(jsonb_agg(
                jsonb_build_object(
                    'n', c.n, 'tx', c.tx, 'relation', c.relation, 'action', c.action,
                    'triggers', c.after ->> 'triggers'
                ) ORDER BY c.n
            ), '[]')
        ),
        jsonb_build_object('triggers', encode(audit.triggers(), 'hex'))
    FROM audit.change AS c
    WHERE c.at >= first AND c.at < first + interval '1 month' AND c.record = '';
    IF to_regclass('audit.' || name) IS NOT NULL THEN
        EXECUTE format('DROP TABLE audit.%I', name);
    ELSE
        ALTER TABLE audit.change_other DISABLE TRIGGER change_can_only_grow;
        DELETE FROM audit.change_other AS c
        WHERE c.at >= first AND c.at < first + interval '1 month';
        ALTER TABLE audit.change_other ENABLE ALWAYS TRIGGER change_can_only_grow;
    END IF;
    RETURN dropped;
END
$$;

COMMENT ON FUNCTION audit.drop_month(month date) IS 'Drops the changes of a month that is over. The seals stay, and so does what the chain proves.';

CREATE FUNCTION audit."identity.member"() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            r.clinic_id, coalesce(w.actor, identity.refuse_several()), 'identity.member', CAST(r.login AS text), 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers('identity.member') AS w ON w.key = CAST(json_build_array(to_json(r.login) #>> '{}') AS text);
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT r.clinic_id, identity.actor(), 'identity.member', CAST(r.login AS text), 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT
            CASE WHEN r IS NULL THEN o.clinic_id ELSE r.clinic_id END, identity.actor(), 'identity.member',
            CASE WHEN r IS NULL THEN CAST(o.login AS text) ELSE CAST(r.login AS text) END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (login)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'identity.member', CAST(o.login AS text), 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
        SELECT o.clinic_id, identity.actor(), 'identity.member', CAST(o.login AS text), 'truncate', to_jsonb(o), NULL
        FROM identity.member AS o;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION audit."identity.member"() IS 'Writes the changes of identity.member to the audit trail.';

CREATE FUNCTION audit.make_function(relation regclass, tenant name DEFAULT 'clinic_id'::name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
DECLARE
    columns CONSTANT text := '(clinic_id, actor, relation, record, action, before, after)';
    terms record := audit.terms(make_function.relation, make_function.tenant);
BEGIN
    -- The old and the new rows of a statement have these names in the triggers below.
    EXECUTE format(
        $sql$
CREATE OR REPLACE FUNCTION audit.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $body$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change %2$s
        SELECT
            %3$s, coalesce(w.actor, identity.refuse_several()), %1$L, %4$s, 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers(%1$L) AS w ON w.key = %9$s;
    ELSIF tg_op = 'INSERT' THEN
        INSERT INTO audit.change %2$s
        SELECT %3$s, identity.actor(), %1$L, %4$s, 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change %2$s
        SELECT
            CASE WHEN r IS NULL THEN %5$s ELSE %3$s END, identity.actor(), %1$L,
            CASE WHEN r IS NULL THEN %6$s ELSE %4$s END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (%7$s)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change %2$s
        SELECT %5$s, identity.actor(), %1$L, %6$s, 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change %2$s
        SELECT %5$s, identity.actor(), %1$L, %6$s, 'truncate', to_jsonb(o), NULL
        FROM %8$s AS o;
    END IF;
    RETURN NULL;
END
$body$
        $sql$,
        terms.full_name, columns, replace(terms.clinic, '$', 'r'), replace(terms.record, '$', 'r'),
        replace(terms.clinic, '$', 'o'), replace(terms.record, '$', 'o'), terms.all_keys,
        make_function.relation, replace(terms.key, '$', 'r')
    );
    EXECUTE format('REVOKE ALL ON FUNCTION audit.%I() FROM public', terms.full_name);
    EXECUTE format('COMMENT ON FUNCTION audit.%I() IS %L', terms.full_name,
        'Writes the changes of ' || terms.full_name || ' to the audit trail.');
END
$_$;

COMMENT ON FUNCTION audit.make_function(relation regclass, tenant name) IS 'Makes the function of the triggers that write a table''s changes to the trail.';

CREATE FUNCTION audit.make_months(ahead integer, kept text DEFAULT 'change'::text) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    SET lock_timeout TO '2s'
    AS $_$
DECLARE
    parent CONSTANT text := make_months.kept;
    rest CONSTANT text := parent || '_other';
    first timestamptz;
    name text;
    is_taken boolean;
BEGIN
    FOR first IN
        SELECT date_trunc('month', now()) + make_interval(months => i)
        FROM generate_series(0, make_months.ahead) AS i
    LOOP
        name := parent || to_char(first, '_YYYY_MM');
        CONTINUE WHEN to_regclass('audit.' || name) IS NOT NULL;
        EXECUTE format('SELECT EXISTS (SELECT FROM audit.%I AS c WHERE c.at >= $1 AND c.at < $2)', rest)
        INTO is_taken USING first, first + interval '1 month';
        IF is_taken THEN
            RETURN NEXT format('%s has %ss in %s, and stays there',
                to_char(first, 'YYYY-MM'), parent, rest);
            CONTINUE;
        END IF;
        EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING ALL EXCLUDING IDENTITY)',
            name, parent);
        EXECUTE format('COMMENT ON TABLE audit.%I IS %L', name,
            format('The %ss of %s.', parent, to_char(first, 'YYYY-MM')));
        -- A trigger for each statement is not copied to a partition.
        IF parent = 'change' THEN
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT '
                'EXECUTE FUNCTION audit.refuse()', name || '_is_not_truncated', name);
            EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER %I',
                name, name || '_is_not_truncated');
        END IF;
        EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
            parent, name, first, first + interval '1 month');
    END LOOP;
END
$_$;

COMMENT ON FUNCTION audit.make_months(ahead integer, kept text) IS 'Makes the partitions of this month and of so many after it, of a table such as change.';

CREATE FUNCTION audit.make_trigger(relation regclass, function text, event text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
DECLARE
    name CONSTANT text := 'audit_' || lower(split_part(make_trigger.event, ' ', 2));
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I %s FOR EACH STATEMENT EXECUTE FUNCTION audit.%I()',
        name, format(make_trigger.event, make_trigger.relation), make_trigger.function);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', make_trigger.relation, name);
END
$$;

COMMENT ON FUNCTION audit.make_trigger(relation regclass, function text, event text) IS 'Makes a trigger that writes to the trail.';

CREATE FUNCTION audit.record(keys name[], types regtype[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $_$
SELECT
    CASE count(*)
        WHEN 1 THEN max(v.value)
        ELSE 'concat_ws('','', ' || string_agg(
            format('replace(replace(%s, ''%%'', ''%%25''), '','', ''%%2C'')', v.value),
            ', ' ORDER BY v.position
        ) || ')'
    END
FROM (
    SELECT
        k.position,
        -- The text of other types depends on settings of the session.
        format(CASE
            WHEN t.typcategory IN ('S', 'N', 'E', 'B') OR t.typname = 'uuid'
                THEN 'CAST($.%I AS text)'
            ELSE '(to_jsonb($.%I) #>> ''{}'')'
        END, k.name) AS value
    FROM unnest(record.keys, record.types) WITH ORDINALITY AS k (name, type, position)
    INNER JOIN pg_catalog.pg_type AS t ON CAST(k.type AS oid) = t.oid
) AS v
$_$;

COMMENT ON FUNCTION audit.record(keys name[], types regtype[]) IS 'Writes the SQL of a row''s record, the text of its key; $ stands for the row.';

CREATE FUNCTION audit.record_reads(tenants text[], actors text[], roles text[], operations text[], filters text[], statuses smallint[], reads text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
INSERT INTO audit.read
    (clinic_id, at, request, actor, role, operation, record, filters, status, repeats)
SELECT
    g.clinic_id,
    to_timestamp(CAST(split_part(r.line, E'\t', 1) AS double precision)),
    CAST(split_part(r.line, E'\t', 2) AS uuid),
    g.actor,
    g.role,
    g.operation,
    nullif(split_part(r.line, E'\t', 4), ''),
    g.filters,
    g.status,
    CAST('{' || split_part(r.line, E'\t', 3) || '}' AS uuid[])
FROM (
    SELECT
        CAST(u.tenant AS uuid) AS clinic_id,
        u.actor,
        u.role,
        u.operation,
        coalesce(string_to_array(nullif(u.filters, ''), ','), '{}') AS filters,
        u.status,
        u.reads
    FROM unnest(
        record_reads.tenants, record_reads.actors, record_reads.roles, record_reads.operations,
        record_reads.filters, record_reads.statuses, record_reads.reads
    ) AS u (tenant, actor, role, operation, filters, status, reads)
    OFFSET 0
) AS g
CROSS JOIN LATERAL string_to_table(g.reads, E'\n') AS r (line)
$$;

COMMENT ON FUNCTION audit.record_reads(tenants text[], actors text[], roles text[], operations text[], filters text[], statuses smallint[], reads text[]) IS 'Records reads of the API.';

CREATE FUNCTION audit.refuse() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail can only grow' USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION audit.refuse() IS 'Refuses to change or remove what the trail has.';

CREATE FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    full_name CONSTANT text := row_at.of_schema || '.' || row_at.of_table;
    watched CONSTANT oid := to_regclass(format('%I.%I', row_at.of_schema, row_at.of_table));
    caller CONSTANT name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    clinic uuid := nobody;
    sought text;
    former jsonb;
BEGIN
    IF row_at.moment > clock_timestamp() THEN
        RAISE EXCEPTION 'the moment has not come' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT audit.was_watched(full_name, row_at.moment) THEN
        RETURN NEXT NULL;
        RETURN;
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = watched AND a.attname = 'clinic_id' AND NOT a.attisdropped
    ) THEN
        clinic := identity.clinic();
    END IF;
    SELECT CASE count(*)
        WHEN 1 THEN max(row_at.key ->> a.attname)
        ELSE string_agg(
            replace(replace(row_at.key ->> a.attname, '%', '%25'), ',', '%2C'), ','
            ORDER BY k.position
        )
    END INTO sought
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k (number, position)
    INNER JOIN pg_catalog.pg_attribute AS a ON i.indrelid = a.attrelid AND k.number = a.attnum
    WHERE i.indrelid = watched AND i.indisprimary AND a.attname <> 'clinic_id';
    SELECT c.after INTO former FROM audit.change AS c
    WHERE c.clinic_id = clinic AND c.record = sought AND c.relation = full_name
    AND c.at <= row_at.moment
    ORDER BY c.at DESC, c.n DESC
    LIMIT 1;
    IF NOT FOUND THEN
        SELECT CASE c.action WHEN 'baseline' THEN c.after ELSE c.before END INTO former
        FROM audit.change AS c
        WHERE c.clinic_id = clinic AND c.record = sought AND c.relation = full_name
        AND c.at > row_at.moment
        ORDER BY c.at, c.n
        LIMIT 1;
    END IF;
    RETURN QUERY
    SELECT jsonb_object_agg(a.attname, former -> a.attname)
    FROM pg_catalog.pg_attribute AS a
    WHERE former IS NOT NULL AND a.attrelid = watched AND a.attnum > 0 AND NOT a.attisdropped
    AND has_column_privilege(caller, watched, a.attnum, 'SELECT')
    HAVING count(*) > 0;
END
$$;

COMMENT ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) IS 'A row as it was, with the columns that the caller may read; NULL if no trail was kept then.';

CREATE FUNCTION audit.terms(relation regclass, tenant name, OUT full_name text, OUT all_keys text, OUT clinic text, OUT record text, OUT key text) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO ''
    AS $_$
DECLARE
    keys name[];
    types regtype[];
BEGIN
    clinic := 'CAST(''00000000-0000-0000-0000-000000000000'' AS uuid)';
    SELECT n.nspname || '.' || c.relname INTO full_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.oid = terms.relation AND c.relkind = 'r' AND NOT c.relispartition;
    SELECT
        string_agg(quote_ident(a.attname), ', ' ORDER BY k.position),
        array_agg(a.attname ORDER BY k.position) FILTER (WHERE a.attname <> terms.tenant),
        array_agg(CAST(a.atttypid AS regtype) ORDER BY k.position)
        FILTER (WHERE a.attname <> terms.tenant)
    INTO all_keys, keys, types
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k (number, position)
    INNER JOIN pg_catalog.pg_attribute AS a ON i.indrelid = a.attrelid AND k.number = a.attnum
    WHERE i.indrelid = terms.relation AND i.indisprimary;
    IF full_name IS NULL OR keys IS NULL THEN
        RAISE EXCEPTION '% is not watched: it is no table with a primary key', terms.relation;
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = terms.relation AND a.attname = terms.tenant
        AND a.attnum > 0 AND NOT a.attisdropped
    ) THEN
        clinic := '$.' || quote_ident(terms.tenant);
    END IF;
    record := audit.record(keys, types);
    key := 'CAST(json_build_array(' || (
        SELECT string_agg(format('to_json($.%I) #>> ''{}''', k.name), ', ' ORDER BY k.position)
        FROM unnest(keys) WITH ORDINALITY AS k (name, position)
    ) || ') AS text)';
END
$_$;

COMMENT ON FUNCTION audit.terms(relation regclass, tenant name, OUT full_name text, OUT all_keys text, OUT clinic text, OUT record text, OUT key text) IS 'Writes the SQL of a row''s clinic, record and key, for the trail; $ stands for the row. The key is
written as the server does it: a JSON array of texts.';

CREATE FUNCTION audit.triggers() RETURNS bytea
    LANGUAGE sql STABLE
    SET search_path TO ''
    RETURN (SELECT sha256(convert_to(COALESCE(string_agg((ROW(n.nspname, c.relname, t.tgname, t.tgtype, t.tgenabled, t.tgoldtable, t.tgnewtable, f.proname, f.prosrc, f.prosecdef, f.proconfig, pg_get_userbyid(f.proowner)))::text, '
'::text ORDER BY n.nspname, c.relname, t.tgname), ''::text), 'UTF8'::name)) AS sha256 FROM (((pg_trigger t JOIN pg_class c ON ((t.tgrelid = c.oid))) JOIN pg_namespace n ON ((c.relnamespace = n.oid))) JOIN pg_proc f ON ((t.tgfoid = f.oid))) WHERE ((f.pronamespace = ('audit'::regnamespace)::oid) AND (NOT c.relispartition)));

COMMENT ON FUNCTION audit.triggers() IS 'The SHA-256 of the triggers that write and guard the trail: names, tables, functions, states.';

CREATE FUNCTION audit.unwatch(relation regclass) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
DECLARE
    full_name text;
    event text;
BEGIN
    SELECT n.nspname || '.' || c.relname INTO full_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.oid = unwatch.relation;
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', 'audit_' || event, unwatch.relation);
    END LOOP;
    EXECUTE format('DROP FUNCTION audit.%I()', full_name);
    PERFORM audit.confirm(full_name, 'unwatch');
END
$$;

COMMENT ON FUNCTION audit.unwatch(relation regclass) IS 'Ends the trail of a table, before a migration drops it; what was written stays.';

CREATE FUNCTION audit.was_watched(relation text, moment timestamp with time zone) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    AS $$
WITH told AS (
    SELECT c.action, c.at, c.n
    FROM audit.change AS c
    WHERE c.clinic_id = '00000000-0000-0000-0000-000000000000' AND c.record = ''
    AND c.at <= was_watched.moment AND c.relation = was_watched.relation
    UNION ALL
    SELECT d.action, '-infinity', d.n
    FROM audit.change AS c
    CROSS JOIN LATERAL jsonb_to_recordset(c.before -> 'confirmed')
        AS d (relation text, action text, n bigint)
    WHERE c.clinic_id = '00000000-0000-0000-0000-000000000000' AND c.record = ''
    AND c.action = 'drop' AND d.relation = was_watched.relation
)

SELECT coalesce((SELECT t.action = 'watch' FROM told AS t ORDER BY t.at DESC, t.n DESC LIMIT 1), false)
AND NOT EXISTS (
    SELECT FROM audit.change AS c
    WHERE c.clinic_id = '00000000-0000-0000-0000-000000000000' AND c.record = ''
    AND c.action = 'drop'
    AND CAST(c.before ->> 'month' AS timestamptz) + interval '1 month' > was_watched.moment
)
$$;

COMMENT ON FUNCTION audit.was_watched(relation text, moment timestamp with time zone) IS 'Whether the trail of a table was kept at a moment, and still is there.';

CREATE FUNCTION audit.watch(relation regclass, tenant name DEFAULT 'clinic_id'::name) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
DECLARE
    columns CONSTANT text := '(clinic_id, actor, relation, record, action, before, after)';
    terms record := audit.terms(watch.relation, watch.tenant);
    event text;
BEGIN
    PERFORM audit.make_function(watch.relation, watch.tenant);
    FOREACH event IN ARRAY ARRAY[
        'AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh',
        'AFTER UPDATE ON %s REFERENCING OLD TABLE AS former NEW TABLE AS fresh',
        'AFTER DELETE ON %s REFERENCING OLD TABLE AS former',
        'BEFORE TRUNCATE ON %s'
    ] LOOP
        PERFORM audit.make_trigger(watch.relation, terms.full_name, event);
    END LOOP;
    EXECUTE format(
        $sql$
        INSERT INTO audit.change %2$s
        SELECT %3$s, identity.actor(), %1$L, %4$s, 'baseline', NULL, to_jsonb(r)
        FROM ONLY %5$s AS r
        WHERE NOT EXISTS (SELECT FROM audit.change AS c WHERE c.relation = %1$L)
        OR to_jsonb(r) IS DISTINCT FROM (
            SELECT c.after FROM audit.change AS c
            WHERE c.clinic_id = %3$s AND c.record = %4$s AND c.relation = %1$L
            ORDER BY c.at DESC, c.n DESC
            LIMIT 1
        )
        $sql$,
        terms.full_name, columns, replace(terms.clinic, '$', 'r'),
        replace(terms.record, '$', 'r'), watch.relation
    );
    PERFORM audit.confirm(terms.full_name, 'watch');
END
$_$;

COMMENT ON FUNCTION audit.watch(relation regclass, tenant name) IS 'Begins the trail of a table, or goes on with it after its columns have changed.';

CREATE FUNCTION billing.add_cpt_code_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO billing.cpt_code_version (code, description)
    SELECT
        f.code,
        f.description
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.cpt_code_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_cpt_code_version() IS 'Gives a procedure code that has no version one that is always valid.';

CREATE FUNCTION billing.add_diagnosis_code_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO billing.diagnosis_code_version (code, description)
    SELECT
        f.code,
        f.description
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.diagnosis_code_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_diagnosis_code_version() IS 'Gives a diagnosis code that has no version one that is always valid.';

CREATE FUNCTION billing.add_modifier_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO billing.modifier_version (code, description)
    SELECT
        f.code,
        f.description
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.modifier_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_modifier_version() IS 'Gives a modifier that has no version one that is always valid.';

CREATE FUNCTION billing.add_place_of_service_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO billing.place_of_service_version (code, description)
    SELECT
        f.code,
        f.name
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.place_of_service_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_place_of_service_version() IS 'Gives a place of service that has no version one that is always valid.';

CREATE FUNCTION billing.change_versions(noun text, code_list text, codes text[]) RETURNS text[]
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
DECLARE
    half CONSTANT integer := cardinality(codes) / 2;
    -- What the list's table has beside the code: description, or name.
    named CONSTANT text := (
        SELECT a.attname FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = CAST(format('billing.%I', noun) AS regclass)
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'code'
    );
BEGIN
    IF cardinality(codes) = 0 THEN
        RETURN codes;
    END IF;
    EXECUTE format(
        $sql$
        WITH named AS (
            INSERT INTO billing.%1$I AS c (code, %3$I)
            SELECT p.code, p.description FROM pg_temp.planned AS p WHERE p.code = ANY ($1)
            ON CONFLICT (code) DO UPDATE SET %3$I = excluded.%3$I
            WHERE c.%3$I <> excluded.%3$I
        ),

        removed AS (
            DELETE FROM billing.%2$I AS v USING pg_temp.change AS c
            WHERE c.code = ANY ($1) AND v.id = c.id AND c.valid_during IS NULL
            RETURNING v.id
        ),

        changed AS (
            UPDATE billing.%2$I AS v
            SET valid_during = c.valid_during, description = c.description
            FROM pg_temp.change AS c
            WHERE c.code = ANY ($1) AND v.id = c.id AND c.valid_during IS NOT NULL
            AND (SELECT count(*) FROM removed) >= 0
            RETURNING v.id
        )

        INSERT INTO billing.%2$I (code, valid_during, description, code_list)
        SELECT c.code, c.valid_during, c.description, $2
        FROM pg_temp.change AS c
        WHERE c.code = ANY ($1) AND c.id IS NULL AND (SELECT count(*) FROM changed) >= 0
        $sql$,
        noun, noun || '_version', named
    ) USING codes, code_list;
    RETURN '{}';
EXCEPTION
    WHEN foreign_key_violation OR restrict_violation OR object_not_in_prerequisite_state THEN
        IF half = 0 THEN
            RETURN codes;
        END IF;
        RETURN billing.change_versions(noun, code_list, codes[: half])
            || billing.change_versions(noun, code_list, codes[half + 1 :]);
END
$_$;

COMMENT ON FUNCTION billing.change_versions(noun text, code_list text, codes text[]) IS 'Makes the changes in the temporary table change; returns the codes that bills hold as they are.';

CREATE FUNCTION billing.check_adjustment() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.clinic_id = new.clinic_id AND l.id = new.line_item_id AND num_nulls(l.charge) = 1
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing',
            TABLE = 'adjustment', CONSTRAINT = tg_name, COLUMN = 'line_item_id';
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.check_adjustment() IS 'Refuses to adjust a line item that is not posted.';

CREATE FUNCTION billing.check_allocation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    payment record;
    allocated numeric;
    names text[] := '{}';
    places text[] := '{}';
BEGIN
    SELECT p.patient_id, p.amount INTO payment FROM billing.payment AS p
    WHERE p.clinic_id = new.clinic_id AND p.id = new.payment_id
    FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        INNER JOIN billing.encounter AS e ON l.clinic_id = e.clinic_id AND l.encounter_id = e.id
        WHERE
            l.clinic_id = new.clinic_id AND l.id = new.line_item_id
            AND (e.patient_id <> payment.patient_id OR num_nulls(l.charge) = 1)
    ) THEN
        names := names || CAST('allocation_is_for_a_posted_line_item' AS text);
        places := places || CAST('line_item_id' AS text);
    END IF;
    SELECT sum(a.amount) INTO allocated FROM billing.allocation AS a
    WHERE a.clinic_id = new.clinic_id AND a.payment_id = new.payment_id;
    IF allocated * sign(payment.amount) NOT BETWEEN 0 AND abs(payment.amount) THEN
        names := names || CAST('allocation_is_within_its_payment' AS text);
        places := places || CAST('amount' AS text);
    END IF;
    IF names <> '{}' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'allocation',
            CONSTRAINT = array_to_string(names, ','), COLUMN = array_to_string(places, ',');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_allocation() IS 'Refuses an allocation of more than the payment, or for a line item that it can''t pay.';

CREATE FUNCTION billing.check_diagnosis_pointers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    found_count bigint;
    wrong text;
BEGIN
    -- KEY SHARE: who removes a diagnosis waits until this is committed, and sees it.
    PERFORM FROM billing.diagnosis AS d
    WHERE
        d.clinic_id = new.clinic_id AND d.encounter_id = new.encounter_id
        AND d.position = ANY(new.diagnosis_pointers)
    FOR KEY SHARE;
    GET DIAGNOSTICS found_count = ROW_COUNT;
    IF found_count < cardinality(new.diagnosis_pointers) THEN
        SELECT string_agg(format('diagnosis_pointers[%s]', i.n), ',' ORDER BY i.n) INTO wrong
        FROM unnest(new.diagnosis_pointers) WITH ORDINALITY AS i (item, n)
        WHERE
            i.n IS DISTINCT FROM array_position(new.diagnosis_pointers, i.item)
            OR NOT EXISTS (
                SELECT FROM billing.diagnosis AS d
                WHERE
                    d.clinic_id = new.clinic_id AND d.encounter_id = new.encounter_id
                    AND d.position = i.item
            );
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'line_item',
            CONSTRAINT = regexp_replace(wrong, '[^,]+', tg_name, 'g'), COLUMN = wrong;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_diagnosis_pointers() IS 'Refuses pointers at diagnoses that the encounter does not have, and one that is there twice.';

CREATE FUNCTION billing.check_modifiers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    found_count bigint;
    names text;
    places text;
BEGIN
    IF tg_op = 'INSERT' AND tg_name = 'line_item_modifiers_are_valid' THEN
        RETURN NULL; -- The other trigger has looked.
    END IF;
    LOOP
        -- KEY SHARE: who ends or removes a version waits until this is committed, and sees it. An
        -- index has no operator for the days as they are written here: Postgres would take them for
        -- rarer than the code, and go through all versions.
        PERFORM FROM billing.modifier_version AS v
        WHERE v.code = ANY(new.modifiers) AND NOT isempty(v.valid_during * new.day)
        FOR KEY SHARE;
        GET DIAGNOSTICS found_count = ROW_COUNT;
        EXIT WHEN found_count = cardinality(new.modifiers);
        SELECT
            string_agg(
                CASE
                    WHEN m.code IS NULL OR i.n <> array_position(new.modifiers, i.item)
                        THEN 'line_item_modifiers_are_listed'
                    ELSE 'line_item_modifiers_are_valid'
                END, ',' ORDER BY i.n
            ),
            string_agg(format('modifiers[%s]', i.n), ',' ORDER BY i.n)
        INTO names, places
        FROM unnest(new.modifiers) WITH ORDINALITY AS i (item, n)
        LEFT JOIN billing.modifier AS m ON m.code = i.item
        WHERE
            m.code IS NULL
            OR i.n <> array_position(new.modifiers, i.item)
            OR NOT EXISTS (
                SELECT FROM billing.modifier_version AS v
                WHERE v.code = i.item AND v.valid_during @> new.day
            );
        CONTINUE WHEN places IS NULL;
        IF tg_op = 'UPDATE' THEN
            -- The encounter was moved, and not the line item itself.
            IF old.day <> new.day AND old.service_date IS NOT DISTINCT FROM new.service_date THEN
                RAISE EXCEPTION 'refused' USING
                    ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'encounter',
                    CONSTRAINT = 'line_item_modifiers_are_valid', COLUMN = 'date';
            END IF;
        END IF;
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'line_item',
            CONSTRAINT = names, COLUMN = places;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_modifiers() IS 'Refuses modifiers that are not listed, or not valid on the day, and one that is there twice.';

CREATE FUNCTION billing.check_posted() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'encounter',
            CONSTRAINT = tg_name, COLUMN = 'status';
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_posted() IS 'Refuses a posted encounter without a line item.';

CREATE FUNCTION billing.check_reversal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    -- A line item that is not there is refused by the foreign key.
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        INNER JOIN billing.encounter AS e ON l.clinic_id = e.clinic_id AND l.encounter_id = e.id
        WHERE
            l.clinic_id = new.clinic_id AND l.id = new.line_item_id
            AND e.status NOT IN ('posted', 'billed')
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'reversal',
            CONSTRAINT = tg_name, COLUMN = 'line_item_id';
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.check_reversal() IS 'Refuses to reverse a line item whose encounter is a draft, or voided.';

CREATE FUNCTION billing.claim_faults(of_clinic uuid, of_claim uuid) RETURNS SETOF text
    LANGUAGE sql STABLE ROWS 1
    SET search_path TO ''
    AS $_$
SELECT f.name
FROM billing.claim AS c
INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
INNER JOIN billing.patient AS p ON e.clinic_id = p.clinic_id AND e.patient_id = p.id
INNER JOIN billing.provider AS g ON e.clinic_id = g.clinic_id AND e.provider_id = g.id
INNER JOIN billing.coverage AS v ON c.clinic_id = v.clinic_id AND c.coverage_id = v.id
INNER JOIN billing.payer AS y ON v.clinic_id = y.clinic_id AND v.payer_id = y.id
LEFT JOIN billing.patient_detail AS d ON p.clinic_id = d.clinic_id AND p.id = d.patient_id
LEFT JOIN billing.claim_detail AS t ON e.clinic_id = t.clinic_id AND e.id = t.encounter_id
LEFT JOIN billing.provider AS q
    ON t.clinic_id = q.clinic_id AND t.referring_provider_id = q.id
LEFT JOIN billing.coverage AS o
    ON
        v.clinic_id = o.clinic_id AND v.patient_id = o.patient_id AND o.priority = 'P'
        AND o.valid_during @> e.date AND v.priority = 'S'
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS line_item_count,
            sum(l.charge) AS charges,
            bool_or(l.diagnosis_pointers = '{}') AS lacks_pointer,
            bool_or(
                l.charge <> (
                    SELECT coalesce(sum(a.amount), 0)
                    FROM billing.allocation AS a
                    INNER JOIN billing.payment AS m
                        ON a.clinic_id = m.clinic_id AND a.payment_id = m.id
                    WHERE
                        a.clinic_id = l.clinic_id AND a.line_item_id = l.id
                        AND m.payer_id = o.payer_id
                ) + (
                    SELECT coalesce(sum(j.amount), 0) FROM billing.adjustment AS j
                    WHERE j.clinic_id = l.clinic_id AND j.line_item_id = l.id
                )
            ) AS differs
        FROM billing.line_item AS l
        WHERE
            l.clinic_id = c.clinic_id
            AND l.id IN (SELECT i.id FROM billing.claimed_line_items(of_clinic, of_claim) AS i (id))
    ) AS l
CROSS JOIN
    LATERAL (
        SELECT
            bool_or(num_nulls(z.payer_number) = 1) AS lacks_number,
            bool_or(least(char_length(z.payer_number), char_length(w.member_id)) < 2) AS is_short,
            bool_or(
                least(
                    billing.count_written(z.name),
                    billing.count_written(coalesce(w.subscriber_last_name, p.last_name))
                ) < 1
            ) AS is_not_written
        FROM billing.coverage AS w
        INNER JOIN billing.payer AS z ON w.clinic_id = z.clinic_id AND w.payer_id = z.id
        WHERE
            w.clinic_id = v.clinic_id
            AND (w.id = v.id OR w.patient_id = v.patient_id AND w.valid_during @> e.date)
    ) AS w
CROSS JOIN
    LATERAL unnest(ARRAY[
        CASE WHEN v.priority = 'T' THEN 'claims_are_for_two_payers' END,
        CASE
            WHEN v.priority = 'S' AND num_nulls(o.id) = 1 THEN 'claims_have_a_first_payer'
        END,
        CASE
            WHEN num_nulls(o.id) = 0 AND l.differs THEN 'claims_are_answered_first'
        END,
        CASE
            WHEN v.priority <> 'P' AND y.claim_filing IN ('MA', 'MB')
                THEN 'claims_to_medicare_are_first'
        END,
        CASE WHEN l.charges >= 100000000 THEN 'claims_are_not_too_high' END,
        CASE WHEN num_nulls(d.birth_date) = 1 THEN 'patients_have_a_birth_date' END,
        CASE WHEN d.birth_date > e.date THEN 'patients_are_born' END,
        CASE WHEN num_nulls(d.sex) = 1 THEN 'patients_have_a_sex' END,
        CASE
            WHEN num_nulls(d.address_line_1, d.city, d.state, d.postal_code) > 0
                THEN 'patients_have_an_address'
        END,
        CASE
            WHEN v.relationship <> '18' AND num_nulls(v.subscriber_first_name) = 1
                THEN 'subscribers_have_a_first_name'
        END,
        CASE WHEN w.lacks_number THEN 'payers_have_a_number' END,
        CASE
            WHEN NOT EXISTS (
                SELECT FROM billing.diagnosis AS x
                WHERE x.clinic_id = e.clinic_id AND x.encounter_id = e.id AND x.position = 1
            ) THEN 'diagnoses_have_a_first'
        END,
        CASE WHEN l.line_item_count = 0 THEN 'line_items_are_there' END,
        CASE WHEN l.lacks_pointer THEN 'line_items_have_a_pointer' END,
        CASE
            WHEN
                t.related_cause IN ('AA', 'OA') AND num_nulls(t.accident_date) = 1
                OR t.related_cause = 'AA' AND num_nulls(t.accident_state) = 1
                THEN 'accidents_are_complete'
        END,
        CASE
            WHEN
                w.is_not_written
                OR least(
                    billing.count_written(p.last_name), billing.count_written(g.last_name),
                    billing.count_written(coalesce(q.last_name, 'none')),
                    billing.count_written(coalesce(d.address_line_1, 'none')),
                    billing.count_written(coalesce(d.city, 'none')) - 1
                ) < 1
                THEN 'names_can_be_written'
        END,
        CASE
            WHEN
                NOT (
                    billing.is_state(d.state) AND billing.is_state(y.state)
                    AND billing.is_state(t.accident_state)
                )
                THEN 'states_are_known'
        END,
        CASE WHEN w.is_short THEN 'numbers_are_long_enough' END,
        CASE
            WHEN
                concat(c.payer_claim_number, t.prior_authorization_number) !~ '^[ -)+-9;-\]_-{}]*$'
                THEN 'numbers_have_no_separators'
        END
    ]) AS f (name)
WHERE c.clinic_id = of_clinic AND c.id = of_claim AND f.name <> ''
$_$;

COMMENT ON FUNCTION billing.claim_faults(of_clinic uuid, of_claim uuid) IS 'What a receiver would refuse of a claim: names of constraints of interchanges.';

CREATE FUNCTION billing.claim_parts(of_clinic uuid, of_claim uuid) RETURNS SETOF jsonb
    LANGUAGE sql STABLE ROWS 1
    SET search_path TO ''
    AS $$
WITH prior AS (
    SELECT
        o.payer_id,
        y.payer_number
    FROM billing.claim AS c
    INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
    INNER JOIN billing.coverage AS v ON c.clinic_id = v.clinic_id AND c.coverage_id = v.id
    INNER JOIN billing.coverage AS o
        ON
            v.clinic_id = o.clinic_id AND v.patient_id = o.patient_id AND o.priority = 'P'
            AND o.valid_during @> e.date
    INNER JOIN billing.payer AS y ON o.clinic_id = y.clinic_id AND o.payer_id = y.id
    WHERE c.clinic_id = of_clinic AND c.id = of_claim AND v.priority = 'S'
),

line AS (
    SELECT
        l.id,
        l.encounter_id,
        l.cpt_code,
        l.modifiers,
        l.diagnosis_pointers,
        l.unit_type,
        l.units,
        l.charge,
        l.day,
        m.patient_paid,
        m.payer_paid,
        greatest(m.paid_on, j.adjusted_on) AS answered_on,
        j.adjustments,
        (row_number() OVER (ORDER BY l.id) - 1) / 50 + 1 AS part
    FROM billing.line_item AS l
    CROSS JOIN
        LATERAL (
            SELECT
                coalesce(sum(a.amount) FILTER (WHERE num_nulls(m.payer_id) = 1), 0)
                    AS patient_paid,
                coalesce(sum(a.amount) FILTER (WHERE m.payer_id = r.payer_id), 0) AS payer_paid,
                max(m.received_on) FILTER (WHERE m.payer_id = r.payer_id) AS paid_on
            FROM billing.allocation AS a
            INNER JOIN billing.payment AS m ON a.clinic_id = m.clinic_id AND a.payment_id = m.id
            LEFT JOIN prior AS r ON true
            WHERE a.clinic_id = l.clinic_id AND a.line_item_id = l.id
        ) AS m
    CROSS JOIN
        LATERAL (
            SELECT
                max(g.adjusted_on) AS adjusted_on,
                coalesce(
                    jsonb_agg(
                        jsonb_build_object('group_code', g.group_code, 'reasons', g.reasons)
                        ORDER BY g.group_code, g.row
                    ),
                    '[]'
                ) AS adjustments
            FROM (
                SELECT
                    s.group_code,
                    s.row,
                    max(s.adjusted_on) AS adjusted_on,
                    jsonb_agg(
                        jsonb_build_object(
                            'reason_code', s.reason_code, 'amount', CAST(s.amount AS text)
                        )
                        ORDER BY s.reason_code
                    ) AS reasons
                FROM (
                    -- Six reasons stand in one segment.
                    SELECT
                        j.group_code,
                        j.reason_code,
                        max(j.adjusted_on) AS adjusted_on,
                        sum(j.amount) AS amount,
                        (row_number() OVER (PARTITION BY j.group_code ORDER BY j.reason_code) - 1)
                        / 6 AS row
                    FROM billing.adjustment AS j
                    WHERE j.clinic_id = l.clinic_id AND j.line_item_id = l.id
                    GROUP BY j.group_code, j.reason_code
                    HAVING sum(j.amount) <> 0
                ) AS s
                GROUP BY s.group_code, s.row
            ) AS g
        ) AS j
    WHERE
        l.clinic_id = of_clinic
        AND l.id IN (SELECT i.id FROM billing.claimed_line_items(of_clinic, of_claim) AS i (id))
),

part AS (
    SELECT
        l.part,
        sum(l.charge) AS total_charge,
        sum(l.patient_paid) AS patient_paid,
        sum(l.payer_paid) AS payer_paid,
        jsonb_agg(
            jsonb_build_object(
                'control_number', upper(substr(replace(CAST(l.id AS text), '-', ''), 1, 30)),
                'cpt_code', l.cpt_code,
                'modifiers', to_jsonb(l.modifiers),
                'charge', CAST(l.charge AS text),
                'unit_type', l.unit_type,
                'units', CAST(trim_scale(l.units) AS text),
                'date', lower(l.day),
                'diagnosis_pointers', (
                    -- Positions may have gaps, and the file numbers what it has.
                    SELECT
                        jsonb_agg(
                            (
                                SELECT count(*) FROM billing.diagnosis AS x
                                WHERE
                                    x.clinic_id = of_clinic AND x.encounter_id = l.encounter_id
                                    AND x.position <= i.item
                            ) ORDER BY i.n
                        )
                    FROM unnest(l.diagnosis_pointers) WITH ORDINALITY AS i (item, n)
                ),
                'drug', (
                    SELECT
                        jsonb_build_object(
                            'drug_code', d.drug_code,
                            'quantity', CAST(trim_scale(d.quantity) AS text),
                            'unit', d.unit
                        )
                    FROM billing.drug AS d
                    WHERE d.clinic_id = of_clinic AND d.line_item_id = l.id
                ),
                'answer', (
                    SELECT
                        jsonb_build_object(
                            'payer_number', r.payer_number,
                            'paid', CAST(l.payer_paid AS text),
                            'date', l.answered_on,
                            'adjustments', l.adjustments
                        )
                    FROM prior AS r
                    WHERE num_nulls(l.answered_on) = 0
                )
            ) ORDER BY l.id
        ) AS line_items
    FROM line AS l
    GROUP BY l.part
)

SELECT
    jsonb_build_object(
        'claim_id', c.id,
        'part', k.part,
        'control_number', CASE
            WHEN k.part = 1 THEN c.control_number
            -- A P is in no other control number, which are hexadecimal.
            ELSE format('%sP%s', left(c.control_number, 17), lpad(CAST(k.part AS text), 2, '0'))
        END,
        'total_charge', CAST(k.total_charge AS text),
        'patient_paid', CASE WHEN k.patient_paid > 0 THEN CAST(k.patient_paid AS text) END,
        'frequency', c.frequency,
        'payer_claim_number', c.payer_claim_number,
        'place_of_service', e.place_of_service,
        'provider_signature', coalesce(t.provider_signature, true),
        'assignment', coalesce(t.assignment, 'A'),
        'benefits_assigned', coalesce(t.benefits_assigned, 'Y'),
        'release_of_information', coalesce(t.release_of_information, 'Y'),
        'related_cause', t.related_cause,
        'accident_date', t.accident_date,
        'accident_state', t.accident_state,
        'prior_authorization_number', t.prior_authorization_number,
        'diagnoses', (
            SELECT jsonb_agg(x.diagnosis_code ORDER BY x.position) FROM billing.diagnosis AS x
            WHERE x.clinic_id = e.clinic_id AND x.encounter_id = e.id
        ),
        'referring_provider', CASE
            WHEN num_nulls(q.id) = 0 THEN jsonb_build_object(
                'npi', q.npi, 'first_name', q.first_name, 'last_name', q.last_name
            )
        END,
        'rendering_provider', jsonb_build_object(
            'npi', g.npi, 'first_name', g.first_name, 'last_name', g.last_name,
            'taxonomy_code', g.taxonomy_code
        ),
        'other_coverages', (
            SELECT
                coalesce(jsonb_agg(
                    jsonb_build_object(
                        'priority', o.priority,
                        'relationship', o.relationship,
                        'group_number', o.group_number,
                        'group_name', o.group_name,
                        'claim_filing', y.claim_filing,
                        'first_name', CASE
                            WHEN o.relationship = '18' THEN nullif(p.first_name, '')
                            ELSE o.subscriber_first_name
                        END,
                        'last_name', coalesce(o.subscriber_last_name, p.last_name),
                        'member_id', o.member_id,
                        'payer_name', y.name,
                        'payer_number', y.payer_number,
                        'paid', CASE
                            WHEN v.priority = 'S' AND o.priority = 'P'
                                THEN CAST(k.payer_paid AS text)
                        END
                    ) ORDER BY array_position(ARRAY['P', 'S', 'T'], o.priority)
                ), '[]')
            FROM billing.coverage AS o
            INNER JOIN billing.payer AS y ON o.clinic_id = y.clinic_id AND o.payer_id = y.id
            WHERE
                o.clinic_id = v.clinic_id AND o.patient_id = v.patient_id AND o.id <> v.id
                AND o.priority <> v.priority AND o.valid_during @> e.date
        ),
        'line_items', k.line_items
    )
FROM billing.claim AS c
INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
INNER JOIN billing.patient AS p ON e.clinic_id = p.clinic_id AND e.patient_id = p.id
INNER JOIN billing.provider AS g ON e.clinic_id = g.clinic_id AND e.provider_id = g.id
INNER JOIN billing.coverage AS v ON c.clinic_id = v.clinic_id AND c.coverage_id = v.id
LEFT JOIN billing.claim_detail AS t ON e.clinic_id = t.clinic_id AND e.id = t.encounter_id
LEFT JOIN billing.provider AS q ON t.clinic_id = q.clinic_id AND t.referring_provider_id = q.id
CROSS JOIN part AS k
WHERE c.clinic_id = of_clinic AND c.id = of_claim
ORDER BY k.part
$$;

COMMENT ON FUNCTION billing.claim_parts(of_clinic uuid, of_claim uuid) IS 'What a file says of a claim, as one object, or as several where it has over 50 line items.';

CREATE FUNCTION billing.claim_subscribers(of_clinic uuid, of_claims uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
WITH subscriber AS (
    SELECT
        c.coverage_id,
        min(i.n) AS n,
        jsonb_agg(k.content ORDER BY i.n, CAST(k.content ->> 'part' AS bigint)) AS claims
    FROM unnest(of_claims) WITH ORDINALITY AS i (id, n)
    INNER JOIN billing.claim AS c ON c.clinic_id = of_clinic AND i.id = c.id
    CROSS JOIN LATERAL billing.claim_parts(of_clinic, i.id) AS k (content)
    GROUP BY c.coverage_id
),

numbered AS (
    SELECT
        s.n,
        s.claims,
        v.*,
        v.relationship = '18' AS is_patient,
        1 + row_number() OVER w
        + count(*) FILTER (WHERE v.relationship <> '18') OVER w
        - CASE WHEN v.relationship = '18' THEN 0 ELSE 1 END AS level
    FROM subscriber AS s
    INNER JOIN billing.coverage AS v ON v.clinic_id = of_clinic AND s.coverage_id = v.id
    WINDOW w AS (ORDER BY s.n ROWS UNBOUNDED PRECEDING)
)

SELECT
    jsonb_agg(
        jsonb_build_object(
            'level', v.level,
            'is_patient', v.is_patient,
            'priority', v.priority,
            'relationship', v.relationship,
            'group_number', v.group_number,
            'group_name', v.group_name,
            'member_id', v.member_id,
            'first_name', CASE
                WHEN v.is_patient THEN nullif(p.first_name, '')
                ELSE v.subscriber_first_name
            END,
            'last_name', CASE WHEN v.is_patient THEN p.last_name ELSE v.subscriber_last_name END,
            'patient', jsonb_build_object(
                'first_name', nullif(p.first_name, ''),
                'last_name', p.last_name,
                'middle_name', d.middle_name,
                'suffix', d.suffix,
                'birth_date', d.birth_date,
                'sex', d.sex,
                'address_line_1', d.address_line_1,
                'address_line_2', d.address_line_2,
                'city', d.city,
                'state', d.state,
                'postal_code', d.postal_code
            ),
            'payer', jsonb_build_object(
                'name', y.name,
                'payer_number', y.payer_number,
                'claim_filing', y.claim_filing,
                'address_line_1', a.address_line_1,
                'address_line_2', a.address_line_2,
                'city', a.city,
                'state', a.state,
                'postal_code', a.postal_code
            ),
            'claims', v.claims
        ) ORDER BY v.n
    )
FROM numbered AS v
INNER JOIN billing.patient AS p ON v.clinic_id = p.clinic_id AND v.patient_id = p.id
INNER JOIN billing.payer AS y ON v.clinic_id = y.clinic_id AND v.payer_id = y.id
LEFT JOIN billing.payer AS a
    ON
        y.clinic_id = a.clinic_id AND y.id = a.id
        AND num_nulls(a.address_line_1, a.city, a.state, a.postal_code) = 0
LEFT JOIN billing.patient_detail AS d ON p.clinic_id = d.clinic_id AND p.id = d.patient_id
$$;

COMMENT ON FUNCTION billing.claim_subscribers(of_clinic uuid, of_claims uuid[]) IS 'What a file says of claims, by subscriber: the claims by one coverage are together.';

CREATE FUNCTION billing.claimed_line_items(of_clinic uuid, of_claim uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE ROWS 10
    SET search_path TO ''
    AS $$
SELECT l.id
FROM billing.claim AS c
INNER JOIN billing.line_item AS l ON c.clinic_id = l.clinic_id AND c.encounter_id = l.encounter_id
LEFT JOIN billing.reversal AS r ON l.clinic_id = r.clinic_id AND l.id = r.line_item_id
WHERE
    c.clinic_id = of_clinic AND c.id = of_claim
    AND (
        NOT l.is_reversed
        OR c.frequency = '8' AND r.reversed_at > (
            SELECT coalesce(i.created_at, p.created_at)
            FROM billing.claim AS p
            LEFT JOIN billing.submission AS s
                ON p.clinic_id = s.clinic_id AND p.id = s.claim_id AND NOT s.is_rejected
            LEFT JOIN billing.interchange AS i
                ON s.clinic_id = i.clinic_id AND s.interchange_id = i.id
            WHERE
                p.clinic_id = c.clinic_id AND p.encounter_id = c.encounter_id
                AND p.coverage_id = c.coverage_id AND p.id < c.id AND p.frequency <> '8'
            ORDER BY p.id DESC
            LIMIT 1
        )
    )
$$;

COMMENT ON FUNCTION billing.claimed_line_items(of_clinic uuid, of_claim uuid) IS 'The line items that a claim asks for: those that were not reversed, and of a void also those that were reversed after what it voids.';

CREATE FUNCTION billing.count_written(line text) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN char_length(regexp_replace(COALESCE(line, ''::text), '[^0-9A-Za-z\u00c0-\u00d6\u00d8-\u01b7\u01ba-\u024f\u0391-\u03c9\u0400-\u045f\u05d0-\u05e1\u05e3-\u05ea\u0628-\u0638\u063a\u0641-\u064a\u0905-\u0939\u0e01-\u0e2c\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fa5\uac00-\ud7a3]'::text, ''::text, 'g'::text));

COMMENT ON FUNCTION billing.count_written(line text) IS 'How many letters and digits of a text a claim can hold, which has Latin ones alone: those of other scripts are written in Latin ones. Of scripts that are not counted here some letters have none.';

CREATE FUNCTION billing.date_line_item() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    place CONSTANT text := CASE tg_op WHEN 'INSERT' THEN 'encounter_id' ELSE '' END;
    parent record;
BEGIN
    IF tg_op = 'INSERT' THEN
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id
        FOR SHARE;
    ELSIF tg_op = 'UPDATE' THEN
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id;
    ELSE
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = old.clinic_id AND e.id = old.encounter_id;
    END IF;
    IF parent.status IS NULL THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'foreign_key_violation', SCHEMA = tg_table_schema, TABLE = tg_table_name,
            CONSTRAINT = 'line_item_encounter_id_fkey';
    ELSIF parent.status <> 'draft' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            SCHEMA = tg_table_schema, TABLE = tg_table_name, CONSTRAINT = tg_name, COLUMN = place;
    ELSIF tg_op = 'DELETE' THEN
        RETURN old;
    END IF;
    parent.date := coalesce(new.service_date, parent.date);
    new.day := daterange(parent.date, parent.date, '[]');
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.date_line_item() IS 'Gives a line item its day; its encounter must be a draft.';

CREATE FUNCTION billing.follow_encounter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    place CONSTANT text := CASE tg_op WHEN 'INSERT' THEN 'encounter_id' ELSE '' END;
    parent record;
BEGIN
    IF tg_op = 'INSERT' THEN
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id
        FOR SHARE;
    ELSIF tg_op = 'UPDATE' THEN
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id;
    ELSE
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = old.clinic_id AND e.id = old.encounter_id;
    END IF;
    IF parent.status IS NULL THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'foreign_key_violation', SCHEMA = tg_table_schema, TABLE = tg_table_name,
            CONSTRAINT = tg_table_name || '_encounter_id_fkey';
    ELSIF parent.status <> 'draft' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            SCHEMA = tg_table_schema, TABLE = tg_table_name, CONSTRAINT = tg_name, COLUMN = place;
    ELSIF tg_op = 'DELETE' THEN
        RETURN old;
    END IF;
    new.day := daterange(parent.date, parent.date, '[]');
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.follow_encounter() IS 'Gives a row the date of its encounter, which must be a draft.';

CREATE FUNCTION billing.interchange_faults(of_clinic uuid, of_claims uuid[]) RETURNS TABLE(n bigint, name text)
    LANGUAGE sql STABLE
    SET search_path TO ''
    AS $$
SELECT
    0 AS n,
    f.name
FROM (SELECT of_clinic AS id) AS c
LEFT JOIN billing.practice AS p ON c.id = p.clinic_id
CROSS JOIN
    LATERAL unnest(ARRAY[
        CASE WHEN num_nulls(p.id) = 1 THEN 'practice_is_on_record' END,
        CASE WHEN num_nulls(p.id, p.npi) = 1 THEN 'practice_has_an_npi' END,
        CASE WHEN num_nulls(p.id, p.tax_id) = 1 THEN 'practice_has_a_tax_id' END,
        CASE
            WHEN
                num_nulls(p.id) = 0
                AND num_nulls(p.address_line_1, p.city, p.state, p.postal_code) > 0
                THEN 'practice_has_an_address'
        END,
        CASE WHEN NOT billing.is_state(p.state) THEN 'states_are_known' END,
        CASE
            WHEN least(
                billing.count_written(coalesce(p.name, 'none')),
                billing.count_written(coalesce(p.address_line_1, 'none')),
                billing.count_written(coalesce(p.city, 'none')) - 1
            ) < 1 THEN 'names_can_be_written'
        END
    ]) AS f (name)
WHERE f.name <> ''
UNION ALL
SELECT
    i.n,
    CASE
        WHEN num_nulls(c.id) = 1 THEN 'claims_are_on_record' ELSE 'claims_are_there_once'
    END AS name
FROM unnest(of_claims) WITH ORDINALITY AS i (id, n)
LEFT JOIN billing.claim AS c ON c.clinic_id = of_clinic AND i.id = c.id
WHERE num_nulls(c.id) = 1 OR array_position(of_claims, i.id) < i.n
UNION ALL
SELECT
    i.n,
    f.name
FROM unnest(of_claims) WITH ORDINALITY AS i (id, n)
CROSS JOIN LATERAL billing.claim_faults(of_clinic, i.id) AS f (name)
$$;

COMMENT ON FUNCTION billing.interchange_faults(of_clinic uuid, of_claims uuid[]) IS 'What a receiver would refuse of these claims: the place of the claim among them, or 0 for the practice, and the name of a constraint.';

CREATE FUNCTION billing.is_state(code text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE((code = ANY (ARRAY['AA'::text, 'AE'::text, 'AK'::text, 'AL'::text, 'AP'::text, 'AR'::text, 'AS'::text, 'AZ'::text, 'CA'::text, 'CO'::text, 'CT'::text, 'DC'::text, 'DE'::text, 'FL'::text, 'FM'::text, 'GA'::text, 'GU'::text, 'HI'::text, 'IA'::text, 'ID'::text, 'IL'::text, 'IN'::text, 'KS'::text, 'KY'::text, 'LA'::text, 'MA'::text, 'MD'::text, 'ME'::text, 'MH'::text, 'MI'::text, 'MN'::text, 'MO'::text, 'MP'::text, 'MS'::text, 'MT'::text, 'NC'::text, 'ND'::text, 'NE'::text, 'NH'::text, 'NJ'::text, 'NM'::text, 'NV'::text, 'NY'::text, 'OH'::text, 'OK'::text, 'OR'::text, 'PA'::text, 'PR'::text, 'PW'::text, 'RI'::text, 'SC'::text, 'SD'::text, 'TN'::text, 'TX'::text, 'UT'::text, 'VA'::text, 'VI'::text, 'VT'::text, 'WA'::text, 'WI'::text, 'WV'::text, 'WY'::text])), true);

COMMENT ON FUNCTION billing.is_state(code text) IS 'Whether this is the code of a state of the USA, of a territory, or of a place of its forces; true where there is none.';

CREATE FUNCTION billing.is_time_zone(name text) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
    SET search_path TO ''
    AS $$
BEGIN
    PERFORM now() AT TIME ZONE is_time_zone.name;
    RETURN true;
EXCEPTION
    WHEN invalid_parameter_value THEN RETURN false;
END
$$;

COMMENT ON FUNCTION billing.is_time_zone(name text) IS 'Whether Postgres knows a time zone.';

CREATE FUNCTION billing.keep_diagnosis() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE
            l.clinic_id = old.clinic_id AND l.encounter_id = old.encounter_id
            AND old.position = ANY(l.diagnosis_pointers)
    ) AND NOT EXISTS (
        SELECT FROM billing.diagnosis AS d
        WHERE
            d.clinic_id = old.clinic_id AND d.encounter_id = old.encounter_id
            AND d.position = old.position
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'diagnosis',
            CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.keep_diagnosis() IS 'Refuses to remove a diagnosis at which a line item points.';

CREATE FUNCTION billing.keep_modifier() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF EXISTS (SELECT FROM billing.line_item AS l WHERE old.code = ANY(l.modifiers)) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'modifier',
            CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.keep_modifier() IS 'Refuses to remove a modifier that a line item has.';

CREATE FUNCTION billing.keep_modifier_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    IF tg_op = 'UPDATE' THEN
        IF new.code = old.code AND new.valid_during @> old.valid_during THEN
            RETURN NULL;
        END IF;
    END IF;
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE
            old.code = ANY(l.modifiers) AND l.day <@ old.valid_during
            AND NOT EXISTS (
                SELECT FROM billing.modifier_version AS v
                WHERE v.code = old.code AND v.valid_during @> l.day
            )
    -- A modifier that is removed as a whole is kept by its own trigger.
    ) AND EXISTS (SELECT FROM billing.modifier AS m WHERE m.code = old.code) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing',
            TABLE = 'modifier_version', CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.keep_modifier_version() IS 'Refuses to take days from a modifier on which line items have it.';

CREATE FUNCTION billing.load_versions(noun text, code_list text, called text, first_day date) RETURNS SETOF text
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
DECLARE
    wrong bigint;
    newest date;
    loaded date;
    losing text[];
    kept text[];
    told text;
BEGIN
    SELECT min(r.line) INTO wrong FROM pg_temp.release AS r WHERE r.ended <= r.added;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'line %: the code ends before it begins', wrong;
    END IF;
    SELECT max(greatest(r.added, r.action)) INTO newest FROM pg_temp.release AS r;
    EXECUTE format('SELECT max(lower(v.valid_during)) FROM billing.%I AS v WHERE v.code_list = $1',
        noun || '_version') INTO loaded USING code_list;
    IF newest < loaded THEN
        RAISE EXCEPTION 'it is older than what was loaded: its last change is of %, and that of %',
            newest, loaded;
    END IF;

    DROP TABLE IF EXISTS pg_temp.planned, pg_temp.change;
    PERFORM billing.plan_codes(noun, code_list, first_day);
    PERFORM billing.plan_versions(noun, code_list);
    SELECT array_agg(l.code ORDER BY l.code) INTO losing FROM (
        SELECT c.code FROM pg_temp.change AS c
        GROUP BY c.code
        HAVING NOT range_agg(c.former) <@ coalesce(range_agg(c.valid_during), '{}')
    ) AS l;
    losing := coalesce(losing, '{}');
    PERFORM billing.change_versions(noun, code_list, array(
        SELECT DISTINCT c.code FROM pg_temp.change AS c WHERE c.code <> ALL (losing)
    ));
    kept := billing.change_versions(noun, code_list, losing);

    SELECT
        concat_ws(', ',
            nullif(count(*) FILTER (WHERE p.is_new), 0) || ' added',
            nullif(count(*) FILTER (WHERE p.is_back), 0) || ' valid again',
            nullif(count(*) FILTER (WHERE upper_inf(p.run) AND NOT upper_inf(p.life)), 0)
            || ' ended',
            nullif(count(*) FILTER (WHERE p.has_text), 0) || ' texts changed',
            nullif(count(*) FILTER (
                WHERE NOT p.is_new AND NOT p.is_back
                AND lower(p.life) IS DISTINCT FROM lower(p.run)
            ), 0) || ' starts corrected',
            nullif(count(*) FILTER (
                WHERE NOT p.is_back AND NOT upper_inf(p.run)
                AND upper(p.life) IS DISTINCT FROM upper(p.run)
            ), 0) || ' ends corrected'
        ) INTO told
    FROM pg_temp.planned AS p
    WHERE p.code <> ALL (kept);
    RETURN NEXT called || ': ' || coalesce(nullif(told, ''), 'nothing has changed');

    RETURN QUERY EXECUTE format(
        $sql$
        SELECT billing.told(
            $1 || ' not in the file, and not ended', array_agg(v.code ORDER BY v.code)
        )
        FROM billing.%I AS v
        WHERE v.code_list = $2 AND upper_inf(v.valid_during)
        AND NOT EXISTS (SELECT FROM pg_temp.release AS r WHERE r.code = v.code)
        HAVING count(*) > 0
        $sql$,
        noun || '_version'
    ) USING called, code_list;
    RETURN QUERY
    SELECT billing.told(
        called || ' of another list, and left out', array_agg(r.code ORDER BY r.code)
    )
    FROM pg_temp.release AS r
    WHERE NOT EXISTS (SELECT FROM pg_temp.planned AS p WHERE p.code = r.code)
    HAVING count(*) > 0;
    IF cardinality(kept) > 0 THEN
        RETURN NEXT billing.told(
            called || ' left as they are, because bills need days that they would lose', kept
        );
    END IF;
END
$_$;

COMMENT ON FUNCTION billing.load_versions(noun text, code_list text, called text, first_day date) IS 'Makes the versions of a list what the temporary table release says, and tells what has changed.';

CREATE FUNCTION billing.make_claim() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
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

COMMENT ON FUNCTION billing.make_claim() IS 'Copies what a claim asks for, and makes its encounter billed; or says why there can be none.';

CREATE FUNCTION billing.make_interchange() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    made record;
BEGIN
    -- One interchange of a clinic is made at a time.
    PERFORM FROM billing.practice AS p WHERE p.clinic_id = new.clinic_id FOR NO KEY UPDATE;
    PERFORM FROM billing.trading_partner AS p
    WHERE p.clinic_id = new.clinic_id AND p.id = new.trading_partner_id;
    IF NOT found THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = CASE
                WHEN num_nulls(new.trading_partner_id) = 1 THEN 'not_null_violation'
                ELSE 'foreign_key_violation'
            END,
            SCHEMA = 'billing', TABLE = 'interchange',
            CONSTRAINT = CASE
                WHEN num_nulls(new.trading_partner_id) = 1 THEN ''
                ELSE 'interchange_trading_partner_id_fkey'
            END,
            COLUMN = 'trading_partner_id';
    END IF;
    SELECT
        string_agg(f.name, ',' ORDER BY f.n, f.name) AS names,
        string_agg(format('claim_ids[%s]', f.n), ',' ORDER BY f.n, f.name) AS places
    INTO made
    FROM (
        SELECT
            i.n,
            'interchange_claims_are_sent_once' AS name
        FROM unnest(new.claim_ids) WITH ORDINALITY AS i (id, n)
        WHERE EXISTS (
            SELECT FROM billing.submission AS s
            WHERE s.clinic_id = new.clinic_id AND s.claim_id = i.id AND NOT s.is_rejected
        )
        UNION ALL
        SELECT
            i.n,
            'interchange_claims_still_count' AS name
        FROM unnest(new.claim_ids) WITH ORDINALITY AS i (id, n)
        INNER JOIN billing.claim AS c ON c.clinic_id = new.clinic_id AND i.id = c.id
        INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
        WHERE e.status = 'voided' AND c.frequency <> '8'
    ) AS f;
    IF made.names <> '' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing',
            TABLE = 'interchange', CONSTRAINT = made.names, COLUMN = made.places;
    END IF;
    -- One statement, so that what is checked is what is copied.
    SELECT
        (
            SELECT string_agg('interchange_' || f.name, ',' ORDER BY f.n, f.name)
            FROM billing.interchange_faults(new.clinic_id, new.claim_ids) AS f
        ) AS names,
        (
            SELECT
                string_agg(
                    CASE WHEN f.n = 0 THEN '' ELSE format('claim_ids[%s]', f.n) END, ','
                    ORDER BY f.n, f.name
                )
            FROM billing.interchange_faults(new.clinic_id, new.claim_ids) AS f
        ) AS places,
        jsonb_build_object(
            'made_at', to_char(
                new.created_at AT TIME ZONE p.time_zone, 'YYYY-MM-DD"T"HH24:MI:SS'
            ),
            'usage_indicator', t.usage_indicator,
            'sender', jsonb_build_object(
                'qualifier', t.sender_qualifier, 'id', t.sender_id, 'name', p.name,
                'contact_name', t.contact_name, 'contact_phone', t.contact_phone
            ),
            'receiver', jsonb_build_object(
                'qualifier', t.receiver_qualifier, 'id', t.receiver_id, 'name', t.name
            ),
            'practice', jsonb_build_object(
                'name', p.name, 'npi', p.npi, 'tax_id', p.tax_id, 'tax_id_type', p.tax_id_type,
                'address_line_1', p.address_line_1, 'address_line_2', p.address_line_2,
                'city', p.city, 'state', p.state, 'postal_code', p.postal_code,
                'phone', p.phone, 'taxonomy_code', p.taxonomy_code
            ),
            'subscribers', billing.claim_subscribers(new.clinic_id, new.claim_ids)
        ) AS content
    INTO made
    FROM billing.trading_partner AS t
    LEFT JOIN billing.practice AS p ON t.clinic_id = p.clinic_id
    WHERE t.clinic_id = new.clinic_id AND t.id = new.trading_partner_id;
    IF made.names <> '' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'interchange',
            CONSTRAINT = made.names, COLUMN = made.places;
    END IF;
    new.content := made.content;
    new.control_number := (
        SELECT coalesce(max(i.control_number), 0) + 1 FROM billing.interchange AS i
        WHERE i.clinic_id = new.clinic_id
    );
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.make_interchange() IS 'Copies what the file of an interchange says, and gives it its number; or says all that is wrong.';

CREATE FUNCTION billing.mark_reversed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    UPDATE billing.line_item AS l SET is_reversed = true
    WHERE l.clinic_id = new.clinic_id AND l.id = new.line_item_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.mark_reversed() IS 'Marks the line item of a reversal.';

CREATE FUNCTION billing.move_diagnoses() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    UPDATE billing.diagnosis AS d SET day = daterange(new.date, new.date, '[]')
    WHERE d.clinic_id = new.clinic_id AND d.encounter_id = new.id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.move_diagnoses() IS 'Gives the diagnoses of an encounter its new date.';

CREATE FUNCTION billing.move_line_items() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    -- Those with a date of their own too: one whose date is being removed is waited for.
    UPDATE billing.line_item AS l
    SET day = daterange(coalesce(l.service_date, new.date), coalesce(l.service_date, new.date), '[]')
    WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.move_line_items() IS 'Gives the line items of an encounter its new date.';

CREATE FUNCTION billing.note_submissions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    INSERT INTO billing.submission (
        clinic_id, interchange_id, claim_id, part, control_number, total_charge
    )
    SELECT
        new.clinic_id,
        new.id,
        CAST(c.claim ->> 'claim_id' AS uuid),
        CAST(c.claim ->> 'part' AS bigint),
        c.claim ->> 'control_number',
        CAST(c.claim ->> 'total_charge' AS numeric)
    FROM jsonb_array_elements(new.content -> 'subscribers')
        WITH ORDINALITY AS s (subscriber, n)
    CROSS JOIN LATERAL jsonb_array_elements(s.subscriber -> 'claims')
        WITH ORDINALITY AS c (claim, n)
    ORDER BY s.n, c.n;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.note_submissions() IS 'Adds the submissions of an interchange.';

CREATE FUNCTION billing.note_void() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
BEGIN
    new.voided_at := current_timestamp;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.note_void() IS 'Writes when an encounter was voided.';

CREATE FUNCTION billing.plan_codes(noun text, code_list text, first_day date) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
BEGIN
    EXECUTE format(
        $sql$
        CREATE TEMP TABLE planned ON COMMIT DROP AS
        WITH listed AS (
            SELECT
                v.code,
                range_agg(v.valid_during) AS days,
                (array_agg(v.valid_during ORDER BY v.valid_during DESC))[1] AS last,
                (array_agg(v.description ORDER BY v.valid_during DESC))[1] AS description
            FROM billing.%1$I AS v
            WHERE v.code_list = %2$L
            GROUP BY v.code
        ),

        known AS (
            SELECT
                l.*,
                (SELECT d.run FROM unnest(l.days) AS d (run) ORDER BY d.run DESC LIMIT 1) AS run
            FROM listed AS l
        )

        SELECT
            r.code,
            coalesce(r.description, k.description) AS description,
            k.run,
            k.code IS NULL AS is_new,
            b.day IS NOT NULL AS is_back,
            k.code IS NOT NULL AND b.day IS NULL
            AND coalesce(k.description <> r.description, false) AS has_text,
            CASE WHEN r.action >= r.ended THEN lower(k.last) ELSE coalesce(r.action, lower(k.last))
            END AS text_from,
            CASE
                WHEN r.ended <= s.day THEN coalesce(k.run, daterange(NULL, r.ended))
                ELSE daterange(s.day, r.ended)
            END AS life
        FROM pg_temp.release AS r
        LEFT JOIN known AS k ON k.code = r.code
        LEFT JOIN LATERAL (
            SELECT a.day FROM (VALUES (1, r.added), (2, r.action)) AS a (n, day)
            WHERE a.day > upper(k.run) AND (r.ended IS NULL OR r.ended > a.day)
            ORDER BY a.n LIMIT 1
        ) AS b ON true
        CROSS JOIN LATERAL (
            SELECT
                CASE
                    WHEN k.code IS NULL THEN coalesce(r.added, %3$L)
                    WHEN b.day IS NOT NULL THEN b.day
                    WHEN r.added IS NULL THEN lower(k.run)
                    WHEN lower(k.days) IS DISTINCT FROM lower(k.run) AND r.added < lower(k.run)
                        THEN lower(k.run)
                    ELSE r.added
                END AS day
        ) AS s
        WHERE NOT EXISTS (
            SELECT FROM billing.%1$I AS o
            WHERE o.code = r.code AND o.code_list NOT IN (%2$L, 'hand')
        )
        $sql$,
        noun || '_version', code_list, first_day
    );
END
$_$;

COMMENT ON FUNCTION billing.plan_codes(noun text, code_list text, first_day date) IS 'Compares the temporary table release with the versions of its codes, in the table planned.';

CREATE FUNCTION billing.plan_versions(noun text, code_list text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $_$
BEGIN
    EXECUTE format(
        $sql$
        CREATE TEMP TABLE change ON COMMIT DROP AS
        WITH moving AS (
            SELECT p.* FROM pg_temp.planned AS p
            WHERE p.is_new OR p.is_back OR p.has_text OR p.life <> p.run
        ),

        former AS (
            SELECT
                v.id,
                v.code,
                v.valid_during,
                v.description,
                daterange(
                    CASE WHEN m.run &> v.valid_during THEN NULL ELSE lower(v.valid_during) END,
                    CASE WHEN m.run &< v.valid_during THEN NULL ELSE upper(v.valid_during) END
                ) * m.life * CASE
                    WHEN NOT m.has_text THEN daterange(NULL, NULL)
                    WHEN m.text_from IS NULL THEN 'empty'
                    ELSE daterange(NULL, m.text_from)
                END AS rest
            FROM moving AS m
            INNER JOIN billing.%1$I AS v ON v.code = m.code
            WHERE v.code_list = %2$L AND v.valid_during <@ m.run AND NOT m.is_back
        ),

        wanted AS (
            SELECT m.code, m.life AS days, m.description FROM moving AS m
            WHERE m.is_new OR m.is_back
            UNION ALL
            SELECT f.code, f.rest, f.description FROM former AS f
            WHERE NOT isempty(f.rest)
            UNION ALL
            SELECT m.code, m.life * daterange(m.text_from, NULL), m.description FROM moving AS m
            WHERE m.has_text AND m.life && daterange(m.text_from, NULL)
        ),

        entered AS (
            SELECT v.id, v.code, v.valid_during FROM wanted AS w
            INNER JOIN billing.%1$I AS v ON v.code = w.code
            INNER JOIN moving AS m ON m.code = w.code
            WHERE v.code_list = 'hand' AND (m.is_new OR v.valid_during && w.days)
        )

        SELECT
            coalesce(f.code, w.code) AS code,
            f.id,
            f.valid_during AS former,
            w.days AS valid_during,
            w.description
        FROM former AS f
        FULL JOIN wanted AS w
            ON w.code = f.code
            AND coalesce(lower(w.days), '-infinity') = coalesce(lower(f.valid_during), '-infinity')
        WHERE
            f.valid_during IS DISTINCT FROM w.days
            OR f.description IS DISTINCT FROM w.description
        UNION ALL
        SELECT DISTINCT e.code, e.id, e.valid_during, CAST(NULL AS daterange), NULL
        FROM entered AS e
        $sql$,
        noun || '_version', code_list
    );
END
$_$;

COMMENT ON FUNCTION billing.plan_versions(noun text, code_list text) IS 'Finds the changes that make the codes in the table planned so, in the table change.';

CREATE FUNCTION billing.post_encounter() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    names text[] := '{}';
    places text[] := '{}';
    has_fees boolean;
BEGIN
    IF new.provider_id IS NULL THEN
        names := names || CAST('encounter_posted_is_complete' AS text);
        places := places || CAST('provider_id' AS text);
    END IF;
    IF new.place_of_service IS NULL THEN
        names := names || CAST('encounter_posted_is_complete' AS text);
        places := places || CAST('place_of_service' AS text);
    END IF;
    UPDATE billing.line_item AS l SET unit_charge = (
        SELECT f.amount FROM billing.fee AS f
        WHERE
            f.clinic_id = l.clinic_id AND f.cpt_code = l.cpt_code
            AND (f.modifier = '' OR f.modifier = ANY(l.modifiers))
            AND f.effective_on <= coalesce(l.service_date, new.date)
            AND coalesce(f.ends_on, 'infinity') >= coalesce(l.service_date, new.date)
        ORDER BY array_position(l.modifiers, f.modifier)
        LIMIT 1
    )
    WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id;
    SELECT bool_and(l.unit_charge IS NOT NULL) INTO has_fees
    FROM billing.line_item AS l
    WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id;
    IF has_fees IS NOT TRUE THEN
        names := names || CASE
            WHEN has_fees IS NULL THEN 'encounter_posted_has_a_line_item'
            ELSE 'encounter_posted_has_fees'
        END;
        places := places || CAST('status' AS text);
    END IF;
    IF names <> '{}' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'encounter',
            CONSTRAINT = array_to_string(names, ','), COLUMN = array_to_string(places, ',');
    END IF;
    new.posted_at := current_timestamp;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.post_encounter() IS 'Copies the fees of an encounter that is posted, or says all that it lacks.';

CREATE FUNCTION billing.refuse() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO ''
    AS $$
DECLARE
    changed text;
BEGIN
    SELECT string_agg(a.name, ',') INTO changed
    FROM unnest(tg_argv) AS a (name)
    WHERE (to_jsonb(new) -> a.name) IS DISTINCT FROM (to_jsonb(old) -> a.name);
    RAISE EXCEPTION 'refused' USING
        ERRCODE = 'object_not_in_prerequisite_state',
        SCHEMA = tg_table_schema,
        TABLE = tg_table_name,
        -- The name once for each place.
        CONSTRAINT = coalesce(regexp_replace(changed, '[^,]+', tg_name, 'g'), tg_name),
        COLUMN = coalesce(changed, '');
END
$$;

COMMENT ON FUNCTION billing.refuse() IS 'Refuses an UPDATE for which the trigger''s WHEN holds; its arguments are the columns at fault.';

CREATE FUNCTION billing.told(what text, codes text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO ''
    RETURN (((((what || ': '::text) || cardinality(codes)) || ' ('::text) || array_to_string((codes)[:20], ', '::text)) || CASE WHEN (cardinality(codes) > 20) THEN ', …)'::text ELSE ')'::text END);

COMMENT ON FUNCTION billing.told(what text, codes text[]) IS 'What is to be said of some codes, with the first twenty.';

CREATE FUNCTION billing.without_accents(name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
BEGIN
    RETURN translate(
        casefold(normalize(name, nfkd) COLLATE pg_unicode_fast),
        U&'\0111\00f8\0142\0127\0167\0131\2019\2018\02bc'
        '\0300\0301\0302\0303\0304\0306\0307\0308\0309\030a\030b\030c\030f\0311\0313\0314'
        '\031b\0323\0324\0325\0326\0327\0328\032d\032e\0330\0331\0342\0345',
        'dolhti'''''''
    );
END
$$;

COMMENT ON FUNCTION billing.without_accents(name text) IS 'A name in small letters, without accents.';

CREATE FUNCTION identity.refuse_several() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO ''
    AS $$
BEGIN
    RAISE EXCEPTION 'the statement acts for several callers' USING ERRCODE = 'ID001';
END
$$;

COMMENT ON FUNCTION identity.refuse_several() IS 'Refuses to name the actor of a statement that acts for several callers.';

CREATE FUNCTION identity.actor() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (NOT pg_has_role(SESSION_USER, 'superbill_gate'::name, 'SET'::text)) THEN (SESSION_USER)::text WHEN (COALESCE(current_setting('request.actors'::text, true), ''::text) <> ''::text) THEN identity.refuse_several() ELSE NULLIF(current_setting('request.actor'::text, true), ''::text) END;

COMMENT ON FUNCTION identity.actor() IS 'Who acts: a person''s login, or what a token says; NULL for nobody.';

CREATE FUNCTION identity.acts_for_several() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ((COALESCE(current_setting('request.actors'::text, true), ''::text) <> ''::text) AND pg_has_role(SESSION_USER, 'superbill_gate'::name, 'SET'::text));

COMMENT ON FUNCTION identity.acts_for_several() IS 'Whether the statement acts for several callers, so that no single actor is right for all of it.
The server shares a statement among several callers only where this function is.';

CREATE FUNCTION identity.admit(login text, tenant text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
INSERT INTO identity.member (login, clinic_id)
VALUES (admit.login, CAST(admit.tenant AS uuid))
ON CONFLICT ON CONSTRAINT member_pkey DO UPDATE SET clinic_id = excluded.clinic_id
$$;

COMMENT ON FUNCTION identity.admit(login text, tenant text) IS 'Makes a login a member of a clinic, and of no other one.';

CREATE TABLE identity.member (
    login name NOT NULL,
    clinic_id uuid NOT NULL
);

COMMENT ON TABLE identity.member IS 'The people who log in to Postgres themselves, each for one clinic.';

COMMENT ON COLUMN identity.member.login IS 'The login of Postgres.';

COMMENT ON COLUMN identity.member.clinic_id IS 'The clinic whose rows the login sees.';

CREATE FUNCTION identity.own_clinic() RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO ''
    RETURN (SELECT m.clinic_id FROM identity.member m WHERE (m.login = SESSION_USER));

COMMENT ON FUNCTION identity.own_clinic() IS 'The clinic of the person who has logged in; NULL for any other login.';

CREATE FUNCTION identity.clinic() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (NOT pg_has_role(SESSION_USER, 'superbill_gate'::name, 'SET'::text)) THEN identity.own_clinic() WHEN pg_input_is_valid(current_setting('request.tenant'::text, true), 'uuid'::text) THEN (current_setting('request.tenant'::text, true))::uuid ELSE NULL::uuid END;

COMMENT ON FUNCTION identity.clinic() IS 'The clinic for which the session acts; NULL for none.';

CREATE FUNCTION identity.development_tenant() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '00000000-0000-7000-8000-000000000001'::text;

COMMENT ON FUNCTION identity.development_tenant() IS 'The clinic for which a server acts that asks for no token: the first one.';

CREATE FUNCTION identity.dismiss(login text) RETURNS void
    LANGUAGE sql
    SET search_path TO ''
    AS $$
DELETE FROM identity.member AS m WHERE m.login = dismiss.login
$$;

COMMENT ON FUNCTION identity.dismiss(login text) IS 'Takes a login out of its clinic: it sees no rows of any.';

CREATE TABLE identity.clinic (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL
);

COMMENT ON TABLE identity.clinic IS 'The clinics: each has patients and bills of its own, which no other one sees.';

COMMENT ON COLUMN identity.clinic.id IS 'Identifies the clinic; a token names it.';

COMMENT ON COLUMN identity.clinic.name IS 'What the clinic is called.';

CREATE FUNCTION identity.tenant_is_known() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE
    SET search_path TO ''
    RETURN (EXISTS (SELECT FROM identity.clinic c WHERE (c.id = identity.clinic())));

COMMENT ON FUNCTION identity.tenant_is_known() IS 'Whether the session acts for a clinic that is on record.';

CREATE FUNCTION identity.writers(relation text) RETURNS TABLE(key text, actor text)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
SELECT w.key, nullif(w.value, '')
FROM jsonb_each_text(
    CAST(current_setting('request.actors') AS jsonb) -> writers.relation
) AS w (key, value)
$$;

COMMENT ON FUNCTION identity.writers(relation text) IS 'The keys of the rows that the statement has added to a table for several callers, and by whom.';

CREATE FUNCTION job.forget_answers() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DELETE FROM identity.answer AS a
WHERE a.ctid = ANY (ARRAY(
    SELECT old.ctid
    FROM identity.answer AS old
    WHERE old.kept_at < now() - CAST(current_setting('job.keep_answers') AS interval)
    LIMIT 20000
))
$$;

COMMENT ON FUNCTION job.forget_answers() IS 'Deletes the answers that have been kept for as long as KEEP_ANSWERS says.
Every: 1 min';

CREATE FUNCTION job.make_audit_months() RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
SELECT audit.make_months(3)
$$;

COMMENT ON FUNCTION job.make_audit_months() IS 'Makes the partitions of the trail for the next three months.
Every: 1 h';

CREATE FUNCTION job.make_read_months() RETURNS SETOF text
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
SELECT audit.make_months(3, 'read')
$$;

COMMENT ON FUNCTION job.make_read_months() IS 'Makes the partitions of reads for the next three months.
Every: 1 h';

CREATE FUNCTION job.seal_audit() RETURNS SETOF text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET "TimeZone" TO 'UTC'
    SET "DateStyle" TO 'ISO'
    SET bytea_output TO 'hex'
    AS $_$
DECLARE
    covered text := 'c.tx >= ($1).from_tx AND c.tx < ($1).below_tx AND c.n > ($1).above_n';
    made audit.seal;
    former audit.seal;
    part record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('job.seal_audit', 0));
    SELECT * INTO former FROM audit.seal AS s ORDER BY s.n DESC LIMIT 1;
    made.n := coalesce(former.n, 0);
    made.root := coalesce(former.root, '');
    made.last_n := coalesce(former.last_n, 0);
    made.from_tx := coalesce(former.below_tx, '0');
    made.above_n := coalesce(former.upto_n, former.above_n, 0);
    made.cluster := audit.cluster();
    made.triggers := audit.triggers();
    IF former.cluster <> made.cluster THEN
        LOCK TABLE audit.change IN SHARE MODE;
        covered := '(c.tx >= ($1).from_tx OR c.n > ($1).above_n) AND c.n <= ($1).upto_n';
        made.above_n := former.last_n;
        made.upto_n := (SELECT coalesce(max(c.n), 0) FROM audit.change AS c);
    END IF;
    -- The next statement sees all that these transactions wrote.
    made.below_tx := pg_snapshot_xmin(pg_current_snapshot());
    FOR part IN EXECUTE format(
        $sql$
        SELECT
            p.month, sum(p.changes) AS changes, max(p.last_n) AS last_n,
            sha256(string_agg(p.leaves, '' ORDER BY p.bucket)) AS leaves, false AS is_empty
        FROM (
            SELECT
                CAST(date_trunc('month', c.at) AS date) AS month, c.n >> 12 AS bucket,
                count(*) AS changes, max(c.n) AS last_n,
                sha256(string_agg(sha256(convert_to(CAST(ROW(
                    c.clinic_id, c.at, c.n, c.tx, c.actor, c.login, c.role, c.relation, c.record,
                    c.action, c.before, c.after
                ) AS text), 'UTF8')), '' ORDER BY c.n)) AS leaves
            FROM audit.change AS c
            WHERE %s
            GROUP BY month, bucket
        ) AS p
        GROUP BY p.month
        UNION ALL
        -- A seal of no changes, where something else has changed.
        SELECT CAST(date_trunc('month', now()) AS date), 0, 0, sha256(''), true
        WHERE $2
        ORDER BY is_empty, month
        $sql$, covered
    ) USING made, former.cluster <> made.cluster OR former.triggers <> made.triggers LOOP
        CONTINUE WHEN part.is_empty AND made.n > coalesce(former.n, 0);
        made.n := made.n + 1;
        made.month := part.month;
        made.changes := part.changes;
        made.last_n := greatest(made.last_n, part.last_n);
        made.leaves := part.leaves;
        made.at := clock_timestamp();
        made.previous := made.root;
        made.root := sha256(convert_to(CAST(ROW(
            made.n, made.month, made.from_tx, made.below_tx, made.above_n, made.upto_n, made.changes,
            made.last_n, made.leaves, made.triggers, made.cluster, made.at, made.previous
        ) AS text), 'UTF8'));
        INSERT INTO audit.seal SELECT (made).*;
        RETURN NEXT format('seal %s root %s', made.n, encode(made.root, 'hex'));
    END LOOP;
END
$_$;

COMMENT ON FUNCTION job.seal_audit() IS 'Seals the changes that are not sealed yet. The log has the roots.
Every: 1 s';

CREATE TABLE billing.adjustment (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    line_item_id uuid NOT NULL,
    group_code text DEFAULT 'CO'::text NOT NULL COLLATE pg_catalog."C",
    reason_code text NOT NULL COLLATE pg_catalog."C",
    amount numeric(12,2) NOT NULL,
    adjusted_on date NOT NULL,
    CONSTRAINT adjustment_adjusted_on_has_begun CHECK ((adjusted_on <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1))),
    CONSTRAINT adjustment_adjusted_on_is_not_before_1900 CHECK ((adjusted_on >= '1900-01-01'::date)),
    CONSTRAINT adjustment_amount_is_not_0 CHECK ((amount <> (0)::numeric)),
    CONSTRAINT adjustment_group_code_is_known CHECK ((group_code = ANY (ARRAY['CO'::text, 'CR'::text, 'OA'::text, 'PI'::text, 'PR'::text]))),
    CONSTRAINT adjustment_reason_code_has_its_shape CHECK ((reason_code ~ '^[A-Z]{0,2}[0-9]{1,3}$'::text))
);

COMMENT ON TABLE billing.adjustment IS 'What is taken off the charge of a line item, or moved to the patient.';

COMMENT ON COLUMN billing.adjustment.clinic_id IS 'The clinic that billed the line item.';

COMMENT ON COLUMN billing.adjustment.id IS 'Identifies the adjustment; later ones have greater ids.';

COMMENT ON COLUMN billing.adjustment.line_item_id IS 'The line item.';

COMMENT ON COLUMN billing.adjustment.group_code IS 'Who bears it. CO: the clinic, by contract; CR: a correction; OA: others; PI: the clinic, by the payer''s decision; PR: the patient, from whom it is then asked.';

COMMENT ON COLUMN billing.adjustment.reason_code IS 'The reason of the adjustment (CARC).
Example: 45';

COMMENT ON COLUMN billing.adjustment.amount IS 'How much; less than 0 takes an adjustment back.
Example: 25.00';

COMMENT ON COLUMN billing.adjustment.adjusted_on IS 'The day of the adjustment.
Example: 2024-04-15';

COMMENT ON CONSTRAINT adjustment_adjusted_on_has_begun ON billing.adjustment IS 'An adjustment''s date must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT adjustment_adjusted_on_is_not_before_1900 ON billing.adjustment IS 'An adjustment''s date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT adjustment_amount_is_not_0 ON billing.adjustment IS 'An adjustment must not be 0.';

COMMENT ON CONSTRAINT adjustment_group_code_is_known ON billing.adjustment IS 'An adjustment''s group code must be CO, CR, OA, PI or PR.';

COMMENT ON CONSTRAINT adjustment_reason_code_has_its_shape ON billing.adjustment IS 'An adjustment''s reason code must be up to two capital letters and one to three digits.';

CREATE VIEW api.adjustments WITH (security_invoker='true') AS
 SELECT id,
    line_item_id,
    group_code,
    reason_code,
    amount,
    adjusted_on
   FROM billing.adjustment a;

COMMENT ON VIEW api.adjustments IS 'What is taken off the charge of a line item, or moved to the patient.';

CREATE TABLE billing.allocation (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    payment_id uuid NOT NULL,
    line_item_id uuid NOT NULL,
    amount numeric(12,2) NOT NULL,
    CONSTRAINT allocation_amount_is_not_0 CHECK ((amount <> (0)::numeric)),
    CONSTRAINT allocation_is_for_a_posted_line_item CHECK (((num_nulls(line_item_id) = 0) OR true))
);

COMMENT ON TABLE billing.allocation IS 'Which part of a payment is for which line item.';

COMMENT ON COLUMN billing.allocation.clinic_id IS 'The clinic that was paid.';

COMMENT ON COLUMN billing.allocation.id IS 'Identifies the allocation; later ones have greater ids.';

COMMENT ON COLUMN billing.allocation.payment_id IS 'The payment.';

COMMENT ON COLUMN billing.allocation.line_item_id IS 'The line item that it pays.';

COMMENT ON COLUMN billing.allocation.amount IS 'How much; the opposite sign takes an allocation back.
Example: 100.00';

COMMENT ON CONSTRAINT allocation_amount_is_not_0 ON billing.allocation IS 'An allocation must not be 0.';

COMMENT ON CONSTRAINT allocation_is_for_a_posted_line_item ON billing.allocation IS 'An allocation must be for a posted line item of the patient whose bills the payment pays.';

CREATE VIEW api.allocations WITH (security_invoker='true') AS
 SELECT id,
    payment_id,
    line_item_id,
    amount
   FROM billing.allocation a;

COMMENT ON VIEW api.allocations IS 'Which part of a payment is for which line item.';

CREATE TABLE audit.change (
    clinic_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    n bigint NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    actor text COLLATE pg_catalog."C",
    login text DEFAULT SESSION_USER NOT NULL COLLATE pg_catalog."C",
    role text DEFAULT COALESCE(NULLIF(current_setting('role'::text), 'none'::text), (SESSION_USER)::text) NOT NULL COLLATE pg_catalog."C",
    relation text NOT NULL COLLATE pg_catalog."C",
    record text NOT NULL COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    before jsonb,
    after jsonb
)
PARTITION BY RANGE (at);

COMMENT ON TABLE audit.change IS 'The changes of rows, one for each row that a statement changed.';

COMMENT ON COLUMN audit.change.clinic_id IS 'The clinic that has the row; zeros for what no clinic has.';

COMMENT ON COLUMN audit.change.at IS 'When it was changed.';

COMMENT ON COLUMN audit.change.n IS 'Tells changes of the same moment apart; later changes of a row have higher numbers.';

COMMENT ON COLUMN audit.change.tx IS 'The transaction that changed it.';

COMMENT ON COLUMN audit.change.actor IS 'Who changed it: the subject of a token, or a login of Postgres.';

COMMENT ON COLUMN audit.change.login IS 'The login of Postgres that changed it: the server''s, or a person''s.';

COMMENT ON COLUMN audit.change.role IS 'The role as which it was changed.';

COMMENT ON COLUMN audit.change.relation IS 'The table, with its schema.';

COMMENT ON COLUMN audit.change.record IS 'The row''s key; of a key of several columns, the values with commas between them.';

COMMENT ON COLUMN audit.change.action IS 'insert, update, delete or truncate; baseline: the row as it was when its trail began.';

COMMENT ON COLUMN audit.change.before IS 'The row before the change, as an object; NULL if there was none.';

COMMENT ON COLUMN audit.change.after IS 'The row after the change, as an object; NULL if there is none.';

CREATE VIEW api.audit_events WITH (security_invoker='true') AS
 SELECT at,
    n,
    actor,
    login,
    role,
    relation,
    record,
    action,
    before,
    after
   FROM audit.change c;

COMMENT ON VIEW api.audit_events IS 'Who changed which record, and what it was before and after. The trail can only grow.';

COMMENT ON COLUMN api.audit_events.at IS 'When it was changed.
Example: 2026-03-01T12:00:00.123456+00:00';

COMMENT ON COLUMN api.audit_events.n IS 'Tells changes of the same moment apart; later changes of a record have higher numbers.
Example: 1234';

COMMENT ON COLUMN api.audit_events.actor IS 'Who changed it: the subject of a token, or a login of Postgres.
Example: grace';

COMMENT ON COLUMN api.audit_events.login IS 'The login of Postgres that changed it: the server''s, or a person''s.
Example: superbill_server';

COMMENT ON COLUMN api.audit_events.role IS 'The role as which it was changed.
Example: superbill_biller';

COMMENT ON COLUMN api.audit_events.relation IS 'The table, with its schema.
Example: billing.patient';

COMMENT ON COLUMN api.audit_events.record IS 'The row''s key; of a key of several columns, the values with commas between them.
Example: 01a2083f-9902-7896-925f-bdb160e40d72';

COMMENT ON COLUMN api.audit_events.action IS 'insert, update, delete or truncate; baseline: the row as it was when its trail began.
Example: update';

COMMENT ON COLUMN api.audit_events.before IS 'The row before the change; null if there was none.
Example: {"last_name": "Oberli"}';

COMMENT ON COLUMN api.audit_events.after IS 'The row after the change; null if there is none.
Example: {"last_name": "Oberly"}';

CREATE TABLE audit.read (
    clinic_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    request uuid NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    operation text NOT NULL COLLATE pg_catalog."C",
    record text COLLATE pg_catalog."C",
    filters text[] NOT NULL,
    status smallint NOT NULL,
    repeats uuid[] NOT NULL
)
PARTITION BY RANGE (at);

COMMENT ON TABLE audit.read IS 'The reads of the API.';

COMMENT ON COLUMN audit.read.clinic_id IS 'The clinic for which the caller acted.';

COMMENT ON COLUMN audit.read.at IS 'When the request for it began.';

COMMENT ON COLUMN audit.read.request IS 'The id of the request, which the log and a problem document have too.';

COMMENT ON COLUMN audit.read.actor IS 'Who read: the subject of a token.
Example: auth0|5f7c8ec7c33c6c004bbafe82';

COMMENT ON COLUMN audit.read.role IS 'The role as which it was read.
Example: superbill_biller';

COMMENT ON COLUMN audit.read.operation IS 'The operation, by its id in the OpenAPI document.
Example: patients.read';

COMMENT ON COLUMN audit.read.record IS 'The key in the path: of what was read, or of whose list was read. Null if there was none.
Example: 01890a5d-ac96-774b-bcce-b302099a8057';

COMMENT ON COLUMN audit.read.filters IS 'The filters of a list, without what they compared with.
Example: ["last_name.search"]';

COMMENT ON COLUMN audit.read.status IS 'The HTTP status of the answer; 499 if the client had gone.
Example: 200';

COMMENT ON COLUMN audit.read.repeats IS 'The ids of further requests of the caller for the same, within a second.
Example: []';

CREATE VIEW api.audit_reads WITH (security_invoker='true') AS
 SELECT at,
    request,
    actor,
    role,
    operation,
    record,
    filters,
    status,
    repeats
   FROM audit.read r;

COMMENT ON VIEW api.audit_reads IS 'Who read what by the API. A read is here about a second after its answer.';

CREATE TABLE billing.claim_detail (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    encounter_id uuid NOT NULL,
    provider_signature boolean DEFAULT true NOT NULL,
    assignment text DEFAULT 'A'::text NOT NULL COLLATE pg_catalog."C",
    benefits_assigned text DEFAULT 'Y'::text NOT NULL COLLATE pg_catalog."C",
    release_of_information text DEFAULT 'Y'::text NOT NULL COLLATE pg_catalog."C",
    related_cause text COLLATE pg_catalog."C",
    accident_date date,
    accident_state text COLLATE pg_catalog."C",
    referring_provider_id uuid,
    prior_authorization_number text,
    CONSTRAINT claim_detail_accident_date_has_begun CHECK ((accident_date <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1))),
    CONSTRAINT claim_detail_accident_date_is_not_before_1900 CHECK ((accident_date >= '1900-01-01'::date)),
    CONSTRAINT claim_detail_accident_has_a_cause CHECK (((num_nulls(related_cause) = 0) OR (num_nonnulls(accident_date, accident_state) = 0))),
    CONSTRAINT claim_detail_accident_state_has_two_letters CHECK ((accident_state ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT claim_detail_assignment_is_known CHECK ((assignment = ANY (ARRAY['A'::text, 'B'::text, 'C'::text]))),
    CONSTRAINT claim_detail_benefits_assigned_is_known CHECK ((benefits_assigned = ANY (ARRAY['Y'::text, 'N'::text, 'W'::text]))),
    CONSTRAINT claim_detail_prior_authorization_number_has_at_most_50 CHECK ((char_length(prior_authorization_number) <= 50)),
    CONSTRAINT claim_detail_prior_authorization_number_is_one_line CHECK ((prior_authorization_number ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT claim_detail_related_cause_is_known CHECK ((related_cause = ANY (ARRAY['AA'::text, 'EM'::text, 'OA'::text]))),
    CONSTRAINT claim_detail_release_of_information_is_known CHECK ((release_of_information = ANY (ARRAY['I'::text, 'Y'::text])))
);

COMMENT ON TABLE billing.claim_detail IS 'What the claims of an encounter say that its bill does not.';

COMMENT ON COLUMN billing.claim_detail.clinic_id IS 'The clinic that bills for the encounter.';

COMMENT ON COLUMN billing.claim_detail.encounter_id IS 'The encounter.';

COMMENT ON COLUMN billing.claim_detail.provider_signature IS 'Whether the provider''s signature is on file (CLM06).';

COMMENT ON COLUMN billing.claim_detail.assignment IS 'Whether the provider accepts what the payer pays (CLM07). A: yes; B: for laboratory services; C: no.';

COMMENT ON COLUMN billing.claim_detail.benefits_assigned IS 'Whether the patient has the payer pay the provider (CLM08). Y: yes; N: no; W: does not apply.';

COMMENT ON COLUMN billing.claim_detail.release_of_information IS 'What lets the provider tell the payer (CLM09). Y: a signature; I: the law.';

COMMENT ON COLUMN billing.claim_detail.related_cause IS 'What caused the condition (CLM11). AA: a car accident; EM: work; OA: another accident.';

COMMENT ON COLUMN billing.claim_detail.accident_date IS 'The day of the accident.';

COMMENT ON COLUMN billing.claim_detail.accident_state IS 'The state of the accident.
Example: WA';

COMMENT ON COLUMN billing.claim_detail.referring_provider_id IS 'Who referred the patient.';

COMMENT ON COLUMN billing.claim_detail.prior_authorization_number IS 'The number under which the payer has agreed.
Example: PA-0034512';

COMMENT ON CONSTRAINT claim_detail_accident_date_has_begun ON billing.claim_detail IS 'The date of an accident must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT claim_detail_accident_date_is_not_before_1900 ON billing.claim_detail IS 'The date of an accident must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT claim_detail_accident_has_a_cause ON billing.claim_detail IS 'An accident''s date and state must come with its related cause.';

COMMENT ON CONSTRAINT claim_detail_accident_state_has_two_letters ON billing.claim_detail IS 'The state of an accident must be two capital letters.';

COMMENT ON CONSTRAINT claim_detail_assignment_is_known ON billing.claim_detail IS 'An assignment must be A, B or C.';

COMMENT ON CONSTRAINT claim_detail_benefits_assigned_is_known ON billing.claim_detail IS 'Benefits assigned must be Y, N or W.';

COMMENT ON CONSTRAINT claim_detail_prior_authorization_number_has_at_most_50 ON billing.claim_detail IS 'A prior authorization number must have at most 50 characters.';

COMMENT ON CONSTRAINT claim_detail_prior_authorization_number_is_one_line ON billing.claim_detail IS 'A prior authorization number must be one line that neither begins nor ends with a blank.';

COMMENT ON CONSTRAINT claim_detail_related_cause_is_known ON billing.claim_detail IS 'A related cause must be AA, EM or OA.';

COMMENT ON CONSTRAINT claim_detail_release_of_information_is_known ON billing.claim_detail IS 'A release of information must be I or Y.';

CREATE VIEW api.claim_details WITH (security_invoker='true') AS
 SELECT encounter_id,
    provider_signature,
    assignment,
    benefits_assigned,
    release_of_information,
    related_cause,
    accident_date,
    accident_state,
    referring_provider_id,
    prior_authorization_number
   FROM billing.claim_detail d;

COMMENT ON VIEW api.claim_details IS 'What the claims of an encounter say that its bill does not.';

CREATE TABLE billing.claim (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    encounter_id uuid NOT NULL,
    coverage_id uuid NOT NULL,
    frequency text DEFAULT '1'::text NOT NULL COLLATE pg_catalog."C",
    payer_claim_number text,
    control_number text GENERATED ALWAYS AS (upper(substr(replace((id)::text, '-'::text, ''::text), 1, 20))) STORED NOT NULL COLLATE pg_catalog."C",
    total_charge numeric(14,2) NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT claim_correction_follows_a_claim CHECK (((num_nulls(frequency) = 0) OR true)),
    CONSTRAINT claim_correction_quotes_the_payer CHECK (((frequency = '1'::text) = (num_nulls(payer_claim_number) = 1))),
    CONSTRAINT claim_coverage_is_the_patients CHECK (((num_nulls(coverage_id) = 0) OR true)),
    CONSTRAINT claim_frequency_is_known CHECK ((frequency = ANY (ARRAY['1'::text, '7'::text, '8'::text]))),
    CONSTRAINT claim_is_of_a_posted_encounter CHECK (((num_nulls(encounter_id) = 0) OR true)),
    CONSTRAINT claim_payer_claim_number_has_at_most_50_characters CHECK ((char_length(payer_claim_number) <= 50)),
    CONSTRAINT claim_payer_claim_number_is_one_line CHECK ((payer_claim_number ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text))
);

COMMENT ON TABLE billing.claim IS 'What was sent to payers: the original claim of an encounter, and those that replace or void it.';

COMMENT ON COLUMN billing.claim.clinic_id IS 'The clinic that claims.';

COMMENT ON COLUMN billing.claim.id IS 'Identifies the claim; later ones have greater ids.';

COMMENT ON COLUMN billing.claim.encounter_id IS 'The encounter that it is for.';

COMMENT ON COLUMN billing.claim.coverage_id IS 'The coverage by which the payer is asked.';

COMMENT ON COLUMN billing.claim.frequency IS 'What it is (CLM05-3). 1: the original claim; 7: one that replaces it; 8: one that voids it.';

COMMENT ON COLUMN billing.claim.payer_claim_number IS 'The payer''s number of the claim that this one replaces or voids.
Example: ICN2024031500017';

COMMENT ON COLUMN billing.claim.control_number IS 'The number that the payer''s answer quotes (CLM01).
Example: 01A2083F9BE87170A59C';

COMMENT ON COLUMN billing.claim.total_charge IS 'What it asks for: the charges that were not reversed.
Example: 125.00';

COMMENT ON COLUMN billing.claim.created_at IS 'When it was made.';

COMMENT ON CONSTRAINT claim_correction_follows_a_claim ON billing.claim IS 'A claim that replaces or voids one must follow the original claim by this coverage.';

COMMENT ON CONSTRAINT claim_correction_quotes_the_payer ON billing.claim IS 'A claim must have the payer''s claim number if it replaces or voids one, and only then.';

COMMENT ON CONSTRAINT claim_coverage_is_the_patients ON billing.claim IS 'A claim must be by a coverage of the encounter''s patient that is valid on its date.';

COMMENT ON CONSTRAINT claim_frequency_is_known ON billing.claim IS 'A claim''s frequency must be 1, 7 or 8.';

COMMENT ON CONSTRAINT claim_is_of_a_posted_encounter ON billing.claim IS 'A claim must be for an encounter that is posted or billed; one that voids a claim, also for a voided one.';

COMMENT ON CONSTRAINT claim_payer_claim_number_has_at_most_50_characters ON billing.claim IS 'A payer''s claim number must have at most 50 characters.';

COMMENT ON CONSTRAINT claim_payer_claim_number_is_one_line ON billing.claim IS 'A payer''s claim number must be one line that neither begins nor ends with a blank.';

CREATE VIEW api.claims WITH (security_invoker='true') AS
 SELECT id,
    encounter_id,
    coverage_id,
    frequency,
    payer_claim_number,
    control_number,
    total_charge,
    created_at
   FROM billing.claim c;

COMMENT ON VIEW api.claims IS 'What was sent to payers: the original claim of an encounter, and those that replace or void it.';

CREATE TABLE billing.coverage (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    payer_id uuid NOT NULL,
    priority text DEFAULT 'P'::text NOT NULL COLLATE pg_catalog."C",
    member_id text NOT NULL COLLATE pg_catalog."C",
    group_number text COLLATE pg_catalog."C",
    group_name text,
    relationship text DEFAULT '18'::text NOT NULL COLLATE pg_catalog."C",
    subscriber_first_name text,
    subscriber_last_name text,
    subscriber_birth_date date,
    subscriber_sex text COLLATE pg_catalog."C",
    subscriber_address_line_1 text,
    subscriber_address_line_2 text,
    subscriber_city text,
    subscriber_state text COLLATE pg_catalog."C",
    subscriber_postal_code text COLLATE pg_catalog."C",
    effective_on date NOT NULL,
    ends_on date,
    valid_during daterange GENERATED ALWAYS AS (
CASE
    WHEN (effective_on <= COALESCE(ends_on, effective_on)) THEN daterange(effective_on, ends_on, '[]'::text)
    ELSE 'empty'::daterange
END) STORED NOT NULL,
    CONSTRAINT coverage_effective_on_is_not_before_1900 CHECK ((effective_on >= '1900-01-01'::date)),
    CONSTRAINT coverage_ends_on_is_not_before_effective_on CHECK ((ends_on >= effective_on)),
    CONSTRAINT coverage_group_name_has_at_most_60_characters CHECK ((char_length(group_name) <= 60)),
    CONSTRAINT coverage_group_name_is_one_line CHECK ((group_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT coverage_group_number_has_at_most_50_characters CHECK ((char_length(group_number) <= 50)),
    CONSTRAINT coverage_group_number_has_no_separators CHECK ((group_number ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'::text)),
    CONSTRAINT coverage_member_id_has_at_most_80_characters CHECK ((char_length(member_id) <= 80)),
    CONSTRAINT coverage_member_id_has_no_separators CHECK ((member_id ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'::text)),
    CONSTRAINT coverage_patient_is_not_named_again CHECK (((relationship <> '18'::text) OR (num_nonnulls(subscriber_first_name, subscriber_last_name, subscriber_birth_date, subscriber_sex, subscriber_address_line_1, subscriber_address_line_2, subscriber_city, subscriber_state, subscriber_postal_code) = 0))),
    CONSTRAINT coverage_priority_is_known CHECK ((priority = ANY (ARRAY['P'::text, 'S'::text, 'T'::text]))),
    CONSTRAINT coverage_relationship_is_known CHECK ((relationship = ANY (ARRAY['18'::text, '01'::text, '19'::text, '20'::text, '21'::text, '39'::text, '40'::text, '53'::text, 'G8'::text]))),
    CONSTRAINT coverage_subscriber_address_line_1_has_at_most_55_characters CHECK ((char_length(subscriber_address_line_1) <= 55)),
    CONSTRAINT coverage_subscriber_address_line_1_is_one_line CHECK ((subscriber_address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT coverage_subscriber_address_line_2_has_at_most_55_characters CHECK ((char_length(subscriber_address_line_2) <= 55)),
    CONSTRAINT coverage_subscriber_address_line_2_is_one_line CHECK ((subscriber_address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT coverage_subscriber_birth_date_has_begun CHECK ((subscriber_birth_date <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1))),
    CONSTRAINT coverage_subscriber_birth_date_is_not_before_1900 CHECK ((subscriber_birth_date >= '1900-01-01'::date)),
    CONSTRAINT coverage_subscriber_city_has_at_most_30_characters CHECK ((char_length(subscriber_city) <= 30)),
    CONSTRAINT coverage_subscriber_city_is_one_line CHECK ((subscriber_city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT coverage_subscriber_first_name_has_at_most_35_characters CHECK ((char_length(subscriber_first_name) <= 35)),
    CONSTRAINT coverage_subscriber_first_name_is_one_line CHECK ((subscriber_first_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT coverage_subscriber_is_named CHECK (((relationship = '18'::text) OR (num_nulls(subscriber_last_name) = 0))),
    CONSTRAINT coverage_subscriber_last_name_has_at_most_60_characters CHECK ((char_length(subscriber_last_name) <= 60)),
    CONSTRAINT coverage_subscriber_last_name_is_one_line CHECK ((subscriber_last_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT coverage_subscriber_postal_code_has_five_or_nine_digits CHECK ((subscriber_postal_code ~ '^[0-9]{5}([0-9]{4})?$'::text)),
    CONSTRAINT coverage_subscriber_sex_is_known CHECK ((subscriber_sex = ANY (ARRAY['F'::text, 'M'::text, 'U'::text]))),
    CONSTRAINT coverage_subscriber_state_has_two_letters CHECK ((subscriber_state ~ '^[A-Z]{2}$'::text))
);

COMMENT ON TABLE billing.coverage IS 'Who pays for a patient, and when.';

COMMENT ON COLUMN billing.coverage.clinic_id IS 'The clinic that has the patient''s record.';

COMMENT ON COLUMN billing.coverage.id IS 'Identifies the coverage; later ones have greater ids.';

COMMENT ON COLUMN billing.coverage.patient_id IS 'The insured patient.';

COMMENT ON COLUMN billing.coverage.payer_id IS 'Who pays.';

COMMENT ON COLUMN billing.coverage.priority IS 'Whose turn it is: primary, secondary, tertiary.';

COMMENT ON COLUMN billing.coverage.member_id IS 'The member''s number, as it stands on the card.
Example: 1EG4TE5MK73';

COMMENT ON COLUMN billing.coverage.group_number IS 'The number of the group, if the card has one.
Example: 76411-0';

COMMENT ON COLUMN billing.coverage.group_name IS 'The name of the group or plan.
Example: Example Works';

COMMENT ON COLUMN billing.coverage.relationship IS 'What the patient is to the subscriber, as claims say it (X12''s SBR02): 18 the same person, 01 spouse, 19 child, 20 employee, 53 life partner, G8 another, and others.';

COMMENT ON COLUMN billing.coverage.subscriber_first_name IS 'The subscriber''s given name, where it is not the patient.
Example: Grace';

COMMENT ON COLUMN billing.coverage.subscriber_last_name IS 'The subscriber''s family name, where it is not the patient.
Example: Oberly';

COMMENT ON COLUMN billing.coverage.subscriber_birth_date IS 'The subscriber''s date of birth.
Example: 1960-01-31';

COMMENT ON COLUMN billing.coverage.subscriber_sex IS 'The subscriber''s sex: female, male or unknown.';

COMMENT ON COLUMN billing.coverage.subscriber_address_line_1 IS 'The subscriber''s street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.coverage.subscriber_address_line_2 IS 'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.coverage.subscriber_city IS 'The city.
Example: Seattle';

COMMENT ON COLUMN billing.coverage.subscriber_state IS 'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.coverage.subscriber_postal_code IS 'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.coverage.effective_on IS 'The first day on which it pays.
Example: 2026-01-01';

COMMENT ON COLUMN billing.coverage.ends_on IS 'The last day on which it pays; null: it has no end yet.
Example: 2026-12-31';

COMMENT ON COLUMN billing.coverage.valid_during IS 'The days from the first to the last.';

COMMENT ON CONSTRAINT coverage_effective_on_is_not_before_1900 ON billing.coverage IS 'A coverage must not begin before 1900.';

COMMENT ON CONSTRAINT coverage_ends_on_is_not_before_effective_on ON billing.coverage IS 'A coverage must not end before it begins.';

COMMENT ON CONSTRAINT coverage_group_name_has_at_most_60_characters ON billing.coverage IS 'A coverage''s group name must have at most 60 characters.';

COMMENT ON CONSTRAINT coverage_group_name_is_one_line ON billing.coverage IS 'A coverage''s group name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_group_number_has_at_most_50_characters ON billing.coverage IS 'A coverage''s group number must have at most 50 characters.';

COMMENT ON CONSTRAINT coverage_group_number_has_no_separators ON billing.coverage IS 'A coverage''s group number must have neither accents nor the signs * : ^ | ~, which separate the fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT coverage_member_id_has_at_most_80_characters ON billing.coverage IS 'A coverage''s member id must have at most 80 characters.';

COMMENT ON CONSTRAINT coverage_member_id_has_no_separators ON billing.coverage IS 'A coverage''s member id must have neither accents nor the signs * : ^ | ~, which separate the fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT coverage_patient_is_not_named_again ON billing.coverage IS 'A coverage must say nothing of the subscriber where the patient is the subscriber.';

COMMENT ON CONSTRAINT coverage_priority_is_known ON billing.coverage IS 'A coverage''s priority must be P, S or T.';

COMMENT ON CONSTRAINT coverage_relationship_is_known ON billing.coverage IS 'A coverage''s relationship must be a code that X12 has: 01, 18, 19, 20, 21, 39, 40, 53 or G8.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_1_has_at_most_55_characters ON billing.coverage IS 'A coverage''s subscriber address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_1_is_one_line ON billing.coverage IS 'A coverage''s subscriber address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_2_has_at_most_55_characters ON billing.coverage IS 'A coverage''s subscriber address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT coverage_subscriber_address_line_2_is_one_line ON billing.coverage IS 'A coverage''s subscriber address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_birth_date_has_begun ON billing.coverage IS 'A coverage''s subscriber birth date must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT coverage_subscriber_birth_date_is_not_before_1900 ON billing.coverage IS 'A coverage''s subscriber birth date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT coverage_subscriber_city_has_at_most_30_characters ON billing.coverage IS 'A coverage''s subscriber city must have at most 30 characters.';

COMMENT ON CONSTRAINT coverage_subscriber_city_is_one_line ON billing.coverage IS 'A coverage''s subscriber city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_first_name_has_at_most_35_characters ON billing.coverage IS 'A coverage''s subscriber first name must have at most 35 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT coverage_subscriber_first_name_is_one_line ON billing.coverage IS 'A coverage''s subscriber first name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_is_named ON billing.coverage IS 'A coverage must have the subscriber''s last name where the patient is not the subscriber.';

COMMENT ON CONSTRAINT coverage_subscriber_last_name_has_at_most_60_characters ON billing.coverage IS 'A coverage''s subscriber last name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT coverage_subscriber_last_name_is_one_line ON billing.coverage IS 'A coverage''s subscriber last name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT coverage_subscriber_postal_code_has_five_or_nine_digits ON billing.coverage IS 'A coverage''s subscriber ZIP code must be five or nine digits without a hyphen.';

COMMENT ON CONSTRAINT coverage_subscriber_sex_is_known ON billing.coverage IS 'A coverage''s subscriber sex must be F, M or U.';

COMMENT ON CONSTRAINT coverage_subscriber_state_has_two_letters ON billing.coverage IS 'A coverage''s subscriber state must be two capital letters.';

CREATE VIEW api.coverages WITH (security_invoker='true') AS
 SELECT id,
    patient_id,
    payer_id,
    priority,
    member_id,
    group_number,
    group_name,
    relationship,
    subscriber_first_name,
    subscriber_last_name,
    subscriber_birth_date,
    subscriber_sex,
    subscriber_address_line_1,
    subscriber_address_line_2,
    subscriber_city,
    subscriber_state,
    subscriber_postal_code,
    effective_on,
    ends_on
   FROM billing.coverage c;

COMMENT ON VIEW api.coverages IS 'Who pays for a patient, and when.';

CREATE TABLE billing.cpt_code_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    valid_during daterange DEFAULT '(,)'::daterange NOT NULL,
    description text NOT NULL,
    code_list text DEFAULT 'hand'::text NOT NULL COLLATE pg_catalog."C",
    code_hash bigint GENERATED ALWAYS AS (hashtextextended(code, (0)::bigint)) STORED NOT NULL,
    CONSTRAINT cpt_code_version_code_list_is_a_word CHECK ((code_list ~ '^[a-z][a-z0-9]*$'::text)),
    CONSTRAINT cpt_code_version_valid_during_has_a_day CHECK ((NOT isempty(valid_during)))
);

COMMENT ON TABLE billing.cpt_code_version IS 'What a procedure code stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.cpt_code_version.id IS 'Identifies the version.';

COMMENT ON COLUMN billing.cpt_code_version.code IS 'The procedure code.
Example: G0438';

COMMENT ON COLUMN billing.cpt_code_version.valid_during IS 'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.cpt_code_version.description IS 'What the code stood for on these days.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN billing.cpt_code_version.code_list IS 'The published list that it is from; hand: none, it was entered.
Example: hcpcs';

COMMENT ON COLUMN billing.cpt_code_version.code_hash IS 'A number that stands for the code where validity is checked.';

COMMENT ON CONSTRAINT cpt_code_version_code_list_is_a_word ON billing.cpt_code_version IS 'The list that a version is from must be a word of small letters and digits.';

COMMENT ON CONSTRAINT cpt_code_version_valid_during_has_a_day ON billing.cpt_code_version IS 'A version must be valid on one day or more.';

CREATE VIEW api.cpt_code_versions WITH (security_invoker='true') AS
 SELECT id,
    code,
    valid_during,
    description,
    code_list
   FROM billing.cpt_code_version v;

COMMENT ON VIEW api.cpt_code_versions IS 'What a procedure code stood for, and on which days it may be billed.';

CREATE TABLE billing.cpt_code (
    code text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL,
    CONSTRAINT cpt_code_code_has_the_shape_of_a_code CHECK ((code ~ '^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$'::text))
);

COMMENT ON TABLE billing.cpt_code IS 'The procedure codes that a line item may name.';

COMMENT ON COLUMN billing.cpt_code.code IS 'The procedure code: five characters, capital letters and digits.
Example: G0438';

COMMENT ON COLUMN billing.cpt_code.description IS 'What the procedure code stands for.
Example: Annual wellness visit, initial';

COMMENT ON CONSTRAINT cpt_code_code_has_the_shape_of_a_code ON billing.cpt_code IS 'A procedure code must be four digits and a digit or capital letter, or a capital letter and four digits.';

CREATE VIEW api.cpt_codes WITH (security_invoker='true') AS
 SELECT code,
    description
   FROM billing.cpt_code c;

COMMENT ON VIEW api.cpt_codes IS 'The procedure codes that a line item may name.';

CREATE TABLE billing.diagnosis (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    encounter_id uuid NOT NULL,
    "position" smallint NOT NULL,
    diagnosis_code text NOT NULL COLLATE pg_catalog."C",
    diagnosis_code_hash bigint GENERATED ALWAYS AS (hashtextextended(diagnosis_code, (0)::bigint)) STORED NOT NULL,
    day daterange NOT NULL,
    CONSTRAINT diagnosis_position_is_at_least_1 CHECK (("position" >= 1)),
    CONSTRAINT diagnosis_position_is_at_most_12 CHECK (("position" <= 12))
);

COMMENT ON TABLE billing.diagnosis IS 'The diagnoses of the encounters, in order.';

COMMENT ON COLUMN billing.diagnosis.clinic_id IS 'The clinic that bills for the encounter.';

COMMENT ON COLUMN billing.diagnosis.encounter_id IS 'The encounter in which it was made.';

COMMENT ON COLUMN billing.diagnosis."position" IS 'Its place among the diagnoses of the encounter: 1 is the principal one.
Example: 1';

COMMENT ON COLUMN billing.diagnosis.diagnosis_code IS 'The code of the diagnosis, without its point.
Example: E119';

COMMENT ON COLUMN billing.diagnosis.diagnosis_code_hash IS 'A number that stands for the code where validity is checked.';

COMMENT ON COLUMN billing.diagnosis.day IS 'The encounter''s date, as a period of one day.';

COMMENT ON CONSTRAINT diagnosis_position_is_at_least_1 ON billing.diagnosis IS 'A diagnosis''s position must be 1 or more.';

COMMENT ON CONSTRAINT diagnosis_position_is_at_most_12 ON billing.diagnosis IS 'An encounter must have at most 12 diagnoses.';

CREATE TABLE billing.diagnosis_code_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    valid_during daterange DEFAULT '(,)'::daterange NOT NULL,
    description text NOT NULL,
    code_list text DEFAULT 'hand'::text NOT NULL COLLATE pg_catalog."C",
    code_hash bigint GENERATED ALWAYS AS (hashtextextended(code, (0)::bigint)) STORED NOT NULL,
    CONSTRAINT diagnosis_code_version_code_list_is_a_word CHECK ((code_list ~ '^[a-z][a-z0-9]*$'::text)),
    CONSTRAINT diagnosis_code_version_valid_during_has_a_day CHECK ((NOT isempty(valid_during)))
);

COMMENT ON TABLE billing.diagnosis_code_version IS 'What a diagnosis code stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.diagnosis_code_version.id IS 'Identifies the version.';

COMMENT ON COLUMN billing.diagnosis_code_version.code IS 'The diagnosis code.
Example: E119';

COMMENT ON COLUMN billing.diagnosis_code_version.valid_during IS 'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.diagnosis_code_version.description IS 'What the code stood for on these days.
Example: Type 2 diabetes mellitus without complications';

COMMENT ON COLUMN billing.diagnosis_code_version.code_list IS 'The published list that it is from; hand: none, it was entered.
Example: icd10cm';

COMMENT ON COLUMN billing.diagnosis_code_version.code_hash IS 'A number that stands for the code where validity is checked.';

COMMENT ON CONSTRAINT diagnosis_code_version_code_list_is_a_word ON billing.diagnosis_code_version IS 'The list that a version is from must be a word of small letters and digits.';

COMMENT ON CONSTRAINT diagnosis_code_version_valid_during_has_a_day ON billing.diagnosis_code_version IS 'A version must be valid on one day or more.';

CREATE VIEW api.diagnoses WITH (security_invoker='true') AS
 SELECT encounter_id,
    "position",
    diagnosis_code,
    ( SELECT v.description
           FROM billing.diagnosis_code_version v
          WHERE ((v.code = (d.diagnosis_code)::name) AND (v.valid_during @> d.day))) AS diagnosis_code_description
   FROM billing.diagnosis d;

COMMENT ON VIEW api.diagnoses IS 'The diagnoses of the encounters, in order.';

COMMENT ON COLUMN api.diagnoses.diagnosis_code_description IS 'What the diagnosis code stood for on the date of the encounter.
Example: Type 2 diabetes mellitus without complications';

CREATE VIEW api.diagnosis_code_versions WITH (security_invoker='true') AS
 SELECT id,
    code,
    valid_during,
    description,
    code_list
   FROM billing.diagnosis_code_version v;

COMMENT ON VIEW api.diagnosis_code_versions IS 'What a diagnosis code stood for, and on which days it may be billed.';

CREATE TABLE billing.diagnosis_code (
    code text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL,
    CONSTRAINT diagnosis_code_code_has_the_shape_of_a_code CHECK ((code ~ '^[A-Z][0-9A-Z]{2,6}$'::text))
);

COMMENT ON TABLE billing.diagnosis_code IS 'The diagnosis codes of ICD-10-CM that may be billed.';

COMMENT ON COLUMN billing.diagnosis_code.code IS 'The diagnosis code, without its point: three to seven characters.
Example: E119';

COMMENT ON COLUMN billing.diagnosis_code.description IS 'What the diagnosis code stands for; the newest text.
Example: Type 2 diabetes mellitus without complications';

COMMENT ON CONSTRAINT diagnosis_code_code_has_the_shape_of_a_code ON billing.diagnosis_code IS 'A diagnosis code must be a capital letter and two to six capital letters and digits, without a point.';

CREATE VIEW api.diagnosis_codes WITH (security_invoker='true') AS
 SELECT code,
    description
   FROM billing.diagnosis_code d;

COMMENT ON VIEW api.diagnosis_codes IS 'The diagnosis codes of ICD-10-CM that may be billed.';

CREATE TABLE billing.drug (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    line_item_id uuid NOT NULL,
    drug_code text NOT NULL COLLATE pg_catalog."C",
    quantity api.number NOT NULL,
    unit text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT drug_drug_code_has_eleven_digits CHECK ((drug_code ~ '^[0-9]{11}$'::text)),
    CONSTRAINT drug_quantity_has_at_most_3_decimals CHECK (((quantity)::numeric = round((quantity)::numeric, 3))),
    CONSTRAINT drug_quantity_is_at_most_9999999 CHECK (((quantity)::numeric <= (9999999)::numeric)),
    CONSTRAINT drug_quantity_is_positive CHECK (((quantity)::numeric > (0)::numeric)),
    CONSTRAINT drug_unit_is_known CHECK ((unit = ANY (ARRAY['F2'::text, 'GR'::text, 'ME'::text, 'ML'::text, 'UN'::text])))
);

COMMENT ON TABLE billing.drug IS 'The drug that was given, for a line item that has one.';

COMMENT ON COLUMN billing.drug.clinic_id IS 'The clinic that bills the line item.';

COMMENT ON COLUMN billing.drug.line_item_id IS 'The line item.';

COMMENT ON COLUMN billing.drug.drug_code IS 'The drug, as an NDC of eleven digits.
Example: 00409379601';

COMMENT ON COLUMN billing.drug.quantity IS 'How much of it was given.
Example: 1.5';

COMMENT ON COLUMN billing.drug.unit IS 'What it is counted in. F2: international units; GR: grams; ME: milligrams; ML: milliliters; UN: units.';

COMMENT ON CONSTRAINT drug_drug_code_has_eleven_digits ON billing.drug IS 'A drug code must be eleven digits.';

COMMENT ON CONSTRAINT drug_quantity_has_at_most_3_decimals ON billing.drug IS 'The quantity of a drug must have at most three digits after the point.';

COMMENT ON CONSTRAINT drug_quantity_is_at_most_9999999 ON billing.drug IS 'The quantity of a drug must be at most 9999999.';

COMMENT ON CONSTRAINT drug_quantity_is_positive ON billing.drug IS 'The quantity of a drug must be more than 0.';

COMMENT ON CONSTRAINT drug_unit_is_known ON billing.drug IS 'The unit of a drug must be F2, GR, ME, ML or UN.';

CREATE VIEW api.drugs WITH (security_invoker='true') AS
 SELECT line_item_id,
    drug_code,
    quantity,
    unit
   FROM billing.drug d;

COMMENT ON VIEW api.drugs IS 'The drugs that were given, for the line items that have one.';

CREATE TABLE billing.encounter (
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    date date NOT NULL,
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    provider_id uuid,
    place_of_service text COLLATE pg_catalog."C",
    status text DEFAULT 'draft'::text NOT NULL COLLATE pg_catalog."C",
    void_reason text,
    posted_at timestamp with time zone,
    voided_at timestamp with time zone,
    day daterange GENERATED ALWAYS AS (daterange(date, date, '[]'::text)) STORED,
    CONSTRAINT encounter_date_has_begun CHECK ((date <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1))),
    CONSTRAINT encounter_date_is_not_before_1900 CHECK ((date >= '1900-01-01'::date)),
    CONSTRAINT encounter_posted_is_complete CHECK (((status = ANY (ARRAY['draft'::text, 'voided'::text])) OR (num_nulls(provider_id, place_of_service) = 0))),
    CONSTRAINT encounter_status_is_known CHECK ((status = ANY (ARRAY['draft'::text, 'posted'::text, 'billed'::text, 'voided'::text]))),
    CONSTRAINT encounter_void_reason_is_one_line CHECK ((void_reason ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]{0,198}[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT encounter_voided_has_a_reason CHECK (((status = 'voided'::text) = (num_nulls(void_reason) = 0)))
);

COMMENT ON TABLE billing.encounter IS 'The visits: one patient, one day.';

COMMENT ON COLUMN billing.encounter.id IS 'Identifies the encounter; later encounters have greater ids.';

COMMENT ON COLUMN billing.encounter.patient_id IS 'The patient who was seen.';

COMMENT ON COLUMN billing.encounter.date IS 'The date of service, where it was given.';

COMMENT ON COLUMN billing.encounter.clinic_id IS 'The clinic that bills for the encounter: the patient''s.';

COMMENT ON COLUMN billing.encounter.provider_id IS 'Who gave the care: the rendering provider.';

COMMENT ON COLUMN billing.encounter.place_of_service IS 'Where the care was given, by the code of CMS.
Example: 11';

COMMENT ON COLUMN billing.encounter.status IS 'How far the bill is. draft: anything can be changed. posted: the fees are in the line items, and nothing changes any more. billed: a claim was made, or a bill was handed out. voided: it counts nowhere.';

COMMENT ON COLUMN billing.encounter.void_reason IS 'Why it was voided.
Example: Entered for the wrong patient';

COMMENT ON COLUMN billing.encounter.posted_at IS 'When it was posted.';

COMMENT ON COLUMN billing.encounter.voided_at IS 'When it was voided.';

COMMENT ON COLUMN billing.encounter.day IS 'The date, as a period of one day.';

COMMENT ON CONSTRAINT encounter_date_has_begun ON billing.encounter IS 'An encounter''s date must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT encounter_date_is_not_before_1900 ON billing.encounter IS 'An encounter''s date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT encounter_posted_is_complete ON billing.encounter IS 'An encounter must have a provider and a place of service to be posted.';

COMMENT ON CONSTRAINT encounter_status_is_known ON billing.encounter IS 'An encounter''s status must be draft, posted, billed or voided.';

COMMENT ON CONSTRAINT encounter_void_reason_is_one_line ON billing.encounter IS 'A void reason must be one line of at most 200 characters, with no blanks at its edges.';

COMMENT ON CONSTRAINT encounter_voided_has_a_reason ON billing.encounter IS 'An encounter must have a void reason if it is voided, and only then.';

CREATE VIEW api.encounters WITH (security_invoker='true') AS
 SELECT id,
    patient_id,
    date,
    provider_id,
    place_of_service,
    status,
    void_reason,
    posted_at,
    voided_at
   FROM billing.encounter e;

COMMENT ON VIEW api.encounters IS 'The visits: one patient, one day.';

CREATE TABLE billing.fee (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    cpt_code text NOT NULL COLLATE pg_catalog."C",
    modifier text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    effective_on date NOT NULL,
    ends_on date,
    valid_during daterange GENERATED ALWAYS AS (
CASE
    WHEN (effective_on <= COALESCE(ends_on, effective_on)) THEN daterange(effective_on, ends_on, '[]'::text)
    ELSE 'empty'::daterange
END) STORED NOT NULL,
    amount numeric(10,2) NOT NULL,
    CONSTRAINT fee_amount_is_not_negative CHECK ((amount >= (0)::numeric)),
    CONSTRAINT fee_effective_on_is_not_before_1900 CHECK ((effective_on >= '1900-01-01'::date)),
    CONSTRAINT fee_ends_on_is_not_before_effective_on CHECK ((ends_on >= effective_on)),
    CONSTRAINT fee_modifier_has_two_characters_or_none CHECK ((modifier ~ '^([0-9A-Z]{2})?$'::text))
);

COMMENT ON TABLE billing.fee IS 'What a unit of a procedure costs, and when.';

COMMENT ON COLUMN billing.fee.clinic_id IS 'The clinic that asks for it.';

COMMENT ON COLUMN billing.fee.id IS 'Identifies the fee; later ones have greater ids.';

COMMENT ON COLUMN billing.fee.cpt_code IS 'The procedure code.
Example: G0438';

COMMENT ON COLUMN billing.fee.modifier IS 'The modifier with which it is in force; empty: with any that has no fee of its own, or none.
Example: 26';

COMMENT ON COLUMN billing.fee.effective_on IS 'The first day of service for which it is in force.
Example: 2026-01-01';

COMMENT ON COLUMN billing.fee.ends_on IS 'The last day of service for which it is in force; null: it has no end yet.
Example: 2026-12-31';

COMMENT ON COLUMN billing.fee.valid_during IS 'The days from the first to the last.';

COMMENT ON COLUMN billing.fee.amount IS 'What one unit costs.
Example: 125.00';

COMMENT ON CONSTRAINT fee_amount_is_not_negative ON billing.fee IS 'A fee must not be negative.';

COMMENT ON CONSTRAINT fee_effective_on_is_not_before_1900 ON billing.fee IS 'A fee must not be in force before 1900.';

COMMENT ON CONSTRAINT fee_ends_on_is_not_before_effective_on ON billing.fee IS 'A fee must not end before it is effective.';

COMMENT ON CONSTRAINT fee_modifier_has_two_characters_or_none ON billing.fee IS 'A fee''s modifier must be two digits or capital letters, or empty.';

CREATE VIEW api.fees WITH (security_invoker='true') AS
 SELECT id,
    cpt_code,
    modifier,
    effective_on,
    ends_on,
    amount
   FROM billing.fee f;

COMMENT ON VIEW api.fees IS 'What a unit of a procedure costs, and when.';

CREATE TABLE billing.interchange (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    trading_partner_id uuid NOT NULL,
    claim_ids uuid[] NOT NULL,
    control_number bigint NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    content jsonb NOT NULL,
    CONSTRAINT interchange_accidents_are_complete CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_are_answered_first CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_are_at_least_1 CHECK ((cardinality(claim_ids) >= 1)),
    CONSTRAINT interchange_claims_are_at_most_100 CHECK ((cardinality(claim_ids) <= 100)),
    CONSTRAINT interchange_claims_are_for_two_payers CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_are_not_too_high CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_are_on_record CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_are_sent_once CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_are_there_once CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_have_a_first_payer CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_still_count CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_claims_to_medicare_are_first CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_control_number_has_at_most_9_digits CHECK ((control_number <= 999999999)),
    CONSTRAINT interchange_diagnoses_have_a_first CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_line_items_are_there CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_line_items_have_a_pointer CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_names_can_be_written CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_numbers_are_long_enough CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_numbers_have_no_separators CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_patients_are_born CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_patients_have_a_birth_date CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_patients_have_a_sex CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_patients_have_an_address CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_payers_have_a_number CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_practice_has_a_tax_id CHECK (true),
    CONSTRAINT interchange_practice_has_an_address CHECK (true),
    CONSTRAINT interchange_practice_has_an_npi CHECK (true),
    CONSTRAINT interchange_practice_is_on_record CHECK (true),
    CONSTRAINT interchange_states_are_known CHECK (((num_nulls(claim_ids) = 0) OR true)),
    CONSTRAINT interchange_subscribers_have_a_first_name CHECK (((num_nulls(claim_ids) = 0) OR true))
);

COMMENT ON TABLE billing.interchange IS 'Files of claims: which were sent to whom, and all that the file says.';

COMMENT ON COLUMN billing.interchange.clinic_id IS 'The clinic that claims.';

COMMENT ON COLUMN billing.interchange.id IS 'Identifies the interchange; later ones have greater ids.';

COMMENT ON COLUMN billing.interchange.trading_partner_id IS 'To whom it is sent.';

COMMENT ON COLUMN billing.interchange.claim_ids IS 'The claims that it sends, in the order of the file: up to 100.
Example: ["01a2299f-500c-72ec-915a-8e6ead5eff3e"]';

COMMENT ON COLUMN billing.interchange.control_number IS 'Its number among those of the clinic, which the receiver''s answer quotes (ISA13, GS06, ST02).
Example: 42';

COMMENT ON COLUMN billing.interchange.created_at IS 'When it was made.';

COMMENT ON COLUMN billing.interchange.content IS 'What the file says, as it was when the interchange was made: practice, subscribers, and their claims with line items. The file itself is this row as application/edi-x12.
Example: {"made_at":"2026-11-29T16:02:06","usage_indicator":"P","sender":{"qualifier":"ZZ","id":"CLINIC0042","name":"Example Family Medicine","contact_name":"Grace Kim","contact_phone":"2065550100"},"receiver":{"qualifier":"ZZ","id":"CLEARING01","name":"Example Clearinghouse"},"practice":{"name":"Example Family Medicine","npi":"1234567893","tax_id":"911234567","tax_id_type":"EIN","address_line_1":"1 Main Street","address_line_2":null,"city":"Seattle","state":"WA","postal_code":"981010001","phone":"2065550100","taxonomy_code":"207Q00000X"},"subscribers":[{"level":2,"is_patient":false,"priority":"S","relationship":"01","group_number":"76411-0","group_name":"Example Works","member_id":"1EG4TE5MK73","first_name":"Ann","last_name":"Oberly","patient":{"first_name":"John","last_name":"Oberly","middle_name":null,"suffix":null,"birth_date":"1950-05-05","sex":"M","address_line_1":"2 Elm Street","address_line_2":"Apt 3","city":"Seattle","state":"WA","postal_code":"98101"},"payer":{"name":"Acme Health","payer_number":"ACME1","claim_filing":"CI","address_line_1":null,"address_line_2":null,"city":null,"state":null,"postal_code":null},"claims":[{"claim_id":"01a2299f-500c-72ec-915a-8e6ead5eff3e","part":1,"control_number":"01A2299F500C72EC915A","total_charge":"125.00","patient_paid":"5.00","frequency":"1","payer_claim_number":null,"place_of_service":"11","provider_signature":true,"assignment":"A","benefits_assigned":"Y","release_of_information":"Y","related_cause":null,"accident_date":null,"accident_state":null,"prior_authorization_number":null,"diagnoses":["E119"],"referring_provider":null,"rendering_provider":{"npi":"1679576722","first_name":"Grace","last_name":"Kim","taxonomy_code":null},"other_coverages":[{"priority":"P","relationship":"18","group_number":null,"group_name":null,"claim_filing":"MB","first_name":"John","last_name":"Oberly","member_id":"1EG4TE5MK72","payer_name":"Medicare","payer_number":"00882","paid":"100.00"}],"line_items":[{"control_number":"01A2299F500D7E48B015906E278CE7","cpt_code":"J1885","modifiers":["JZ"],"charge":"125.00","unit_type":"UN","units":"2","date":"2024-03-01","diagnosis_pointers":[1],"drug":{"drug_code":"00409379601","quantity":"1.5","unit":"ML"},"answer":{"payer_number":"00882","paid":"100.00","date":"2024-04-15","adjustments":[{"group_code":"CO","reasons":[{"reason_code":"45","amount":"25.00"}]}]}}]}]}]}';

COMMENT ON CONSTRAINT interchange_accidents_are_complete ON billing.interchange IS 'The date of the accident is missing, or the state of a car accident.';

COMMENT ON CONSTRAINT interchange_claims_are_answered_first ON billing.interchange IS 'Of each line item, what the first payer paid and the adjustments must add up to the charge, before the second payer is asked.';

COMMENT ON CONSTRAINT interchange_claims_are_at_least_1 ON billing.interchange IS 'An interchange must have at least 1 claim.';

COMMENT ON CONSTRAINT interchange_claims_are_at_most_100 ON billing.interchange IS 'An interchange must have at most 100 claims.';

COMMENT ON CONSTRAINT interchange_claims_are_for_two_payers ON billing.interchange IS 'A claim to a third payer can''t be sent as a file.';

COMMENT ON CONSTRAINT interchange_claims_are_not_too_high ON billing.interchange IS 'The claim asks for 100 million dollars or more.';

COMMENT ON CONSTRAINT interchange_claims_are_on_record ON billing.interchange IS 'A claim must be on record to be sent.';

COMMENT ON CONSTRAINT interchange_claims_are_sent_once ON billing.interchange IS 'A claim is sent only once, unless its submission was rejected.';

COMMENT ON CONSTRAINT interchange_claims_are_there_once ON billing.interchange IS 'An interchange must have each claim only once.';

COMMENT ON CONSTRAINT interchange_claims_have_a_first_payer ON billing.interchange IS 'The patient has no primary coverage on the date of service.';

COMMENT ON CONSTRAINT interchange_claims_still_count ON billing.interchange IS 'A claim for a voided encounter can be sent only if it voids a claim.';

COMMENT ON CONSTRAINT interchange_claims_to_medicare_are_first ON billing.interchange IS 'A claim to Medicare as the second payer can''t be sent as a file: why it is second is not recorded.';

COMMENT ON CONSTRAINT interchange_control_number_has_at_most_9_digits ON billing.interchange IS 'A control number must have at most nine digits.';

COMMENT ON CONSTRAINT interchange_diagnoses_have_a_first ON billing.interchange IS 'The first diagnosis is missing.';

COMMENT ON CONSTRAINT interchange_line_items_are_there ON billing.interchange IS 'All line items were reversed.';

COMMENT ON CONSTRAINT interchange_line_items_have_a_pointer ON billing.interchange IS 'A line item points at no diagnosis.';

COMMENT ON CONSTRAINT interchange_names_can_be_written ON billing.interchange IS 'A name or an address has no letters that a claim can hold.';

COMMENT ON CONSTRAINT interchange_numbers_are_long_enough ON billing.interchange IS 'The payer''s number or the member id has only one character.';

COMMENT ON CONSTRAINT interchange_numbers_have_no_separators ON billing.interchange IS 'The payer''s claim number or the prior authorization number has accents, or the signs * : ^ | ~.';

COMMENT ON CONSTRAINT interchange_patients_are_born ON billing.interchange IS 'The patient was born after the date of service.';

COMMENT ON CONSTRAINT interchange_patients_have_a_birth_date ON billing.interchange IS 'The patient''s birth date is missing.';

COMMENT ON CONSTRAINT interchange_patients_have_a_sex ON billing.interchange IS 'The patient''s sex is missing.';

COMMENT ON CONSTRAINT interchange_patients_have_an_address ON billing.interchange IS 'The patient''s address is incomplete.';

COMMENT ON CONSTRAINT interchange_payers_have_a_number ON billing.interchange IS 'The payer''s number is missing.';

COMMENT ON CONSTRAINT interchange_practice_has_a_tax_id ON billing.interchange IS 'The practice''s tax id is missing.';

COMMENT ON CONSTRAINT interchange_practice_has_an_address ON billing.interchange IS 'The practice''s address is incomplete.';

COMMENT ON CONSTRAINT interchange_practice_has_an_npi ON billing.interchange IS 'The practice''s NPI is missing.';

COMMENT ON CONSTRAINT interchange_practice_is_on_record ON billing.interchange IS 'The practice is not on record.';

COMMENT ON CONSTRAINT interchange_states_are_known ON billing.interchange IS 'The state of an address or of an accident is none of the USA.';

COMMENT ON CONSTRAINT interchange_subscribers_have_a_first_name ON billing.interchange IS 'The subscriber''s first name is missing.';

CREATE VIEW api.interchanges WITH (security_invoker='true') AS
 SELECT id,
    trading_partner_id,
    claim_ids,
    control_number,
    created_at,
    content
   FROM billing.interchange i;

COMMENT ON VIEW api.interchanges IS 'Files of claims: which were sent to whom, and all that the file says.';

CREATE TABLE billing.line_item (
    id uuid DEFAULT uuidv7() NOT NULL,
    encounter_id uuid NOT NULL,
    cpt_code text NOT NULL COLLATE pg_catalog."C",
    units api.number DEFAULT 1 NOT NULL,
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    service_date date,
    unit_type text DEFAULT 'UN'::text NOT NULL COLLATE pg_catalog."C",
    modifiers text[] DEFAULT '{}'::text[] NOT NULL COLLATE pg_catalog."C",
    diagnosis_pointers smallint[] DEFAULT '{}'::smallint[] NOT NULL,
    day daterange NOT NULL,
    cpt_code_hash bigint GENERATED ALWAYS AS (hashtextextended(cpt_code, (0)::bigint)) STORED NOT NULL,
    unit_charge numeric(10,2),
    charge numeric(14,2) GENERATED ALWAYS AS (round(((units)::numeric * unit_charge), 2)) STORED,
    is_reversed boolean DEFAULT false NOT NULL,
    CONSTRAINT line_item_diagnosis_pointers_are_at_most_4 CHECK ((cardinality(diagnosis_pointers) <= 4)),
    CONSTRAINT line_item_modifiers_are_at_most_4 CHECK ((cardinality(modifiers) <= 4)),
    CONSTRAINT line_item_service_date_has_begun CHECK (((service_date >= '1900-01-01'::date) AND (service_date <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1)))),
    CONSTRAINT line_item_unit_has_at_most_3_decimals CHECK (((units)::numeric = round((units)::numeric, 3))),
    CONSTRAINT line_item_unit_type_is_known CHECK ((unit_type = ANY (ARRAY['UN'::text, 'MJ'::text]))),
    CONSTRAINT line_item_units_is_at_most_9999 CHECK (((units)::numeric <= (9999)::numeric)),
    CONSTRAINT line_item_units_is_positive CHECK (((units)::numeric > (0)::numeric))
);

COMMENT ON TABLE billing.line_item IS 'What was done in an encounter: one procedure, one or more times.';

COMMENT ON COLUMN billing.line_item.id IS 'Identifies the line item; later line items have greater ids.';

COMMENT ON COLUMN billing.line_item.encounter_id IS 'The encounter in which it was done.';

COMMENT ON COLUMN billing.line_item.cpt_code IS 'The code of the procedure that was done.
Example: G0438';

COMMENT ON COLUMN billing.line_item.units IS 'How many times it was done, or how many of the unit that the code''s description names, such as miles. It may have up to three digits after the point.
Example: 1';

COMMENT ON COLUMN billing.line_item.clinic_id IS 'The clinic that bills for it: the encounter''s.';

COMMENT ON COLUMN billing.line_item.service_date IS 'The date of service, if it is another one than the encounter''s.
Example: 2024-03-02';

COMMENT ON COLUMN billing.line_item.unit_type IS 'What the units are. UN: units; MJ: minutes, of anesthesia.';

COMMENT ON COLUMN billing.line_item.modifiers IS 'Up to four modifiers, in order; the first one counts most.
Example: ["LT"]';

COMMENT ON COLUMN billing.line_item.diagnosis_pointers IS 'The positions of up to four diagnoses of the encounter, the main one first.
Example: [1]';

COMMENT ON COLUMN billing.line_item.day IS 'The date of service, as a period of one day.';

COMMENT ON COLUMN billing.line_item.cpt_code_hash IS 'A number that stands for the code where validity is checked.';

COMMENT ON COLUMN billing.line_item.unit_charge IS 'What a unit costs: the fee on the date of service, copied when the encounter is posted.
Example: 125.00';

COMMENT ON COLUMN billing.line_item.charge IS 'What the line costs: the units at their charge, rounded to a cent.
Example: 125.00';

COMMENT ON COLUMN billing.line_item.is_reversed IS 'Whether it was taken back after it had been posted.';

COMMENT ON CONSTRAINT line_item_diagnosis_pointers_are_at_most_4 ON billing.line_item IS 'A line item must have at most 4 diagnosis pointers.';

COMMENT ON CONSTRAINT line_item_modifiers_are_at_most_4 ON billing.line_item IS 'A line item must have at most 4 modifiers.';

COMMENT ON CONSTRAINT line_item_service_date_has_begun ON billing.line_item IS 'A date of service must be 1900-01-01 or later, and not later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT line_item_unit_has_at_most_3_decimals ON billing.line_item IS 'A line item''s units must have at most three digits after the point.';

COMMENT ON CONSTRAINT line_item_unit_type_is_known ON billing.line_item IS 'A line item''s unit type must be UN or MJ.';

COMMENT ON CONSTRAINT line_item_units_is_at_most_9999 ON billing.line_item IS 'A line item must have at most 9999 units.';

COMMENT ON CONSTRAINT line_item_units_is_positive ON billing.line_item IS 'A line item must have at least 1 unit.';

CREATE VIEW api.line_items WITH (security_invoker='true') AS
 SELECT id,
    encounter_id,
    cpt_code,
    ( SELECT v.description
           FROM billing.cpt_code_version v
          WHERE ((v.code = (l.cpt_code)::name) AND (v.valid_during @> l.day))) AS cpt_code_description,
    units,
    service_date,
    unit_type,
    modifiers,
    diagnosis_pointers,
    unit_charge,
    charge,
    is_reversed
   FROM billing.line_item l;

COMMENT ON VIEW api.line_items IS 'What was done in an encounter: one procedure, one or more times.';

COMMENT ON COLUMN api.line_items.cpt_code_description IS 'What the procedure code stood for on the date of service.
Example: Annual wellness visit, initial';

CREATE TABLE billing.modifier_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    valid_during daterange DEFAULT '(,)'::daterange NOT NULL,
    description text NOT NULL,
    code_list text DEFAULT 'hand'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT modifier_version_code_list_is_a_word CHECK ((code_list ~ '^[a-z][a-z0-9]*$'::text)),
    CONSTRAINT modifier_version_valid_during_has_a_day CHECK ((NOT isempty(valid_during)))
);

COMMENT ON TABLE billing.modifier_version IS 'What a modifier stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.modifier_version.id IS 'Identifies the version.';

COMMENT ON COLUMN billing.modifier_version.code IS 'The modifier.
Example: LT';

COMMENT ON COLUMN billing.modifier_version.valid_during IS 'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.modifier_version.description IS 'What the modifier stood for on these days.
Example: Left side';

COMMENT ON COLUMN billing.modifier_version.code_list IS 'The published list that it is from; hand: none, it was entered.
Example: hcpcs';

COMMENT ON CONSTRAINT modifier_version_code_list_is_a_word ON billing.modifier_version IS 'The list that a version is from must be a word of small letters and digits.';

COMMENT ON CONSTRAINT modifier_version_valid_during_has_a_day ON billing.modifier_version IS 'A version must be valid on one day or more.';

CREATE VIEW api.modifier_versions WITH (security_invoker='true') AS
 SELECT id,
    code,
    valid_during,
    description,
    code_list
   FROM billing.modifier_version v;

COMMENT ON VIEW api.modifier_versions IS 'What a modifier stood for, and on which days it may be billed.';

CREATE TABLE billing.modifier (
    code text NOT NULL COLLATE pg_catalog."C",
    description text NOT NULL,
    CONSTRAINT modifier_code_has_two_characters CHECK ((code ~ '^[0-9A-Z]{2}$'::text))
);

COMMENT ON TABLE billing.modifier IS 'The modifiers that a procedure code may have on a line item.';

COMMENT ON COLUMN billing.modifier.code IS 'The modifier: two characters, capital letters and digits.
Example: LT';

COMMENT ON COLUMN billing.modifier.description IS 'What the modifier stands for.
Example: Left side';

COMMENT ON CONSTRAINT modifier_code_has_two_characters ON billing.modifier IS 'A modifier must be two characters, capital letters and digits.';

CREATE VIEW api.modifiers WITH (security_invoker='true') AS
 SELECT code,
    description
   FROM billing.modifier m;

COMMENT ON VIEW api.modifiers IS 'The modifiers that a procedure code may have on a line item.';

CREATE TABLE billing.patient_detail (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    patient_id uuid NOT NULL,
    middle_name text,
    suffix text,
    birth_date date,
    sex text COLLATE pg_catalog."C",
    address_line_1 text,
    address_line_2 text,
    city text,
    state text COLLATE pg_catalog."C",
    postal_code text COLLATE pg_catalog."C",
    phone text COLLATE pg_catalog."C",
    external_id text COLLATE pg_catalog."C",
    CONSTRAINT patient_detail_address_line_1_has_at_most_55_characters CHECK ((char_length(address_line_1) <= 55)),
    CONSTRAINT patient_detail_address_line_1_is_one_line CHECK ((address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT patient_detail_address_line_2_has_at_most_55_characters CHECK ((char_length(address_line_2) <= 55)),
    CONSTRAINT patient_detail_address_line_2_is_one_line CHECK ((address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT patient_detail_birth_date_has_begun CHECK ((birth_date <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1))),
    CONSTRAINT patient_detail_birth_date_is_not_before_1900 CHECK ((birth_date >= '1900-01-01'::date)),
    CONSTRAINT patient_detail_city_has_at_most_30_characters CHECK ((char_length(city) <= 30)),
    CONSTRAINT patient_detail_city_is_one_line CHECK ((city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT patient_detail_external_id_has_at_most_50_characters CHECK ((char_length(external_id) <= 50)),
    CONSTRAINT patient_detail_external_id_is_one_line CHECK ((external_id ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT patient_detail_middle_name_has_at_most_25_characters CHECK ((char_length(middle_name) <= 25)),
    CONSTRAINT patient_detail_middle_name_is_one_line CHECK ((middle_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT patient_detail_phone_has_ten_digits CHECK ((phone ~ '^[2-9][0-9]{9}$'::text)),
    CONSTRAINT patient_detail_postal_code_has_five_or_nine_digits CHECK ((postal_code ~ '^[0-9]{5}([0-9]{4})?$'::text)),
    CONSTRAINT patient_detail_sex_is_known CHECK ((sex = ANY (ARRAY['F'::text, 'M'::text, 'U'::text]))),
    CONSTRAINT patient_detail_state_has_two_letters CHECK ((state ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT patient_detail_suffix_has_at_most_10_characters CHECK ((char_length(suffix) <= 10)),
    CONSTRAINT patient_detail_suffix_is_one_line CHECK ((suffix ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text))
);

COMMENT ON TABLE billing.patient_detail IS 'What is known of patients beside their names: birth, sex, address, numbers.';

COMMENT ON COLUMN billing.patient_detail.clinic_id IS 'The clinic that has the patient''s record.';

COMMENT ON COLUMN billing.patient_detail.patient_id IS 'The patient.';

COMMENT ON COLUMN billing.patient_detail.middle_name IS 'The middle name, or its initial.
Example: Ann';

COMMENT ON COLUMN billing.patient_detail.suffix IS 'What follows the name.
Example: Jr';

COMMENT ON COLUMN billing.patient_detail.birth_date IS 'The date of birth.
Example: 1962-08-14';

COMMENT ON COLUMN billing.patient_detail.sex IS 'The sex as the payer has it: female, male or unknown.';

COMMENT ON COLUMN billing.patient_detail.address_line_1 IS 'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.patient_detail.address_line_2 IS 'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.patient_detail.city IS 'The city.
Example: Seattle';

COMMENT ON COLUMN billing.patient_detail.state IS 'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.patient_detail.postal_code IS 'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.patient_detail.phone IS 'The telephone number, with the area code.
Example: 2065550100';

COMMENT ON COLUMN billing.patient_detail.external_id IS 'The patient''s number in another system.
Example: 8842-17';

COMMENT ON CONSTRAINT patient_detail_address_line_1_has_at_most_55_characters ON billing.patient_detail IS 'A patient''s address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT patient_detail_address_line_1_is_one_line ON billing.patient_detail IS 'A patient''s address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_address_line_2_has_at_most_55_characters ON billing.patient_detail IS 'A patient''s address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT patient_detail_address_line_2_is_one_line ON billing.patient_detail IS 'A patient''s address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_birth_date_has_begun ON billing.patient_detail IS 'A patient''s birth date must not be later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT patient_detail_birth_date_is_not_before_1900 ON billing.patient_detail IS 'A patient''s birth date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT patient_detail_city_has_at_most_30_characters ON billing.patient_detail IS 'A patient''s city must have at most 30 characters.';

COMMENT ON CONSTRAINT patient_detail_city_is_one_line ON billing.patient_detail IS 'A patient''s city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_external_id_has_at_most_50_characters ON billing.patient_detail IS 'A patient''s external id must have at most 50 characters.';

COMMENT ON CONSTRAINT patient_detail_external_id_is_one_line ON billing.patient_detail IS 'A patient''s external id must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_middle_name_has_at_most_25_characters ON billing.patient_detail IS 'A patient''s middle name must have at most 25 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT patient_detail_middle_name_is_one_line ON billing.patient_detail IS 'A patient''s middle name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT patient_detail_phone_has_ten_digits ON billing.patient_detail IS 'A patient''s phone must be ten digits and nothing else, the first of them 2 to 9.';

COMMENT ON CONSTRAINT patient_detail_postal_code_has_five_or_nine_digits ON billing.patient_detail IS 'A patient''s ZIP code must be five or nine digits without a hyphen.';

COMMENT ON CONSTRAINT patient_detail_sex_is_known ON billing.patient_detail IS 'A patient''s sex must be F, M or U.';

COMMENT ON CONSTRAINT patient_detail_state_has_two_letters ON billing.patient_detail IS 'A patient''s state must be two capital letters.';

COMMENT ON CONSTRAINT patient_detail_suffix_has_at_most_10_characters ON billing.patient_detail IS 'A patient''s suffix must have at most 10 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT patient_detail_suffix_is_one_line ON billing.patient_detail IS 'A patient''s suffix must be one line of text, without blanks at its edges.';

CREATE VIEW api.patient_details WITH (security_invoker='true') AS
 SELECT patient_id,
    middle_name,
    suffix,
    birth_date,
    sex,
    address_line_1,
    address_line_2,
    city,
    state,
    postal_code,
    phone,
    external_id
   FROM billing.patient_detail p;

COMMENT ON VIEW api.patient_details IS 'What is known of patients beside their names: birth, sex, address, numbers.';

CREATE TABLE billing.patient (
    id uuid DEFAULT uuidv7() NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    last_name_search api.search GENERATED ALWAYS AS (billing.without_accents(last_name)) STORED,
    CONSTRAINT patient_first_name_is_not_blank CHECK ((first_name ~ '^$|[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]'::text)),
    CONSTRAINT patient_last_name_is_not_blank CHECK ((last_name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]'::text))
);

COMMENT ON TABLE billing.patient IS 'The people who receive care.';

COMMENT ON COLUMN billing.patient.id IS 'Identifies the patient; later patients have greater ids.';

COMMENT ON COLUMN billing.patient.first_name IS 'The patient''s given name, as it stands on the insurance card; empty for a person with one name, which is the last name then.
Example: John';

COMMENT ON COLUMN billing.patient.last_name IS 'The patient''s family name, as it stands on the insurance card.
Example: Oberly';

COMMENT ON COLUMN billing.patient.clinic_id IS 'The clinic that has the patient''s record.';

COMMENT ON COLUMN billing.patient.last_name_search IS 'The last name in small letters, without accents.';

COMMENT ON CONSTRAINT patient_first_name_is_not_blank ON billing.patient IS 'A patient''s first name must have at least one visible character, or be empty on purpose.';

COMMENT ON CONSTRAINT patient_last_name_is_not_blank ON billing.patient IS 'A patient''s last name must have at least one visible character.';

CREATE VIEW api.patients WITH (security_invoker='true') AS
 SELECT id,
    first_name,
    last_name,
    last_name_search
   FROM billing.patient p;

COMMENT ON VIEW api.patients IS 'The people who receive care.';

CREATE TABLE billing.payer (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    payer_number text COLLATE pg_catalog."C",
    claim_filing text DEFAULT 'CI'::text NOT NULL COLLATE pg_catalog."C",
    address_line_1 text,
    address_line_2 text,
    city text,
    state text COLLATE pg_catalog."C",
    postal_code text COLLATE pg_catalog."C",
    filing_days bigint DEFAULT 365 NOT NULL,
    CONSTRAINT payer_address_line_1_has_at_most_55_characters CHECK ((char_length(address_line_1) <= 55)),
    CONSTRAINT payer_address_line_1_is_one_line CHECK ((address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT payer_address_line_2_has_at_most_55_characters CHECK ((char_length(address_line_2) <= 55)),
    CONSTRAINT payer_address_line_2_is_one_line CHECK ((address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT payer_city_has_at_most_30_characters CHECK ((char_length(city) <= 30)),
    CONSTRAINT payer_city_is_one_line CHECK ((city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT payer_claim_filing_is_known CHECK ((claim_filing = ANY (ARRAY['11'::text, '12'::text, '13'::text, '14'::text, '15'::text, '16'::text, '17'::text, 'AM'::text, 'BL'::text, 'CH'::text, 'CI'::text, 'DS'::text, 'FI'::text, 'HM'::text, 'LM'::text, 'MA'::text, 'MB'::text, 'MC'::text, 'OF'::text, 'TV'::text, 'VA'::text, 'WC'::text, 'ZZ'::text]))),
    CONSTRAINT payer_filing_days_is_at_most_3650 CHECK ((filing_days <= 3650)),
    CONSTRAINT payer_filing_days_is_positive CHECK ((filing_days >= 1)),
    CONSTRAINT payer_name_has_at_most_60_characters CHECK ((char_length(name) <= 60)),
    CONSTRAINT payer_name_is_one_line CHECK ((name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT payer_payer_number_has_at_most_80_characters CHECK ((char_length(payer_number) <= 80)),
    CONSTRAINT payer_payer_number_has_no_separators CHECK ((payer_number ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'::text)),
    CONSTRAINT payer_postal_code_has_five_or_nine_digits CHECK ((postal_code ~ '^[0-9]{5}([0-9]{4})?$'::text)),
    CONSTRAINT payer_state_has_two_letters CHECK ((state ~ '^[A-Z]{2}$'::text))
);

COMMENT ON TABLE billing.payer IS 'Who pays: insurers and programs.';

COMMENT ON COLUMN billing.payer.clinic_id IS 'The clinic that bills them.';

COMMENT ON COLUMN billing.payer.id IS 'Identifies the payer; later ones have greater ids.';

COMMENT ON COLUMN billing.payer.name IS 'The name.
Example: Medicare';

COMMENT ON COLUMN billing.payer.payer_number IS 'The number under which claims reach the payer.
Example: 00882';

COMMENT ON COLUMN billing.payer.claim_filing IS 'What kind of payer it is, as claims say it (X12''s SBR09): CI commercial, BL Blue Cross, MB Medicare Part B, MC Medicaid, HM an HMO, WC workers'' compensation, and others.';

COMMENT ON COLUMN billing.payer.address_line_1 IS 'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.payer.address_line_2 IS 'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.payer.city IS 'The city.
Example: Seattle';

COMMENT ON COLUMN billing.payer.state IS 'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.payer.postal_code IS 'The ZIP code, without a hyphen.
Example: 98101';

COMMENT ON COLUMN billing.payer.filing_days IS 'How many days after the service a claim has to be there.
Example: 90';

COMMENT ON CONSTRAINT payer_address_line_1_has_at_most_55_characters ON billing.payer IS 'A payer''s address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT payer_address_line_1_is_one_line ON billing.payer IS 'A payer''s address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_address_line_2_has_at_most_55_characters ON billing.payer IS 'A payer''s address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT payer_address_line_2_is_one_line ON billing.payer IS 'A payer''s address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_city_has_at_most_30_characters ON billing.payer IS 'A payer''s city must have at most 30 characters.';

COMMENT ON CONSTRAINT payer_city_is_one_line ON billing.payer IS 'A payer''s city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_claim_filing_is_known ON billing.payer IS 'A payer''s claim filing must be a code that X12 has: 11 to 17, AM, BL, CH, CI, DS, FI, HM, LM, MA, MB, MC, OF, TV, VA, WC or ZZ.';

COMMENT ON CONSTRAINT payer_filing_days_is_at_most_3650 ON billing.payer IS 'A payer''s filing days must be at most 3650.';

COMMENT ON CONSTRAINT payer_filing_days_is_positive ON billing.payer IS 'A payer''s filing days must be at least 1.';

COMMENT ON CONSTRAINT payer_name_has_at_most_60_characters ON billing.payer IS 'A payer''s name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT payer_name_is_one_line ON billing.payer IS 'A payer''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT payer_payer_number_has_at_most_80_characters ON billing.payer IS 'A payer''s number must have at most 80 characters.';

COMMENT ON CONSTRAINT payer_payer_number_has_no_separators ON billing.payer IS 'A payer''s number must have neither accents nor the signs * : ^ | ~, which separate the fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT payer_postal_code_has_five_or_nine_digits ON billing.payer IS 'A payer''s ZIP code must be five or nine digits without a hyphen.';

COMMENT ON CONSTRAINT payer_state_has_two_letters ON billing.payer IS 'A payer''s state must be two capital letters.';

CREATE VIEW api.payers WITH (security_invoker='true') AS
 SELECT id,
    name,
    payer_number,
    claim_filing,
    address_line_1,
    address_line_2,
    city,
    state,
    postal_code,
    filing_days
   FROM billing.payer p;

COMMENT ON VIEW api.payers IS 'Who pays: insurers and programs.';

CREATE TABLE billing.payment (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    payer_id uuid,
    received_on date NOT NULL,
    method text DEFAULT 'check'::text NOT NULL COLLATE pg_catalog."C",
    reference text,
    amount numeric(12,2) NOT NULL,
    CONSTRAINT payment_amount_is_not_0 CHECK ((amount <> (0)::numeric)),
    CONSTRAINT payment_method_is_known CHECK ((method = ANY (ARRAY['cash'::text, 'check'::text, 'card'::text, 'eft'::text, 'other'::text]))),
    CONSTRAINT payment_received_on_has_begun CHECK ((received_on <= (((CURRENT_TIMESTAMP AT TIME ZONE 'UTC'::text))::date + 1))),
    CONSTRAINT payment_received_on_is_not_before_1900 CHECK ((received_on >= '1900-01-01'::date)),
    CONSTRAINT payment_reference_has_at_most_50_characters CHECK ((char_length(reference) <= 50)),
    CONSTRAINT payment_reference_is_one_line CHECK ((reference ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text))
);

COMMENT ON TABLE billing.payment IS 'Money that came in, or went back.';

COMMENT ON COLUMN billing.payment.clinic_id IS 'The clinic that was paid.';

COMMENT ON COLUMN billing.payment.id IS 'Identifies the payment; later ones have greater ids.';

COMMENT ON COLUMN billing.payment.patient_id IS 'Whose bills it pays.';

COMMENT ON COLUMN billing.payment.payer_id IS 'The payer that paid; null: the patient.';

COMMENT ON COLUMN billing.payment.received_on IS 'The day on which it came in.
Example: 2024-04-15';

COMMENT ON COLUMN billing.payment.method IS 'How it was paid.';

COMMENT ON COLUMN billing.payment.reference IS 'The number of the check, or of the transfer.
Example: 100245';

COMMENT ON COLUMN billing.payment.amount IS 'How much; less than 0 is a refund.
Example: 125.00';

COMMENT ON CONSTRAINT payment_amount_is_not_0 ON billing.payment IS 'A payment must not be 0.';

COMMENT ON CONSTRAINT payment_method_is_known ON billing.payment IS 'A payment''s method must be cash, check, card, eft or other.';

COMMENT ON CONSTRAINT payment_received_on_has_begun ON billing.payment IS 'A payment must not have come in later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT payment_received_on_is_not_before_1900 ON billing.payment IS 'A payment must have come in on 1900-01-01 or later.';

COMMENT ON CONSTRAINT payment_reference_has_at_most_50_characters ON billing.payment IS 'A payment''s reference must have at most 50 characters.';

COMMENT ON CONSTRAINT payment_reference_is_one_line ON billing.payment IS 'A payment''s reference must be one line that neither begins nor ends with a blank.';

CREATE VIEW api.payments WITH (security_invoker='true') AS
 SELECT id,
    patient_id,
    payer_id,
    received_on,
    method,
    reference,
    amount
   FROM billing.payment p;

COMMENT ON VIEW api.payments IS 'Money that came in, or went back.';

CREATE TABLE billing.place_of_service_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text NOT NULL COLLATE pg_catalog."C",
    valid_during daterange DEFAULT '(,)'::daterange NOT NULL,
    description text NOT NULL,
    code_list text DEFAULT 'hand'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT place_of_service_version_code_list_is_a_word CHECK ((code_list ~ '^[a-z][a-z0-9]*$'::text)),
    CONSTRAINT place_of_service_version_valid_during_has_a_day CHECK ((NOT isempty(valid_during)))
);

COMMENT ON TABLE billing.place_of_service_version IS 'What the code of a place of service stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.place_of_service_version.id IS 'Identifies the version.';

COMMENT ON COLUMN billing.place_of_service_version.code IS 'The code of the kind of place.
Example: 11';

COMMENT ON COLUMN billing.place_of_service_version.valid_during IS 'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.place_of_service_version.description IS 'What the code stood for on these days: the name of the place.
Example: Office';

COMMENT ON COLUMN billing.place_of_service_version.code_list IS 'The published list that it is from; hand: none, it was entered.
Example: pos';

COMMENT ON CONSTRAINT place_of_service_version_code_list_is_a_word ON billing.place_of_service_version IS 'The list that a version is from must be a word of small letters and digits.';

COMMENT ON CONSTRAINT place_of_service_version_valid_during_has_a_day ON billing.place_of_service_version IS 'A version must be valid on one day or more.';

CREATE VIEW api.place_of_service_versions WITH (security_invoker='true') AS
 SELECT id,
    code,
    valid_during,
    description,
    code_list
   FROM billing.place_of_service_version v;

COMMENT ON VIEW api.place_of_service_versions IS 'What the code of a place of service stood for, and on which days it may be billed.';

CREATE TABLE billing.place_of_service (
    code text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    CONSTRAINT place_of_service_code_has_two_digits CHECK ((code ~ '^[0-9]{2}$'::text))
);

COMMENT ON TABLE billing.place_of_service IS 'The kinds of places where care is given, by the codes of CMS.';

COMMENT ON COLUMN billing.place_of_service.code IS 'The code of the kind of place: two digits.
Example: 11';

COMMENT ON COLUMN billing.place_of_service.name IS 'What the code stands for.
Example: Office';

COMMENT ON CONSTRAINT place_of_service_code_has_two_digits ON billing.place_of_service IS 'A place of service must be two digits.';

CREATE VIEW api.places_of_service WITH (security_invoker='true') AS
 SELECT code,
    name
   FROM billing.place_of_service p;

COMMENT ON VIEW api.places_of_service IS 'The kinds of places where care is given, by the codes of CMS.';

CREATE TABLE billing.practice (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    npi text COLLATE pg_catalog."C",
    tax_id text COLLATE pg_catalog."C",
    tax_id_type text DEFAULT 'EIN'::text NOT NULL COLLATE pg_catalog."C",
    address_line_1 text,
    address_line_2 text,
    city text,
    state text COLLATE pg_catalog."C",
    postal_code text COLLATE pg_catalog."C",
    phone text COLLATE pg_catalog."C",
    taxonomy_code text COLLATE pg_catalog."C",
    time_zone text DEFAULT 'America/New_York'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT practice_address_line_1_has_at_most_55_characters CHECK ((char_length(address_line_1) <= 55)),
    CONSTRAINT practice_address_line_1_is_one_line CHECK ((address_line_1 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT practice_address_line_2_has_at_most_55_characters CHECK ((char_length(address_line_2) <= 55)),
    CONSTRAINT practice_address_line_2_is_one_line CHECK ((address_line_2 ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT practice_city_has_at_most_30_characters CHECK ((char_length(city) <= 30)),
    CONSTRAINT practice_city_is_one_line CHECK ((city ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT practice_name_has_at_most_60_characters CHECK ((char_length(name) <= 60)),
    CONSTRAINT practice_name_is_one_line CHECK ((name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT practice_npi_has_its_check_digit CHECK (
CASE
    WHEN (npi ~ '^[12][0-9]{9}$'::text) THEN ((((((((((((24 + (translate(substr(npi, 1, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 2, 1))::integer) + (translate(substr(npi, 3, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 4, 1))::integer) + (translate(substr(npi, 5, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 6, 1))::integer) + (translate(substr(npi, 7, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 8, 1))::integer) + (translate(substr(npi, 9, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 10, 1))::integer) % 10) = 0)
    ELSE NULL::boolean
END),
    CONSTRAINT practice_npi_has_ten_digits CHECK ((npi ~ '^[12][0-9]{9}$'::text)),
    CONSTRAINT practice_phone_has_ten_digits CHECK ((phone ~ '^[2-9][0-9]{9}$'::text)),
    CONSTRAINT practice_postal_code_has_nine_digits CHECK ((postal_code ~ '^[0-9]{9}$'::text)),
    CONSTRAINT practice_state_has_two_letters CHECK ((state ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT practice_tax_id_has_nine_digits CHECK ((tax_id ~ '^[0-9]{9}$'::text)),
    CONSTRAINT practice_tax_id_type_is_known CHECK ((tax_id_type = ANY (ARRAY['EIN'::text, 'SSN'::text]))),
    CONSTRAINT practice_taxonomy_code_has_its_shape CHECK ((taxonomy_code ~ '^[0-9]{2}[0-9A-Z]{7}X$'::text)),
    CONSTRAINT practice_time_zone_has_the_shape_of_a_name CHECK ((time_zone ~ '^[A-Z][A-Za-z_]*(/[A-Z][A-Za-z_-]*){1,2}$'::text)),
    CONSTRAINT practice_time_zone_is_known CHECK (billing.is_time_zone(time_zone))
);

COMMENT ON TABLE billing.practice IS 'Who bills: the clinic''s practice, as the billing provider of its claims.';

COMMENT ON COLUMN billing.practice.clinic_id IS 'The clinic that bills.';

COMMENT ON COLUMN billing.practice.id IS 'Identifies the practice; later ones have greater ids.';

COMMENT ON COLUMN billing.practice.name IS 'The legal name.
Example: Example Family Medicine';

COMMENT ON COLUMN billing.practice.npi IS 'The NPI of the organization.
Example: 1234567893';

COMMENT ON COLUMN billing.practice.tax_id IS 'The tax id, without a hyphen.
Example: 911234567';

COMMENT ON COLUMN billing.practice.tax_id_type IS 'Which kind of number the tax id is: an employer''s (EIN) or a person''s (SSN).';

COMMENT ON COLUMN billing.practice.address_line_1 IS 'Street and number, or a post office box.
Example: 1 Main Street';

COMMENT ON COLUMN billing.practice.address_line_2 IS 'What else the address has, such as a suite.
Example: Suite 200';

COMMENT ON COLUMN billing.practice.city IS 'The city.
Example: Seattle';

COMMENT ON COLUMN billing.practice.state IS 'The state, as two letters.
Example: WA';

COMMENT ON COLUMN billing.practice.postal_code IS 'The ZIP code with its four digits more, without a hyphen.
Example: 981010001';

COMMENT ON COLUMN billing.practice.phone IS 'The telephone number, with the area code.
Example: 2065550100';

COMMENT ON COLUMN billing.practice.taxonomy_code IS 'The taxonomy code of the National Uniform Claim Committee.
Example: 207Q00000X';

COMMENT ON COLUMN billing.practice.time_zone IS 'Where the practice is: which day it is there is the day of reports.
Example: America/Los_Angeles';

COMMENT ON CONSTRAINT practice_address_line_1_has_at_most_55_characters ON billing.practice IS 'A practice''s address line 1 must have at most 55 characters.';

COMMENT ON CONSTRAINT practice_address_line_1_is_one_line ON billing.practice IS 'A practice''s address line 1 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_address_line_2_has_at_most_55_characters ON billing.practice IS 'A practice''s address line 2 must have at most 55 characters.';

COMMENT ON CONSTRAINT practice_address_line_2_is_one_line ON billing.practice IS 'A practice''s address line 2 must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_city_has_at_most_30_characters ON billing.practice IS 'A practice''s city must have at most 30 characters.';

COMMENT ON CONSTRAINT practice_city_is_one_line ON billing.practice IS 'A practice''s city must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_name_has_at_most_60_characters ON billing.practice IS 'A practice''s name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT practice_name_is_one_line ON billing.practice IS 'A practice''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT practice_npi_has_its_check_digit ON billing.practice IS 'A practice''s NPI must end with the check digit of its first nine digits.';

COMMENT ON CONSTRAINT practice_npi_has_ten_digits ON billing.practice IS 'A practice''s NPI must be ten digits, the first of them 1 or 2.';

COMMENT ON CONSTRAINT practice_phone_has_ten_digits ON billing.practice IS 'A practice''s phone must be ten digits and nothing else, the first of them 2 to 9.';

COMMENT ON CONSTRAINT practice_postal_code_has_nine_digits ON billing.practice IS 'A practice''s ZIP code must be nine digits without a hyphen, as claims ask of who bills.';

COMMENT ON CONSTRAINT practice_state_has_two_letters ON billing.practice IS 'A practice''s state must be two capital letters.';

COMMENT ON CONSTRAINT practice_tax_id_has_nine_digits ON billing.practice IS 'A practice''s tax id must be nine digits without a hyphen.';

COMMENT ON CONSTRAINT practice_tax_id_type_is_known ON billing.practice IS 'A practice''s tax id type must be EIN or SSN.';

COMMENT ON CONSTRAINT practice_taxonomy_code_has_its_shape ON billing.practice IS 'A practice''s taxonomy code must be ten characters that begin with two digits and end with X.';

COMMENT ON CONSTRAINT practice_time_zone_has_the_shape_of_a_name ON billing.practice IS 'A practice''s time zone must be an area and a place, such as America/Chicago.';

COMMENT ON CONSTRAINT practice_time_zone_is_known ON billing.practice IS 'A practice''s time zone must be one that the database of time zones has.';

CREATE VIEW api.practices WITH (security_invoker='true') AS
 SELECT id,
    name,
    npi,
    tax_id,
    tax_id_type,
    address_line_1,
    address_line_2,
    city,
    state,
    postal_code,
    phone,
    taxonomy_code,
    time_zone
   FROM billing.practice p;

COMMENT ON VIEW api.practices IS 'Who bills: the clinic''s practice, as the billing provider of its claims.';

CREATE TABLE billing.provider (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    npi text NOT NULL COLLATE pg_catalog."C",
    first_name text,
    last_name text NOT NULL,
    credentials text,
    license_number text,
    license_state text COLLATE pg_catalog."C",
    taxonomy_code text COLLATE pg_catalog."C",
    CONSTRAINT provider_credentials_has_at_most_20_characters CHECK ((char_length(credentials) <= 20)),
    CONSTRAINT provider_credentials_is_one_line CHECK ((credentials ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT provider_first_name_has_at_most_35_characters CHECK ((char_length(first_name) <= 35)),
    CONSTRAINT provider_first_name_is_one_line CHECK ((first_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT provider_last_name_has_at_most_60_characters CHECK ((char_length(last_name) <= 60)),
    CONSTRAINT provider_last_name_is_one_line CHECK ((last_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT provider_license_has_a_state CHECK ((num_nulls(license_number, license_state) <> 1)),
    CONSTRAINT provider_license_number_has_at_most_30_characters CHECK ((char_length(license_number) <= 30)),
    CONSTRAINT provider_license_number_is_one_line CHECK ((license_number ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT provider_license_state_has_two_letters CHECK ((license_state ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT provider_npi_has_its_check_digit CHECK (
CASE
    WHEN (npi ~ '^[12][0-9]{9}$'::text) THEN ((((((((((((24 + (translate(substr(npi, 1, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 2, 1))::integer) + (translate(substr(npi, 3, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 4, 1))::integer) + (translate(substr(npi, 5, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 6, 1))::integer) + (translate(substr(npi, 7, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 8, 1))::integer) + (translate(substr(npi, 9, 1), '0123456789'::text, '0246813579'::text))::integer) + (substr(npi, 10, 1))::integer) % 10) = 0)
    ELSE NULL::boolean
END),
    CONSTRAINT provider_npi_has_ten_digits CHECK ((npi ~ '^[12][0-9]{9}$'::text)),
    CONSTRAINT provider_taxonomy_code_has_its_shape CHECK ((taxonomy_code ~ '^[0-9]{2}[0-9A-Z]{7}X$'::text))
);

COMMENT ON TABLE billing.provider IS 'Who gives care.';

COMMENT ON COLUMN billing.provider.clinic_id IS 'The clinic for which the provider works.';

COMMENT ON COLUMN billing.provider.id IS 'Identifies the provider; later ones have greater ids.';

COMMENT ON COLUMN billing.provider.npi IS 'The NPI of the person.
Example: 1679576722';

COMMENT ON COLUMN billing.provider.first_name IS 'The given name.
Example: Grace';

COMMENT ON COLUMN billing.provider.last_name IS 'The family name.
Example: Kim';

COMMENT ON COLUMN billing.provider.credentials IS 'What stands behind the name.
Example: MD';

COMMENT ON COLUMN billing.provider.license_number IS 'The number of the license.
Example: MD60012345';

COMMENT ON COLUMN billing.provider.license_state IS 'The state that gave the license.
Example: WA';

COMMENT ON COLUMN billing.provider.taxonomy_code IS 'The taxonomy code of the National Uniform Claim Committee.
Example: 207Q00000X';

COMMENT ON CONSTRAINT provider_credentials_has_at_most_20_characters ON billing.provider IS 'A provider''s credentials must have at most 20 characters.';

COMMENT ON CONSTRAINT provider_credentials_is_one_line ON billing.provider IS 'A provider''s credentials must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_first_name_has_at_most_35_characters ON billing.provider IS 'A provider''s first name must have at most 35 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT provider_first_name_is_one_line ON billing.provider IS 'A provider''s first name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_last_name_has_at_most_60_characters ON billing.provider IS 'A provider''s last name must have at most 60 characters, which is what a claim holds.';

COMMENT ON CONSTRAINT provider_last_name_is_one_line ON billing.provider IS 'A provider''s last name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_license_has_a_state ON billing.provider IS 'A provider''s license number and license state must be given together.';

COMMENT ON CONSTRAINT provider_license_number_has_at_most_30_characters ON billing.provider IS 'A provider''s license number must have at most 30 characters.';

COMMENT ON CONSTRAINT provider_license_number_is_one_line ON billing.provider IS 'A provider''s license number must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT provider_license_state_has_two_letters ON billing.provider IS 'A provider''s license state must be two capital letters.';

COMMENT ON CONSTRAINT provider_npi_has_its_check_digit ON billing.provider IS 'A provider''s NPI must end with the check digit of its first nine digits.';

COMMENT ON CONSTRAINT provider_npi_has_ten_digits ON billing.provider IS 'A provider''s NPI must be ten digits, the first of them 1 or 2.';

COMMENT ON CONSTRAINT provider_taxonomy_code_has_its_shape ON billing.provider IS 'A provider''s taxonomy code must be ten characters that begin with two digits and end with X.';

CREATE VIEW api.providers WITH (security_invoker='true') AS
 SELECT id,
    npi,
    first_name,
    last_name,
    credentials,
    license_number,
    license_state,
    taxonomy_code
   FROM billing.provider p;

COMMENT ON VIEW api.providers IS 'Who gives care.';

CREATE TABLE billing.reversal (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    line_item_id uuid NOT NULL,
    reason text NOT NULL,
    reversed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT reversal_reason_has_at_most_200_characters CHECK ((char_length(reason) <= 200)),
    CONSTRAINT reversal_reason_is_one_line CHECK ((reason ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text))
);

COMMENT ON TABLE billing.reversal IS 'What takes a posted line item back: all of it, once.';

COMMENT ON COLUMN billing.reversal.clinic_id IS 'The clinic that billed the line item.';

COMMENT ON COLUMN billing.reversal.line_item_id IS 'The line item that is taken back.';

COMMENT ON COLUMN billing.reversal.reason IS 'Why it is taken back.
Example: Entered twice';

COMMENT ON COLUMN billing.reversal.reversed_at IS 'When it was taken back.';

COMMENT ON CONSTRAINT reversal_reason_has_at_most_200_characters ON billing.reversal IS 'The reason of a reversal must have at most 200 characters.';

COMMENT ON CONSTRAINT reversal_reason_is_one_line ON billing.reversal IS 'The reason of a reversal must be one line that neither begins nor ends with a blank.';

CREATE VIEW api.reversals WITH (security_invoker='true') AS
 SELECT line_item_id,
    reason,
    reversed_at
   FROM billing.reversal r;

COMMENT ON VIEW api.reversals IS 'What takes posted line items back: all of a line item, once.';

CREATE TABLE billing.submission (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    interchange_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    part bigint NOT NULL,
    control_number text NOT NULL COLLATE pg_catalog."C",
    total_charge numeric(14,2) NOT NULL,
    is_rejected boolean DEFAULT false NOT NULL
);

COMMENT ON TABLE billing.submission IS 'Claims as they were sent: a row for each claim of an interchange, or for each part of one.';

COMMENT ON COLUMN billing.submission.clinic_id IS 'The clinic that claims.';

COMMENT ON COLUMN billing.submission.id IS 'Identifies the submission; later ones, in the order of the file, have greater ids.';

COMMENT ON COLUMN billing.submission.interchange_id IS 'The file that it is in.';

COMMENT ON COLUMN billing.submission.claim_id IS 'The claim.';

COMMENT ON COLUMN billing.submission.part IS 'Which part of the claim: 1, or more where it has over 50 line items.
Example: 1';

COMMENT ON COLUMN billing.submission.control_number IS 'The number that the payer''s answer quotes (CLM01).
Example: 01A2083F9BE87170A59C';

COMMENT ON COLUMN billing.submission.total_charge IS 'What this part asks for.
Example: 125.00';

COMMENT ON COLUMN billing.submission.is_rejected IS 'Whether the receiver has refused it, so that the claim can be sent again.';

CREATE VIEW api.submissions WITH (security_invoker='true') AS
 SELECT id,
    interchange_id,
    claim_id,
    part,
    control_number,
    total_charge,
    is_rejected
   FROM billing.submission s;

COMMENT ON VIEW api.submissions IS 'Claims as they were sent: a row for each claim of an interchange, or for each part of one.';

CREATE VIEW billing.ledger_entry WITH (security_invoker='true') AS
 SELECT e.patient_id,
    l.encounter_id,
    l.id AS line_item_id,
    ((v.at AT TIME ZONE ( SELECT
                CASE
                    WHEN (count(*) = 1) THEN min(p.time_zone)
                    ELSE 'America/New_York'::text
                END AS "case"
           FROM billing.practice p)))::date AS entry_date,
    v.kind,
    v.amount
   FROM (((billing.line_item l
     JOIN billing.encounter e ON ((l.encounter_id = e.id)))
     LEFT JOIN billing.reversal r ON ((l.id = r.line_item_id)))
     CROSS JOIN LATERAL ( VALUES (e.posted_at,'charge'::text,l.charge), (r.reversed_at,'reversal'::text,(- l.charge)), (
                CASE
                    WHEN (NOT l.is_reversed) THEN e.voided_at
                    ELSE NULL::timestamp with time zone
                END,'void'::text,(- l.charge))) v(at, kind, amount))
  WHERE (num_nulls(v.at, l.charge) = 0)
UNION ALL
 SELECT e.patient_id,
    l.encounter_id,
    l.id AS line_item_id,
    p.received_on AS entry_date,
        CASE num_nulls(p.payer_id)
            WHEN 1 THEN 'patient payment'::text
            ELSE 'payer payment'::text
        END AS kind,
    (- a.amount) AS amount
   FROM (((billing.allocation a
     JOIN billing.payment p ON ((a.payment_id = p.id)))
     JOIN billing.line_item l ON ((a.line_item_id = l.id)))
     JOIN billing.encounter e ON ((l.encounter_id = e.id)))
UNION ALL
 SELECT e.patient_id,
    l.encounter_id,
    l.id AS line_item_id,
    j.adjusted_on AS entry_date,
    'adjustment'::text AS kind,
    (- j.amount) AS amount
   FROM ((billing.adjustment j
     JOIN billing.line_item l ON ((j.line_item_id = l.id)))
     JOIN billing.encounter e ON ((l.encounter_id = e.id)))
  WHERE (j.group_code <> 'PR'::text);

COMMENT ON VIEW billing.ledger_entry IS 'Each amount that a line item costs, or that was paid for it or taken off it. Their sum is owed.';

COMMENT ON COLUMN billing.ledger_entry.entry_date IS 'The day of the entry, in the time zone of the practice.';

COMMENT ON COLUMN billing.ledger_entry.kind IS 'What it is: charge, reversal, void, patient payment, payer payment or adjustment.';

COMMENT ON COLUMN billing.ledger_entry.amount IS 'How much more is owed; less than 0: less.';

CREATE VIEW api.superbills WITH (security_invoker='true') AS
 SELECT id AS encounter_id,
    date,
    patient_id,
    ( SELECT p.first_name
           FROM billing.patient p
          WHERE (p.id = e.patient_id)) AS first_name,
    ( SELECT p.last_name
           FROM billing.patient p
          WHERE (p.id = e.patient_id)) AS last_name,
    ARRAY( SELECT ROW(l.id, l.cpt_code, ( SELECT v.description
                   FROM billing.cpt_code_version v
                  WHERE ((v.code = (l.cpt_code)::name) AND (l.day <@ v.valid_during))), (trim_scale((l.units)::numeric))::api.number, lower(l.day), l.unit_type, l.modifiers, l.diagnosis_pointers, l.unit_charge, l.charge, l.is_reversed)::billing.superbill_line_item AS line_item
           FROM billing.line_item l
          WHERE (l.encounter_id = e.id)
          ORDER BY l.id) AS line_items,
    status,
    void_reason,
    place_of_service,
    ( SELECT v.description
           FROM billing.place_of_service_version v
          WHERE ((v.code = (e.place_of_service)::name) AND (v.valid_during @> e.date))) AS place_of_service_name,
    ( SELECT
                CASE
                    WHEN (count(*) = 1) THEN any_value(ROW(b.name, b.npi, b.tax_id, b.tax_id_type, b.address_line_1, b.address_line_2, b.city, b.state, b.postal_code, b.phone)::billing.superbill_practice)
                    ELSE NULL::billing.superbill_practice
                END AS "case"
           FROM billing.practice b) AS practice,
    ( SELECT ROW(g.id, g.npi, g.first_name, g.last_name, g.credentials, g.license_number, g.license_state)::billing.superbill_provider AS "row"
           FROM billing.provider g
          WHERE (g.id = e.provider_id)) AS provider,
    ( SELECT ROW(d.middle_name, d.suffix, d.birth_date, d.sex, d.address_line_1, d.address_line_2, d.city, d.state, d.postal_code, d.phone, d.external_id)::billing.superbill_patient AS "row"
           FROM billing.patient_detail d
          WHERE (d.patient_id = e.patient_id)) AS patient_details,
    ARRAY( SELECT ROW(c.id, c.priority, y.name, y.payer_number, c.member_id, c.group_number, c.group_name, c.relationship, c.subscriber_first_name, c.subscriber_last_name, c.subscriber_birth_date)::billing.superbill_coverage AS coverage
           FROM (billing.coverage c
             JOIN billing.payer y ON ((c.payer_id = y.id)))
          WHERE ((c.patient_id = e.patient_id) AND ((e.date >= c.effective_on) AND (e.date <= COALESCE(c.ends_on, e.date))))
          ORDER BY (array_position(ARRAY['P'::text, 'S'::text, 'T'::text], c.priority))) AS coverages,
    ARRAY( SELECT ROW(d."position", d.diagnosis_code, ( SELECT v.description
                   FROM billing.diagnosis_code_version v
                  WHERE ((v.code = (d.diagnosis_code)::name) AND (v.valid_during @> e.date))))::billing.superbill_diagnosis AS diagnosis
           FROM billing.diagnosis d
          WHERE (d.encounter_id = e.id)
          ORDER BY d."position") AS diagnoses,
    ( SELECT ROW((COALESCE(sum(m.amount) FILTER (WHERE (m.kind = ANY (ARRAY['charge'::text, 'reversal'::text, 'void'::text]))), (0)::numeric))::numeric(16,2), (COALESCE((- sum(m.amount) FILTER (WHERE (m.kind = 'patient payment'::text))), (0)::numeric))::numeric(16,2), (COALESCE((- sum(m.amount) FILTER (WHERE (m.kind = 'payer payment'::text))), (0)::numeric))::numeric(16,2), (COALESCE((- sum(m.amount) FILTER (WHERE (m.kind = 'adjustment'::text))), (0)::numeric))::numeric(16,2), (COALESCE(sum(m.amount), (0)::numeric))::numeric(16,2))::billing.superbill_totals AS "row"
           FROM billing.ledger_entry m
          WHERE (m.encounter_id = e.id)) AS totals
   FROM billing.encounter e;

COMMENT ON VIEW api.superbills IS 'The bills: of each encounter all that a payer or a patient asks for, with what was paid.';

COMMENT ON COLUMN api.superbills.encounter_id IS 'The encounter that the bill is for.';

COMMENT ON COLUMN api.superbills.first_name IS 'The patient''s given name.
Example: John';

COMMENT ON COLUMN api.superbills.last_name IS 'The patient''s family name.
Example: Oberly';

COMMENT ON COLUMN api.superbills.line_items IS 'What was done, in the order in which it was added.';

COMMENT ON COLUMN api.superbills.place_of_service_name IS 'The name that the place of service had on the day.
Example: Office';

COMMENT ON COLUMN api.superbills.practice IS 'Who bills; nothing if the practice has not been set up.';

COMMENT ON COLUMN api.superbills.provider IS 'Who gave care.';

COMMENT ON COLUMN api.superbills.patient_details IS 'The patient''s birth date, sex, address and more; nothing if they were not recorded.';

COMMENT ON COLUMN api.superbills.coverages IS 'The insurances that are valid on the day, in the order in which they pay.';

COMMENT ON COLUMN api.superbills.diagnoses IS 'The diagnoses, by position.';

COMMENT ON COLUMN api.superbills.totals IS 'What it costs, what was paid, and what is owed.';

CREATE TABLE billing.trading_partner (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    receiver_qualifier text DEFAULT 'ZZ'::text NOT NULL COLLATE pg_catalog."C",
    receiver_id text NOT NULL COLLATE pg_catalog."C",
    sender_qualifier text DEFAULT 'ZZ'::text NOT NULL COLLATE pg_catalog."C",
    sender_id text NOT NULL COLLATE pg_catalog."C",
    contact_name text NOT NULL,
    contact_phone text NOT NULL COLLATE pg_catalog."C",
    usage_indicator text DEFAULT 'T'::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT trading_partner_contact_name_has_at_most_60_characters CHECK ((char_length(contact_name) <= 60)),
    CONSTRAINT trading_partner_contact_name_is_one_line CHECK ((contact_name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT trading_partner_contact_name_is_written_in_latin CHECK ((contact_name ~ '[A-Za-z0-9]'::text)),
    CONSTRAINT trading_partner_contact_phone_has_ten_digits CHECK ((contact_phone ~ '^[2-9][0-9]{9}$'::text)),
    CONSTRAINT trading_partner_name_has_at_most_60_characters CHECK ((char_length(name) <= 60)),
    CONSTRAINT trading_partner_name_is_one_line CHECK ((name ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'::text)),
    CONSTRAINT trading_partner_name_is_written_in_latin CHECK ((name ~ '[A-Za-z0-9]'::text)),
    CONSTRAINT trading_partner_receiver_id_has_at_least_2_characters CHECK ((char_length(receiver_id) >= 2)),
    CONSTRAINT trading_partner_receiver_id_has_at_most_15_characters CHECK ((char_length(receiver_id) <= 15)),
    CONSTRAINT trading_partner_receiver_id_has_no_separators CHECK ((receiver_id ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'::text)),
    CONSTRAINT trading_partner_receiver_qualifier_is_known CHECK ((receiver_qualifier = ANY (ARRAY['01'::text, '14'::text, '20'::text, '27'::text, '28'::text, '29'::text, '30'::text, '33'::text, 'ZZ'::text]))),
    CONSTRAINT trading_partner_sender_id_has_at_least_2_characters CHECK ((char_length(sender_id) >= 2)),
    CONSTRAINT trading_partner_sender_id_has_at_most_15_characters CHECK ((char_length(sender_id) <= 15)),
    CONSTRAINT trading_partner_sender_id_has_no_separators CHECK ((sender_id ~ '^[!-)+-9;-\]_-{}]([ -)+-9;-\]_-{}]*[!-)+-9;-\]_-{}])?$'::text)),
    CONSTRAINT trading_partner_sender_qualifier_is_known CHECK ((sender_qualifier = ANY (ARRAY['01'::text, '14'::text, '20'::text, '27'::text, '28'::text, '29'::text, '30'::text, '33'::text, 'ZZ'::text]))),
    CONSTRAINT trading_partner_usage_indicator_is_known CHECK ((usage_indicator = ANY (ARRAY['P'::text, 'T'::text])))
);

COMMENT ON TABLE billing.trading_partner IS 'To whom claims are sent as files: clearinghouses, and payers that take them.';

COMMENT ON COLUMN billing.trading_partner.clinic_id IS 'The clinic that sends them claims.';

COMMENT ON COLUMN billing.trading_partner.id IS 'Identifies the trading partner; later ones have greater ids.';

COMMENT ON COLUMN billing.trading_partner.name IS 'Who receives the files.
Example: Example Clearinghouse';

COMMENT ON COLUMN billing.trading_partner.receiver_qualifier IS 'What kind of id the receiver''s is (ISA07). ZZ: agreed with the receiver; 30: a tax id; 01: a D-U-N-S number; and others.';

COMMENT ON COLUMN billing.trading_partner.receiver_id IS 'The receiver''s id (ISA08, GS03).
Example: CLEARING01';

COMMENT ON COLUMN billing.trading_partner.sender_qualifier IS 'What kind of id the clinic''s is (ISA05).';

COMMENT ON COLUMN billing.trading_partner.sender_id IS 'The clinic''s id with the receiver (ISA06, GS02).
Example: CLINIC0042';

COMMENT ON COLUMN billing.trading_partner.contact_name IS 'Whom the receiver asks about a file.
Example: Grace Kim';

COMMENT ON COLUMN billing.trading_partner.contact_phone IS 'The contact''s telephone number, with the area code.
Example: 2065550100';

COMMENT ON COLUMN billing.trading_partner.usage_indicator IS 'T: the files are tests, which pay nothing; P: they are claims (ISA15).';

COMMENT ON CONSTRAINT trading_partner_contact_name_has_at_most_60_characters ON billing.trading_partner IS 'A contact''s name must have at most 60 characters.';

COMMENT ON CONSTRAINT trading_partner_contact_name_is_one_line ON billing.trading_partner IS 'A contact''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_contact_name_is_written_in_latin ON billing.trading_partner IS 'A contact''s name must have a letter from A to Z, or a digit.';

COMMENT ON CONSTRAINT trading_partner_contact_phone_has_ten_digits ON billing.trading_partner IS 'A contact''s phone must be ten digits and nothing else, the first of them 2 to 9.';

COMMENT ON CONSTRAINT trading_partner_name_has_at_most_60_characters ON billing.trading_partner IS 'A trading partner''s name must have at most 60 characters.';

COMMENT ON CONSTRAINT trading_partner_name_is_one_line ON billing.trading_partner IS 'A trading partner''s name must be one line of text, without blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_name_is_written_in_latin ON billing.trading_partner IS 'A trading partner''s name must have a letter from A to Z, or a digit.';

COMMENT ON CONSTRAINT trading_partner_receiver_id_has_at_least_2_characters ON billing.trading_partner IS 'A receiver id must have at least 2 characters.';

COMMENT ON CONSTRAINT trading_partner_receiver_id_has_at_most_15_characters ON billing.trading_partner IS 'A receiver id must have at most 15 characters.';

COMMENT ON CONSTRAINT trading_partner_receiver_id_has_no_separators ON billing.trading_partner IS 'A receiver id must have neither accents nor the signs * : ^ | ~, which separate the fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_receiver_qualifier_is_known ON billing.trading_partner IS 'A receiver qualifier must be 01, 14, 20, 27, 28, 29, 30, 33 or ZZ.';

COMMENT ON CONSTRAINT trading_partner_sender_id_has_at_least_2_characters ON billing.trading_partner IS 'A sender id must have at least 2 characters.';

COMMENT ON CONSTRAINT trading_partner_sender_id_has_at_most_15_characters ON billing.trading_partner IS 'A sender id must have at most 15 characters.';

COMMENT ON CONSTRAINT trading_partner_sender_id_has_no_separators ON billing.trading_partner IS 'A sender id must have neither accents nor the signs * : ^ | ~, which separate the fields of a claim, nor blanks at its edges.';

COMMENT ON CONSTRAINT trading_partner_sender_qualifier_is_known ON billing.trading_partner IS 'A sender qualifier must be 01, 14, 20, 27, 28, 29, 30, 33 or ZZ.';

COMMENT ON CONSTRAINT trading_partner_usage_indicator_is_known ON billing.trading_partner IS 'A usage indicator must be P or T.';

CREATE VIEW api.trading_partners WITH (security_invoker='true') AS
 SELECT id,
    name,
    receiver_qualifier,
    receiver_id,
    sender_qualifier,
    sender_id,
    contact_name,
    contact_phone,
    usage_indicator
   FROM billing.trading_partner p;

COMMENT ON VIEW api.trading_partners IS 'To whom claims are sent as files: clearinghouses, and payers that take them.';

ALTER TABLE audit.change ALTER COLUMN n ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME audit.change_n_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

COMMENT ON SEQUENCE audit.change_n_seq IS 'Numbers the changes.';

CREATE TABLE audit.change_other (
    clinic_id uuid CONSTRAINT change_clinic_id_not_null NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() CONSTRAINT change_at_not_null NOT NULL,
    n bigint CONSTRAINT change_n_not_null NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() CONSTRAINT change_tx_not_null NOT NULL,
    actor text COLLATE pg_catalog."C",
    login text DEFAULT SESSION_USER CONSTRAINT change_login_not_null NOT NULL COLLATE pg_catalog."C",
    role text DEFAULT COALESCE(NULLIF(current_setting('role'::text), 'none'::text), (SESSION_USER)::text) CONSTRAINT change_role_not_null NOT NULL COLLATE pg_catalog."C",
    relation text CONSTRAINT change_relation_not_null NOT NULL COLLATE pg_catalog."C",
    record text CONSTRAINT change_record_not_null NOT NULL COLLATE pg_catalog."C",
    action text CONSTRAINT change_action_not_null NOT NULL COLLATE pg_catalog."C",
    before jsonb,
    after jsonb
);

COMMENT ON TABLE audit.change_other IS 'The changes whose month has no partition of its own.';

CREATE TABLE audit.read_other (
    clinic_id uuid CONSTRAINT read_clinic_id_not_null NOT NULL,
    at timestamp with time zone CONSTRAINT read_at_not_null NOT NULL,
    request uuid CONSTRAINT read_request_not_null NOT NULL,
    actor text CONSTRAINT read_actor_not_null NOT NULL COLLATE pg_catalog."C",
    role text CONSTRAINT read_role_not_null NOT NULL COLLATE pg_catalog."C",
    operation text CONSTRAINT read_operation_not_null NOT NULL COLLATE pg_catalog."C",
    record text COLLATE pg_catalog."C",
    filters text[] CONSTRAINT read_filters_not_null NOT NULL,
    status smallint CONSTRAINT read_status_not_null NOT NULL,
    repeats uuid[] CONSTRAINT read_repeats_not_null NOT NULL
);

COMMENT ON TABLE audit.read_other IS 'The reads whose month has no partition of its own.';

CREATE TABLE audit.seal (
    n bigint NOT NULL,
    month date NOT NULL,
    from_tx xid8 NOT NULL,
    below_tx xid8 NOT NULL,
    above_n bigint NOT NULL,
    upto_n bigint,
    changes bigint NOT NULL,
    last_n bigint NOT NULL,
    leaves bytea NOT NULL,
    triggers bytea NOT NULL,
    cluster text NOT NULL,
    at timestamp with time zone NOT NULL,
    previous bytea NOT NULL,
    root bytea NOT NULL
);

COMMENT ON TABLE audit.seal IS 'The seals of the trail. Each root is made of the one before it and of the changes that it covers.';

COMMENT ON COLUMN audit.seal.n IS 'Numbers the seals, without gaps.';

COMMENT ON COLUMN audit.seal.month IS 'The month of its changes, so that a month can be dropped.';

COMMENT ON COLUMN audit.seal.from_tx IS 'The first transaction that it covers.';

COMMENT ON COLUMN audit.seal.below_tx IS 'The transaction after the last one that it covers.';

COMMENT ON COLUMN audit.seal.above_n IS 'It covers changes with higher numbers.';

COMMENT ON COLUMN audit.seal.upto_n IS 'If set, the seal is the first one after the database was restored from a dump.';

COMMENT ON COLUMN audit.seal.changes IS 'How many changes it covers.';

COMMENT ON COLUMN audit.seal.last_n IS 'The highest number of a change so far.';

COMMENT ON COLUMN audit.seal.leaves IS 'The SHA-256 of its changes.';

COMMENT ON COLUMN audit.seal.triggers IS 'The SHA-256 of the triggers that write and guard the trail.';

COMMENT ON COLUMN audit.seal.cluster IS 'The cluster of Postgres that counts the transactions.';

COMMENT ON COLUMN audit.seal.at IS 'When it was made.';

COMMENT ON COLUMN audit.seal.previous IS 'The root of the seal before it.';

COMMENT ON COLUMN audit.seal.root IS 'The SHA-256 of all columns before this one.';

CREATE TABLE identity.answer (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    actor text DEFAULT identity.actor() NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    body text,
    location text,
    kept_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE identity.answer IS 'The answers to writes with an Idempotency-Key, for requests that are repeated.';

COMMENT ON COLUMN identity.answer.clinic_id IS 'The clinic for which the request was made.';

COMMENT ON COLUMN identity.answer.actor IS 'Who made the request.';

COMMENT ON COLUMN identity.answer.key IS 'The key that the client chose.';

COMMENT ON COLUMN identity.answer.fingerprint IS 'A digest of the request: another one with the same key is refused.';

COMMENT ON COLUMN identity.answer.body IS 'The body of the answer; NULL where it has none.';

COMMENT ON COLUMN identity.answer.location IS 'The key of the new row, as a JSON array of texts; NULL where there is not one new row.';

COMMENT ON COLUMN identity.answer.kept_at IS 'When the change was made.';

CREATE VIEW identity.members WITH (security_invoker='true') AS
 SELECT DISTINCT m.login,
    g.rolname AS role,
    (m.clinic_id)::text AS tenant
   FROM (((identity.member m
     LEFT JOIN pg_roles r ON ((m.login = r.rolname)))
     LEFT JOIN pg_auth_members a ON (((r.oid = a.member) AND a.inherit_option)))
     LEFT JOIN pg_roles g ON ((a.roleid = g.oid)))
  ORDER BY (m.clinic_id)::text, m.login, g.rolname;

COMMENT ON VIEW identity.members IS 'The members of all clinics, a row for each role that a login has been granted.';

COMMENT ON COLUMN identity.members.role IS 'A role whose privileges the login has; NULL if it has none.';

COMMENT ON COLUMN identity.members.tenant IS 'The id of the clinic whose rows the login sees.';

CREATE TABLE public._yoyo_migration (
    migration_hash character varying(64) NOT NULL,
    migration_id character varying(255),
    applied_at_utc timestamp without time zone
);

CREATE VIEW reporting.aging WITH (security_invoker='true') AS
 WITH a AS (
         SELECT a.line_item_id,
            a.amount
           FROM billing.allocation a
        UNION ALL
         SELECT j.line_item_id,
                CASE
                    WHEN (j.group_code <> 'PR'::text) THEN j.amount
                    ELSE NULL::numeric
                END AS amount
           FROM billing.adjustment j
        ), charge AS (
         SELECT e.patient_id,
            (( SELECT ((CURRENT_TIMESTAMP AT TIME ZONE
                        CASE
                            WHEN (count(*) = 1) THEN min(o.time_zone)
                            ELSE 'America/New_York'::text
                        END))::date AS timezone
                   FROM billing.practice o) - e.date) AS age,
                CASE
                    WHEN ((e.status <> 'voided'::text) AND (NOT l.is_reversed)) THEN l.charge
                    ELSE (0)::numeric
                END AS amount
           FROM (billing.encounter e
             JOIN billing.line_item l ON ((e.id = l.encounter_id)))
          WHERE (l.charge IS NOT NULL)
        ), paid AS (
         SELECT e.patient_id,
            (( SELECT ((CURRENT_TIMESTAMP AT TIME ZONE
                        CASE
                            WHEN (count(*) = 1) THEN min(o.time_zone)
                            ELSE 'America/New_York'::text
                        END))::date AS timezone
                   FROM billing.practice o) - e.date) AS age,
            a.amount
           FROM ((billing.encounter e
             JOIN billing.line_item l ON ((e.id = l.encounter_id)))
             JOIN a ON ((l.id = a.line_item_id)))
        ), c AS (
         SELECT x.patient_id,
            COALESCE(sum(x.amount) FILTER (WHERE (x.age <= 30)), (0)::numeric) AS to_30_days,
            COALESCE(sum(x.amount) FILTER (WHERE ((x.age >= 31) AND (x.age <= 60))), (0)::numeric) AS to_60_days,
            COALESCE(sum(x.amount) FILTER (WHERE ((x.age >= 61) AND (x.age <= 90))), (0)::numeric) AS to_90_days,
            COALESCE(sum(x.amount) FILTER (WHERE (x.age > 90)), (0)::numeric) AS over_90_days
           FROM charge x
          GROUP BY x.patient_id
        ), d AS (
         SELECT x.patient_id,
            COALESCE(sum(x.amount) FILTER (WHERE (x.age <= 30)), (0)::numeric) AS to_30_days,
            COALESCE(sum(x.amount) FILTER (WHERE ((x.age >= 31) AND (x.age <= 60))), (0)::numeric) AS to_60_days,
            COALESCE(sum(x.amount) FILTER (WHERE ((x.age >= 61) AND (x.age <= 90))), (0)::numeric) AS to_90_days,
            COALESCE(sum(x.amount) FILTER (WHERE (x.age > 90)), (0)::numeric) AS over_90_days
           FROM paid x
          GROUP BY x.patient_id
        ), m AS (
         SELECT c.patient_id,
            (c.to_30_days - COALESCE(d.to_30_days, (0)::numeric)) AS to_30_days,
            (c.to_60_days - COALESCE(d.to_60_days, (0)::numeric)) AS to_60_days,
            (c.to_90_days - COALESCE(d.to_90_days, (0)::numeric)) AS to_90_days,
            (c.over_90_days - COALESCE(d.over_90_days, (0)::numeric)) AS over_90_days
           FROM (c
             LEFT JOIN d ON ((c.patient_id = d.patient_id)))
        )
 SELECT p.id AS patient_id,
    p.first_name,
    p.last_name,
    (m.to_30_days)::numeric(16,2) AS to_30_days,
    (m.to_60_days)::numeric(16,2) AS to_60_days,
    (m.to_90_days)::numeric(16,2) AS to_90_days,
    (m.over_90_days)::numeric(16,2) AS over_90_days,
    ((((m.to_30_days + m.to_60_days) + m.to_90_days) + m.over_90_days))::numeric(16,2) AS balance
   FROM (billing.patient p
     JOIN m ON ((p.id = m.patient_id)))
  WHERE ((((m.to_30_days + m.to_60_days) + m.to_90_days) + m.over_90_days) <> (0)::numeric)
  ORDER BY p.last_name, p.first_name, p.id;

COMMENT ON VIEW reporting.aging IS 'What patients'' bills still cost, by the days since the date of service, by name. Who owes nothing is not here.';

COMMENT ON COLUMN reporting.aging.patient_id IS 'The patient.';

COMMENT ON COLUMN reporting.aging.to_30_days IS 'Of visits up to 30 days ago.
Example: 50.24';

COMMENT ON COLUMN reporting.aging.to_60_days IS 'Of visits 31 to 60 days ago.
Example: 0.00';

COMMENT ON COLUMN reporting.aging.to_90_days IS 'Of visits 61 to 90 days ago.
Example: 0.00';

COMMENT ON COLUMN reporting.aging.over_90_days IS 'Of older visits.
Example: 0.00';

COMMENT ON COLUMN reporting.aging.balance IS 'All of it.
Example: 50.24';

CREATE VIEW reporting.charge_lag WITH (security_invoker='true') AS
 WITH t AS (
         SELECT
                CASE
                    WHEN (count(*) = 1) THEN min(o.time_zone)
                    ELSE 'America/New_York'::text
                END AS time_zone
           FROM billing.practice o
        )
 SELECT (date_trunc('month'::text, (e.date)::timestamp without time zone))::date AS month_start,
    e.provider_id,
    min(g.last_name) AS provider_last_name,
    count(*) AS encounter_count,
    (avg((((e.posted_at AT TIME ZONE t.time_zone))::date - e.date)))::numeric(7,1) AS mean_days,
    max((((e.posted_at AT TIME ZONE t.time_zone))::date - e.date)) AS most_days
   FROM ((billing.encounter e
     CROSS JOIN t)
     LEFT JOIN billing.provider g ON ((e.provider_id = g.id)))
  WHERE (e.status = ANY (ARRAY['posted'::text, 'billed'::text]))
  GROUP BY ((date_trunc('month'::text, (e.date)::timestamp without time zone))::date), e.provider_id
  ORDER BY ((date_trunc('month'::text, (e.date)::timestamp without time zone))::date), e.provider_id;

COMMENT ON VIEW reporting.charge_lag IS 'How many days after the visit a bill was posted, by month of the visit and provider.';

COMMENT ON COLUMN reporting.charge_lag.month_start IS 'The first day of the month.
Example: 2024-03-01';

COMMENT ON COLUMN reporting.charge_lag.provider_last_name IS 'The provider''s family name.
Example: Kim';

COMMENT ON COLUMN reporting.charge_lag.encounter_count IS 'The number of bills.
Example: 20';

COMMENT ON COLUMN reporting.charge_lag.mean_days IS 'The mean of the days from the visit to the posting, by the practice''s calendar.
Example: 2.5';

COMMENT ON COLUMN reporting.charge_lag.most_days IS 'The most days that one took.
Example: 14';

CREATE VIEW reporting.claim_faults WITH (security_invoker='true') AS
 WITH b AS (
         SELECT count(*) AS practice_count,
            min(o.npi) AS npi,
            min(o.tax_id) AS tax_id,
            bool_or((num_nulls(o.address_line_1, o.city, o.state, o.postal_code) > 0)) AS lacks_address,
            bool_and(billing.is_state(o.state)) AS is_in_a_state,
            min(LEAST(billing.count_written(o.name), billing.count_written(COALESCE(o.address_line_1, 'none'::text)), (billing.count_written(COALESCE(o.city, 'none'::text)) - 1))) AS written_count
           FROM billing.practice o
        )
 SELECT e.id AS encounter_id,
    e.date AS encounter_date,
    e.patient_id,
    p.first_name,
    p.last_name,
    f.fault
   FROM ((((((((((billing.encounter e
     JOIN billing.patient p ON ((e.patient_id = p.id)))
     LEFT JOIN billing.patient_detail d ON ((e.patient_id = d.patient_id)))
     LEFT JOIN billing.coverage c ON (((e.patient_id = c.patient_id) AND (c.priority = 'P'::text) AND ((e.date >= c.effective_on) AND (e.date <= COALESCE(c.ends_on, e.date))))))
     LEFT JOIN billing.payer y ON ((c.payer_id = y.id)))
     LEFT JOIN billing.provider g ON ((e.provider_id = g.id)))
     LEFT JOIN billing.claim_detail t ON ((e.id = t.encounter_id)))
     LEFT JOIN billing.diagnosis x ON (((e.id = x.encounter_id) AND (x."position" = 1))))
     CROSS JOIN b)
     CROSS JOIN LATERAL ( SELECT count(*) AS line_item_count,
            sum(l_1.charge) AS charges,
            bool_or((l_1.diagnosis_pointers = '{}'::smallint[])) AS lacks_pointer
           FROM billing.line_item l_1
          WHERE ((l_1.encounter_id = e.id) AND (NOT l_1.is_reversed))) l)
     CROSS JOIN LATERAL unnest(ARRAY[
        CASE
            WHEN (b.practice_count = 0) THEN 'The practice is not on record.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((b.practice_count = 1) AND (num_nulls(b.npi) = 1)) THEN 'The practice''s NPI is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((b.practice_count = 1) AND (num_nulls(b.tax_id) = 1)) THEN 'The practice''s tax id is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((b.practice_count = 1) AND b.lacks_address) THEN 'The practice''s address is incomplete.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(e.provider_id) = 1) THEN 'The provider is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(e.place_of_service) = 1) THEN 'The place of service is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(d.birth_date) = 1) THEN 'The patient''s birth date is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (d.birth_date > e.date) THEN 'The patient was born after the date of service.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(d.sex) = 1) THEN 'The patient''s sex is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(d.address_line_1, d.city, d.state, d.postal_code) > 0) THEN 'The patient''s address is incomplete.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((char_length(p.last_name) > 60) OR (char_length(p.first_name) > 35)) THEN 'The patient''s name is longer than a claim can hold.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(c.id) = 1) THEN 'The patient has no primary coverage on the date of service.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((c.relationship <> '18'::text) AND (num_nulls(c.subscriber_first_name) = 1)) THEN 'The subscriber''s first name is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN ((num_nulls(y.id) = 0) AND (num_nulls(y.payer_number) = 1)) THEN 'The payer''s number is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (num_nulls(x."position") = 1) THEN 'The first diagnosis is missing.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (l.line_item_count = 0) THEN 'All line items were reversed.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN l.lacks_pointer THEN 'A line item points at no diagnosis.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (l.charges >= (100000000)::numeric) THEN 'The claim asks for 100 million dollars or more.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (((t.related_cause = ANY (ARRAY['AA'::text, 'OA'::text])) AND (num_nulls(t.accident_date) = 1)) OR ((t.related_cause = 'AA'::text) AND (num_nulls(t.accident_state) = 1))) THEN 'The date of the accident is missing, or the state of a car accident.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (NOT (b.is_in_a_state AND billing.is_state(d.state) AND billing.is_state(y.state) AND billing.is_state(t.accident_state))) THEN 'The state of an address or of an accident is none of the USA.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (LEAST(b.written_count, billing.count_written(p.last_name), billing.count_written(COALESCE(g.last_name, 'none'::text)), billing.count_written(COALESCE(c.subscriber_last_name, 'none'::text)), billing.count_written(COALESCE(y.name, 'none'::text)), billing.count_written(COALESCE(d.address_line_1, 'none'::text)), (billing.count_written(COALESCE(d.city, 'none'::text)) - 1)) < 1) THEN 'A name or an address has no letters that a claim can hold.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (LEAST(char_length(y.payer_number), char_length(c.member_id)) < 2) THEN 'The payer''s number or the member id has only one character.'::text
            ELSE NULL::text
        END,
        CASE
            WHEN (t.prior_authorization_number !~ '^[ -)+-9;-\]_-{}]*$'::text) THEN 'The payer''s claim number or the prior authorization number has accents, or the signs * : ^ | ~.'::text
            ELSE NULL::text
        END]) f(fault))
  WHERE ((e.status = 'posted'::text) AND (f.fault <> ''::text))
  ORDER BY e.date, e.id, f.fault;

COMMENT ON VIEW reporting.claim_faults IS 'What a payer would refuse: of each encounter that is posted and not billed yet each fault, by date of service. An encounter that is not here can be claimed.';

COMMENT ON COLUMN reporting.claim_faults.encounter_id IS 'The encounter.';

COMMENT ON COLUMN reporting.claim_faults.encounter_date IS 'The date of service.';

COMMENT ON COLUMN reporting.claim_faults.fault IS 'What is wrong, as a sentence.
Example: The patient''s birth date is missing.';

CREATE VIEW reporting.code_utilisation WITH (security_invoker='true') AS
 WITH t AS (
         SELECT l.cpt_code,
            count(*) AS line_item_count,
            (sum((l.units)::numeric))::api.number AS unit_count
           FROM (billing.line_item l
             JOIN billing.encounter e ON ((l.encounter_id = e.id)))
          WHERE ((e.status <> 'voided'::text) AND (NOT l.is_reversed))
          GROUP BY l.cpt_code
        )
 SELECT t.cpt_code,
    c.description AS cpt_code_description,
    t.line_item_count,
    t.unit_count,
    (((t.unit_count)::numeric / sum((t.unit_count)::numeric) OVER ()))::numeric(9,8) AS share_of_units
   FROM (t
     JOIN billing.cpt_code c ON ((t.cpt_code = c.code)))
  ORDER BY t.unit_count DESC, t.cpt_code;

COMMENT ON VIEW reporting.code_utilisation IS 'How often each procedure code was billed, the most used first. Codes never billed are left out, and so are voided encounters and line items that were reversed.';

COMMENT ON COLUMN reporting.code_utilisation.cpt_code IS 'The procedure code.
Example: G0438';

COMMENT ON COLUMN reporting.code_utilisation.cpt_code_description IS 'What the procedure code stands for; the newest text.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN reporting.code_utilisation.line_item_count IS 'The number of line items with this code.
Example: 45';

COMMENT ON COLUMN reporting.code_utilisation.unit_count IS 'The sum of their units.
Example: 60';

COMMENT ON COLUMN reporting.code_utilisation.share_of_units IS 'The part of all units that has this code, from 0 to 1, rounded.
Example: 0.25000000';

CREATE VIEW reporting.encounters_without_line_items WITH (security_invoker='true') AS
 WITH t AS (
         SELECT
                CASE
                    WHEN (count(*) = 1) THEN min(o.time_zone)
                    ELSE 'America/New_York'::text
                END AS time_zone
           FROM billing.practice o
        )
 SELECT e.id AS encounter_id,
    e.date AS encounter_date,
    GREATEST((((CURRENT_TIMESTAMP AT TIME ZONE t.time_zone))::date - e.date), 0) AS age_in_days,
    e.patient_id,
    p.first_name,
    p.last_name
   FROM ((billing.encounter e
     JOIN billing.patient p ON ((e.patient_id = p.id)))
     CROSS JOIN t)
  WHERE ((e.status <> 'voided'::text) AND (NOT (EXISTS ( SELECT
           FROM billing.line_item l
          WHERE (l.encounter_id = e.id)))))
  ORDER BY e.date, e.id;

COMMENT ON VIEW reporting.encounters_without_line_items IS 'Visits for which nothing was billed yet, the oldest first. A missed charge shows nowhere else.';

COMMENT ON COLUMN reporting.encounters_without_line_items.encounter_id IS 'The encounter without a line item.';

COMMENT ON COLUMN reporting.encounters_without_line_items.encounter_date IS 'The date of service.';

COMMENT ON COLUMN reporting.encounters_without_line_items.age_in_days IS 'The days from the date of service to today, by the practice''s calendar.
Example: 7';

CREATE VIEW reporting.members WITH (security_invoker='true') AS
 SELECT (m.login)::text AS login,
    (g.rolname)::text AS role
   FROM (((identity.member m
     JOIN pg_roles r ON ((m.login = r.rolname)))
     JOIN pg_auth_members a ON (((r.oid = a.member) AND a.inherit_option)))
     JOIN pg_roles g ON ((a.roleid = g.oid)))
  ORDER BY m.login, g.rolname;

COMMENT ON VIEW reporting.members IS 'The people who log in to Postgres for the clinic, with a row for each of their roles.';

COMMENT ON COLUMN reporting.members.login IS 'The login of Postgres.
Example: grace';

COMMENT ON COLUMN reporting.members.role IS 'A role whose rights the login has.
Example: superbill_biller';

CREATE VIEW reporting.monthly_activity WITH (security_invoker='true') AS
 WITH t AS (
         SELECT l.encounter_id,
            count(*) AS line_item_count,
            sum((l.units)::numeric) AS unit_count
           FROM billing.line_item l
          WHERE (NOT l.is_reversed)
          GROUP BY l.encounter_id
        )
 SELECT (date_trunc('month'::text, (e.date)::timestamp without time zone))::date AS month_start,
    count(DISTINCT e.patient_id) AS patients_seen,
    count(*) AS encounter_count,
    (COALESCE(sum(t.line_item_count), (0)::numeric))::bigint AS line_item_count,
    (COALESCE(sum(t.unit_count), (0)::numeric))::api.number AS unit_count
   FROM (billing.encounter e
     LEFT JOIN t ON ((e.id = t.encounter_id)))
  WHERE (e.status <> 'voided'::text)
  GROUP BY ((date_trunc('month'::text, (e.date)::timestamp without time zone))::date)
  ORDER BY ((date_trunc('month'::text, (e.date)::timestamp without time zone))::date);

COMMENT ON VIEW reporting.monthly_activity IS 'What was done in each month of service, the first first. Months without a visit are left out, and so are voided encounters and line items that were reversed.';

COMMENT ON COLUMN reporting.monthly_activity.month_start IS 'The first day of the month.
Example: 2024-03-01';

COMMENT ON COLUMN reporting.monthly_activity.patients_seen IS 'The number of patients who had at least one encounter in the month.
Example: 12';

COMMENT ON COLUMN reporting.monthly_activity.encounter_count IS 'The number of encounters in the month.
Example: 20';

COMMENT ON COLUMN reporting.monthly_activity.line_item_count IS 'The number of line items of these encounters.
Example: 45';

COMMENT ON COLUMN reporting.monthly_activity.unit_count IS 'The sum of their units.
Example: 60';

CREATE VIEW reporting.monthly_charges WITH (security_invoker='true') AS
 SELECT (date_trunc('month'::text, (lower(l.day))::timestamp without time zone))::date AS month_start,
    e.provider_id,
    l.cpt_code,
    count(*) AS line_item_count,
    (sum((l.units)::numeric))::api.number AS unit_count,
    (sum(l.charge))::numeric(16,2) AS charges
   FROM (billing.encounter e
     JOIN billing.line_item l ON ((e.id = l.encounter_id)))
  WHERE ((e.status = ANY (ARRAY['posted'::text, 'billed'::text])) AND (NOT l.is_reversed))
  GROUP BY ((date_trunc('month'::text, (lower(l.day))::timestamp without time zone))::date), e.provider_id, l.cpt_code
  ORDER BY ((date_trunc('month'::text, (lower(l.day))::timestamp without time zone))::date), e.provider_id, l.cpt_code;

COMMENT ON VIEW reporting.monthly_charges IS 'What was charged for the work of each month, by provider and procedure code, without what was reversed or voided.';

COMMENT ON COLUMN reporting.monthly_charges.month_start IS 'The first day of the month of service.
Example: 2024-03-01';

COMMENT ON COLUMN reporting.monthly_charges.cpt_code IS 'The procedure code.
Example: G0438';

COMMENT ON COLUMN reporting.monthly_charges.line_item_count IS 'The number of line items.
Example: 45';

COMMENT ON COLUMN reporting.monthly_charges.unit_count IS 'The sum of their units.
Example: 60';

COMMENT ON COLUMN reporting.monthly_charges.charges IS 'What they cost.
Example: 5625.00';

CREATE VIEW reporting.names_to_correct WITH (security_invoker='true') AS
 SELECT id AS patient_id,
    first_name,
    last_name
   FROM billing.patient p
  WHERE ((char_length(first_name) > 35) OR (char_length(last_name) > 60) OR (concat_ws('x'::text, first_name, last_name) ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]'::text) OR (first_name ~ '^[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'::text) OR (first_name ~ '[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$'::text) OR (last_name ~ '^[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]'::text) OR (last_name ~ '[\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]$'::text))
  ORDER BY id;

COMMENT ON VIEW reporting.names_to_correct IS 'Patients whose names no claim can carry, because they were stored before that was checked: longer than 35 and 60 characters, with control characters, or with blanks at their edges.';

COMMENT ON COLUMN reporting.names_to_correct.patient_id IS 'The patient.';

CREATE VIEW reporting.patient_balances WITH (security_invoker='true') AS
 WITH x AS (
         SELECT e.patient_id,
                CASE
                    WHEN ((e.status <> 'voided'::text) AND (NOT l.is_reversed)) THEN l.charge
                    ELSE (0)::numeric
                END AS charge,
            NULL::numeric AS patient_payment,
            NULL::numeric AS payer_payment,
            NULL::numeric AS adjustment
           FROM (billing.encounter e
             JOIN billing.line_item l ON ((e.id = l.encounter_id)))
          WHERE (l.charge IS NOT NULL)
        UNION ALL
         SELECT y.patient_id,
            NULL::numeric AS charge,
                CASE
                    WHEN (y.payer_id IS NULL) THEN a.amount
                    ELSE NULL::numeric
                END AS patient_payment,
                CASE
                    WHEN (y.payer_id IS NOT NULL) THEN a.amount
                    ELSE NULL::numeric
                END AS payer_payment,
            NULL::numeric AS adjustment
           FROM (billing.payment y
             JOIN billing.allocation a ON ((y.id = a.payment_id)))
        UNION ALL
         SELECT e.patient_id,
            NULL::numeric AS charge,
            NULL::numeric AS patient_payment,
            NULL::numeric AS payer_payment,
            j.amount AS adjustment
           FROM ((billing.encounter e
             JOIN billing.line_item l ON ((e.id = l.encounter_id)))
             JOIN billing.adjustment j ON ((l.id = j.line_item_id)))
          WHERE (j.group_code <> 'PR'::text)
        ), m AS (
         SELECT x.patient_id,
            COALESCE(sum(x.charge), (0)::numeric) AS charges,
            COALESCE(sum(x.patient_payment), (0)::numeric) AS patient_payments,
            COALESCE(sum(x.payer_payment), (0)::numeric) AS payer_payments,
            COALESCE(sum(x.adjustment), (0)::numeric) AS adjustments
           FROM x
          GROUP BY x.patient_id
        )
 SELECT p.id AS patient_id,
    p.first_name,
    p.last_name,
    (m.charges)::numeric(16,2) AS charges,
    (m.patient_payments)::numeric(16,2) AS patient_payments,
    (m.payer_payments)::numeric(16,2) AS payer_payments,
    (m.adjustments)::numeric(16,2) AS adjustments,
    ((((m.charges - m.patient_payments) - m.payer_payments) - m.adjustments))::numeric(16,2) AS balance
   FROM (billing.patient p
     JOIN m ON ((p.id = m.patient_id)))
  ORDER BY p.last_name, p.first_name, p.id;

COMMENT ON VIEW reporting.patient_balances IS 'What each patient''s bills cost, what was paid for them, and what is still owed, by name. Payments count once they are allocated to line items.';

COMMENT ON COLUMN reporting.patient_balances.patient_id IS 'The patient.';

COMMENT ON COLUMN reporting.patient_balances.charges IS 'What it cost, without what was reversed or voided.
Example: 200.23';

COMMENT ON COLUMN reporting.patient_balances.patient_payments IS 'What the patient paid.
Example: 25.00';

COMMENT ON COLUMN reporting.patient_balances.payer_payments IS 'What payers paid.
Example: 99.99';

COMMENT ON COLUMN reporting.patient_balances.adjustments IS 'What is not asked for any more, such as what a contract with the payer takes off.
Example: 25.00';

COMMENT ON COLUMN reporting.patient_balances.balance IS 'What is still owed, by the patient and by payers; less than 0 if too much was paid.
Example: 50.24';

CREATE VIEW reporting.patient_statements WITH (security_invoker='true') AS
 SELECT e.patient_id,
    p.first_name,
    p.last_name,
    e.id AS encounter_id,
    e.date AS encounter_date,
    l.id AS line_item_id,
    l.cpt_code,
    v.description AS cpt_code_description,
    l.units,
    (
        CASE
            WHEN ((e.status <> 'voided'::text) AND (NOT l.is_reversed)) THEN l.charge
            ELSE ((0)::numeric * l.charge)
        END)::numeric(16,2) AS charge,
    ((a.payments + ((0)::numeric * l.charge)))::numeric(16,2) AS payments,
    ((j.adjustments + ((0)::numeric * l.charge)))::numeric(16,2) AS adjustments,
    (((
        CASE
            WHEN ((e.status <> 'voided'::text) AND (NOT l.is_reversed)) THEN l.charge
            ELSE ((0)::numeric * l.charge)
        END - a.payments) - j.adjustments))::numeric(16,2) AS balance
   FROM (((((billing.encounter e
     JOIN billing.patient p ON ((e.patient_id = p.id)))
     LEFT JOIN billing.line_item l ON ((e.id = l.encounter_id)))
     LEFT JOIN billing.cpt_code_version v ON (((v.code = (l.cpt_code)::name) AND (l.day <@ v.valid_during))))
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(a_1.amount), (0)::numeric) AS payments
           FROM billing.allocation a_1
          WHERE (a_1.line_item_id = l.id)) a)
     CROSS JOIN LATERAL ( SELECT COALESCE(sum(j_1.amount), (0)::numeric) AS adjustments
           FROM billing.adjustment j_1
          WHERE ((j_1.line_item_id = l.id) AND (j_1.group_code <> 'PR'::text))) j)
  WHERE (((e.status <> 'voided'::text) AND (NOT COALESCE(l.is_reversed, false))) OR ((a.payments + j.adjustments) <> (0)::numeric))
  ORDER BY e.patient_id, e.date, e.id, l.id;

COMMENT ON VIEW reporting.patient_statements IS 'Each patient''s statement: every visit by date, and a row for each thing that was done, with what it cost, what was paid, and what is still owed. A visit for which nothing was billed has one row without a line item.';

COMMENT ON COLUMN reporting.patient_statements.encounter_id IS 'The encounter.';

COMMENT ON COLUMN reporting.patient_statements.encounter_date IS 'The date of service.';

COMMENT ON COLUMN reporting.patient_statements.line_item_id IS 'The line item, or nothing if nothing was billed.';

COMMENT ON COLUMN reporting.patient_statements.cpt_code_description IS 'What the procedure code stood for on the date of service.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN reporting.patient_statements.charge IS 'What it cost: 0.00 if it was reversed or the bill voided, nothing before it is posted.
Example: 125.00';

COMMENT ON COLUMN reporting.patient_statements.payments IS 'What was paid, by the patient and by payers.
Example: 124.99';

COMMENT ON COLUMN reporting.patient_statements.adjustments IS 'What is not asked for any more, such as what a contract with the payer takes off.
Example: 25.00';

COMMENT ON COLUMN reporting.patient_statements.balance IS 'What is still owed, by the patient and by payers.
Example: 50.24';

CREATE VIEW reporting.unbilled_encounters WITH (security_invoker='true') AS
 WITH t AS (
         SELECT
                CASE
                    WHEN (count(*) = 1) THEN min(o.time_zone)
                    ELSE 'America/New_York'::text
                END AS time_zone
           FROM billing.practice o
        )
 SELECT e.id AS encounter_id,
    e.date AS encounter_date,
    (e.status = 'posted'::text) AS is_posted,
    e.patient_id,
    p.first_name,
    p.last_name,
    e.provider_id,
    y.name AS payer_name,
    (e.date + (y.filing_days)::integer) AS file_by,
    ((e.date + (y.filing_days)::integer) - ((CURRENT_TIMESTAMP AT TIME ZONE t.time_zone))::date) AS days_left
   FROM ((((billing.encounter e
     JOIN billing.patient p ON ((e.patient_id = p.id)))
     CROSS JOIN t)
     LEFT JOIN billing.coverage c ON (((e.patient_id = c.patient_id) AND (c.priority = 'P'::text) AND ((e.date >= c.effective_on) AND (e.date <= COALESCE(c.ends_on, e.date))))))
     LEFT JOIN billing.payer y ON ((c.payer_id = y.id)))
  WHERE (e.status = ANY (ARRAY['draft'::text, 'posted'::text]))
  ORDER BY (e.date + (y.filing_days)::integer), e.date, e.id;

COMMENT ON VIEW reporting.unbilled_encounters IS 'Visits that no claim was made of yet: drafts, and bills that are posted. The one that has to be filed first is first; those without a payer, who sets no date, are last.';

COMMENT ON COLUMN reporting.unbilled_encounters.encounter_id IS 'The encounter.';

COMMENT ON COLUMN reporting.unbilled_encounters.encounter_date IS 'The date of service.';

COMMENT ON COLUMN reporting.unbilled_encounters.is_posted IS 'Whether it was posted, so that it can be claimed.';

COMMENT ON COLUMN reporting.unbilled_encounters.payer_name IS 'Who insures the patient first on the day; nothing if nobody does.
Example: Medicare';

COMMENT ON COLUMN reporting.unbilled_encounters.file_by IS 'The last day on which the payer takes the claim.
Example: 2025-03-01';

COMMENT ON COLUMN reporting.unbilled_encounters.days_left IS 'The days from today to then, less than 0 if it has passed, by the practice''s calendar.
Example: 92';

ALTER TABLE ONLY audit.change ATTACH PARTITION audit.change_other DEFAULT;

ALTER TABLE ONLY audit.read ATTACH PARTITION audit.read_other DEFAULT;

ALTER TABLE ONLY audit.change
    ADD CONSTRAINT change_pkey PRIMARY KEY (clinic_id, at, n);

COMMENT ON CONSTRAINT change_pkey ON audit.change IS 'A change has a number of its own.';

ALTER TABLE ONLY audit.change_other
    ADD CONSTRAINT change_other_pkey PRIMARY KEY (clinic_id, at, n);

ALTER TABLE ONLY audit.read
    ADD CONSTRAINT read_pkey PRIMARY KEY (clinic_id, at, request);

COMMENT ON CONSTRAINT read_pkey ON audit.read IS 'A request is recorded once.';

ALTER TABLE ONLY audit.read_other
    ADD CONSTRAINT read_other_pkey PRIMARY KEY (clinic_id, at, request);

ALTER TABLE ONLY audit.seal
    ADD CONSTRAINT seal_pkey PRIMARY KEY (n);

COMMENT ON CONSTRAINT seal_pkey ON audit.seal IS 'A seal has a number of its own.';

ALTER TABLE ONLY billing.adjustment
    ADD CONSTRAINT adjustment_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT adjustment_pkey ON billing.adjustment IS 'An adjustment''s id belongs to one adjustment only.';

ALTER TABLE ONLY billing.allocation
    ADD CONSTRAINT allocation_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT allocation_pkey ON billing.allocation IS 'An allocation''s id belongs to one allocation only.';

ALTER TABLE ONLY billing.claim
    ADD CONSTRAINT claim_control_number_key UNIQUE (clinic_id, control_number);

COMMENT ON CONSTRAINT claim_control_number_key ON billing.claim IS 'A control number belongs to one claim only.';

ALTER TABLE ONLY billing.claim_detail
    ADD CONSTRAINT claim_detail_pkey PRIMARY KEY (clinic_id, encounter_id);

COMMENT ON CONSTRAINT claim_detail_pkey ON billing.claim_detail IS 'An encounter has its claim details only once.';

ALTER TABLE ONLY billing.claim
    ADD CONSTRAINT claim_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT claim_pkey ON billing.claim IS 'A claim''s id belongs to one claim only.';

ALTER TABLE ONLY billing.coverage
    ADD CONSTRAINT coverage_is_one_a_day EXCLUDE USING gist (clinic_id WITH =, patient_id WITH =, priority WITH =, valid_during WITH &&);

COMMENT ON CONSTRAINT coverage_is_one_a_day ON billing.coverage IS 'A patient has one coverage of each priority on a day; end the one that is there on the day before.';

ALTER TABLE ONLY billing.coverage
    ADD CONSTRAINT coverage_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT coverage_pkey ON billing.coverage IS 'A coverage''s id belongs to one coverage only.';

ALTER TABLE ONLY billing.cpt_code
    ADD CONSTRAINT cpt_code_pkey PRIMARY KEY (code);

COMMENT ON CONSTRAINT cpt_code_pkey ON billing.cpt_code IS 'A procedure code is listed only once.';

ALTER TABLE ONLY billing.cpt_code_version
    ADD CONSTRAINT cpt_code_version_code_hash_valid_during_key UNIQUE (code_hash, valid_during WITHOUT OVERLAPS);

COMMENT ON CONSTRAINT cpt_code_version_code_hash_valid_during_key ON billing.cpt_code_version IS 'A procedure code has one version on a day.';

ALTER TABLE ONLY billing.cpt_code_version
    ADD CONSTRAINT cpt_code_version_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT cpt_code_version_pkey ON billing.cpt_code_version IS 'A version''s id belongs to one version only.';

ALTER TABLE ONLY billing.diagnosis_code
    ADD CONSTRAINT diagnosis_code_pkey PRIMARY KEY (code);

COMMENT ON CONSTRAINT diagnosis_code_pkey ON billing.diagnosis_code IS 'A diagnosis code is listed only once.';

ALTER TABLE ONLY billing.diagnosis_code_version
    ADD CONSTRAINT diagnosis_code_version_code_hash_valid_during_key UNIQUE (code_hash, valid_during WITHOUT OVERLAPS);

COMMENT ON CONSTRAINT diagnosis_code_version_code_hash_valid_during_key ON billing.diagnosis_code_version IS 'A diagnosis code has one version on a day.';

ALTER TABLE ONLY billing.diagnosis_code_version
    ADD CONSTRAINT diagnosis_code_version_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT diagnosis_code_version_pkey ON billing.diagnosis_code_version IS 'A version''s id belongs to one version only.';

ALTER TABLE ONLY billing.diagnosis
    ADD CONSTRAINT diagnosis_encounter_id_diagnosis_code_key UNIQUE (clinic_id, encounter_id, diagnosis_code);

COMMENT ON CONSTRAINT diagnosis_encounter_id_diagnosis_code_key ON billing.diagnosis IS 'An encounter has each diagnosis only once.';

ALTER TABLE ONLY billing.diagnosis
    ADD CONSTRAINT diagnosis_pkey PRIMARY KEY (clinic_id, encounter_id, "position");

COMMENT ON CONSTRAINT diagnosis_pkey ON billing.diagnosis IS 'An encounter has one diagnosis at each position.';

ALTER TABLE ONLY billing.drug
    ADD CONSTRAINT drug_pkey PRIMARY KEY (clinic_id, line_item_id);

COMMENT ON CONSTRAINT drug_pkey ON billing.drug IS 'A line item has one drug.';

ALTER TABLE ONLY billing.encounter
    ADD CONSTRAINT encounter_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT encounter_pkey ON billing.encounter IS 'An encounter''s id belongs to one encounter only.';

ALTER TABLE ONLY billing.fee
    ADD CONSTRAINT fee_is_one_a_day EXCLUDE USING gist (clinic_id WITH =, cpt_code WITH =, modifier WITH =, valid_during WITH &&);

COMMENT ON CONSTRAINT fee_is_one_a_day ON billing.fee IS 'A procedure code has one fee on each day for each modifier; end the one that is there on the day before.';

ALTER TABLE ONLY billing.fee
    ADD CONSTRAINT fee_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT fee_pkey ON billing.fee IS 'A fee''s id belongs to one fee only.';

ALTER TABLE ONLY billing.interchange
    ADD CONSTRAINT interchange_control_number_key UNIQUE (clinic_id, control_number);

COMMENT ON CONSTRAINT interchange_control_number_key ON billing.interchange IS 'A control number belongs to one interchange only.';

ALTER TABLE ONLY billing.interchange
    ADD CONSTRAINT interchange_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT interchange_pkey ON billing.interchange IS 'An interchange''s id belongs to one interchange only.';

ALTER TABLE ONLY billing.line_item
    ADD CONSTRAINT line_item_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT line_item_pkey ON billing.line_item IS 'A line item''s id belongs to one line item only.';

ALTER TABLE ONLY billing.modifier
    ADD CONSTRAINT modifier_pkey PRIMARY KEY (code);

COMMENT ON CONSTRAINT modifier_pkey ON billing.modifier IS 'A modifier is listed only once.';

ALTER TABLE ONLY billing.modifier_version
    ADD CONSTRAINT modifier_version_code_valid_during_key UNIQUE (code, valid_during WITHOUT OVERLAPS);

COMMENT ON CONSTRAINT modifier_version_code_valid_during_key ON billing.modifier_version IS 'A modifier has one version on a day.';

ALTER TABLE ONLY billing.modifier_version
    ADD CONSTRAINT modifier_version_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT modifier_version_pkey ON billing.modifier_version IS 'A version''s id belongs to one version only.';

ALTER TABLE ONLY billing.patient_detail
    ADD CONSTRAINT patient_detail_external_id_key UNIQUE (clinic_id, external_id);

COMMENT ON CONSTRAINT patient_detail_external_id_key ON billing.patient_detail IS 'An external id belongs to one patient only.';

ALTER TABLE ONLY billing.patient_detail
    ADD CONSTRAINT patient_detail_pkey PRIMARY KEY (clinic_id, patient_id);

COMMENT ON CONSTRAINT patient_detail_pkey ON billing.patient_detail IS 'A patient has one row of details; change the one that is there.';

ALTER TABLE billing.patient
    ADD CONSTRAINT patient_first_name_has_at_most_35_characters CHECK ((char_length(first_name) <= 35)) NOT VALID;

COMMENT ON CONSTRAINT patient_first_name_has_at_most_35_characters ON billing.patient IS 'A patient''s first name must have at most 35 characters, which is what a claim holds.';

ALTER TABLE billing.patient
    ADD CONSTRAINT patient_first_name_has_no_blanks_at_its_edges CHECK ((first_name ~ '^([^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000](.*[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])?)?$'::text)) NOT VALID;

COMMENT ON CONSTRAINT patient_first_name_has_no_blanks_at_its_edges ON billing.patient IS 'A patient''s first name must neither begin nor end with a blank.';

ALTER TABLE billing.patient
    ADD CONSTRAINT patient_first_name_has_no_control_characters CHECK ((first_name ~ '^[^\u0001-\u001f\u007f-\u009f\u2028\u2029]*$'::text)) NOT VALID;

COMMENT ON CONSTRAINT patient_first_name_has_no_control_characters ON billing.patient IS 'A patient''s first name must have no tabs, line breaks or other control characters.';

ALTER TABLE billing.patient
    ADD CONSTRAINT patient_last_name_has_at_most_60_characters CHECK ((char_length(last_name) <= 60)) NOT VALID;

COMMENT ON CONSTRAINT patient_last_name_has_at_most_60_characters ON billing.patient IS 'A patient''s last name must have at most 60 characters, which is what a claim holds.';

ALTER TABLE billing.patient
    ADD CONSTRAINT patient_last_name_has_no_blanks_at_its_edges CHECK ((last_name ~ '^[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000](.*[^\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])?$'::text)) NOT VALID;

COMMENT ON CONSTRAINT patient_last_name_has_no_blanks_at_its_edges ON billing.patient IS 'A patient''s last name must neither begin nor end with a blank.';

ALTER TABLE billing.patient
    ADD CONSTRAINT patient_last_name_has_no_control_characters CHECK ((last_name ~ '^[^\u0001-\u001f\u007f-\u009f\u2028\u2029]*$'::text)) NOT VALID;

COMMENT ON CONSTRAINT patient_last_name_has_no_control_characters ON billing.patient IS 'A patient''s last name must have no tabs, line breaks or other control characters.';

ALTER TABLE ONLY billing.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT patient_pkey ON billing.patient IS 'A patient''s id belongs to one patient only.';

ALTER TABLE ONLY billing.payer
    ADD CONSTRAINT payer_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT payer_pkey ON billing.payer IS 'A payer''s id belongs to one payer only.';

ALTER TABLE ONLY billing.payment
    ADD CONSTRAINT payment_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT payment_pkey ON billing.payment IS 'A payment''s id belongs to one payment only.';

ALTER TABLE ONLY billing.place_of_service
    ADD CONSTRAINT place_of_service_pkey PRIMARY KEY (code);

COMMENT ON CONSTRAINT place_of_service_pkey ON billing.place_of_service IS 'A place of service is listed only once.';

ALTER TABLE ONLY billing.place_of_service_version
    ADD CONSTRAINT place_of_service_version_code_valid_during_key UNIQUE (code, valid_during WITHOUT OVERLAPS);

COMMENT ON CONSTRAINT place_of_service_version_code_valid_during_key ON billing.place_of_service_version IS 'A place of service has one version on a day.';

ALTER TABLE ONLY billing.place_of_service_version
    ADD CONSTRAINT place_of_service_version_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT place_of_service_version_pkey ON billing.place_of_service_version IS 'A version''s id belongs to one version only.';

ALTER TABLE ONLY billing.practice
    ADD CONSTRAINT practice_clinic_id_key UNIQUE (clinic_id);

COMMENT ON CONSTRAINT practice_clinic_id_key ON billing.practice IS 'A clinic has one practice; change the one that is there.';

ALTER TABLE ONLY billing.practice
    ADD CONSTRAINT practice_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT practice_pkey ON billing.practice IS 'A practice''s id belongs to one practice only.';

ALTER TABLE ONLY billing.provider
    ADD CONSTRAINT provider_npi_key UNIQUE (clinic_id, npi);

COMMENT ON CONSTRAINT provider_npi_key ON billing.provider IS 'An NPI belongs to one provider only.';

ALTER TABLE ONLY billing.provider
    ADD CONSTRAINT provider_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT provider_pkey ON billing.provider IS 'A provider''s id belongs to one provider only.';

ALTER TABLE ONLY billing.reversal
    ADD CONSTRAINT reversal_pkey PRIMARY KEY (clinic_id, line_item_id);

COMMENT ON CONSTRAINT reversal_pkey ON billing.reversal IS 'A line item can be reversed only once.';

ALTER TABLE ONLY billing.submission
    ADD CONSTRAINT submission_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT submission_pkey ON billing.submission IS 'A submission''s id belongs to one submission only.';

ALTER TABLE ONLY billing.trading_partner
    ADD CONSTRAINT trading_partner_pkey PRIMARY KEY (clinic_id, id);

COMMENT ON CONSTRAINT trading_partner_pkey ON billing.trading_partner IS 'A trading partner''s id belongs to one trading partner only.';

ALTER TABLE ONLY identity.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (clinic_id, actor, key);

COMMENT ON CONSTRAINT answer_pkey ON identity.answer IS 'A caller uses a key for one request only.';

ALTER TABLE ONLY identity.clinic
    ADD CONSTRAINT clinic_pkey PRIMARY KEY (id);

COMMENT ON CONSTRAINT clinic_pkey ON identity.clinic IS 'A clinic''s id belongs to one clinic only.';

ALTER TABLE ONLY identity.member
    ADD CONSTRAINT member_pkey PRIMARY KEY (login);

COMMENT ON CONSTRAINT member_pkey ON identity.member IS 'A login belongs to one clinic only.';

ALTER TABLE ONLY public._yoyo_migration
    ADD CONSTRAINT _yoyo_migration_pkey PRIMARY KEY (migration_hash);

CREATE INDEX change_actor_at_n_idx ON ONLY audit.change USING btree (clinic_id, actor, at, n);

COMMENT ON INDEX audit.change_actor_at_n_idx IS 'Lists what somebody changed.';

CREATE INDEX change_other_clinic_id_actor_at_n_idx ON audit.change_other USING btree (clinic_id, actor, at, n);

CREATE INDEX change_record_at_n_idx ON ONLY audit.change USING btree (clinic_id, record, at, n);

COMMENT ON INDEX audit.change_record_at_n_idx IS 'Lists the changes of a record.';

CREATE INDEX change_other_clinic_id_record_at_n_idx ON audit.change_other USING btree (clinic_id, record, at, n);

CREATE INDEX change_tx_idx ON ONLY audit.change USING btree (tx);

COMMENT ON INDEX audit.change_tx_idx IS 'Finds the changes that have not been sealed.';

CREATE INDEX change_other_tx_idx ON audit.change_other USING btree (tx);

CREATE INDEX read_actor_at_request_idx ON ONLY audit.read USING btree (clinic_id, actor, at, request);

COMMENT ON INDEX audit.read_actor_at_request_idx IS 'Lists what somebody read.';

CREATE INDEX read_other_clinic_id_actor_at_request_idx ON audit.read_other USING btree (clinic_id, actor, at, request);

CREATE INDEX read_record_at_request_idx ON ONLY audit.read USING btree (clinic_id, record, at, request);

COMMENT ON INDEX audit.read_record_at_request_idx IS 'Lists who read a record.';

CREATE INDEX read_other_clinic_id_record_at_request_idx ON audit.read_other USING btree (clinic_id, record, at, request);

CREATE INDEX adjustment_line_item_id_id_idx ON billing.adjustment USING btree (clinic_id, line_item_id, id);

COMMENT ON INDEX billing.adjustment_line_item_id_id_idx IS 'Lists the adjustments of a line item, page by page.';

CREATE INDEX allocation_line_item_id_id_idx ON billing.allocation USING btree (clinic_id, line_item_id, id);

COMMENT ON INDEX billing.allocation_line_item_id_id_idx IS 'Lists what was paid for a line item, page by page.';

CREATE INDEX allocation_payment_id_id_idx ON billing.allocation USING btree (clinic_id, payment_id, id);

COMMENT ON INDEX billing.allocation_payment_id_id_idx IS 'Lists the allocations of a payment, page by page.';

CREATE INDEX claim_encounter_id_id_idx ON billing.claim USING btree (clinic_id, encounter_id, id);

COMMENT ON INDEX billing.claim_encounter_id_id_idx IS 'Lists an encounter''s claims, page by page.';

CREATE UNIQUE INDEX claim_original_is_one ON billing.claim USING btree (clinic_id, encounter_id, coverage_id) WHERE (frequency = '1'::text);

COMMENT ON INDEX billing.claim_original_is_one IS 'An encounter has one original claim by each coverage.';

CREATE INDEX coverage_member_id_id_idx ON billing.coverage USING btree (clinic_id, member_id, id);

COMMENT ON INDEX billing.coverage_member_id_id_idx IS 'Finds coverages by the number on the card, page by page.';

CREATE INDEX coverage_patient_id_id_idx ON billing.coverage USING btree (clinic_id, patient_id, id);

COMMENT ON INDEX billing.coverage_patient_id_id_idx IS 'Lists a patient''s coverages, page by page.';

CREATE INDEX coverage_payer_id_id_idx ON billing.coverage USING btree (clinic_id, payer_id, id);

COMMENT ON INDEX billing.coverage_payer_id_id_idx IS 'Lists the coverages by a payer, page by page.';

CREATE INDEX cpt_code_description_idx ON billing.cpt_code USING gin (description public.gin_trgm_ops) WITH (fastupdate=off);

COMMENT ON INDEX billing.cpt_code_description_idx IS 'Finds the procedure codes whose description contains a text.';

CREATE INDEX cpt_code_version_code_id_idx ON billing.cpt_code_version USING btree (code, id);

COMMENT ON INDEX billing.cpt_code_version_code_id_idx IS 'Finds what a procedure code stood for, and lists its versions.';

CREATE INDEX cpt_code_version_code_valid_during_idx ON billing.cpt_code_version USING gist (code, valid_during);

COMMENT ON INDEX billing.cpt_code_version_code_valid_during_idx IS 'Finds the version of a procedure code on a day.';

CREATE INDEX diagnosis_code_description_idx ON billing.diagnosis_code USING gin (description public.gin_trgm_ops);

COMMENT ON INDEX billing.diagnosis_code_description_idx IS 'Finds the diagnosis codes whose description contains a text.';

CREATE INDEX diagnosis_code_version_code_id_idx ON billing.diagnosis_code_version USING btree (code, id);

COMMENT ON INDEX billing.diagnosis_code_version_code_id_idx IS 'Finds what a diagnosis code stood for, and lists its versions.';

CREATE INDEX diagnosis_code_version_code_valid_during_idx ON billing.diagnosis_code_version USING gist (code, valid_during);

COMMENT ON INDEX billing.diagnosis_code_version_code_valid_during_idx IS 'Finds the version of a diagnosis code on a day.';

CREATE INDEX encounter_date_id_idx ON billing.encounter USING btree (clinic_id, date, id);

COMMENT ON INDEX billing.encounter_date_id_idx IS 'Lists encounters by date, page by page.';

CREATE INDEX encounter_patient_id_date_id_idx ON billing.encounter USING btree (clinic_id, patient_id, date, id);

COMMENT ON INDEX billing.encounter_patient_id_date_id_idx IS 'Lists a patient''s encounters by date, page by page.';

CREATE INDEX encounter_patient_id_id_idx ON billing.encounter USING btree (clinic_id, patient_id, id);

COMMENT ON INDEX billing.encounter_patient_id_id_idx IS 'Lists a patient''s encounters as they were added, page by page.';

CREATE INDEX encounter_provider_id_date_id_idx ON billing.encounter USING btree (clinic_id, provider_id, date, id);

COMMENT ON INDEX billing.encounter_provider_id_date_id_idx IS 'Lists a provider''s encounters by date, page by page.';

CREATE INDEX encounter_provider_id_id_idx ON billing.encounter USING btree (clinic_id, provider_id, id);

COMMENT ON INDEX billing.encounter_provider_id_id_idx IS 'Lists a provider''s encounters, page by page.';

CREATE INDEX encounter_status_date_id_idx ON billing.encounter USING btree (clinic_id, status, date, id);

COMMENT ON INDEX billing.encounter_status_date_id_idx IS 'Lists encounters by status and date: what is to be posted, or billed.';

CREATE INDEX fee_cpt_code_id_idx ON billing.fee USING btree (clinic_id, cpt_code, id);

COMMENT ON INDEX billing.fee_cpt_code_id_idx IS 'Lists the fees of a procedure code, page by page.';

CREATE INDEX interchange_created_at_id_idx ON billing.interchange USING btree (clinic_id, created_at, id);

COMMENT ON INDEX billing.interchange_created_at_id_idx IS 'Lists interchanges by the time at which they were made, page by page.';

CREATE INDEX interchange_trading_partner_id_id_idx ON billing.interchange USING btree (clinic_id, trading_partner_id, id);

COMMENT ON INDEX billing.interchange_trading_partner_id_id_idx IS 'Lists the interchanges with a trading partner, page by page.';

CREATE INDEX line_item_encounter_id_id_idx ON billing.line_item USING btree (clinic_id, encounter_id, id);

COMMENT ON INDEX billing.line_item_encounter_id_id_idx IS 'Lists an encounter''s line items in the order in which they were added.';

CREATE INDEX modifier_version_code_id_idx ON billing.modifier_version USING btree (code, id);

COMMENT ON INDEX billing.modifier_version_code_id_idx IS 'Finds what a modifier stood for, and lists its versions.';

CREATE INDEX patient_detail_birth_date_patient_id_idx ON billing.patient_detail USING btree (clinic_id, birth_date, patient_id);

COMMENT ON INDEX billing.patient_detail_birth_date_patient_id_idx IS 'Finds patients by date of birth, page by page.';

CREATE INDEX patient_detail_phone_patient_id_idx ON billing.patient_detail USING btree (clinic_id, phone, patient_id);

COMMENT ON INDEX billing.patient_detail_phone_patient_id_idx IS 'Finds patients by telephone number, page by page.';

CREATE INDEX patient_last_name_id_idx ON billing.patient USING btree (clinic_id, last_name, id);

COMMENT ON INDEX billing.patient_last_name_id_idx IS 'Finds and lists patients by last name, page by page.';

CREATE INDEX patient_last_name_search_idx ON billing.patient USING btree (clinic_id, last_name_search, id);

COMMENT ON INDEX billing.patient_last_name_search_idx IS 'Finds patients by the beginning of the last name, accents and case aside.';

CREATE INDEX payer_name_id_idx ON billing.payer USING btree (clinic_id, name, id);

COMMENT ON INDEX billing.payer_name_id_idx IS 'Finds and lists payers by name, page by page.';

CREATE INDEX payer_payer_number_id_idx ON billing.payer USING btree (clinic_id, payer_number, id);

COMMENT ON INDEX billing.payer_payer_number_id_idx IS 'Finds payers by number, page by page.';

CREATE INDEX payment_patient_id_id_idx ON billing.payment USING btree (clinic_id, patient_id, id);

COMMENT ON INDEX billing.payment_patient_id_id_idx IS 'Lists a patient''s payments, page by page.';

CREATE INDEX payment_received_on_id_idx ON billing.payment USING btree (clinic_id, received_on, id);

COMMENT ON INDEX billing.payment_received_on_id_idx IS 'Lists payments by date, page by page.';

CREATE INDEX place_of_service_version_code_id_idx ON billing.place_of_service_version USING btree (code, id);

COMMENT ON INDEX billing.place_of_service_version_code_id_idx IS 'Finds what the code of a place of service stood for, and lists its versions.';

CREATE INDEX provider_last_name_id_idx ON billing.provider USING btree (clinic_id, last_name, id);

COMMENT ON INDEX billing.provider_last_name_id_idx IS 'Finds and lists providers by last name, page by page.';

CREATE INDEX submission_claim_id_id_idx ON billing.submission USING btree (clinic_id, claim_id, id);

COMMENT ON INDEX billing.submission_claim_id_id_idx IS 'Lists when a claim was sent, page by page.';

CREATE UNIQUE INDEX submission_control_number_is_one ON billing.submission USING btree (clinic_id, control_number) WHERE (NOT is_rejected);

COMMENT ON INDEX billing.submission_control_number_is_one IS 'A control number belongs to one submission only, unless others were rejected.';

CREATE INDEX submission_interchange_id_id_idx ON billing.submission USING btree (clinic_id, interchange_id, id);

COMMENT ON INDEX billing.submission_interchange_id_id_idx IS 'Lists what an interchange sends, page by page.';

CREATE UNIQUE INDEX submission_is_one ON billing.submission USING btree (clinic_id, claim_id, part) WHERE (NOT is_rejected);

COMMENT ON INDEX billing.submission_is_one IS 'A claim that was sent again stays rejected where it was sent before.';

CREATE INDEX answer_kept_at_idx ON identity.answer USING brin (kept_at);

COMMENT ON INDEX identity.answer_kept_at_idx IS 'Finds the answers that have been kept long enough.';

CREATE INDEX member_clinic_id_login_idx ON identity.member USING btree (clinic_id, login);

COMMENT ON INDEX identity.member_clinic_id_login_idx IS 'Lists a clinic''s members by login.';

ALTER INDEX audit.change_actor_at_n_idx ATTACH PARTITION audit.change_other_clinic_id_actor_at_n_idx;

ALTER INDEX audit.change_record_at_n_idx ATTACH PARTITION audit.change_other_clinic_id_record_at_n_idx;

ALTER INDEX audit.change_pkey ATTACH PARTITION audit.change_other_pkey;

ALTER INDEX audit.change_tx_idx ATTACH PARTITION audit.change_other_tx_idx;

ALTER INDEX audit.read_actor_at_request_idx ATTACH PARTITION audit.read_other_clinic_id_actor_at_request_idx;

ALTER INDEX audit.read_record_at_request_idx ATTACH PARTITION audit.read_other_clinic_id_record_at_request_idx;

ALTER INDEX audit.read_pkey ATTACH PARTITION audit.read_other_pkey;

CREATE TRIGGER change_can_only_grow BEFORE DELETE OR UPDATE ON audit.change FOR EACH ROW EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.change ENABLE ALWAYS TRIGGER change_can_only_grow;

COMMENT ON TRIGGER change_can_only_grow ON audit.change IS 'The audit trail can only grow.
Fills: nothing';

CREATE TRIGGER change_is_not_truncated BEFORE TRUNCATE ON audit.change FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.change ENABLE ALWAYS TRIGGER change_is_not_truncated;

COMMENT ON TRIGGER change_is_not_truncated ON audit.change IS 'The audit trail can only grow.';

CREATE TRIGGER change_other_is_not_truncated BEFORE TRUNCATE ON audit.change_other FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.change_other ENABLE ALWAYS TRIGGER change_other_is_not_truncated;

COMMENT ON TRIGGER change_other_is_not_truncated ON audit.change_other IS 'The audit trail can only grow.';

CREATE TRIGGER seal_can_only_grow BEFORE DELETE OR UPDATE ON audit.seal FOR EACH ROW EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER seal_can_only_grow;

COMMENT ON TRIGGER seal_can_only_grow ON audit.seal IS 'The seals of the audit trail stay.';

CREATE TRIGGER seal_is_not_truncated BEFORE TRUNCATE ON audit.seal FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER seal_is_not_truncated;

COMMENT ON TRIGGER seal_is_not_truncated ON audit.seal IS 'The seals of the audit trail stay.';

CREATE TRIGGER adjustment_is_of_a_posted_line_item BEFORE INSERT ON billing.adjustment FOR EACH ROW EXECUTE FUNCTION billing.check_adjustment();

COMMENT ON TRIGGER adjustment_is_of_a_posted_line_item ON billing.adjustment IS 'A line item can be adjusted only once its encounter is posted.
Fills: nothing';

CREATE CONSTRAINT TRIGGER allocation_is_within_its_payment AFTER INSERT ON billing.allocation NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION billing.check_allocation();

CREATE TRIGGER audit_delete AFTER DELETE ON billing.adjustment REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.adjustment"();

ALTER TABLE billing.adjustment ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.allocation REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.allocation"();

ALTER TABLE billing.allocation ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.claim REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim"();

ALTER TABLE billing.claim ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.claim_detail REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim_detail"();

ALTER TABLE billing.claim_detail ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.coverage REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.coverage"();

ALTER TABLE billing.coverage ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.cpt_code REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code"();

ALTER TABLE billing.cpt_code ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.cpt_code_version REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code_version"();

ALTER TABLE billing.cpt_code_version ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.diagnosis REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis"();

ALTER TABLE billing.diagnosis ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.diagnosis_code REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code"();

ALTER TABLE billing.diagnosis_code ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.diagnosis_code_version REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code_version"();

ALTER TABLE billing.diagnosis_code_version ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.drug REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.drug"();

ALTER TABLE billing.drug ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.encounter REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.encounter"();

ALTER TABLE billing.encounter ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.fee REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.fee"();

ALTER TABLE billing.fee ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.interchange REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.interchange"();

ALTER TABLE billing.interchange ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.line_item REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.line_item"();

ALTER TABLE billing.line_item ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.modifier REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier"();

ALTER TABLE billing.modifier ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.modifier_version REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier_version"();

ALTER TABLE billing.modifier_version ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.patient REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient"();

ALTER TABLE billing.patient ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.patient_detail REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient_detail"();

ALTER TABLE billing.patient_detail ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.payer REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payer"();

ALTER TABLE billing.payer ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.payment REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payment"();

ALTER TABLE billing.payment ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.place_of_service REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service"();

ALTER TABLE billing.place_of_service ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.place_of_service_version REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service_version"();

ALTER TABLE billing.place_of_service_version ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.practice REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.practice"();

ALTER TABLE billing.practice ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.provider REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.provider"();

ALTER TABLE billing.provider ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.reversal REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.reversal"();

ALTER TABLE billing.reversal ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.submission REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.submission"();

ALTER TABLE billing.submission ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_delete AFTER DELETE ON billing.trading_partner REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.trading_partner"();

ALTER TABLE billing.trading_partner ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.adjustment REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.adjustment"();

ALTER TABLE billing.adjustment ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.allocation REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.allocation"();

ALTER TABLE billing.allocation ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.claim REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim"();

ALTER TABLE billing.claim ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.claim_detail REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim_detail"();

ALTER TABLE billing.claim_detail ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.coverage REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.coverage"();

ALTER TABLE billing.coverage ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.cpt_code REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code"();

ALTER TABLE billing.cpt_code ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.cpt_code_version REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code_version"();

ALTER TABLE billing.cpt_code_version ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.diagnosis REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis"();

ALTER TABLE billing.diagnosis ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.diagnosis_code REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code"();

ALTER TABLE billing.diagnosis_code ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.diagnosis_code_version REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code_version"();

ALTER TABLE billing.diagnosis_code_version ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.drug REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.drug"();

ALTER TABLE billing.drug ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.encounter REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.encounter"();

ALTER TABLE billing.encounter ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.fee REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.fee"();

ALTER TABLE billing.fee ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.interchange REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.interchange"();

ALTER TABLE billing.interchange ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.line_item REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.line_item"();

ALTER TABLE billing.line_item ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.modifier REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier"();

ALTER TABLE billing.modifier ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.modifier_version REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier_version"();

ALTER TABLE billing.modifier_version ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.patient REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient"();

ALTER TABLE billing.patient ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.patient_detail REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient_detail"();

ALTER TABLE billing.patient_detail ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.payer REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payer"();

ALTER TABLE billing.payer ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.payment REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payment"();

ALTER TABLE billing.payment ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.place_of_service REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service"();

ALTER TABLE billing.place_of_service ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.place_of_service_version REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service_version"();

ALTER TABLE billing.place_of_service_version ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.practice REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.practice"();

ALTER TABLE billing.practice ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.provider REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.provider"();

ALTER TABLE billing.provider ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.reversal REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.reversal"();

ALTER TABLE billing.reversal ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.submission REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.submission"();

ALTER TABLE billing.submission ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_insert AFTER INSERT ON billing.trading_partner REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.trading_partner"();

ALTER TABLE billing.trading_partner ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.adjustment FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.adjustment"();

ALTER TABLE billing.adjustment ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.allocation FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.allocation"();

ALTER TABLE billing.allocation ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.claim FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim"();

ALTER TABLE billing.claim ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.claim_detail FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim_detail"();

ALTER TABLE billing.claim_detail ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.coverage FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.coverage"();

ALTER TABLE billing.coverage ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.cpt_code FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code"();

ALTER TABLE billing.cpt_code ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.cpt_code_version FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code_version"();

ALTER TABLE billing.cpt_code_version ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.diagnosis FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis"();

ALTER TABLE billing.diagnosis ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.diagnosis_code FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code"();

ALTER TABLE billing.diagnosis_code ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.diagnosis_code_version FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code_version"();

ALTER TABLE billing.diagnosis_code_version ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.drug FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.drug"();

ALTER TABLE billing.drug ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.encounter FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.encounter"();

ALTER TABLE billing.encounter ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.fee FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.fee"();

ALTER TABLE billing.fee ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.interchange FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.interchange"();

ALTER TABLE billing.interchange ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.line_item FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.line_item"();

ALTER TABLE billing.line_item ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.modifier FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier"();

ALTER TABLE billing.modifier ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.modifier_version FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier_version"();

ALTER TABLE billing.modifier_version ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.patient FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient"();

ALTER TABLE billing.patient ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.patient_detail FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient_detail"();

ALTER TABLE billing.patient_detail ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.payer FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payer"();

ALTER TABLE billing.payer ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.payment FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payment"();

ALTER TABLE billing.payment ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.place_of_service FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service"();

ALTER TABLE billing.place_of_service ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.place_of_service_version FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service_version"();

ALTER TABLE billing.place_of_service_version ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.practice FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.practice"();

ALTER TABLE billing.practice ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.provider FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.provider"();

ALTER TABLE billing.provider ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.reversal FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.reversal"();

ALTER TABLE billing.reversal ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.submission FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.submission"();

ALTER TABLE billing.submission ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON billing.trading_partner FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.trading_partner"();

ALTER TABLE billing.trading_partner ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.adjustment REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.adjustment"();

ALTER TABLE billing.adjustment ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.allocation REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.allocation"();

ALTER TABLE billing.allocation ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.claim REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim"();

ALTER TABLE billing.claim ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.claim_detail REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.claim_detail"();

ALTER TABLE billing.claim_detail ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.coverage REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.coverage"();

ALTER TABLE billing.coverage ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.cpt_code REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code"();

ALTER TABLE billing.cpt_code ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.cpt_code_version REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.cpt_code_version"();

ALTER TABLE billing.cpt_code_version ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.diagnosis REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis"();

ALTER TABLE billing.diagnosis ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.diagnosis_code REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code"();

ALTER TABLE billing.diagnosis_code ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.diagnosis_code_version REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.diagnosis_code_version"();

ALTER TABLE billing.diagnosis_code_version ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.drug REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.drug"();

ALTER TABLE billing.drug ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.encounter REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.encounter"();

ALTER TABLE billing.encounter ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.fee REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.fee"();

ALTER TABLE billing.fee ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.interchange REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.interchange"();

ALTER TABLE billing.interchange ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.line_item REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.line_item"();

ALTER TABLE billing.line_item ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.modifier REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier"();

ALTER TABLE billing.modifier ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.modifier_version REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.modifier_version"();

ALTER TABLE billing.modifier_version ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.patient REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient"();

ALTER TABLE billing.patient ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.patient_detail REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.patient_detail"();

ALTER TABLE billing.patient_detail ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.payer REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payer"();

ALTER TABLE billing.payer ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.payment REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.payment"();

ALTER TABLE billing.payment ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.place_of_service REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service"();

ALTER TABLE billing.place_of_service ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.place_of_service_version REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.place_of_service_version"();

ALTER TABLE billing.place_of_service_version ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.practice REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.practice"();

ALTER TABLE billing.practice ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.provider REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.provider"();

ALTER TABLE billing.provider ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.reversal REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.reversal"();

ALTER TABLE billing.reversal ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.submission REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.submission"();

ALTER TABLE billing.submission ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER audit_update AFTER UPDATE ON billing.trading_partner REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."billing.trading_partner"();

ALTER TABLE billing.trading_partner ENABLE ALWAYS TRIGGER audit_update;

CREATE TRIGGER claim_bills_its_encounter BEFORE INSERT ON billing.claim FOR EACH ROW EXECUTE FUNCTION billing.make_claim();

COMMENT ON TRIGGER claim_bills_its_encounter ON billing.claim IS 'Fills: total_charge';

CREATE TRIGGER cpt_code_has_a_version AFTER INSERT ON billing.cpt_code REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION billing.add_cpt_code_version();

CREATE TRIGGER diagnosis_code_has_a_version AFTER INSERT ON billing.diagnosis_code REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION billing.add_diagnosis_code_version();

CREATE TRIGGER diagnosis_encounter_is_a_draft BEFORE INSERT OR UPDATE OF clinic_id, encounter_id, "position", diagnosis_code ON billing.diagnosis FOR EACH ROW EXECUTE FUNCTION billing.follow_encounter();

COMMENT ON TRIGGER diagnosis_encounter_is_a_draft ON billing.diagnosis IS 'Diagnoses can be added, changed and removed only while their encounter is a draft.
Fills: day';

CREATE CONSTRAINT TRIGGER diagnosis_stays_after_posting AFTER DELETE ON billing.diagnosis NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION billing.follow_encounter();

CREATE CONSTRAINT TRIGGER diagnosis_stays_while_line_items_point_at_it AFTER DELETE OR UPDATE OF encounter_id, "position" ON billing.diagnosis NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION billing.keep_diagnosis();

CREATE TRIGGER encounter_moves_its_diagnoses AFTER UPDATE OF date ON billing.encounter FOR EACH ROW WHEN ((old.date <> new.date)) EXECUTE FUNCTION billing.move_diagnoses();

CREATE TRIGGER encounter_moves_its_line_items AFTER UPDATE OF date ON billing.encounter FOR EACH ROW WHEN ((old.date <> new.date)) EXECUTE FUNCTION billing.move_line_items();

CREATE CONSTRAINT TRIGGER encounter_posted_has_a_line_item AFTER UPDATE ON billing.encounter NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (((old.status = 'draft'::text) AND (new.status = 'posted'::text))) EXECUTE FUNCTION billing.check_posted();

CREATE TRIGGER encounter_posted_has_fees BEFORE UPDATE ON billing.encounter FOR EACH ROW WHEN (((old.status = 'draft'::text) AND (new.status = 'posted'::text))) EXECUTE FUNCTION billing.post_encounter();

COMMENT ON TRIGGER encounter_posted_has_fees ON billing.encounter IS 'Each line item of an encounter must have a fee in force on its date of service to be posted.
Fills: posted_at';

CREATE TRIGGER encounter_status_moves_on BEFORE UPDATE ON billing.encounter FOR EACH ROW WHEN (((old.status <> new.status) AND ((((((old.status <> 'draft'::text) OR (new.status <> 'posted'::text)) AND ((old.status <> 'draft'::text) OR (new.status <> 'voided'::text))) AND ((old.status <> 'posted'::text) OR (new.status <> 'billed'::text))) AND ((old.status <> 'posted'::text) OR (new.status <> 'voided'::text))) AND ((old.status <> 'billed'::text) OR (new.status <> 'voided'::text))))) EXECUTE FUNCTION billing.refuse('status');

COMMENT ON TRIGGER encounter_status_moves_on ON billing.encounter IS 'An encounter is posted, then billed, and can be voided at any time; no step can be undone.
Fills: nothing';

CREATE TRIGGER encounter_stays_after_posting BEFORE UPDATE ON billing.encounter FOR EACH ROW WHEN (((old.status <> 'draft'::text) AND ((old.patient_id <> new.patient_id) OR (old.date <> new.date) OR ((old.provider_id IS DISTINCT FROM new.provider_id) OR (old.place_of_service IS DISTINCT FROM new.place_of_service)) OR ((old.status = 'voided'::text) AND (old.void_reason <> new.void_reason))))) EXECUTE FUNCTION billing.refuse('patient_id', 'date', 'provider_id', 'place_of_service', 'void_reason');

COMMENT ON TRIGGER encounter_stays_after_posting ON billing.encounter IS 'An encounter can be changed only while it is a draft; void it, and enter another one.
Fills: nothing';

CREATE TRIGGER encounter_voided_at_is_noted BEFORE UPDATE ON billing.encounter FOR EACH ROW WHEN (((old.status <> 'voided'::text) AND (new.status = 'voided'::text))) EXECUTE FUNCTION billing.note_void();

COMMENT ON TRIGGER encounter_voided_at_is_noted ON billing.encounter IS 'Fills: voided_at';

CREATE TRIGGER interchange_copies_its_claims BEFORE INSERT ON billing.interchange FOR EACH ROW EXECUTE FUNCTION billing.make_interchange();

COMMENT ON TRIGGER interchange_copies_its_claims ON billing.interchange IS 'Fills: control_number, content';

CREATE TRIGGER interchange_submits_its_claims AFTER INSERT ON billing.interchange FOR EACH ROW EXECUTE FUNCTION billing.note_submissions();

CREATE CONSTRAINT TRIGGER line_item_diagnosis_pointers_lead_to_diagnoses AFTER INSERT OR UPDATE OF diagnosis_pointers ON billing.line_item NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN ((new.diagnosis_pointers <> '{}'::smallint[])) EXECUTE FUNCTION billing.check_diagnosis_pointers();

CREATE TRIGGER line_item_encounter_is_a_draft BEFORE INSERT OR UPDATE OF clinic_id, id, encounter_id, cpt_code, units, service_date, unit_type, modifiers, diagnosis_pointers ON billing.line_item FOR EACH ROW EXECUTE FUNCTION billing.date_line_item();

COMMENT ON TRIGGER line_item_encounter_is_a_draft ON billing.line_item IS 'Line items can be added, changed and removed only while their encounter is a draft.
Fills: day';

CREATE CONSTRAINT TRIGGER line_item_modifiers_are_listed AFTER INSERT OR UPDATE OF modifiers ON billing.line_item NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN ((new.modifiers <> '{}'::text[])) EXECUTE FUNCTION billing.check_modifiers();

CREATE CONSTRAINT TRIGGER line_item_modifiers_are_valid AFTER INSERT OR UPDATE OF service_date, day ON billing.line_item NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN ((new.modifiers <> '{}'::text[])) EXECUTE FUNCTION billing.check_modifiers();

CREATE CONSTRAINT TRIGGER line_item_stays_after_posting AFTER DELETE ON billing.line_item NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION billing.date_line_item();

CREATE TRIGGER modifier_has_a_version AFTER INSERT ON billing.modifier REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION billing.add_modifier_version();

CREATE CONSTRAINT TRIGGER modifier_stays_while_line_items_have_it AFTER DELETE OR UPDATE OF code ON billing.modifier NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION billing.keep_modifier();

CREATE CONSTRAINT TRIGGER modifier_version_stays_while_line_items_need_it AFTER DELETE OR UPDATE OF code, valid_during ON billing.modifier_version NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION billing.keep_modifier_version();

CREATE TRIGGER place_of_service_has_a_version AFTER INSERT ON billing.place_of_service REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION billing.add_place_of_service_version();

CREATE TRIGGER reversal_is_of_a_posted_line_item BEFORE INSERT ON billing.reversal FOR EACH ROW EXECUTE FUNCTION billing.check_reversal();

COMMENT ON TRIGGER reversal_is_of_a_posted_line_item ON billing.reversal IS 'A line item can be reversed only once its encounter is posted, and not after that is voided.
Fills: nothing';

CREATE TRIGGER reversal_marks_its_line_item AFTER INSERT ON billing.reversal FOR EACH ROW EXECUTE FUNCTION billing.mark_reversed();

CREATE TRIGGER audit_delete AFTER DELETE ON identity.member REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION audit."identity.member"();

ALTER TABLE identity.member ENABLE ALWAYS TRIGGER audit_delete;

CREATE TRIGGER audit_insert AFTER INSERT ON identity.member REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."identity.member"();

ALTER TABLE identity.member ENABLE ALWAYS TRIGGER audit_insert;

CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON identity.member FOR EACH STATEMENT EXECUTE FUNCTION audit."identity.member"();

ALTER TABLE identity.member ENABLE ALWAYS TRIGGER audit_truncate;

CREATE TRIGGER audit_update AFTER UPDATE ON identity.member REFERENCING OLD TABLE AS former NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit."identity.member"();

ALTER TABLE identity.member ENABLE ALWAYS TRIGGER audit_update;

ALTER TABLE ONLY billing.adjustment
    ADD CONSTRAINT adjustment_line_item_id_fkey FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item(clinic_id, id);

COMMENT ON CONSTRAINT adjustment_line_item_id_fkey ON billing.adjustment IS 'An adjustment must be of a line item that is on record.';

ALTER TABLE ONLY billing.allocation
    ADD CONSTRAINT allocation_line_item_id_fkey FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item(clinic_id, id);

COMMENT ON CONSTRAINT allocation_line_item_id_fkey ON billing.allocation IS 'An allocation must be for a line item that is on record.';

ALTER TABLE ONLY billing.allocation
    ADD CONSTRAINT allocation_payment_id_fkey FOREIGN KEY (clinic_id, payment_id) REFERENCES billing.payment(clinic_id, id);

COMMENT ON CONSTRAINT allocation_payment_id_fkey ON billing.allocation IS 'An allocation must be of a payment that is on record.';

ALTER TABLE ONLY billing.claim
    ADD CONSTRAINT claim_coverage_id_fkey FOREIGN KEY (clinic_id, coverage_id) REFERENCES billing.coverage(clinic_id, id);

COMMENT ON CONSTRAINT claim_coverage_id_fkey ON billing.claim IS 'A claim must be by a coverage that is on record.';

ALTER TABLE ONLY billing.claim_detail
    ADD CONSTRAINT claim_detail_encounter_id_fkey FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter(clinic_id, id);

COMMENT ON CONSTRAINT claim_detail_encounter_id_fkey ON billing.claim_detail IS 'Claim details must belong to an encounter that is on record.';

ALTER TABLE ONLY billing.claim_detail
    ADD CONSTRAINT claim_detail_referring_provider_id_fkey FOREIGN KEY (clinic_id, referring_provider_id) REFERENCES billing.provider(clinic_id, id);

COMMENT ON CONSTRAINT claim_detail_referring_provider_id_fkey ON billing.claim_detail IS 'A referring provider must be on record.';

ALTER TABLE ONLY billing.claim
    ADD CONSTRAINT claim_encounter_id_fkey FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter(clinic_id, id);

COMMENT ON CONSTRAINT claim_encounter_id_fkey ON billing.claim IS 'A claim must be for an encounter that is on record.';

ALTER TABLE ONLY billing.coverage
    ADD CONSTRAINT coverage_patient_id_fkey FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient(clinic_id, id);

COMMENT ON CONSTRAINT coverage_patient_id_fkey ON billing.coverage IS 'A coverage''s patient must be on record.';

ALTER TABLE ONLY billing.coverage
    ADD CONSTRAINT coverage_payer_id_fkey FOREIGN KEY (clinic_id, payer_id) REFERENCES billing.payer(clinic_id, id);

COMMENT ON CONSTRAINT coverage_payer_id_fkey ON billing.coverage IS 'A coverage''s payer must be on record.';

ALTER TABLE ONLY billing.cpt_code_version
    ADD CONSTRAINT cpt_code_version_code_fkey FOREIGN KEY (code) REFERENCES billing.cpt_code(code) ON DELETE CASCADE;

COMMENT ON CONSTRAINT cpt_code_version_code_fkey ON billing.cpt_code_version IS 'A version must be of a procedure code that is listed.';

ALTER TABLE ONLY billing.diagnosis_code_version
    ADD CONSTRAINT diagnosis_code_version_code_fkey FOREIGN KEY (code) REFERENCES billing.diagnosis_code(code) ON DELETE CASCADE;

COMMENT ON CONSTRAINT diagnosis_code_version_code_fkey ON billing.diagnosis_code_version IS 'A version must be of a diagnosis code that is listed.';

ALTER TABLE ONLY billing.diagnosis
    ADD CONSTRAINT diagnosis_diagnosis_code_day_fkey FOREIGN KEY (diagnosis_code_hash, PERIOD day) REFERENCES billing.diagnosis_code_version(code_hash, PERIOD valid_during);

COMMENT ON CONSTRAINT diagnosis_diagnosis_code_day_fkey ON billing.diagnosis IS 'A diagnosis code must be valid on the date of the encounter.';

ALTER TABLE ONLY billing.diagnosis
    ADD CONSTRAINT diagnosis_diagnosis_code_fkey FOREIGN KEY (diagnosis_code) REFERENCES billing.diagnosis_code(code);

COMMENT ON CONSTRAINT diagnosis_diagnosis_code_fkey ON billing.diagnosis IS 'A diagnosis code must be one of the listed diagnosis codes.';

ALTER TABLE ONLY billing.diagnosis
    ADD CONSTRAINT diagnosis_encounter_id_fkey FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter(clinic_id, id);

COMMENT ON CONSTRAINT diagnosis_encounter_id_fkey ON billing.diagnosis IS 'A diagnosis must belong to an encounter that is on record.';

ALTER TABLE ONLY billing.drug
    ADD CONSTRAINT drug_line_item_id_fkey FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item(clinic_id, id) ON DELETE CASCADE;

COMMENT ON CONSTRAINT drug_line_item_id_fkey ON billing.drug IS 'A drug must belong to a line item that is on record.';

ALTER TABLE ONLY billing.encounter
    ADD CONSTRAINT encounter_patient_id_fkey FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient(clinic_id, id);

COMMENT ON CONSTRAINT encounter_patient_id_fkey ON billing.encounter IS 'An encounter must belong to a patient who is on record.';

ALTER TABLE ONLY billing.encounter
    ADD CONSTRAINT encounter_place_of_service_day_fkey FOREIGN KEY (place_of_service, PERIOD day) REFERENCES billing.place_of_service_version(code, PERIOD valid_during);

COMMENT ON CONSTRAINT encounter_place_of_service_day_fkey ON billing.encounter IS 'An encounter''s place of service must be valid on its date.';

ALTER TABLE ONLY billing.encounter
    ADD CONSTRAINT encounter_place_of_service_fkey FOREIGN KEY (place_of_service) REFERENCES billing.place_of_service(code);

COMMENT ON CONSTRAINT encounter_place_of_service_fkey ON billing.encounter IS 'An encounter''s place of service must be one of the listed places of service.';

ALTER TABLE ONLY billing.encounter
    ADD CONSTRAINT encounter_provider_id_fkey FOREIGN KEY (clinic_id, provider_id) REFERENCES billing.provider(clinic_id, id);

COMMENT ON CONSTRAINT encounter_provider_id_fkey ON billing.encounter IS 'An encounter''s provider must be on record.';

ALTER TABLE ONLY billing.fee
    ADD CONSTRAINT fee_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT fee_clinic_id_fkey ON billing.fee IS 'A fee must belong to a clinic that is on record.';

ALTER TABLE ONLY billing.fee
    ADD CONSTRAINT fee_cpt_code_fkey FOREIGN KEY (cpt_code) REFERENCES billing.cpt_code(code);

COMMENT ON CONSTRAINT fee_cpt_code_fkey ON billing.fee IS 'A fee must be for a procedure code that is on record.';

ALTER TABLE ONLY billing.interchange
    ADD CONSTRAINT interchange_trading_partner_id_fkey FOREIGN KEY (clinic_id, trading_partner_id) REFERENCES billing.trading_partner(clinic_id, id);

COMMENT ON CONSTRAINT interchange_trading_partner_id_fkey ON billing.interchange IS 'An interchange must be for a trading partner that is on record.';

ALTER TABLE ONLY billing.line_item
    ADD CONSTRAINT line_item_cpt_code_day_fkey FOREIGN KEY (cpt_code_hash, PERIOD day) REFERENCES billing.cpt_code_version(code_hash, PERIOD valid_during);

COMMENT ON CONSTRAINT line_item_cpt_code_day_fkey ON billing.line_item IS 'A procedure code must be valid on the date of service.';

ALTER TABLE ONLY billing.line_item
    ADD CONSTRAINT line_item_cpt_code_fkey FOREIGN KEY (cpt_code) REFERENCES billing.cpt_code(code);

COMMENT ON CONSTRAINT line_item_cpt_code_fkey ON billing.line_item IS 'A line item''s procedure code must be one of the listed procedure codes.';

ALTER TABLE ONLY billing.line_item
    ADD CONSTRAINT line_item_encounter_id_fkey FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter(clinic_id, id);

COMMENT ON CONSTRAINT line_item_encounter_id_fkey ON billing.line_item IS 'A line item must belong to an encounter that is on record.';

ALTER TABLE ONLY billing.modifier_version
    ADD CONSTRAINT modifier_version_code_fkey FOREIGN KEY (code) REFERENCES billing.modifier(code) ON DELETE CASCADE;

COMMENT ON CONSTRAINT modifier_version_code_fkey ON billing.modifier_version IS 'A version must be of a modifier that is listed.';

ALTER TABLE ONLY billing.patient
    ADD CONSTRAINT patient_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT patient_clinic_id_fkey ON billing.patient IS 'A patient must belong to a clinic that is on record.';

ALTER TABLE ONLY billing.patient_detail
    ADD CONSTRAINT patient_detail_patient_id_fkey FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient(clinic_id, id);

COMMENT ON CONSTRAINT patient_detail_patient_id_fkey ON billing.patient_detail IS 'The patient of these details must be on record.';

ALTER TABLE ONLY billing.payer
    ADD CONSTRAINT payer_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT payer_clinic_id_fkey ON billing.payer IS 'A payer must belong to a clinic that is on record.';

ALTER TABLE ONLY billing.payment
    ADD CONSTRAINT payment_patient_id_fkey FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient(clinic_id, id);

COMMENT ON CONSTRAINT payment_patient_id_fkey ON billing.payment IS 'A payment''s patient must be on record.';

ALTER TABLE ONLY billing.payment
    ADD CONSTRAINT payment_payer_id_fkey FOREIGN KEY (clinic_id, payer_id) REFERENCES billing.payer(clinic_id, id);

COMMENT ON CONSTRAINT payment_payer_id_fkey ON billing.payment IS 'A payment''s payer must be one that is on record.';

ALTER TABLE ONLY billing.place_of_service_version
    ADD CONSTRAINT place_of_service_version_code_fkey FOREIGN KEY (code) REFERENCES billing.place_of_service(code) ON DELETE CASCADE;

COMMENT ON CONSTRAINT place_of_service_version_code_fkey ON billing.place_of_service_version IS 'A version must be of a place of service that is listed.';

ALTER TABLE ONLY billing.practice
    ADD CONSTRAINT practice_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT practice_clinic_id_fkey ON billing.practice IS 'A practice must belong to a clinic that is on record.';

ALTER TABLE ONLY billing.provider
    ADD CONSTRAINT provider_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT provider_clinic_id_fkey ON billing.provider IS 'A provider must belong to a clinic that is on record.';

ALTER TABLE ONLY billing.reversal
    ADD CONSTRAINT reversal_line_item_id_fkey FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item(clinic_id, id);

COMMENT ON CONSTRAINT reversal_line_item_id_fkey ON billing.reversal IS 'A reversal must be of a line item that is on record.';

ALTER TABLE ONLY billing.submission
    ADD CONSTRAINT submission_claim_id_fkey FOREIGN KEY (clinic_id, claim_id) REFERENCES billing.claim(clinic_id, id);

COMMENT ON CONSTRAINT submission_claim_id_fkey ON billing.submission IS 'A submission must be of a claim that is on record.';

ALTER TABLE ONLY billing.submission
    ADD CONSTRAINT submission_interchange_id_fkey FOREIGN KEY (clinic_id, interchange_id) REFERENCES billing.interchange(clinic_id, id) ON DELETE CASCADE;

COMMENT ON CONSTRAINT submission_interchange_id_fkey ON billing.submission IS 'A submission must be in an interchange that is on record.';

ALTER TABLE ONLY billing.trading_partner
    ADD CONSTRAINT trading_partner_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT trading_partner_clinic_id_fkey ON billing.trading_partner IS 'A trading partner must belong to a clinic that is on record.';

ALTER TABLE ONLY identity.member
    ADD CONSTRAINT member_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic(id);

COMMENT ON CONSTRAINT member_clinic_id_fkey ON identity.member IS 'A member must belong to a clinic that is on record.';

ALTER TABLE audit.change ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON audit.change USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON audit.change IS 'A session sees the changes of its own clinic.';

CREATE POLICY own ON audit.read USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON audit.read IS 'A session sees the reads for its own clinic.';

ALTER TABLE audit.read ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.adjustment ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.allocation ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.claim ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.claim_detail ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.coverage ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.diagnosis ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.drug ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.encounter ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.fee ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.interchange ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.line_item ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON billing.adjustment USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.adjustment IS 'A session sees and changes the adjustments of its own clinic.';

CREATE POLICY own ON billing.allocation USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.allocation IS 'A session sees and changes the allocations of its own clinic.';

CREATE POLICY own ON billing.claim USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.claim IS 'A session sees and changes the claims of its own clinic.';

CREATE POLICY own ON billing.claim_detail USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.claim_detail IS 'A session sees and changes the claim details of its own clinic.';

CREATE POLICY own ON billing.coverage USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.coverage IS 'A session sees and changes the coverages of its own clinic.';

CREATE POLICY own ON billing.diagnosis USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.diagnosis IS 'A session sees and changes the diagnoses of its own clinic.';

CREATE POLICY own ON billing.drug USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.drug IS 'A session sees and changes the drugs of its own clinic.';

CREATE POLICY own ON billing.encounter USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.encounter IS 'A session sees and changes the encounters of its own clinic.';

CREATE POLICY own ON billing.fee USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.fee IS 'A session sees and changes the fees of its own clinic.';

CREATE POLICY own ON billing.interchange USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.interchange IS 'A session sees and makes the interchanges of its own clinic.';

CREATE POLICY own ON billing.line_item USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.line_item IS 'A session sees and changes the line items of its own clinic.';

CREATE POLICY own ON billing.patient USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.patient IS 'A session sees and changes the patients of its own clinic.';

CREATE POLICY own ON billing.patient_detail USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.patient_detail IS 'A session sees and changes the details of patients of its own clinic.';

CREATE POLICY own ON billing.payer USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.payer IS 'A session sees and changes the payers of its own clinic.';

CREATE POLICY own ON billing.payment USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.payment IS 'A session sees and changes the payments of its own clinic.';

CREATE POLICY own ON billing.practice USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.practice IS 'A session sees and changes the practice of its own clinic.';

CREATE POLICY own ON billing.provider USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.provider IS 'A session sees and changes the providers of its own clinic.';

CREATE POLICY own ON billing.reversal USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.reversal IS 'A session sees the reversals of its own clinic.';

CREATE POLICY own ON billing.submission USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.submission IS 'A session sees and changes the submissions of its own clinic.';

CREATE POLICY own ON billing.trading_partner USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON billing.trading_partner IS 'A session sees and changes the trading partners of its own clinic.';

ALTER TABLE billing.patient ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.patient_detail ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.payer ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.payment ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.practice ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.provider ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.reversal ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.submission ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.trading_partner ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.answer ENABLE ROW LEVEL SECURITY;

ALTER TABLE identity.member ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON identity.answer USING (((clinic_id = ( SELECT identity.clinic() AS clinic)) AND (actor = ( SELECT identity.actor() AS actor))));

COMMENT ON POLICY own ON identity.answer IS 'A session sees and keeps the answers to its own caller.';

CREATE POLICY own ON identity.member USING ((clinic_id = ( SELECT identity.clinic() AS clinic)));

COMMENT ON POLICY own ON identity.member IS 'A session sees the members of its own clinic.';

GRANT USAGE ON SCHEMA api TO superbill_api;
GRANT USAGE ON SCHEMA api TO superbill_front_desk;
GRANT USAGE ON SCHEMA api TO superbill_clinician;
GRANT USAGE ON SCHEMA api TO superbill_biller;
GRANT USAGE ON SCHEMA api TO superbill_auditor;
GRANT USAGE ON SCHEMA api TO superbill_admin;

GRANT USAGE ON SCHEMA audit TO superbill_keeper;
GRANT USAGE ON SCHEMA audit TO superbill_api;
GRANT USAGE ON SCHEMA audit TO superbill_auditor;
GRANT USAGE ON SCHEMA audit TO superbill_admin;
GRANT USAGE ON SCHEMA audit TO superbill_front_desk;
GRANT USAGE ON SCHEMA audit TO superbill_clinician;
GRANT USAGE ON SCHEMA audit TO superbill_biller;

GRANT USAGE ON SCHEMA billing TO superbill_api;
GRANT USAGE ON SCHEMA billing TO superbill_front_desk;
GRANT USAGE ON SCHEMA billing TO superbill_clinician;
GRANT USAGE ON SCHEMA billing TO superbill_biller;
GRANT USAGE ON SCHEMA billing TO superbill_auditor;
GRANT USAGE ON SCHEMA billing TO superbill_admin;

GRANT USAGE ON SCHEMA identity TO superbill_gate;
GRANT USAGE ON SCHEMA identity TO superbill_api;
GRANT USAGE ON SCHEMA identity TO superbill_reporter;
GRANT USAGE ON SCHEMA identity TO superbill_front_desk;
GRANT USAGE ON SCHEMA identity TO superbill_clinician;
GRANT USAGE ON SCHEMA identity TO superbill_biller;
GRANT USAGE ON SCHEMA identity TO superbill_auditor;
GRANT USAGE ON SCHEMA identity TO superbill_admin;

GRANT USAGE ON SCHEMA job TO superbill_keeper;

GRANT USAGE ON SCHEMA reporting TO superbill_api;
GRANT USAGE ON SCHEMA reporting TO superbill_reporter;
GRANT USAGE ON SCHEMA reporting TO superbill_biller;
GRANT USAGE ON SCHEMA reporting TO superbill_auditor;
GRANT USAGE ON SCHEMA reporting TO superbill_admin;

REVOKE ALL ON FUNCTION audit."billing.adjustment"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.allocation"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.claim"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.claim_detail"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.coverage"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.cpt_code"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.cpt_code_version"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.diagnosis"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.diagnosis_code"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.diagnosis_code_version"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.drug"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.encounter"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.fee"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.interchange"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.line_item"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.modifier"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.modifier_version"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.patient"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.patient_detail"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.payer"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.payment"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.place_of_service"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.place_of_service_version"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.practice"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.provider"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.reversal"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.submission"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."billing.trading_partner"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.cluster() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.confirm(relation text, action text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.drop_month(month date) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit."identity.member"() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.make_function(relation regclass, tenant name) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.make_months(ahead integer, kept text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.make_trigger(relation regclass, function text, event text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record(keys name[], types regtype[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.record_reads(tenants text[], actors text[], roles text[], operations text[], filters text[], statuses smallint[], reads text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.record_reads(tenants text[], actors text[], roles text[], operations text[], filters text[], statuses smallint[], reads text[]) TO superbill_keeper;

REVOKE ALL ON FUNCTION audit.refuse() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) TO superbill_api;
GRANT ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) TO superbill_front_desk;
GRANT ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) TO superbill_clinician;
GRANT ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) TO superbill_biller;
GRANT ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) TO superbill_auditor;
GRANT ALL ON FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamp with time zone) TO superbill_admin;

REVOKE ALL ON FUNCTION audit.terms(relation regclass, tenant name, OUT full_name text, OUT all_keys text, OUT clinic text, OUT record text, OUT key text) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.triggers() FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.unwatch(relation regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.was_watched(relation text, moment timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION audit.watch(relation regclass, tenant name) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.add_cpt_code_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.add_diagnosis_code_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.add_modifier_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.add_place_of_service_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.change_versions(noun text, code_list text, codes text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.check_adjustment() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.check_allocation() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.check_diagnosis_pointers() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.check_modifiers() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.check_posted() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.check_reversal() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.claim_faults(of_clinic uuid, of_claim uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.claim_parts(of_clinic uuid, of_claim uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.claim_subscribers(of_clinic uuid, of_claims uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.claimed_line_items(of_clinic uuid, of_claim uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.date_line_item() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.follow_encounter() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.interchange_faults(of_clinic uuid, of_claims uuid[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.keep_diagnosis() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.keep_modifier() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.keep_modifier_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.load_versions(noun text, code_list text, called text, first_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.make_claim() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.make_interchange() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.mark_reversed() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.move_diagnoses() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.move_line_items() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.note_submissions() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.note_void() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.plan_codes(noun text, code_list text, first_day date) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.plan_versions(noun text, code_list text) FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.post_encounter() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.refuse() FROM PUBLIC;

REVOKE ALL ON FUNCTION billing.told(what text, codes text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION identity.admit(login text, tenant text) FROM PUBLIC;

GRANT SELECT(login) ON TABLE identity.member TO superbill_api;
GRANT SELECT(login) ON TABLE identity.member TO superbill_reporter;
GRANT SELECT(login) ON TABLE identity.member TO superbill_auditor;
GRANT SELECT(login) ON TABLE identity.member TO superbill_admin;

GRANT SELECT(clinic_id) ON TABLE identity.member TO superbill_api;
GRANT SELECT(clinic_id) ON TABLE identity.member TO superbill_reporter;
GRANT SELECT(clinic_id) ON TABLE identity.member TO superbill_auditor;
GRANT SELECT(clinic_id) ON TABLE identity.member TO superbill_admin;

REVOKE ALL ON FUNCTION identity.own_clinic() FROM PUBLIC;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_api;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_reporter;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_front_desk;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_clinician;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_biller;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_auditor;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_admin;
GRANT ALL ON FUNCTION identity.own_clinic() TO superbill_gate;

REVOKE ALL ON FUNCTION identity.dismiss(login text) FROM PUBLIC;

REVOKE ALL ON FUNCTION identity.tenant_is_known() FROM PUBLIC;
GRANT ALL ON FUNCTION identity.tenant_is_known() TO superbill_api;

REVOKE ALL ON FUNCTION job.forget_answers() FROM PUBLIC;
GRANT ALL ON FUNCTION job.forget_answers() TO superbill_keeper;

REVOKE ALL ON FUNCTION job.make_audit_months() FROM PUBLIC;
GRANT ALL ON FUNCTION job.make_audit_months() TO superbill_keeper;

REVOKE ALL ON FUNCTION job.make_read_months() FROM PUBLIC;
GRANT ALL ON FUNCTION job.make_read_months() TO superbill_keeper;

REVOKE ALL ON FUNCTION job.seal_audit() FROM PUBLIC;
GRANT ALL ON FUNCTION job.seal_audit() TO superbill_keeper;

GRANT SELECT(id) ON TABLE billing.adjustment TO superbill_api;
GRANT SELECT(id) ON TABLE billing.adjustment TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.adjustment TO superbill_auditor;

GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.adjustment TO superbill_api;
GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.adjustment TO superbill_biller;
GRANT SELECT(line_item_id) ON TABLE billing.adjustment TO superbill_auditor;
GRANT SELECT(line_item_id) ON TABLE billing.adjustment TO superbill_clinician;
GRANT SELECT(line_item_id) ON TABLE billing.adjustment TO superbill_reporter;

GRANT SELECT(group_code),INSERT(group_code) ON TABLE billing.adjustment TO superbill_api;
GRANT SELECT(group_code),INSERT(group_code) ON TABLE billing.adjustment TO superbill_biller;
GRANT SELECT(group_code) ON TABLE billing.adjustment TO superbill_auditor;
GRANT SELECT(group_code) ON TABLE billing.adjustment TO superbill_clinician;
GRANT SELECT(group_code) ON TABLE billing.adjustment TO superbill_reporter;

GRANT SELECT(reason_code),INSERT(reason_code) ON TABLE billing.adjustment TO superbill_api;
GRANT SELECT(reason_code),INSERT(reason_code) ON TABLE billing.adjustment TO superbill_biller;
GRANT SELECT(reason_code) ON TABLE billing.adjustment TO superbill_auditor;

GRANT SELECT(amount),INSERT(amount) ON TABLE billing.adjustment TO superbill_api;
GRANT SELECT(amount),INSERT(amount) ON TABLE billing.adjustment TO superbill_biller;
GRANT SELECT(amount) ON TABLE billing.adjustment TO superbill_auditor;
GRANT SELECT(amount) ON TABLE billing.adjustment TO superbill_clinician;
GRANT SELECT(amount) ON TABLE billing.adjustment TO superbill_reporter;

GRANT SELECT(adjusted_on),INSERT(adjusted_on) ON TABLE billing.adjustment TO superbill_api;
GRANT SELECT(adjusted_on),INSERT(adjusted_on) ON TABLE billing.adjustment TO superbill_biller;
GRANT SELECT(adjusted_on) ON TABLE billing.adjustment TO superbill_auditor;
GRANT SELECT(adjusted_on) ON TABLE billing.adjustment TO superbill_clinician;

GRANT SELECT ON TABLE api.adjustments TO superbill_api;
GRANT SELECT ON TABLE api.adjustments TO superbill_biller;
GRANT SELECT ON TABLE api.adjustments TO superbill_auditor;

GRANT INSERT(line_item_id) ON TABLE api.adjustments TO superbill_api;
GRANT INSERT(line_item_id) ON TABLE api.adjustments TO superbill_biller;

GRANT INSERT(group_code) ON TABLE api.adjustments TO superbill_api;
GRANT INSERT(group_code) ON TABLE api.adjustments TO superbill_biller;

GRANT INSERT(reason_code) ON TABLE api.adjustments TO superbill_api;
GRANT INSERT(reason_code) ON TABLE api.adjustments TO superbill_biller;

GRANT INSERT(amount) ON TABLE api.adjustments TO superbill_api;
GRANT INSERT(amount) ON TABLE api.adjustments TO superbill_biller;

GRANT INSERT(adjusted_on) ON TABLE api.adjustments TO superbill_api;
GRANT INSERT(adjusted_on) ON TABLE api.adjustments TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.allocation TO superbill_api;
GRANT SELECT(id) ON TABLE billing.allocation TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.allocation TO superbill_auditor;

GRANT SELECT(payment_id),INSERT(payment_id) ON TABLE billing.allocation TO superbill_api;
GRANT SELECT(payment_id),INSERT(payment_id) ON TABLE billing.allocation TO superbill_biller;
GRANT SELECT(payment_id) ON TABLE billing.allocation TO superbill_auditor;
GRANT SELECT(payment_id) ON TABLE billing.allocation TO superbill_clinician;
GRANT SELECT(payment_id) ON TABLE billing.allocation TO superbill_reporter;

GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.allocation TO superbill_api;
GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.allocation TO superbill_biller;
GRANT SELECT(line_item_id) ON TABLE billing.allocation TO superbill_auditor;
GRANT SELECT(line_item_id) ON TABLE billing.allocation TO superbill_clinician;
GRANT SELECT(line_item_id) ON TABLE billing.allocation TO superbill_reporter;

GRANT SELECT(amount),INSERT(amount) ON TABLE billing.allocation TO superbill_api;
GRANT SELECT(amount),INSERT(amount) ON TABLE billing.allocation TO superbill_biller;
GRANT SELECT(amount) ON TABLE billing.allocation TO superbill_auditor;
GRANT SELECT(amount) ON TABLE billing.allocation TO superbill_clinician;
GRANT SELECT(amount) ON TABLE billing.allocation TO superbill_reporter;

GRANT SELECT ON TABLE api.allocations TO superbill_api;
GRANT SELECT ON TABLE api.allocations TO superbill_biller;
GRANT SELECT ON TABLE api.allocations TO superbill_auditor;

GRANT INSERT(payment_id) ON TABLE api.allocations TO superbill_api;
GRANT INSERT(payment_id) ON TABLE api.allocations TO superbill_biller;

GRANT INSERT(line_item_id) ON TABLE api.allocations TO superbill_api;
GRANT INSERT(line_item_id) ON TABLE api.allocations TO superbill_biller;

GRANT INSERT(amount) ON TABLE api.allocations TO superbill_api;
GRANT INSERT(amount) ON TABLE api.allocations TO superbill_biller;

GRANT SELECT(at) ON TABLE audit.change TO superbill_api;
GRANT SELECT(at) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(at) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(n) ON TABLE audit.change TO superbill_api;
GRANT SELECT(n) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(n) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(actor) ON TABLE audit.change TO superbill_api;
GRANT SELECT(actor) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(actor) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(login) ON TABLE audit.change TO superbill_api;
GRANT SELECT(login) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(login) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(role) ON TABLE audit.change TO superbill_api;
GRANT SELECT(role) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(role) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(relation) ON TABLE audit.change TO superbill_api;
GRANT SELECT(relation) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(relation) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(record) ON TABLE audit.change TO superbill_api;
GRANT SELECT(record) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(record) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(action) ON TABLE audit.change TO superbill_api;
GRANT SELECT(action) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(action) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(before) ON TABLE audit.change TO superbill_api;
GRANT SELECT(before) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(before) ON TABLE audit.change TO superbill_admin;

GRANT SELECT(after) ON TABLE audit.change TO superbill_api;
GRANT SELECT(after) ON TABLE audit.change TO superbill_auditor;
GRANT SELECT(after) ON TABLE audit.change TO superbill_admin;

GRANT SELECT ON TABLE api.audit_events TO superbill_api;
GRANT SELECT ON TABLE api.audit_events TO superbill_auditor;
GRANT SELECT ON TABLE api.audit_events TO superbill_admin;

GRANT SELECT(at) ON TABLE audit.read TO superbill_api;
GRANT SELECT(at) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(at) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(request) ON TABLE audit.read TO superbill_api;
GRANT SELECT(request) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(request) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(actor) ON TABLE audit.read TO superbill_api;
GRANT SELECT(actor) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(actor) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(role) ON TABLE audit.read TO superbill_api;
GRANT SELECT(role) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(role) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(operation) ON TABLE audit.read TO superbill_api;
GRANT SELECT(operation) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(operation) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(record) ON TABLE audit.read TO superbill_api;
GRANT SELECT(record) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(record) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(filters) ON TABLE audit.read TO superbill_api;
GRANT SELECT(filters) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(filters) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(status) ON TABLE audit.read TO superbill_api;
GRANT SELECT(status) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(status) ON TABLE audit.read TO superbill_admin;

GRANT SELECT(repeats) ON TABLE audit.read TO superbill_api;
GRANT SELECT(repeats) ON TABLE audit.read TO superbill_auditor;
GRANT SELECT(repeats) ON TABLE audit.read TO superbill_admin;

GRANT SELECT ON TABLE api.audit_reads TO superbill_api;
GRANT SELECT ON TABLE api.audit_reads TO superbill_auditor;
GRANT SELECT ON TABLE api.audit_reads TO superbill_admin;

GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(encounter_id) ON TABLE billing.claim_detail TO superbill_auditor;
GRANT SELECT(encounter_id) ON TABLE billing.claim_detail TO superbill_reporter;

GRANT SELECT(provider_signature),INSERT(provider_signature),UPDATE(provider_signature) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(provider_signature),INSERT(provider_signature),UPDATE(provider_signature) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(provider_signature),INSERT(provider_signature),UPDATE(provider_signature) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(provider_signature) ON TABLE billing.claim_detail TO superbill_auditor;

GRANT SELECT(assignment),INSERT(assignment),UPDATE(assignment) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(assignment),INSERT(assignment),UPDATE(assignment) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(assignment),INSERT(assignment),UPDATE(assignment) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(assignment) ON TABLE billing.claim_detail TO superbill_auditor;

GRANT SELECT(benefits_assigned),INSERT(benefits_assigned),UPDATE(benefits_assigned) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(benefits_assigned),INSERT(benefits_assigned),UPDATE(benefits_assigned) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(benefits_assigned),INSERT(benefits_assigned),UPDATE(benefits_assigned) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(benefits_assigned) ON TABLE billing.claim_detail TO superbill_auditor;

GRANT SELECT(release_of_information),INSERT(release_of_information),UPDATE(release_of_information) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(release_of_information),INSERT(release_of_information),UPDATE(release_of_information) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(release_of_information),INSERT(release_of_information),UPDATE(release_of_information) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(release_of_information) ON TABLE billing.claim_detail TO superbill_auditor;

GRANT SELECT(related_cause),INSERT(related_cause),UPDATE(related_cause) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(related_cause),INSERT(related_cause),UPDATE(related_cause) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(related_cause),INSERT(related_cause),UPDATE(related_cause) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(related_cause) ON TABLE billing.claim_detail TO superbill_auditor;
GRANT SELECT(related_cause) ON TABLE billing.claim_detail TO superbill_reporter;

GRANT SELECT(accident_date),INSERT(accident_date),UPDATE(accident_date) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(accident_date),INSERT(accident_date),UPDATE(accident_date) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(accident_date),INSERT(accident_date),UPDATE(accident_date) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(accident_date) ON TABLE billing.claim_detail TO superbill_auditor;
GRANT SELECT(accident_date) ON TABLE billing.claim_detail TO superbill_reporter;

GRANT SELECT(accident_state),INSERT(accident_state),UPDATE(accident_state) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(accident_state),INSERT(accident_state),UPDATE(accident_state) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(accident_state),INSERT(accident_state),UPDATE(accident_state) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(accident_state) ON TABLE billing.claim_detail TO superbill_auditor;
GRANT SELECT(accident_state) ON TABLE billing.claim_detail TO superbill_reporter;

GRANT SELECT(referring_provider_id),INSERT(referring_provider_id),UPDATE(referring_provider_id) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(referring_provider_id),INSERT(referring_provider_id),UPDATE(referring_provider_id) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(referring_provider_id),INSERT(referring_provider_id),UPDATE(referring_provider_id) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(referring_provider_id) ON TABLE billing.claim_detail TO superbill_auditor;

GRANT SELECT(prior_authorization_number),INSERT(prior_authorization_number),UPDATE(prior_authorization_number) ON TABLE billing.claim_detail TO superbill_api;
GRANT SELECT(prior_authorization_number),INSERT(prior_authorization_number),UPDATE(prior_authorization_number) ON TABLE billing.claim_detail TO superbill_clinician;
GRANT SELECT(prior_authorization_number),INSERT(prior_authorization_number),UPDATE(prior_authorization_number) ON TABLE billing.claim_detail TO superbill_biller;
GRANT SELECT(prior_authorization_number) ON TABLE billing.claim_detail TO superbill_auditor;
GRANT SELECT(prior_authorization_number) ON TABLE billing.claim_detail TO superbill_reporter;

GRANT SELECT ON TABLE api.claim_details TO superbill_api;
GRANT SELECT ON TABLE api.claim_details TO superbill_clinician;
GRANT SELECT ON TABLE api.claim_details TO superbill_biller;
GRANT SELECT ON TABLE api.claim_details TO superbill_auditor;

GRANT INSERT(encounter_id) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(encounter_id) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(encounter_id) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(provider_signature),UPDATE(provider_signature) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(provider_signature),UPDATE(provider_signature) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(provider_signature),UPDATE(provider_signature) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(assignment),UPDATE(assignment) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(assignment),UPDATE(assignment) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(assignment),UPDATE(assignment) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(benefits_assigned),UPDATE(benefits_assigned) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(benefits_assigned),UPDATE(benefits_assigned) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(benefits_assigned),UPDATE(benefits_assigned) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(release_of_information),UPDATE(release_of_information) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(release_of_information),UPDATE(release_of_information) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(release_of_information),UPDATE(release_of_information) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(related_cause),UPDATE(related_cause) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(related_cause),UPDATE(related_cause) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(related_cause),UPDATE(related_cause) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(accident_date),UPDATE(accident_date) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(accident_date),UPDATE(accident_date) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(accident_date),UPDATE(accident_date) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(accident_state),UPDATE(accident_state) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(accident_state),UPDATE(accident_state) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(accident_state),UPDATE(accident_state) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(referring_provider_id),UPDATE(referring_provider_id) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(referring_provider_id),UPDATE(referring_provider_id) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(referring_provider_id),UPDATE(referring_provider_id) ON TABLE api.claim_details TO superbill_biller;

GRANT INSERT(prior_authorization_number),UPDATE(prior_authorization_number) ON TABLE api.claim_details TO superbill_api;
GRANT INSERT(prior_authorization_number),UPDATE(prior_authorization_number) ON TABLE api.claim_details TO superbill_clinician;
GRANT INSERT(prior_authorization_number),UPDATE(prior_authorization_number) ON TABLE api.claim_details TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(id) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(encounter_id) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(coverage_id),INSERT(coverage_id) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(coverage_id),INSERT(coverage_id) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(coverage_id) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(frequency),INSERT(frequency) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(frequency),INSERT(frequency) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(frequency) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(payer_claim_number),INSERT(payer_claim_number) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(payer_claim_number),INSERT(payer_claim_number) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(payer_claim_number) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(control_number) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(control_number) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(control_number) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(total_charge) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(total_charge) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(total_charge) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT(created_at) ON TABLE billing.claim TO superbill_api;
GRANT SELECT(created_at) ON TABLE billing.claim TO superbill_biller;
GRANT SELECT(created_at) ON TABLE billing.claim TO superbill_auditor;

GRANT SELECT ON TABLE api.claims TO superbill_api;
GRANT SELECT ON TABLE api.claims TO superbill_biller;
GRANT SELECT ON TABLE api.claims TO superbill_auditor;

GRANT INSERT(encounter_id) ON TABLE api.claims TO superbill_api;
GRANT INSERT(encounter_id) ON TABLE api.claims TO superbill_biller;

GRANT INSERT(coverage_id) ON TABLE api.claims TO superbill_api;
GRANT INSERT(coverage_id) ON TABLE api.claims TO superbill_biller;

GRANT INSERT(frequency) ON TABLE api.claims TO superbill_api;
GRANT INSERT(frequency) ON TABLE api.claims TO superbill_biller;

GRANT INSERT(payer_claim_number) ON TABLE api.claims TO superbill_api;
GRANT INSERT(payer_claim_number) ON TABLE api.claims TO superbill_biller;

GRANT DELETE ON TABLE billing.coverage TO superbill_api;
GRANT DELETE ON TABLE billing.coverage TO superbill_front_desk;
GRANT DELETE ON TABLE billing.coverage TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(id) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(patient_id) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(patient_id) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(patient_id) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(payer_id),INSERT(payer_id) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(payer_id),INSERT(payer_id) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(payer_id) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(payer_id),INSERT(payer_id) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(payer_id) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(payer_id) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(priority),INSERT(priority),UPDATE(priority) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(priority),INSERT(priority),UPDATE(priority) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(priority) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(priority),INSERT(priority),UPDATE(priority) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(priority) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(priority) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(member_id),INSERT(member_id),UPDATE(member_id) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(member_id),INSERT(member_id),UPDATE(member_id) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(member_id) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(member_id),INSERT(member_id),UPDATE(member_id) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(member_id) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(member_id) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(group_number),INSERT(group_number),UPDATE(group_number) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(group_number),INSERT(group_number),UPDATE(group_number) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(group_number) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(group_number),INSERT(group_number),UPDATE(group_number) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(group_number) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(group_name),INSERT(group_name),UPDATE(group_name) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(group_name),INSERT(group_name),UPDATE(group_name) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(group_name) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(group_name),INSERT(group_name),UPDATE(group_name) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(group_name) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(relationship),INSERT(relationship),UPDATE(relationship) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(relationship),INSERT(relationship),UPDATE(relationship) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(relationship) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(relationship),INSERT(relationship),UPDATE(relationship) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(relationship) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(relationship) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(subscriber_first_name),INSERT(subscriber_first_name),UPDATE(subscriber_first_name) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_first_name),INSERT(subscriber_first_name),UPDATE(subscriber_first_name) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_first_name) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_first_name),INSERT(subscriber_first_name),UPDATE(subscriber_first_name) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_first_name) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(subscriber_first_name) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(subscriber_last_name),INSERT(subscriber_last_name),UPDATE(subscriber_last_name) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_last_name),INSERT(subscriber_last_name),UPDATE(subscriber_last_name) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_last_name) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_last_name),INSERT(subscriber_last_name),UPDATE(subscriber_last_name) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_last_name) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(subscriber_last_name) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(subscriber_birth_date),INSERT(subscriber_birth_date),UPDATE(subscriber_birth_date) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_birth_date),INSERT(subscriber_birth_date),UPDATE(subscriber_birth_date) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_birth_date) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_birth_date),INSERT(subscriber_birth_date),UPDATE(subscriber_birth_date) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_birth_date) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(subscriber_sex),INSERT(subscriber_sex),UPDATE(subscriber_sex) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_sex),INSERT(subscriber_sex),UPDATE(subscriber_sex) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_sex) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_sex),INSERT(subscriber_sex),UPDATE(subscriber_sex) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_sex) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(subscriber_address_line_1),INSERT(subscriber_address_line_1),UPDATE(subscriber_address_line_1) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_address_line_1),INSERT(subscriber_address_line_1),UPDATE(subscriber_address_line_1) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_address_line_1) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_address_line_1),INSERT(subscriber_address_line_1),UPDATE(subscriber_address_line_1) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_address_line_1) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(subscriber_address_line_2),INSERT(subscriber_address_line_2),UPDATE(subscriber_address_line_2) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_address_line_2),INSERT(subscriber_address_line_2),UPDATE(subscriber_address_line_2) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_address_line_2) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_address_line_2),INSERT(subscriber_address_line_2),UPDATE(subscriber_address_line_2) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_address_line_2) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(subscriber_city),INSERT(subscriber_city),UPDATE(subscriber_city) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_city),INSERT(subscriber_city),UPDATE(subscriber_city) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_city) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_city),INSERT(subscriber_city),UPDATE(subscriber_city) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_city) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(subscriber_state),INSERT(subscriber_state),UPDATE(subscriber_state) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_state),INSERT(subscriber_state),UPDATE(subscriber_state) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_state) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_state),INSERT(subscriber_state),UPDATE(subscriber_state) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_state) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(subscriber_postal_code),INSERT(subscriber_postal_code),UPDATE(subscriber_postal_code) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(subscriber_postal_code),INSERT(subscriber_postal_code),UPDATE(subscriber_postal_code) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(subscriber_postal_code) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(subscriber_postal_code),INSERT(subscriber_postal_code),UPDATE(subscriber_postal_code) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(subscriber_postal_code) ON TABLE billing.coverage TO superbill_auditor;

GRANT SELECT(effective_on),INSERT(effective_on),UPDATE(effective_on) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(effective_on),INSERT(effective_on),UPDATE(effective_on) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(effective_on) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(effective_on),INSERT(effective_on),UPDATE(effective_on) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(effective_on) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(effective_on) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT(ends_on),INSERT(ends_on),UPDATE(ends_on) ON TABLE billing.coverage TO superbill_api;
GRANT SELECT(ends_on),INSERT(ends_on),UPDATE(ends_on) ON TABLE billing.coverage TO superbill_front_desk;
GRANT SELECT(ends_on) ON TABLE billing.coverage TO superbill_clinician;
GRANT SELECT(ends_on),INSERT(ends_on),UPDATE(ends_on) ON TABLE billing.coverage TO superbill_biller;
GRANT SELECT(ends_on) ON TABLE billing.coverage TO superbill_auditor;
GRANT SELECT(ends_on) ON TABLE billing.coverage TO superbill_reporter;

GRANT SELECT,DELETE ON TABLE api.coverages TO superbill_api;
GRANT SELECT,DELETE ON TABLE api.coverages TO superbill_front_desk;
GRANT SELECT ON TABLE api.coverages TO superbill_clinician;
GRANT SELECT,DELETE ON TABLE api.coverages TO superbill_biller;
GRANT SELECT ON TABLE api.coverages TO superbill_auditor;

GRANT INSERT(patient_id) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(patient_id) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(patient_id) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(payer_id) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(payer_id) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(payer_id) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(priority),UPDATE(priority) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(priority),UPDATE(priority) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(priority),UPDATE(priority) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(member_id),UPDATE(member_id) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(member_id),UPDATE(member_id) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(member_id),UPDATE(member_id) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(group_number),UPDATE(group_number) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(group_number),UPDATE(group_number) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(group_number),UPDATE(group_number) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(group_name),UPDATE(group_name) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(group_name),UPDATE(group_name) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(group_name),UPDATE(group_name) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(relationship),UPDATE(relationship) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(relationship),UPDATE(relationship) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(relationship),UPDATE(relationship) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_first_name),UPDATE(subscriber_first_name) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_first_name),UPDATE(subscriber_first_name) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_first_name),UPDATE(subscriber_first_name) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_last_name),UPDATE(subscriber_last_name) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_last_name),UPDATE(subscriber_last_name) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_last_name),UPDATE(subscriber_last_name) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_birth_date),UPDATE(subscriber_birth_date) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_birth_date),UPDATE(subscriber_birth_date) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_birth_date),UPDATE(subscriber_birth_date) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_sex),UPDATE(subscriber_sex) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_sex),UPDATE(subscriber_sex) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_sex),UPDATE(subscriber_sex) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_address_line_1),UPDATE(subscriber_address_line_1) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_address_line_1),UPDATE(subscriber_address_line_1) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_address_line_1),UPDATE(subscriber_address_line_1) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_address_line_2),UPDATE(subscriber_address_line_2) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_address_line_2),UPDATE(subscriber_address_line_2) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_address_line_2),UPDATE(subscriber_address_line_2) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_city),UPDATE(subscriber_city) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_city),UPDATE(subscriber_city) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_city),UPDATE(subscriber_city) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_state),UPDATE(subscriber_state) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_state),UPDATE(subscriber_state) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_state),UPDATE(subscriber_state) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(subscriber_postal_code),UPDATE(subscriber_postal_code) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(subscriber_postal_code),UPDATE(subscriber_postal_code) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(subscriber_postal_code),UPDATE(subscriber_postal_code) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(effective_on),UPDATE(effective_on) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(effective_on),UPDATE(effective_on) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(effective_on),UPDATE(effective_on) ON TABLE api.coverages TO superbill_biller;

GRANT INSERT(ends_on),UPDATE(ends_on) ON TABLE api.coverages TO superbill_api;
GRANT INSERT(ends_on),UPDATE(ends_on) ON TABLE api.coverages TO superbill_front_desk;
GRANT INSERT(ends_on),UPDATE(ends_on) ON TABLE api.coverages TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.cpt_code_version TO superbill_api;
GRANT SELECT(id) ON TABLE billing.cpt_code_version TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.cpt_code_version TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.cpt_code_version TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.cpt_code_version TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.cpt_code_version TO superbill_api;
GRANT SELECT(code) ON TABLE billing.cpt_code_version TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.cpt_code_version TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.cpt_code_version TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.cpt_code_version TO superbill_admin;
GRANT SELECT(code) ON TABLE billing.cpt_code_version TO superbill_reporter;

GRANT SELECT(valid_during) ON TABLE billing.cpt_code_version TO superbill_api;
GRANT SELECT(valid_during) ON TABLE billing.cpt_code_version TO superbill_clinician;
GRANT SELECT(valid_during) ON TABLE billing.cpt_code_version TO superbill_biller;
GRANT SELECT(valid_during) ON TABLE billing.cpt_code_version TO superbill_auditor;
GRANT SELECT(valid_during) ON TABLE billing.cpt_code_version TO superbill_admin;
GRANT SELECT(valid_during) ON TABLE billing.cpt_code_version TO superbill_reporter;

GRANT SELECT(description) ON TABLE billing.cpt_code_version TO superbill_api;
GRANT SELECT(description) ON TABLE billing.cpt_code_version TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.cpt_code_version TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.cpt_code_version TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.cpt_code_version TO superbill_admin;
GRANT SELECT(description) ON TABLE billing.cpt_code_version TO superbill_reporter;

GRANT SELECT(code_list) ON TABLE billing.cpt_code_version TO superbill_api;
GRANT SELECT(code_list) ON TABLE billing.cpt_code_version TO superbill_clinician;
GRANT SELECT(code_list) ON TABLE billing.cpt_code_version TO superbill_biller;
GRANT SELECT(code_list) ON TABLE billing.cpt_code_version TO superbill_auditor;
GRANT SELECT(code_list) ON TABLE billing.cpt_code_version TO superbill_admin;

GRANT SELECT ON TABLE api.cpt_code_versions TO superbill_api;
GRANT SELECT ON TABLE api.cpt_code_versions TO superbill_clinician;
GRANT SELECT ON TABLE api.cpt_code_versions TO superbill_biller;
GRANT SELECT ON TABLE api.cpt_code_versions TO superbill_auditor;
GRANT SELECT ON TABLE api.cpt_code_versions TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.cpt_code TO superbill_api;
GRANT SELECT(code) ON TABLE billing.cpt_code TO superbill_reporter;
GRANT SELECT(code) ON TABLE billing.cpt_code TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.cpt_code TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.cpt_code TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.cpt_code TO superbill_admin;

GRANT SELECT(description) ON TABLE billing.cpt_code TO superbill_api;
GRANT SELECT(description) ON TABLE billing.cpt_code TO superbill_reporter;
GRANT SELECT(description) ON TABLE billing.cpt_code TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.cpt_code TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.cpt_code TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.cpt_code TO superbill_admin;

GRANT SELECT ON TABLE api.cpt_codes TO superbill_api;
GRANT SELECT ON TABLE api.cpt_codes TO superbill_clinician;
GRANT SELECT ON TABLE api.cpt_codes TO superbill_biller;
GRANT SELECT ON TABLE api.cpt_codes TO superbill_auditor;
GRANT SELECT ON TABLE api.cpt_codes TO superbill_admin;

GRANT DELETE ON TABLE billing.diagnosis TO superbill_api;
GRANT DELETE ON TABLE billing.diagnosis TO superbill_clinician;
GRANT DELETE ON TABLE billing.diagnosis TO superbill_biller;

GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.diagnosis TO superbill_api;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.diagnosis TO superbill_clinician;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.diagnosis TO superbill_biller;
GRANT SELECT(encounter_id) ON TABLE billing.diagnosis TO superbill_auditor;
GRANT SELECT(encounter_id) ON TABLE billing.diagnosis TO superbill_reporter;

GRANT SELECT("position"),INSERT("position") ON TABLE billing.diagnosis TO superbill_api;
GRANT SELECT("position"),INSERT("position") ON TABLE billing.diagnosis TO superbill_clinician;
GRANT SELECT("position"),INSERT("position") ON TABLE billing.diagnosis TO superbill_biller;
GRANT SELECT("position") ON TABLE billing.diagnosis TO superbill_auditor;
GRANT SELECT("position") ON TABLE billing.diagnosis TO superbill_reporter;

GRANT SELECT(diagnosis_code),INSERT(diagnosis_code),UPDATE(diagnosis_code) ON TABLE billing.diagnosis TO superbill_api;
GRANT SELECT(diagnosis_code),INSERT(diagnosis_code),UPDATE(diagnosis_code) ON TABLE billing.diagnosis TO superbill_clinician;
GRANT SELECT(diagnosis_code),INSERT(diagnosis_code),UPDATE(diagnosis_code) ON TABLE billing.diagnosis TO superbill_biller;
GRANT SELECT(diagnosis_code) ON TABLE billing.diagnosis TO superbill_auditor;

GRANT SELECT(day) ON TABLE billing.diagnosis TO superbill_api;
GRANT SELECT(day) ON TABLE billing.diagnosis TO superbill_clinician;
GRANT SELECT(day) ON TABLE billing.diagnosis TO superbill_biller;
GRANT SELECT(day) ON TABLE billing.diagnosis TO superbill_auditor;

GRANT SELECT(id) ON TABLE billing.diagnosis_code_version TO superbill_api;
GRANT SELECT(id) ON TABLE billing.diagnosis_code_version TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.diagnosis_code_version TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.diagnosis_code_version TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.diagnosis_code_version TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.diagnosis_code_version TO superbill_api;
GRANT SELECT(code) ON TABLE billing.diagnosis_code_version TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.diagnosis_code_version TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.diagnosis_code_version TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.diagnosis_code_version TO superbill_admin;

GRANT SELECT(valid_during) ON TABLE billing.diagnosis_code_version TO superbill_api;
GRANT SELECT(valid_during) ON TABLE billing.diagnosis_code_version TO superbill_clinician;
GRANT SELECT(valid_during) ON TABLE billing.diagnosis_code_version TO superbill_biller;
GRANT SELECT(valid_during) ON TABLE billing.diagnosis_code_version TO superbill_auditor;
GRANT SELECT(valid_during) ON TABLE billing.diagnosis_code_version TO superbill_admin;

GRANT SELECT(description) ON TABLE billing.diagnosis_code_version TO superbill_api;
GRANT SELECT(description) ON TABLE billing.diagnosis_code_version TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.diagnosis_code_version TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.diagnosis_code_version TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.diagnosis_code_version TO superbill_admin;

GRANT SELECT(code_list) ON TABLE billing.diagnosis_code_version TO superbill_api;
GRANT SELECT(code_list) ON TABLE billing.diagnosis_code_version TO superbill_clinician;
GRANT SELECT(code_list) ON TABLE billing.diagnosis_code_version TO superbill_biller;
GRANT SELECT(code_list) ON TABLE billing.diagnosis_code_version TO superbill_auditor;
GRANT SELECT(code_list) ON TABLE billing.diagnosis_code_version TO superbill_admin;

GRANT SELECT,DELETE ON TABLE api.diagnoses TO superbill_api;
GRANT SELECT,DELETE ON TABLE api.diagnoses TO superbill_clinician;
GRANT SELECT,DELETE ON TABLE api.diagnoses TO superbill_biller;
GRANT SELECT ON TABLE api.diagnoses TO superbill_auditor;

GRANT INSERT(encounter_id) ON TABLE api.diagnoses TO superbill_api;
GRANT INSERT(encounter_id) ON TABLE api.diagnoses TO superbill_clinician;
GRANT INSERT(encounter_id) ON TABLE api.diagnoses TO superbill_biller;

GRANT INSERT("position") ON TABLE api.diagnoses TO superbill_api;
GRANT INSERT("position") ON TABLE api.diagnoses TO superbill_clinician;
GRANT INSERT("position") ON TABLE api.diagnoses TO superbill_biller;

GRANT INSERT(diagnosis_code),UPDATE(diagnosis_code) ON TABLE api.diagnoses TO superbill_api;
GRANT INSERT(diagnosis_code),UPDATE(diagnosis_code) ON TABLE api.diagnoses TO superbill_clinician;
GRANT INSERT(diagnosis_code),UPDATE(diagnosis_code) ON TABLE api.diagnoses TO superbill_biller;

GRANT SELECT ON TABLE api.diagnosis_code_versions TO superbill_api;
GRANT SELECT ON TABLE api.diagnosis_code_versions TO superbill_clinician;
GRANT SELECT ON TABLE api.diagnosis_code_versions TO superbill_biller;
GRANT SELECT ON TABLE api.diagnosis_code_versions TO superbill_auditor;
GRANT SELECT ON TABLE api.diagnosis_code_versions TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.diagnosis_code TO superbill_api;
GRANT SELECT(code) ON TABLE billing.diagnosis_code TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.diagnosis_code TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.diagnosis_code TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.diagnosis_code TO superbill_admin;

GRANT SELECT(description) ON TABLE billing.diagnosis_code TO superbill_api;
GRANT SELECT(description) ON TABLE billing.diagnosis_code TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.diagnosis_code TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.diagnosis_code TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.diagnosis_code TO superbill_admin;

GRANT SELECT ON TABLE api.diagnosis_codes TO superbill_api;
GRANT SELECT ON TABLE api.diagnosis_codes TO superbill_clinician;
GRANT SELECT ON TABLE api.diagnosis_codes TO superbill_biller;
GRANT SELECT ON TABLE api.diagnosis_codes TO superbill_auditor;
GRANT SELECT ON TABLE api.diagnosis_codes TO superbill_admin;

GRANT DELETE ON TABLE billing.drug TO superbill_api;
GRANT DELETE ON TABLE billing.drug TO superbill_clinician;
GRANT DELETE ON TABLE billing.drug TO superbill_biller;

GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.drug TO superbill_api;
GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.drug TO superbill_clinician;
GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.drug TO superbill_biller;
GRANT SELECT(line_item_id) ON TABLE billing.drug TO superbill_auditor;

GRANT SELECT(drug_code),INSERT(drug_code),UPDATE(drug_code) ON TABLE billing.drug TO superbill_api;
GRANT SELECT(drug_code),INSERT(drug_code),UPDATE(drug_code) ON TABLE billing.drug TO superbill_clinician;
GRANT SELECT(drug_code),INSERT(drug_code),UPDATE(drug_code) ON TABLE billing.drug TO superbill_biller;
GRANT SELECT(drug_code) ON TABLE billing.drug TO superbill_auditor;

GRANT SELECT(quantity),INSERT(quantity),UPDATE(quantity) ON TABLE billing.drug TO superbill_api;
GRANT SELECT(quantity),INSERT(quantity),UPDATE(quantity) ON TABLE billing.drug TO superbill_clinician;
GRANT SELECT(quantity),INSERT(quantity),UPDATE(quantity) ON TABLE billing.drug TO superbill_biller;
GRANT SELECT(quantity) ON TABLE billing.drug TO superbill_auditor;

GRANT SELECT(unit),INSERT(unit),UPDATE(unit) ON TABLE billing.drug TO superbill_api;
GRANT SELECT(unit),INSERT(unit),UPDATE(unit) ON TABLE billing.drug TO superbill_clinician;
GRANT SELECT(unit),INSERT(unit),UPDATE(unit) ON TABLE billing.drug TO superbill_biller;
GRANT SELECT(unit) ON TABLE billing.drug TO superbill_auditor;

GRANT SELECT,DELETE ON TABLE api.drugs TO superbill_api;
GRANT SELECT,DELETE ON TABLE api.drugs TO superbill_clinician;
GRANT SELECT,DELETE ON TABLE api.drugs TO superbill_biller;
GRANT SELECT ON TABLE api.drugs TO superbill_auditor;

GRANT INSERT(line_item_id) ON TABLE api.drugs TO superbill_api;
GRANT INSERT(line_item_id) ON TABLE api.drugs TO superbill_clinician;
GRANT INSERT(line_item_id) ON TABLE api.drugs TO superbill_biller;

GRANT INSERT(drug_code),UPDATE(drug_code) ON TABLE api.drugs TO superbill_api;
GRANT INSERT(drug_code),UPDATE(drug_code) ON TABLE api.drugs TO superbill_clinician;
GRANT INSERT(drug_code),UPDATE(drug_code) ON TABLE api.drugs TO superbill_biller;

GRANT INSERT(quantity),UPDATE(quantity) ON TABLE api.drugs TO superbill_api;
GRANT INSERT(quantity),UPDATE(quantity) ON TABLE api.drugs TO superbill_clinician;
GRANT INSERT(quantity),UPDATE(quantity) ON TABLE api.drugs TO superbill_biller;

GRANT INSERT(unit),UPDATE(unit) ON TABLE api.drugs TO superbill_api;
GRANT INSERT(unit),UPDATE(unit) ON TABLE api.drugs TO superbill_clinician;
GRANT INSERT(unit),UPDATE(unit) ON TABLE api.drugs TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(id) ON TABLE billing.encounter TO superbill_reporter;
GRANT SELECT(id) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.encounter TO superbill_auditor;

GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(patient_id) ON TABLE billing.encounter TO superbill_reporter;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(patient_id) ON TABLE billing.encounter TO superbill_auditor;

GRANT SELECT(date),INSERT(date),UPDATE(date) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(date) ON TABLE billing.encounter TO superbill_reporter;
GRANT SELECT(date),INSERT(date) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(date),INSERT(date),UPDATE(date) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(date),INSERT(date),UPDATE(date) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(date) ON TABLE billing.encounter TO superbill_auditor;

GRANT SELECT(provider_id),INSERT(provider_id),UPDATE(provider_id) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(provider_id),INSERT(provider_id) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(provider_id),INSERT(provider_id),UPDATE(provider_id) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(provider_id),INSERT(provider_id),UPDATE(provider_id) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(provider_id) ON TABLE billing.encounter TO superbill_auditor;
GRANT SELECT(provider_id) ON TABLE billing.encounter TO superbill_reporter;

GRANT SELECT(place_of_service),INSERT(place_of_service),UPDATE(place_of_service) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(place_of_service),INSERT(place_of_service) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(place_of_service),INSERT(place_of_service),UPDATE(place_of_service) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(place_of_service),INSERT(place_of_service),UPDATE(place_of_service) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(place_of_service) ON TABLE billing.encounter TO superbill_auditor;
GRANT SELECT(place_of_service) ON TABLE billing.encounter TO superbill_reporter;

GRANT SELECT(status),UPDATE(status) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(status) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(status) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(status),UPDATE(status) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(status) ON TABLE billing.encounter TO superbill_auditor;
GRANT SELECT(status) ON TABLE billing.encounter TO superbill_reporter;

GRANT SELECT(void_reason),UPDATE(void_reason) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(void_reason) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(void_reason) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(void_reason),UPDATE(void_reason) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(void_reason) ON TABLE billing.encounter TO superbill_auditor;

GRANT SELECT(posted_at) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(posted_at) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(posted_at) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(posted_at) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(posted_at) ON TABLE billing.encounter TO superbill_auditor;
GRANT SELECT(posted_at) ON TABLE billing.encounter TO superbill_reporter;

GRANT SELECT(voided_at) ON TABLE billing.encounter TO superbill_api;
GRANT SELECT(voided_at) ON TABLE billing.encounter TO superbill_front_desk;
GRANT SELECT(voided_at) ON TABLE billing.encounter TO superbill_clinician;
GRANT SELECT(voided_at) ON TABLE billing.encounter TO superbill_biller;
GRANT SELECT(voided_at) ON TABLE billing.encounter TO superbill_auditor;

GRANT SELECT ON TABLE api.encounters TO superbill_api;
GRANT SELECT ON TABLE api.encounters TO superbill_front_desk;
GRANT SELECT ON TABLE api.encounters TO superbill_clinician;
GRANT SELECT ON TABLE api.encounters TO superbill_biller;
GRANT SELECT ON TABLE api.encounters TO superbill_auditor;

GRANT INSERT(patient_id) ON TABLE api.encounters TO superbill_api;
GRANT INSERT(patient_id) ON TABLE api.encounters TO superbill_front_desk;
GRANT INSERT(patient_id) ON TABLE api.encounters TO superbill_clinician;
GRANT INSERT(patient_id) ON TABLE api.encounters TO superbill_biller;

GRANT INSERT(date),UPDATE(date) ON TABLE api.encounters TO superbill_api;
GRANT INSERT(date) ON TABLE api.encounters TO superbill_front_desk;
GRANT INSERT(date),UPDATE(date) ON TABLE api.encounters TO superbill_clinician;
GRANT INSERT(date),UPDATE(date) ON TABLE api.encounters TO superbill_biller;

GRANT INSERT(provider_id),UPDATE(provider_id) ON TABLE api.encounters TO superbill_api;
GRANT INSERT(provider_id) ON TABLE api.encounters TO superbill_front_desk;
GRANT INSERT(provider_id),UPDATE(provider_id) ON TABLE api.encounters TO superbill_clinician;
GRANT INSERT(provider_id),UPDATE(provider_id) ON TABLE api.encounters TO superbill_biller;

GRANT INSERT(place_of_service),UPDATE(place_of_service) ON TABLE api.encounters TO superbill_api;
GRANT INSERT(place_of_service) ON TABLE api.encounters TO superbill_front_desk;
GRANT INSERT(place_of_service),UPDATE(place_of_service) ON TABLE api.encounters TO superbill_clinician;
GRANT INSERT(place_of_service),UPDATE(place_of_service) ON TABLE api.encounters TO superbill_biller;

GRANT UPDATE(status) ON TABLE api.encounters TO superbill_api;
GRANT UPDATE(status) ON TABLE api.encounters TO superbill_biller;

GRANT UPDATE(void_reason) ON TABLE api.encounters TO superbill_api;
GRANT UPDATE(void_reason) ON TABLE api.encounters TO superbill_biller;

GRANT DELETE ON TABLE billing.fee TO superbill_api;
GRANT DELETE ON TABLE billing.fee TO superbill_biller;
GRANT DELETE ON TABLE billing.fee TO superbill_admin;

GRANT SELECT(id) ON TABLE billing.fee TO superbill_api;
GRANT SELECT(id) ON TABLE billing.fee TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.fee TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.fee TO superbill_admin;

GRANT SELECT(cpt_code),INSERT(cpt_code) ON TABLE billing.fee TO superbill_api;
GRANT SELECT(cpt_code),INSERT(cpt_code) ON TABLE billing.fee TO superbill_biller;
GRANT SELECT(cpt_code) ON TABLE billing.fee TO superbill_auditor;
GRANT SELECT(cpt_code),INSERT(cpt_code) ON TABLE billing.fee TO superbill_admin;

GRANT SELECT(modifier),INSERT(modifier) ON TABLE billing.fee TO superbill_api;
GRANT SELECT(modifier),INSERT(modifier) ON TABLE billing.fee TO superbill_biller;
GRANT SELECT(modifier) ON TABLE billing.fee TO superbill_auditor;
GRANT SELECT(modifier),INSERT(modifier) ON TABLE billing.fee TO superbill_admin;

GRANT SELECT(effective_on),INSERT(effective_on),UPDATE(effective_on) ON TABLE billing.fee TO superbill_api;
GRANT SELECT(effective_on),INSERT(effective_on),UPDATE(effective_on) ON TABLE billing.fee TO superbill_biller;
GRANT SELECT(effective_on) ON TABLE billing.fee TO superbill_auditor;
GRANT SELECT(effective_on),INSERT(effective_on),UPDATE(effective_on) ON TABLE billing.fee TO superbill_admin;

GRANT SELECT(ends_on),INSERT(ends_on),UPDATE(ends_on) ON TABLE billing.fee TO superbill_api;
GRANT SELECT(ends_on),INSERT(ends_on),UPDATE(ends_on) ON TABLE billing.fee TO superbill_biller;
GRANT SELECT(ends_on) ON TABLE billing.fee TO superbill_auditor;
GRANT SELECT(ends_on),INSERT(ends_on),UPDATE(ends_on) ON TABLE billing.fee TO superbill_admin;

GRANT SELECT(amount),INSERT(amount),UPDATE(amount) ON TABLE billing.fee TO superbill_api;
GRANT SELECT(amount),INSERT(amount),UPDATE(amount) ON TABLE billing.fee TO superbill_biller;
GRANT SELECT(amount) ON TABLE billing.fee TO superbill_auditor;
GRANT SELECT(amount),INSERT(amount),UPDATE(amount) ON TABLE billing.fee TO superbill_admin;

GRANT SELECT,DELETE ON TABLE api.fees TO superbill_api;
GRANT SELECT,DELETE ON TABLE api.fees TO superbill_biller;
GRANT SELECT ON TABLE api.fees TO superbill_auditor;
GRANT SELECT,DELETE ON TABLE api.fees TO superbill_admin;

GRANT INSERT(cpt_code) ON TABLE api.fees TO superbill_api;
GRANT INSERT(cpt_code) ON TABLE api.fees TO superbill_biller;
GRANT INSERT(cpt_code) ON TABLE api.fees TO superbill_admin;

GRANT INSERT(modifier) ON TABLE api.fees TO superbill_api;
GRANT INSERT(modifier) ON TABLE api.fees TO superbill_biller;
GRANT INSERT(modifier) ON TABLE api.fees TO superbill_admin;

GRANT INSERT(effective_on),UPDATE(effective_on) ON TABLE api.fees TO superbill_api;
GRANT INSERT(effective_on),UPDATE(effective_on) ON TABLE api.fees TO superbill_biller;
GRANT INSERT(effective_on),UPDATE(effective_on) ON TABLE api.fees TO superbill_admin;

GRANT INSERT(ends_on),UPDATE(ends_on) ON TABLE api.fees TO superbill_api;
GRANT INSERT(ends_on),UPDATE(ends_on) ON TABLE api.fees TO superbill_biller;
GRANT INSERT(ends_on),UPDATE(ends_on) ON TABLE api.fees TO superbill_admin;

GRANT INSERT(amount),UPDATE(amount) ON TABLE api.fees TO superbill_api;
GRANT INSERT(amount),UPDATE(amount) ON TABLE api.fees TO superbill_biller;
GRANT INSERT(amount),UPDATE(amount) ON TABLE api.fees TO superbill_admin;

GRANT SELECT(id) ON TABLE billing.interchange TO superbill_api;
GRANT SELECT(id) ON TABLE billing.interchange TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.interchange TO superbill_auditor;

GRANT SELECT(trading_partner_id),INSERT(trading_partner_id) ON TABLE billing.interchange TO superbill_api;
GRANT SELECT(trading_partner_id),INSERT(trading_partner_id) ON TABLE billing.interchange TO superbill_biller;
GRANT SELECT(trading_partner_id) ON TABLE billing.interchange TO superbill_auditor;

GRANT SELECT(claim_ids),INSERT(claim_ids) ON TABLE billing.interchange TO superbill_api;
GRANT SELECT(claim_ids),INSERT(claim_ids) ON TABLE billing.interchange TO superbill_biller;
GRANT SELECT(claim_ids) ON TABLE billing.interchange TO superbill_auditor;

GRANT SELECT(control_number) ON TABLE billing.interchange TO superbill_api;
GRANT SELECT(control_number) ON TABLE billing.interchange TO superbill_biller;
GRANT SELECT(control_number) ON TABLE billing.interchange TO superbill_auditor;

GRANT SELECT(created_at) ON TABLE billing.interchange TO superbill_api;
GRANT SELECT(created_at) ON TABLE billing.interchange TO superbill_biller;
GRANT SELECT(created_at) ON TABLE billing.interchange TO superbill_auditor;

GRANT SELECT(content) ON TABLE billing.interchange TO superbill_api;
GRANT SELECT(content) ON TABLE billing.interchange TO superbill_biller;
GRANT SELECT(content) ON TABLE billing.interchange TO superbill_auditor;

GRANT SELECT ON TABLE api.interchanges TO superbill_api;
GRANT SELECT ON TABLE api.interchanges TO superbill_biller;
GRANT SELECT ON TABLE api.interchanges TO superbill_auditor;

GRANT INSERT(trading_partner_id) ON TABLE api.interchanges TO superbill_api;
GRANT INSERT(trading_partner_id) ON TABLE api.interchanges TO superbill_biller;

GRANT INSERT(claim_ids) ON TABLE api.interchanges TO superbill_api;
GRANT INSERT(claim_ids) ON TABLE api.interchanges TO superbill_biller;

GRANT DELETE ON TABLE billing.line_item TO superbill_api;
GRANT DELETE ON TABLE billing.line_item TO superbill_clinician;
GRANT DELETE ON TABLE billing.line_item TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(id) ON TABLE billing.line_item TO superbill_reporter;
GRANT SELECT(id) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(encounter_id) ON TABLE billing.line_item TO superbill_reporter;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(encounter_id),INSERT(encounter_id) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(encounter_id) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(cpt_code),INSERT(cpt_code),UPDATE(cpt_code) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(cpt_code) ON TABLE billing.line_item TO superbill_reporter;
GRANT SELECT(cpt_code),INSERT(cpt_code),UPDATE(cpt_code) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(cpt_code),INSERT(cpt_code),UPDATE(cpt_code) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(cpt_code) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(units),INSERT(units),UPDATE(units) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(units) ON TABLE billing.line_item TO superbill_reporter;
GRANT SELECT(units),INSERT(units),UPDATE(units) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(units),INSERT(units),UPDATE(units) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(units) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(service_date),INSERT(service_date),UPDATE(service_date) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(service_date),INSERT(service_date),UPDATE(service_date) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(service_date),INSERT(service_date),UPDATE(service_date) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(service_date) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(unit_type),INSERT(unit_type),UPDATE(unit_type) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(unit_type),INSERT(unit_type),UPDATE(unit_type) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(unit_type),INSERT(unit_type),UPDATE(unit_type) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(unit_type) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(modifiers),INSERT(modifiers),UPDATE(modifiers) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(modifiers),INSERT(modifiers),UPDATE(modifiers) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(modifiers),INSERT(modifiers),UPDATE(modifiers) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(modifiers) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(diagnosis_pointers),INSERT(diagnosis_pointers),UPDATE(diagnosis_pointers) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(diagnosis_pointers),INSERT(diagnosis_pointers),UPDATE(diagnosis_pointers) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(diagnosis_pointers),INSERT(diagnosis_pointers),UPDATE(diagnosis_pointers) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(diagnosis_pointers) ON TABLE billing.line_item TO superbill_auditor;
GRANT SELECT(diagnosis_pointers) ON TABLE billing.line_item TO superbill_reporter;

GRANT SELECT(day) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(day) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(day) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(day) ON TABLE billing.line_item TO superbill_auditor;
GRANT SELECT(day) ON TABLE billing.line_item TO superbill_reporter;

GRANT SELECT(unit_charge) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(unit_charge) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(unit_charge) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(unit_charge) ON TABLE billing.line_item TO superbill_auditor;

GRANT SELECT(charge) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(charge) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(charge) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(charge) ON TABLE billing.line_item TO superbill_auditor;
GRANT SELECT(charge) ON TABLE billing.line_item TO superbill_reporter;

GRANT SELECT(is_reversed) ON TABLE billing.line_item TO superbill_api;
GRANT SELECT(is_reversed) ON TABLE billing.line_item TO superbill_clinician;
GRANT SELECT(is_reversed) ON TABLE billing.line_item TO superbill_biller;
GRANT SELECT(is_reversed) ON TABLE billing.line_item TO superbill_auditor;
GRANT SELECT(is_reversed) ON TABLE billing.line_item TO superbill_reporter;

GRANT SELECT,DELETE ON TABLE api.line_items TO superbill_api;
GRANT SELECT,DELETE ON TABLE api.line_items TO superbill_clinician;
GRANT SELECT,DELETE ON TABLE api.line_items TO superbill_biller;
GRANT SELECT ON TABLE api.line_items TO superbill_auditor;

GRANT INSERT(encounter_id) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(encounter_id) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(encounter_id) ON TABLE api.line_items TO superbill_biller;

GRANT INSERT(cpt_code),UPDATE(cpt_code) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(cpt_code),UPDATE(cpt_code) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(cpt_code),UPDATE(cpt_code) ON TABLE api.line_items TO superbill_biller;

GRANT INSERT(units),UPDATE(units) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(units),UPDATE(units) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(units),UPDATE(units) ON TABLE api.line_items TO superbill_biller;

GRANT INSERT(service_date),UPDATE(service_date) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(service_date),UPDATE(service_date) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(service_date),UPDATE(service_date) ON TABLE api.line_items TO superbill_biller;

GRANT INSERT(unit_type),UPDATE(unit_type) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(unit_type),UPDATE(unit_type) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(unit_type),UPDATE(unit_type) ON TABLE api.line_items TO superbill_biller;

GRANT INSERT(modifiers),UPDATE(modifiers) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(modifiers),UPDATE(modifiers) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(modifiers),UPDATE(modifiers) ON TABLE api.line_items TO superbill_biller;

GRANT INSERT(diagnosis_pointers),UPDATE(diagnosis_pointers) ON TABLE api.line_items TO superbill_api;
GRANT INSERT(diagnosis_pointers),UPDATE(diagnosis_pointers) ON TABLE api.line_items TO superbill_clinician;
GRANT INSERT(diagnosis_pointers),UPDATE(diagnosis_pointers) ON TABLE api.line_items TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.modifier_version TO superbill_api;
GRANT SELECT(id) ON TABLE billing.modifier_version TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.modifier_version TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.modifier_version TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.modifier_version TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.modifier_version TO superbill_api;
GRANT SELECT(code) ON TABLE billing.modifier_version TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.modifier_version TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.modifier_version TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.modifier_version TO superbill_admin;

GRANT SELECT(valid_during) ON TABLE billing.modifier_version TO superbill_api;
GRANT SELECT(valid_during) ON TABLE billing.modifier_version TO superbill_clinician;
GRANT SELECT(valid_during) ON TABLE billing.modifier_version TO superbill_biller;
GRANT SELECT(valid_during) ON TABLE billing.modifier_version TO superbill_auditor;
GRANT SELECT(valid_during) ON TABLE billing.modifier_version TO superbill_admin;

GRANT SELECT(description) ON TABLE billing.modifier_version TO superbill_api;
GRANT SELECT(description) ON TABLE billing.modifier_version TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.modifier_version TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.modifier_version TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.modifier_version TO superbill_admin;

GRANT SELECT(code_list) ON TABLE billing.modifier_version TO superbill_api;
GRANT SELECT(code_list) ON TABLE billing.modifier_version TO superbill_clinician;
GRANT SELECT(code_list) ON TABLE billing.modifier_version TO superbill_biller;
GRANT SELECT(code_list) ON TABLE billing.modifier_version TO superbill_auditor;
GRANT SELECT(code_list) ON TABLE billing.modifier_version TO superbill_admin;

GRANT SELECT ON TABLE api.modifier_versions TO superbill_api;
GRANT SELECT ON TABLE api.modifier_versions TO superbill_clinician;
GRANT SELECT ON TABLE api.modifier_versions TO superbill_biller;
GRANT SELECT ON TABLE api.modifier_versions TO superbill_auditor;
GRANT SELECT ON TABLE api.modifier_versions TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.modifier TO superbill_api;
GRANT SELECT(code) ON TABLE billing.modifier TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.modifier TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.modifier TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.modifier TO superbill_admin;

GRANT SELECT(description) ON TABLE billing.modifier TO superbill_api;
GRANT SELECT(description) ON TABLE billing.modifier TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.modifier TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.modifier TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.modifier TO superbill_admin;

GRANT SELECT ON TABLE api.modifiers TO superbill_api;
GRANT SELECT ON TABLE api.modifiers TO superbill_clinician;
GRANT SELECT ON TABLE api.modifiers TO superbill_biller;
GRANT SELECT ON TABLE api.modifiers TO superbill_auditor;
GRANT SELECT ON TABLE api.modifiers TO superbill_admin;

GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(patient_id) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(patient_id) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(patient_id) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(middle_name),INSERT(middle_name),UPDATE(middle_name) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(middle_name),INSERT(middle_name),UPDATE(middle_name) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(middle_name) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(middle_name),INSERT(middle_name),UPDATE(middle_name) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(middle_name) ON TABLE billing.patient_detail TO superbill_auditor;

GRANT SELECT(suffix),INSERT(suffix),UPDATE(suffix) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(suffix),INSERT(suffix),UPDATE(suffix) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(suffix) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(suffix),INSERT(suffix),UPDATE(suffix) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(suffix) ON TABLE billing.patient_detail TO superbill_auditor;

GRANT SELECT(birth_date),INSERT(birth_date),UPDATE(birth_date) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(birth_date),INSERT(birth_date),UPDATE(birth_date) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(birth_date) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(birth_date),INSERT(birth_date),UPDATE(birth_date) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(birth_date) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(birth_date) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(sex),INSERT(sex),UPDATE(sex) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(sex),INSERT(sex),UPDATE(sex) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(sex) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(sex),INSERT(sex),UPDATE(sex) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(sex) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(sex) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(address_line_1) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(address_line_1) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(address_line_1) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(address_line_2) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(address_line_2) ON TABLE billing.patient_detail TO superbill_auditor;

GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(city) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(city) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(city) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(state) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(state) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(state) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(postal_code) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(postal_code) ON TABLE billing.patient_detail TO superbill_auditor;
GRANT SELECT(postal_code) ON TABLE billing.patient_detail TO superbill_reporter;

GRANT SELECT(phone),INSERT(phone),UPDATE(phone) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(phone),INSERT(phone),UPDATE(phone) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(phone) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(phone),INSERT(phone),UPDATE(phone) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(phone) ON TABLE billing.patient_detail TO superbill_auditor;

GRANT SELECT(external_id),INSERT(external_id),UPDATE(external_id) ON TABLE billing.patient_detail TO superbill_api;
GRANT SELECT(external_id),INSERT(external_id),UPDATE(external_id) ON TABLE billing.patient_detail TO superbill_front_desk;
GRANT SELECT(external_id) ON TABLE billing.patient_detail TO superbill_clinician;
GRANT SELECT(external_id),INSERT(external_id),UPDATE(external_id) ON TABLE billing.patient_detail TO superbill_biller;
GRANT SELECT(external_id) ON TABLE billing.patient_detail TO superbill_auditor;

GRANT SELECT ON TABLE api.patient_details TO superbill_api;
GRANT SELECT ON TABLE api.patient_details TO superbill_front_desk;
GRANT SELECT ON TABLE api.patient_details TO superbill_clinician;
GRANT SELECT ON TABLE api.patient_details TO superbill_biller;
GRANT SELECT ON TABLE api.patient_details TO superbill_auditor;

GRANT INSERT(patient_id) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(patient_id) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(patient_id) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(middle_name),UPDATE(middle_name) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(middle_name),UPDATE(middle_name) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(middle_name),UPDATE(middle_name) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(suffix),UPDATE(suffix) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(suffix),UPDATE(suffix) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(suffix),UPDATE(suffix) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(birth_date),UPDATE(birth_date) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(birth_date),UPDATE(birth_date) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(birth_date),UPDATE(birth_date) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(sex),UPDATE(sex) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(sex),UPDATE(sex) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(sex),UPDATE(sex) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(city),UPDATE(city) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(city),UPDATE(city) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(city),UPDATE(city) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(state),UPDATE(state) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(state),UPDATE(state) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(state),UPDATE(state) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(phone),UPDATE(phone) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(phone),UPDATE(phone) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(phone),UPDATE(phone) ON TABLE api.patient_details TO superbill_biller;

GRANT INSERT(external_id),UPDATE(external_id) ON TABLE api.patient_details TO superbill_api;
GRANT INSERT(external_id),UPDATE(external_id) ON TABLE api.patient_details TO superbill_front_desk;
GRANT INSERT(external_id),UPDATE(external_id) ON TABLE api.patient_details TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.patient TO superbill_api;
GRANT SELECT(id) ON TABLE billing.patient TO superbill_reporter;
GRANT SELECT(id) ON TABLE billing.patient TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.patient TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.patient TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.patient TO superbill_auditor;

GRANT SELECT(first_name),INSERT(first_name),UPDATE(first_name) ON TABLE billing.patient TO superbill_api;
GRANT SELECT(first_name) ON TABLE billing.patient TO superbill_reporter;
GRANT SELECT(first_name),INSERT(first_name),UPDATE(first_name) ON TABLE billing.patient TO superbill_front_desk;
GRANT SELECT(first_name) ON TABLE billing.patient TO superbill_clinician;
GRANT SELECT(first_name),INSERT(first_name),UPDATE(first_name) ON TABLE billing.patient TO superbill_biller;
GRANT SELECT(first_name) ON TABLE billing.patient TO superbill_auditor;

GRANT SELECT(last_name),INSERT(last_name),UPDATE(last_name) ON TABLE billing.patient TO superbill_api;
GRANT SELECT(last_name) ON TABLE billing.patient TO superbill_reporter;
GRANT SELECT(last_name),INSERT(last_name),UPDATE(last_name) ON TABLE billing.patient TO superbill_front_desk;
GRANT SELECT(last_name) ON TABLE billing.patient TO superbill_clinician;
GRANT SELECT(last_name),INSERT(last_name),UPDATE(last_name) ON TABLE billing.patient TO superbill_biller;
GRANT SELECT(last_name) ON TABLE billing.patient TO superbill_auditor;

GRANT SELECT(last_name_search) ON TABLE billing.patient TO superbill_api;
GRANT SELECT(last_name_search) ON TABLE billing.patient TO superbill_front_desk;
GRANT SELECT(last_name_search) ON TABLE billing.patient TO superbill_clinician;
GRANT SELECT(last_name_search) ON TABLE billing.patient TO superbill_biller;
GRANT SELECT(last_name_search) ON TABLE billing.patient TO superbill_auditor;

GRANT SELECT ON TABLE api.patients TO superbill_api;
GRANT SELECT ON TABLE api.patients TO superbill_front_desk;
GRANT SELECT ON TABLE api.patients TO superbill_clinician;
GRANT SELECT ON TABLE api.patients TO superbill_biller;
GRANT SELECT ON TABLE api.patients TO superbill_auditor;

GRANT INSERT(first_name),UPDATE(first_name) ON TABLE api.patients TO superbill_api;
GRANT INSERT(first_name),UPDATE(first_name) ON TABLE api.patients TO superbill_front_desk;
GRANT INSERT(first_name),UPDATE(first_name) ON TABLE api.patients TO superbill_biller;

GRANT INSERT(last_name),UPDATE(last_name) ON TABLE api.patients TO superbill_api;
GRANT INSERT(last_name),UPDATE(last_name) ON TABLE api.patients TO superbill_front_desk;
GRANT INSERT(last_name),UPDATE(last_name) ON TABLE api.patients TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(id) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.payer TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.payer TO superbill_reporter;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(name) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(name) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(name) ON TABLE billing.payer TO superbill_auditor;
GRANT SELECT(name) ON TABLE billing.payer TO superbill_reporter;

GRANT SELECT(payer_number),INSERT(payer_number),UPDATE(payer_number) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(payer_number) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(payer_number) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(payer_number),INSERT(payer_number),UPDATE(payer_number) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(payer_number) ON TABLE billing.payer TO superbill_auditor;
GRANT SELECT(payer_number) ON TABLE billing.payer TO superbill_reporter;

GRANT SELECT(claim_filing),INSERT(claim_filing),UPDATE(claim_filing) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(claim_filing) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(claim_filing) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(claim_filing),INSERT(claim_filing),UPDATE(claim_filing) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(claim_filing) ON TABLE billing.payer TO superbill_auditor;

GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(address_line_1) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(address_line_1) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(address_line_1) ON TABLE billing.payer TO superbill_auditor;

GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(address_line_2) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(address_line_2) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(address_line_2) ON TABLE billing.payer TO superbill_auditor;

GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(city) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(city) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(city) ON TABLE billing.payer TO superbill_auditor;

GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(state) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(state) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(state) ON TABLE billing.payer TO superbill_auditor;
GRANT SELECT(state) ON TABLE billing.payer TO superbill_reporter;

GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(postal_code) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(postal_code) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(postal_code) ON TABLE billing.payer TO superbill_auditor;

GRANT SELECT(filing_days),INSERT(filing_days),UPDATE(filing_days) ON TABLE billing.payer TO superbill_api;
GRANT SELECT(filing_days) ON TABLE billing.payer TO superbill_front_desk;
GRANT SELECT(filing_days) ON TABLE billing.payer TO superbill_clinician;
GRANT SELECT(filing_days),INSERT(filing_days),UPDATE(filing_days) ON TABLE billing.payer TO superbill_biller;
GRANT SELECT(filing_days) ON TABLE billing.payer TO superbill_auditor;
GRANT SELECT(filing_days) ON TABLE billing.payer TO superbill_reporter;

GRANT SELECT ON TABLE api.payers TO superbill_api;
GRANT SELECT ON TABLE api.payers TO superbill_front_desk;
GRANT SELECT ON TABLE api.payers TO superbill_clinician;
GRANT SELECT ON TABLE api.payers TO superbill_biller;
GRANT SELECT ON TABLE api.payers TO superbill_auditor;

GRANT INSERT(name),UPDATE(name) ON TABLE api.payers TO superbill_api;
GRANT INSERT(name),UPDATE(name) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(payer_number),UPDATE(payer_number) ON TABLE api.payers TO superbill_api;
GRANT INSERT(payer_number),UPDATE(payer_number) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(claim_filing),UPDATE(claim_filing) ON TABLE api.payers TO superbill_api;
GRANT INSERT(claim_filing),UPDATE(claim_filing) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.payers TO superbill_api;
GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.payers TO superbill_api;
GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(city),UPDATE(city) ON TABLE api.payers TO superbill_api;
GRANT INSERT(city),UPDATE(city) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(state),UPDATE(state) ON TABLE api.payers TO superbill_api;
GRANT INSERT(state),UPDATE(state) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.payers TO superbill_api;
GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.payers TO superbill_biller;

GRANT INSERT(filing_days),UPDATE(filing_days) ON TABLE api.payers TO superbill_api;
GRANT INSERT(filing_days),UPDATE(filing_days) ON TABLE api.payers TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(id) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.payment TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.payment TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.payment TO superbill_reporter;

GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(patient_id),INSERT(patient_id) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(patient_id) ON TABLE billing.payment TO superbill_auditor;
GRANT SELECT(patient_id) ON TABLE billing.payment TO superbill_reporter;

GRANT SELECT(payer_id),INSERT(payer_id) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(payer_id),INSERT(payer_id) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(payer_id) ON TABLE billing.payment TO superbill_auditor;
GRANT SELECT(payer_id) ON TABLE billing.payment TO superbill_clinician;
GRANT SELECT(payer_id) ON TABLE billing.payment TO superbill_reporter;

GRANT SELECT(received_on),INSERT(received_on) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(received_on),INSERT(received_on) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(received_on) ON TABLE billing.payment TO superbill_auditor;
GRANT SELECT(received_on) ON TABLE billing.payment TO superbill_clinician;

GRANT SELECT(method),INSERT(method) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(method),INSERT(method) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(method) ON TABLE billing.payment TO superbill_auditor;

GRANT SELECT(reference),INSERT(reference) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(reference),INSERT(reference) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(reference) ON TABLE billing.payment TO superbill_auditor;

GRANT SELECT(amount),INSERT(amount) ON TABLE billing.payment TO superbill_api;
GRANT SELECT(amount),INSERT(amount) ON TABLE billing.payment TO superbill_biller;
GRANT SELECT(amount) ON TABLE billing.payment TO superbill_auditor;

GRANT SELECT ON TABLE api.payments TO superbill_api;
GRANT SELECT ON TABLE api.payments TO superbill_biller;
GRANT SELECT ON TABLE api.payments TO superbill_auditor;

GRANT INSERT(patient_id) ON TABLE api.payments TO superbill_api;
GRANT INSERT(patient_id) ON TABLE api.payments TO superbill_biller;

GRANT INSERT(payer_id) ON TABLE api.payments TO superbill_api;
GRANT INSERT(payer_id) ON TABLE api.payments TO superbill_biller;

GRANT INSERT(received_on) ON TABLE api.payments TO superbill_api;
GRANT INSERT(received_on) ON TABLE api.payments TO superbill_biller;

GRANT INSERT(method) ON TABLE api.payments TO superbill_api;
GRANT INSERT(method) ON TABLE api.payments TO superbill_biller;

GRANT INSERT(reference) ON TABLE api.payments TO superbill_api;
GRANT INSERT(reference) ON TABLE api.payments TO superbill_biller;

GRANT INSERT(amount) ON TABLE api.payments TO superbill_api;
GRANT INSERT(amount) ON TABLE api.payments TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.place_of_service_version TO superbill_api;
GRANT SELECT(id) ON TABLE billing.place_of_service_version TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.place_of_service_version TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.place_of_service_version TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.place_of_service_version TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.place_of_service_version TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.place_of_service_version TO superbill_api;
GRANT SELECT(code) ON TABLE billing.place_of_service_version TO superbill_front_desk;
GRANT SELECT(code) ON TABLE billing.place_of_service_version TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.place_of_service_version TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.place_of_service_version TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.place_of_service_version TO superbill_admin;

GRANT SELECT(valid_during) ON TABLE billing.place_of_service_version TO superbill_api;
GRANT SELECT(valid_during) ON TABLE billing.place_of_service_version TO superbill_front_desk;
GRANT SELECT(valid_during) ON TABLE billing.place_of_service_version TO superbill_clinician;
GRANT SELECT(valid_during) ON TABLE billing.place_of_service_version TO superbill_biller;
GRANT SELECT(valid_during) ON TABLE billing.place_of_service_version TO superbill_auditor;
GRANT SELECT(valid_during) ON TABLE billing.place_of_service_version TO superbill_admin;

GRANT SELECT(description) ON TABLE billing.place_of_service_version TO superbill_api;
GRANT SELECT(description) ON TABLE billing.place_of_service_version TO superbill_front_desk;
GRANT SELECT(description) ON TABLE billing.place_of_service_version TO superbill_clinician;
GRANT SELECT(description) ON TABLE billing.place_of_service_version TO superbill_biller;
GRANT SELECT(description) ON TABLE billing.place_of_service_version TO superbill_auditor;
GRANT SELECT(description) ON TABLE billing.place_of_service_version TO superbill_admin;

GRANT SELECT(code_list) ON TABLE billing.place_of_service_version TO superbill_api;
GRANT SELECT(code_list) ON TABLE billing.place_of_service_version TO superbill_front_desk;
GRANT SELECT(code_list) ON TABLE billing.place_of_service_version TO superbill_clinician;
GRANT SELECT(code_list) ON TABLE billing.place_of_service_version TO superbill_biller;
GRANT SELECT(code_list) ON TABLE billing.place_of_service_version TO superbill_auditor;
GRANT SELECT(code_list) ON TABLE billing.place_of_service_version TO superbill_admin;

GRANT SELECT ON TABLE api.place_of_service_versions TO superbill_api;
GRANT SELECT ON TABLE api.place_of_service_versions TO superbill_front_desk;
GRANT SELECT ON TABLE api.place_of_service_versions TO superbill_clinician;
GRANT SELECT ON TABLE api.place_of_service_versions TO superbill_biller;
GRANT SELECT ON TABLE api.place_of_service_versions TO superbill_auditor;
GRANT SELECT ON TABLE api.place_of_service_versions TO superbill_admin;

GRANT SELECT(code) ON TABLE billing.place_of_service TO superbill_api;
GRANT SELECT(code) ON TABLE billing.place_of_service TO superbill_front_desk;
GRANT SELECT(code) ON TABLE billing.place_of_service TO superbill_clinician;
GRANT SELECT(code) ON TABLE billing.place_of_service TO superbill_biller;
GRANT SELECT(code) ON TABLE billing.place_of_service TO superbill_auditor;
GRANT SELECT(code) ON TABLE billing.place_of_service TO superbill_admin;

GRANT SELECT(name) ON TABLE billing.place_of_service TO superbill_api;
GRANT SELECT(name) ON TABLE billing.place_of_service TO superbill_front_desk;
GRANT SELECT(name) ON TABLE billing.place_of_service TO superbill_clinician;
GRANT SELECT(name) ON TABLE billing.place_of_service TO superbill_biller;
GRANT SELECT(name) ON TABLE billing.place_of_service TO superbill_auditor;
GRANT SELECT(name) ON TABLE billing.place_of_service TO superbill_admin;

GRANT SELECT ON TABLE api.places_of_service TO superbill_api;
GRANT SELECT ON TABLE api.places_of_service TO superbill_front_desk;
GRANT SELECT ON TABLE api.places_of_service TO superbill_clinician;
GRANT SELECT ON TABLE api.places_of_service TO superbill_biller;
GRANT SELECT ON TABLE api.places_of_service TO superbill_auditor;
GRANT SELECT ON TABLE api.places_of_service TO superbill_admin;

GRANT SELECT(id) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(id) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.practice TO superbill_admin;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(name) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(name) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(name) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(name) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(name) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(npi),INSERT(npi),UPDATE(npi) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(npi) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(npi) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(npi) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(npi) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(npi),INSERT(npi),UPDATE(npi) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(npi) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(tax_id),INSERT(tax_id),UPDATE(tax_id) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(tax_id) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(tax_id) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(tax_id) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(tax_id) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(tax_id),INSERT(tax_id),UPDATE(tax_id) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(tax_id) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(tax_id_type),INSERT(tax_id_type),UPDATE(tax_id_type) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(tax_id_type) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(tax_id_type) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(tax_id_type) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(tax_id_type) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(tax_id_type),INSERT(tax_id_type),UPDATE(tax_id_type) ON TABLE billing.practice TO superbill_admin;

GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(address_line_1) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(address_line_1) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(address_line_1) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(address_line_1) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(address_line_1),INSERT(address_line_1),UPDATE(address_line_1) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(address_line_1) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(address_line_2) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(address_line_2) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(address_line_2) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(address_line_2) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(address_line_2),INSERT(address_line_2),UPDATE(address_line_2) ON TABLE billing.practice TO superbill_admin;

GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(city) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(city) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(city) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(city) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(city),INSERT(city),UPDATE(city) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(city) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(state) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(state) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(state) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(state) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(state),INSERT(state),UPDATE(state) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(state) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(postal_code) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(postal_code) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(postal_code) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(postal_code) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(postal_code),INSERT(postal_code),UPDATE(postal_code) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(postal_code) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT(phone),INSERT(phone),UPDATE(phone) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(phone) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(phone) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(phone) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(phone) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(phone),INSERT(phone),UPDATE(phone) ON TABLE billing.practice TO superbill_admin;

GRANT SELECT(taxonomy_code),INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(taxonomy_code) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(taxonomy_code) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(taxonomy_code) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(taxonomy_code) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(taxonomy_code),INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE billing.practice TO superbill_admin;

GRANT SELECT(time_zone),INSERT(time_zone),UPDATE(time_zone) ON TABLE billing.practice TO superbill_api;
GRANT SELECT(time_zone) ON TABLE billing.practice TO superbill_front_desk;
GRANT SELECT(time_zone) ON TABLE billing.practice TO superbill_clinician;
GRANT SELECT(time_zone) ON TABLE billing.practice TO superbill_biller;
GRANT SELECT(time_zone) ON TABLE billing.practice TO superbill_auditor;
GRANT SELECT(time_zone),INSERT(time_zone),UPDATE(time_zone) ON TABLE billing.practice TO superbill_admin;
GRANT SELECT(time_zone) ON TABLE billing.practice TO superbill_reporter;

GRANT SELECT ON TABLE api.practices TO superbill_api;
GRANT SELECT ON TABLE api.practices TO superbill_front_desk;
GRANT SELECT ON TABLE api.practices TO superbill_clinician;
GRANT SELECT ON TABLE api.practices TO superbill_biller;
GRANT SELECT ON TABLE api.practices TO superbill_auditor;
GRANT SELECT ON TABLE api.practices TO superbill_admin;

GRANT INSERT(name),UPDATE(name) ON TABLE api.practices TO superbill_api;
GRANT INSERT(name),UPDATE(name) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(npi),UPDATE(npi) ON TABLE api.practices TO superbill_api;
GRANT INSERT(npi),UPDATE(npi) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(tax_id),UPDATE(tax_id) ON TABLE api.practices TO superbill_api;
GRANT INSERT(tax_id),UPDATE(tax_id) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(tax_id_type),UPDATE(tax_id_type) ON TABLE api.practices TO superbill_api;
GRANT INSERT(tax_id_type),UPDATE(tax_id_type) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.practices TO superbill_api;
GRANT INSERT(address_line_1),UPDATE(address_line_1) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.practices TO superbill_api;
GRANT INSERT(address_line_2),UPDATE(address_line_2) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(city),UPDATE(city) ON TABLE api.practices TO superbill_api;
GRANT INSERT(city),UPDATE(city) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(state),UPDATE(state) ON TABLE api.practices TO superbill_api;
GRANT INSERT(state),UPDATE(state) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.practices TO superbill_api;
GRANT INSERT(postal_code),UPDATE(postal_code) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(phone),UPDATE(phone) ON TABLE api.practices TO superbill_api;
GRANT INSERT(phone),UPDATE(phone) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE api.practices TO superbill_api;
GRANT INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE api.practices TO superbill_admin;

GRANT INSERT(time_zone),UPDATE(time_zone) ON TABLE api.practices TO superbill_api;
GRANT INSERT(time_zone),UPDATE(time_zone) ON TABLE api.practices TO superbill_admin;

GRANT SELECT(id) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(id) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(id) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(id) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.provider TO superbill_admin;
GRANT SELECT(id) ON TABLE billing.provider TO superbill_reporter;

GRANT SELECT(npi),INSERT(npi),UPDATE(npi) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(npi) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(npi) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(npi),INSERT(npi),UPDATE(npi) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(npi) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(npi),INSERT(npi),UPDATE(npi) ON TABLE billing.provider TO superbill_admin;

GRANT SELECT(first_name),INSERT(first_name),UPDATE(first_name) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(first_name) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(first_name) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(first_name),INSERT(first_name),UPDATE(first_name) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(first_name) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(first_name),INSERT(first_name),UPDATE(first_name) ON TABLE billing.provider TO superbill_admin;

GRANT SELECT(last_name),INSERT(last_name),UPDATE(last_name) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(last_name) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(last_name) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(last_name),INSERT(last_name),UPDATE(last_name) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(last_name) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(last_name),INSERT(last_name),UPDATE(last_name) ON TABLE billing.provider TO superbill_admin;
GRANT SELECT(last_name) ON TABLE billing.provider TO superbill_reporter;

GRANT SELECT(credentials),INSERT(credentials),UPDATE(credentials) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(credentials) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(credentials) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(credentials),INSERT(credentials),UPDATE(credentials) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(credentials) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(credentials),INSERT(credentials),UPDATE(credentials) ON TABLE billing.provider TO superbill_admin;

GRANT SELECT(license_number),INSERT(license_number),UPDATE(license_number) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(license_number) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(license_number) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(license_number),INSERT(license_number),UPDATE(license_number) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(license_number) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(license_number),INSERT(license_number),UPDATE(license_number) ON TABLE billing.provider TO superbill_admin;

GRANT SELECT(license_state),INSERT(license_state),UPDATE(license_state) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(license_state) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(license_state) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(license_state),INSERT(license_state),UPDATE(license_state) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(license_state) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(license_state),INSERT(license_state),UPDATE(license_state) ON TABLE billing.provider TO superbill_admin;

GRANT SELECT(taxonomy_code),INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE billing.provider TO superbill_api;
GRANT SELECT(taxonomy_code) ON TABLE billing.provider TO superbill_front_desk;
GRANT SELECT(taxonomy_code) ON TABLE billing.provider TO superbill_clinician;
GRANT SELECT(taxonomy_code),INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE billing.provider TO superbill_biller;
GRANT SELECT(taxonomy_code) ON TABLE billing.provider TO superbill_auditor;
GRANT SELECT(taxonomy_code),INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE billing.provider TO superbill_admin;

GRANT SELECT ON TABLE api.providers TO superbill_api;
GRANT SELECT ON TABLE api.providers TO superbill_front_desk;
GRANT SELECT ON TABLE api.providers TO superbill_clinician;
GRANT SELECT ON TABLE api.providers TO superbill_biller;
GRANT SELECT ON TABLE api.providers TO superbill_auditor;
GRANT SELECT ON TABLE api.providers TO superbill_admin;

GRANT INSERT(npi),UPDATE(npi) ON TABLE api.providers TO superbill_api;
GRANT INSERT(npi),UPDATE(npi) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(npi),UPDATE(npi) ON TABLE api.providers TO superbill_admin;

GRANT INSERT(first_name),UPDATE(first_name) ON TABLE api.providers TO superbill_api;
GRANT INSERT(first_name),UPDATE(first_name) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(first_name),UPDATE(first_name) ON TABLE api.providers TO superbill_admin;

GRANT INSERT(last_name),UPDATE(last_name) ON TABLE api.providers TO superbill_api;
GRANT INSERT(last_name),UPDATE(last_name) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(last_name),UPDATE(last_name) ON TABLE api.providers TO superbill_admin;

GRANT INSERT(credentials),UPDATE(credentials) ON TABLE api.providers TO superbill_api;
GRANT INSERT(credentials),UPDATE(credentials) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(credentials),UPDATE(credentials) ON TABLE api.providers TO superbill_admin;

GRANT INSERT(license_number),UPDATE(license_number) ON TABLE api.providers TO superbill_api;
GRANT INSERT(license_number),UPDATE(license_number) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(license_number),UPDATE(license_number) ON TABLE api.providers TO superbill_admin;

GRANT INSERT(license_state),UPDATE(license_state) ON TABLE api.providers TO superbill_api;
GRANT INSERT(license_state),UPDATE(license_state) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(license_state),UPDATE(license_state) ON TABLE api.providers TO superbill_admin;

GRANT INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE api.providers TO superbill_api;
GRANT INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE api.providers TO superbill_biller;
GRANT INSERT(taxonomy_code),UPDATE(taxonomy_code) ON TABLE api.providers TO superbill_admin;

GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.reversal TO superbill_api;
GRANT SELECT(line_item_id) ON TABLE billing.reversal TO superbill_clinician;
GRANT SELECT(line_item_id),INSERT(line_item_id) ON TABLE billing.reversal TO superbill_biller;
GRANT SELECT(line_item_id) ON TABLE billing.reversal TO superbill_auditor;

GRANT SELECT(reason),INSERT(reason) ON TABLE billing.reversal TO superbill_api;
GRANT SELECT(reason) ON TABLE billing.reversal TO superbill_clinician;
GRANT SELECT(reason),INSERT(reason) ON TABLE billing.reversal TO superbill_biller;
GRANT SELECT(reason) ON TABLE billing.reversal TO superbill_auditor;

GRANT SELECT(reversed_at) ON TABLE billing.reversal TO superbill_api;
GRANT SELECT(reversed_at) ON TABLE billing.reversal TO superbill_clinician;
GRANT SELECT(reversed_at) ON TABLE billing.reversal TO superbill_biller;
GRANT SELECT(reversed_at) ON TABLE billing.reversal TO superbill_auditor;

GRANT SELECT ON TABLE api.reversals TO superbill_api;
GRANT SELECT ON TABLE api.reversals TO superbill_clinician;
GRANT SELECT ON TABLE api.reversals TO superbill_biller;
GRANT SELECT ON TABLE api.reversals TO superbill_auditor;

GRANT INSERT(line_item_id) ON TABLE api.reversals TO superbill_api;
GRANT INSERT(line_item_id) ON TABLE api.reversals TO superbill_biller;

GRANT INSERT(reason) ON TABLE api.reversals TO superbill_api;
GRANT INSERT(reason) ON TABLE api.reversals TO superbill_biller;

GRANT SELECT(id) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(id) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT(interchange_id) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(interchange_id) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(interchange_id) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT(claim_id) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(claim_id) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(claim_id) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT(part) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(part) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(part) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT(control_number) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(control_number) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(control_number) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT(total_charge) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(total_charge) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(total_charge) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT(is_rejected),UPDATE(is_rejected) ON TABLE billing.submission TO superbill_api;
GRANT SELECT(is_rejected),UPDATE(is_rejected) ON TABLE billing.submission TO superbill_biller;
GRANT SELECT(is_rejected) ON TABLE billing.submission TO superbill_auditor;

GRANT SELECT ON TABLE api.submissions TO superbill_api;
GRANT SELECT ON TABLE api.submissions TO superbill_biller;
GRANT SELECT ON TABLE api.submissions TO superbill_auditor;

GRANT UPDATE(is_rejected) ON TABLE api.submissions TO superbill_api;
GRANT UPDATE(is_rejected) ON TABLE api.submissions TO superbill_biller;

GRANT SELECT ON TABLE billing.ledger_entry TO superbill_api;
GRANT SELECT ON TABLE billing.ledger_entry TO superbill_clinician;
GRANT SELECT ON TABLE billing.ledger_entry TO superbill_biller;
GRANT SELECT ON TABLE billing.ledger_entry TO superbill_auditor;

GRANT SELECT ON TABLE api.superbills TO superbill_api;
GRANT SELECT ON TABLE api.superbills TO superbill_clinician;
GRANT SELECT ON TABLE api.superbills TO superbill_biller;
GRANT SELECT ON TABLE api.superbills TO superbill_auditor;

GRANT SELECT(id) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(id) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(id) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(id) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(name) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(name) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(name),INSERT(name),UPDATE(name) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(receiver_qualifier),INSERT(receiver_qualifier),UPDATE(receiver_qualifier) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(receiver_qualifier) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(receiver_qualifier) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(receiver_qualifier),INSERT(receiver_qualifier),UPDATE(receiver_qualifier) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(receiver_id),INSERT(receiver_id),UPDATE(receiver_id) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(receiver_id) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(receiver_id) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(receiver_id),INSERT(receiver_id),UPDATE(receiver_id) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(sender_qualifier),INSERT(sender_qualifier),UPDATE(sender_qualifier) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(sender_qualifier) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(sender_qualifier) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(sender_qualifier),INSERT(sender_qualifier),UPDATE(sender_qualifier) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(sender_id),INSERT(sender_id),UPDATE(sender_id) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(sender_id) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(sender_id) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(sender_id),INSERT(sender_id),UPDATE(sender_id) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(contact_name),INSERT(contact_name),UPDATE(contact_name) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(contact_name) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(contact_name) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(contact_name),INSERT(contact_name),UPDATE(contact_name) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(contact_phone),INSERT(contact_phone),UPDATE(contact_phone) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(contact_phone) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(contact_phone) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(contact_phone),INSERT(contact_phone),UPDATE(contact_phone) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT(usage_indicator),INSERT(usage_indicator),UPDATE(usage_indicator) ON TABLE billing.trading_partner TO superbill_api;
GRANT SELECT(usage_indicator) ON TABLE billing.trading_partner TO superbill_biller;
GRANT SELECT(usage_indicator) ON TABLE billing.trading_partner TO superbill_auditor;
GRANT SELECT(usage_indicator),INSERT(usage_indicator),UPDATE(usage_indicator) ON TABLE billing.trading_partner TO superbill_admin;

GRANT SELECT ON TABLE api.trading_partners TO superbill_api;
GRANT SELECT ON TABLE api.trading_partners TO superbill_biller;
GRANT SELECT ON TABLE api.trading_partners TO superbill_auditor;
GRANT SELECT ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(name),UPDATE(name) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(name),UPDATE(name) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(receiver_qualifier),UPDATE(receiver_qualifier) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(receiver_qualifier),UPDATE(receiver_qualifier) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(receiver_id),UPDATE(receiver_id) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(receiver_id),UPDATE(receiver_id) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(sender_qualifier),UPDATE(sender_qualifier) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(sender_qualifier),UPDATE(sender_qualifier) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(sender_id),UPDATE(sender_id) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(sender_id),UPDATE(sender_id) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(contact_name),UPDATE(contact_name) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(contact_name),UPDATE(contact_name) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(contact_phone),UPDATE(contact_phone) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(contact_phone),UPDATE(contact_phone) ON TABLE api.trading_partners TO superbill_admin;

GRANT INSERT(usage_indicator),UPDATE(usage_indicator) ON TABLE api.trading_partners TO superbill_api;
GRANT INSERT(usage_indicator),UPDATE(usage_indicator) ON TABLE api.trading_partners TO superbill_admin;

GRANT SELECT(key),INSERT(key) ON TABLE identity.answer TO superbill_api;
GRANT SELECT(key),INSERT(key) ON TABLE identity.answer TO superbill_front_desk;
GRANT SELECT(key),INSERT(key) ON TABLE identity.answer TO superbill_clinician;
GRANT SELECT(key),INSERT(key) ON TABLE identity.answer TO superbill_biller;
GRANT SELECT(key),INSERT(key) ON TABLE identity.answer TO superbill_admin;

GRANT SELECT(fingerprint),INSERT(fingerprint) ON TABLE identity.answer TO superbill_api;
GRANT SELECT(fingerprint),INSERT(fingerprint) ON TABLE identity.answer TO superbill_front_desk;
GRANT SELECT(fingerprint),INSERT(fingerprint) ON TABLE identity.answer TO superbill_clinician;
GRANT SELECT(fingerprint),INSERT(fingerprint) ON TABLE identity.answer TO superbill_biller;
GRANT SELECT(fingerprint),INSERT(fingerprint) ON TABLE identity.answer TO superbill_admin;

GRANT SELECT(body),INSERT(body) ON TABLE identity.answer TO superbill_api;
GRANT SELECT(body),INSERT(body) ON TABLE identity.answer TO superbill_front_desk;
GRANT SELECT(body),INSERT(body) ON TABLE identity.answer TO superbill_clinician;
GRANT SELECT(body),INSERT(body) ON TABLE identity.answer TO superbill_biller;
GRANT SELECT(body),INSERT(body) ON TABLE identity.answer TO superbill_admin;

GRANT SELECT(location),INSERT(location) ON TABLE identity.answer TO superbill_api;
GRANT SELECT(location),INSERT(location) ON TABLE identity.answer TO superbill_front_desk;
GRANT SELECT(location),INSERT(location) ON TABLE identity.answer TO superbill_clinician;
GRANT SELECT(location),INSERT(location) ON TABLE identity.answer TO superbill_biller;
GRANT SELECT(location),INSERT(location) ON TABLE identity.answer TO superbill_admin;

GRANT SELECT ON TABLE public._yoyo_migration TO superbill_api;

GRANT SELECT ON TABLE reporting.aging TO superbill_api;
GRANT SELECT ON TABLE reporting.aging TO superbill_biller;
GRANT SELECT ON TABLE reporting.aging TO superbill_auditor;
GRANT SELECT ON TABLE reporting.aging TO superbill_reporter;

GRANT SELECT ON TABLE reporting.charge_lag TO superbill_api;
GRANT SELECT ON TABLE reporting.charge_lag TO superbill_biller;
GRANT SELECT ON TABLE reporting.charge_lag TO superbill_auditor;
GRANT SELECT ON TABLE reporting.charge_lag TO superbill_reporter;

GRANT SELECT ON TABLE reporting.claim_faults TO superbill_api;
GRANT SELECT ON TABLE reporting.claim_faults TO superbill_biller;
GRANT SELECT ON TABLE reporting.claim_faults TO superbill_auditor;
GRANT SELECT ON TABLE reporting.claim_faults TO superbill_reporter;

GRANT SELECT ON TABLE reporting.code_utilisation TO superbill_api;
GRANT SELECT ON TABLE reporting.code_utilisation TO superbill_reporter;
GRANT SELECT ON TABLE reporting.code_utilisation TO superbill_biller;
GRANT SELECT ON TABLE reporting.code_utilisation TO superbill_auditor;

GRANT SELECT ON TABLE reporting.encounters_without_line_items TO superbill_api;
GRANT SELECT ON TABLE reporting.encounters_without_line_items TO superbill_reporter;
GRANT SELECT ON TABLE reporting.encounters_without_line_items TO superbill_biller;
GRANT SELECT ON TABLE reporting.encounters_without_line_items TO superbill_auditor;

GRANT SELECT ON TABLE reporting.members TO superbill_api;
GRANT SELECT ON TABLE reporting.members TO superbill_reporter;
GRANT SELECT ON TABLE reporting.members TO superbill_auditor;
GRANT SELECT ON TABLE reporting.members TO superbill_admin;

GRANT SELECT ON TABLE reporting.monthly_activity TO superbill_api;
GRANT SELECT ON TABLE reporting.monthly_activity TO superbill_reporter;
GRANT SELECT ON TABLE reporting.monthly_activity TO superbill_biller;
GRANT SELECT ON TABLE reporting.monthly_activity TO superbill_auditor;

GRANT SELECT ON TABLE reporting.monthly_charges TO superbill_api;
GRANT SELECT ON TABLE reporting.monthly_charges TO superbill_biller;
GRANT SELECT ON TABLE reporting.monthly_charges TO superbill_auditor;
GRANT SELECT ON TABLE reporting.monthly_charges TO superbill_reporter;

GRANT SELECT ON TABLE reporting.names_to_correct TO superbill_api;
GRANT SELECT ON TABLE reporting.names_to_correct TO superbill_reporter;
GRANT SELECT ON TABLE reporting.names_to_correct TO superbill_biller;
GRANT SELECT ON TABLE reporting.names_to_correct TO superbill_auditor;

GRANT SELECT ON TABLE reporting.patient_balances TO superbill_api;
GRANT SELECT ON TABLE reporting.patient_balances TO superbill_biller;
GRANT SELECT ON TABLE reporting.patient_balances TO superbill_auditor;
GRANT SELECT ON TABLE reporting.patient_balances TO superbill_reporter;

GRANT SELECT ON TABLE reporting.patient_statements TO superbill_api;
GRANT SELECT ON TABLE reporting.patient_statements TO superbill_reporter;
GRANT SELECT ON TABLE reporting.patient_statements TO superbill_biller;
GRANT SELECT ON TABLE reporting.patient_statements TO superbill_auditor;

GRANT SELECT ON TABLE reporting.unbilled_encounters TO superbill_api;
GRANT SELECT ON TABLE reporting.unbilled_encounters TO superbill_biller;
GRANT SELECT ON TABLE reporting.unbilled_encounters TO superbill_auditor;
GRANT SELECT ON TABLE reporting.unbilled_encounters TO superbill_reporter;

-- depends: 0052.modifier_version
--
-- Places of service have versions by date, as modifiers have, and a bill keeps the name that its
-- place had on the day.
--
-- An encounter's place must be valid on its date. A temporal foreign key says so: it is checked
-- when a place is given or a date is moved, and it keeps the days of a place that encounters need.
-- The period that it compares is generated from the date.
--
-- squawk-ignore-file adding-field-with-default, adding-foreign-key-constraint
-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation
-- The table of encounters is written anew while it is locked: the foreign key needs all its days.

CREATE TABLE billing.place_of_service_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text COLLATE "C" NOT NULL,
    valid_during daterange DEFAULT '(,)' NOT NULL,
    description text NOT NULL,
    code_list text COLLATE "C" DEFAULT 'hand' NOT NULL,
    CONSTRAINT place_of_service_version_pkey PRIMARY KEY (id),
    CONSTRAINT place_of_service_version_code_fkey
    FOREIGN KEY (code) REFERENCES billing.place_of_service (code) ON DELETE CASCADE,
    CONSTRAINT place_of_service_version_valid_during_has_a_day CHECK (NOT isempty(valid_during)),
    CONSTRAINT place_of_service_version_code_list_is_a_word CHECK (code_list ~ '^[a-z][a-z0-9]*$')
);

ALTER TABLE billing.place_of_service_version -- noqa: PRS
ADD CONSTRAINT place_of_service_version_code_valid_during_key
UNIQUE (code, valid_during WITHOUT OVERLAPS);

CREATE INDEX place_of_service_version_code_id_idx ON billing.place_of_service_version (code, id);

COMMENT ON TABLE billing.place_of_service_version IS
'What the code of a place of service stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.place_of_service_version.id IS
'Identifies the version.';

COMMENT ON COLUMN billing.place_of_service_version.code IS
'The code of the kind of place.
Example: 11';

COMMENT ON COLUMN billing.place_of_service_version.valid_during IS
'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.place_of_service_version.description IS
'What the code stood for on these days: the name of the place.
Example: Office';

COMMENT ON COLUMN billing.place_of_service_version.code_list IS
'The published list that it is from; hand: none, it was entered.
Example: pos';

COMMENT ON CONSTRAINT place_of_service_version_pkey ON billing.place_of_service_version IS
'A version''s id belongs to one version only.';

COMMENT ON CONSTRAINT place_of_service_version_code_valid_during_key
ON billing.place_of_service_version IS
'A place of service has one version on a day.';

COMMENT ON CONSTRAINT place_of_service_version_code_fkey ON billing.place_of_service_version IS
'A version must be of a place of service that is listed.';

COMMENT ON CONSTRAINT place_of_service_version_valid_during_has_a_day
ON billing.place_of_service_version IS
'A version must be valid on one day or more.';

COMMENT ON CONSTRAINT place_of_service_version_code_list_is_a_word
ON billing.place_of_service_version IS
'The list that a version is from must be a word of small letters and digits.';

COMMENT ON INDEX billing.place_of_service_version_code_id_idx IS
'Finds what the code of a place of service stood for, and lists its versions.';

CREATE FUNCTION billing.add_place_of_service_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
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

COMMENT ON FUNCTION billing.add_place_of_service_version() IS
'Gives a place of service that has no version one that is always valid.';

REVOKE ALL ON FUNCTION billing.add_place_of_service_version() FROM public;

CREATE TRIGGER place_of_service_has_a_version AFTER INSERT ON billing.place_of_service
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION billing.add_place_of_service_version();

INSERT INTO billing.place_of_service_version (code, description)
SELECT
    p.code,
    p.name
FROM billing.place_of_service AS p;

CREATE VIEW api.place_of_service_versions WITH (security_invoker = true) AS
SELECT
    v.id,
    v.code,
    v.valid_during,
    v.description,
    v.code_list
FROM billing.place_of_service_version AS v;

COMMENT ON VIEW api.place_of_service_versions IS
'What the code of a place of service stood for, and on which days it may be billed.';

ALTER TABLE billing.encounter ADD COLUMN day daterange
GENERATED ALWAYS AS (daterange(date, date, '[]')) STORED;

ALTER TABLE billing.encounter -- noqa: PRS
ADD CONSTRAINT encounter_place_of_service_day_fkey
FOREIGN KEY (place_of_service, PERIOD day)
REFERENCES billing.place_of_service_version (code, PERIOD valid_during);

COMMENT ON COLUMN billing.encounter.day IS
'The date, as a period of one day.';

COMMENT ON CONSTRAINT encounter_place_of_service_day_fkey ON billing.encounter IS
'An encounter''s place of service must be valid on its date.';

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
        SELECT v.description FROM billing.place_of_service_version AS v
        WHERE v.code = CAST(e.place_of_service AS name) AND v.valid_during @> e.date
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

COMMENT ON COLUMN api.superbills.place_of_service_name IS
'The name that the place of service had on the day.
Example: Office';

-- Not granted: INSERT, UPDATE and DELETE, because codes are published by others and loaded by the
-- owner as a whole.
GRANT SELECT (id, code, valid_during, description, code_list)
ON billing.place_of_service_version TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

GRANT SELECT ON api.place_of_service_versions TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

SELECT audit.watch('billing.encounter');

SELECT audit.watch('billing.place_of_service_version');

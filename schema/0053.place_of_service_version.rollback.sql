-- squawk-ignore-file ban-drop-column, ban-drop-constraint, ban-drop-function, ban-drop-table
-- squawk-ignore-file ban-drop-trigger, ban-drop-view
-- The view is made again as it was.

SELECT audit.unwatch('billing.place_of_service_version');

SELECT audit.unwatch('billing.encounter');

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

COMMENT ON COLUMN api.superbills.place_of_service_name IS
'The name of the place of service.
Example: Office';

ALTER TABLE billing.encounter DROP COLUMN day;

DROP VIEW api.place_of_service_versions;

DROP TRIGGER place_of_service_has_a_version ON billing.place_of_service;

DROP FUNCTION billing.add_place_of_service_version();

DROP TABLE billing.place_of_service_version;

SELECT audit.watch('billing.encounter');

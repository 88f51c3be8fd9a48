-- squawk-ignore-file ban-drop-column, ban-drop-view
-- What was replaced is as it was.

DROP VIEW reporting.aging;

DROP VIEW reporting.patient_balances;

DROP VIEW reporting.patient_statements;

CREATE VIEW reporting.patient_statements WITH (security_invoker = true) AS
SELECT
    e.patient_id,
    p.first_name,
    p.last_name,
    e.id AS encounter_id,
    e.date AS encounter_date,
    l.id AS line_item_id,
    l.cpt_code,
    v.description AS cpt_code_description,
    l.units
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
LEFT JOIN billing.line_item AS l ON e.id = l.encounter_id AND NOT l.is_reversed
LEFT JOIN billing.cpt_code_version AS v
    ON v.code = CAST(l.cpt_code AS name) AND l.day <@ v.valid_during
WHERE e.status <> 'voided'
ORDER BY e.patient_id, e.date, e.id, l.id;

COMMENT ON VIEW reporting.patient_statements IS
'Each patient''s statement: every visit by date, and a row for each thing that was done. A visit '
'for which nothing was billed has one row, whose last four columns are empty. Voided encounters '
'are left out, and so are line items that were reversed.';

COMMENT ON COLUMN reporting.patient_statements.cpt_code_description IS
'What the procedure code stood for on the date of service.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN reporting.patient_statements.encounter_id IS
'The encounter.';

COMMENT ON COLUMN reporting.patient_statements.encounter_date IS
'The date of service.';

COMMENT ON COLUMN reporting.patient_statements.line_item_id IS
'The line item, or nothing if nothing was billed.';

GRANT SELECT ON reporting.patient_statements TO
superbill_api, superbill_biller, superbill_auditor, superbill_reporter;

ALTER TYPE billing.superbill_totals
DROP ATTRIBUTE balance,
DROP ATTRIBUTE adjustments,
DROP ATTRIBUTE payer_payments,
DROP ATTRIBUTE patient_payments;

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
        SELECT CAST(ROW(coalesce(sum(l.charge), 0)) AS billing.superbill_totals)
        FROM billing.line_item AS l
        WHERE l.encounter_id = e.id AND NOT l.is_reversed AND e.status <> 'voided'
    ) AS totals
FROM billing.encounter AS e;

COMMENT ON VIEW api.superbills IS
'The bills: of each encounter all that a payer or a patient asks for.';

COMMENT ON COLUMN api.superbills.totals IS
'What it costs.';

COMMENT ON TYPE billing.superbill_totals IS
'The sums of a superbill.';

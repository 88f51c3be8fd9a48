-- squawk-ignore-file ban-drop-column, ban-drop-constraint, ban-drop-function, ban-drop-table
-- squawk-ignore-file ban-drop-trigger, ban-drop-view
-- The views are made again as they were, and those that lose columns with their comments and
-- grants.

SELECT audit.unwatch('billing.reversal');

REVOKE SELECT (code, valid_during, description) ON billing.cpt_code_version
FROM superbill_reporter;

REVOKE SELECT (status) ON billing.encounter FROM superbill_reporter;

REVOKE SELECT (day, is_reversed) ON billing.line_item FROM superbill_reporter;

CREATE OR REPLACE VIEW reporting.patient_statements WITH (security_invoker = true) AS
SELECT
    e.patient_id,
    p.first_name,
    p.last_name,
    e.id AS encounter_id,
    e.date AS encounter_date,
    l.id AS line_item_id,
    l.cpt_code,
    c.description AS cpt_code_description,
    l.units
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
LEFT JOIN billing.line_item AS l ON e.id = l.encounter_id
LEFT JOIN billing.cpt_code AS c ON l.cpt_code = c.code
ORDER BY e.patient_id, e.date, e.id, l.id;

COMMENT ON VIEW reporting.patient_statements IS
'Each patient''s statement: every visit by date, and a row for each thing that was done. A visit '
'for which nothing was billed has one row, whose last four columns are empty.';

COMMENT ON COLUMN reporting.patient_statements.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

CREATE OR REPLACE VIEW reporting.monthly_activity WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        l.encounter_id,
        count(*) AS line_item_count,
        sum(l.units) AS unit_count
    FROM billing.line_item AS l
    GROUP BY l.encounter_id
)

SELECT
    CAST(date_trunc('month', CAST(e.date AS timestamp)) AS date) AS month_start,
    count(DISTINCT e.patient_id) AS patients_seen,
    count(*) AS encounter_count,
    CAST(coalesce(sum(t.line_item_count), 0) AS bigint) AS line_item_count,
    CAST(coalesce(sum(t.unit_count), 0) AS api.number) AS unit_count
FROM billing.encounter AS e
LEFT JOIN t ON e.id = t.encounter_id
GROUP BY month_start
ORDER BY month_start;

COMMENT ON VIEW reporting.monthly_activity IS
'What was done in each month of service, the first first. Months without a visit are left out.';

CREATE OR REPLACE VIEW reporting.code_utilisation WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        l.cpt_code,
        count(*) AS line_item_count,
        CAST(sum(l.units) AS api.number) AS unit_count
    FROM billing.line_item AS l
    GROUP BY l.cpt_code
)

SELECT
    t.cpt_code,
    c.description AS cpt_code_description,
    t.line_item_count,
    t.unit_count,
    CAST(t.unit_count / sum(t.unit_count) OVER () AS numeric(9, 8)) AS share_of_units
FROM t
INNER JOIN billing.cpt_code AS c ON t.cpt_code = c.code
ORDER BY t.unit_count DESC, t.cpt_code ASC;

COMMENT ON VIEW reporting.code_utilisation IS
'How often each procedure code was billed, the most used first. Codes never billed are left out.';

COMMENT ON COLUMN reporting.code_utilisation.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

CREATE OR REPLACE VIEW reporting.encounters_without_line_items WITH (security_invoker = true) AS
SELECT
    e.id AS encounter_id,
    e.date AS encounter_date,
    greatest(current_date - e.date, 0) AS age_in_days,
    e.patient_id,
    p.first_name,
    p.last_name
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
WHERE
    NOT EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.encounter_id = e.id
    )
ORDER BY e.date, e.id;

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
                ROW(l.id, l.cpt_code, c.description, trim_scale(l.units))
                AS billing.superbill_line_item
            ) AS line_item
        FROM billing.line_item AS l
        INNER JOIN billing.cpt_code AS c ON l.cpt_code = c.code
        WHERE l.encounter_id = e.id
        ORDER BY l.id
    ) AS line_items
FROM billing.encounter AS e;

DROP VIEW api.line_items;

CREATE VIEW api.line_items WITH (security_invoker = true) AS
SELECT
    l.id,
    l.encounter_id,
    l.cpt_code,
    (
        SELECT c.description FROM billing.cpt_code AS c
        WHERE c.code = l.cpt_code
    ) AS cpt_code_description,
    l.units
FROM billing.line_item AS l;

COMMENT ON VIEW api.line_items IS
'What was done in an encounter: one procedure, one or more times.';

COMMENT ON COLUMN api.line_items.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

REVOKE SELECT (
    service_date, unit_type, modifiers, diagnosis_pointers, day, unit_charge, charge, is_reversed
) ON billing.line_item FROM
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

REVOKE
INSERT (service_date, unit_type, modifiers, diagnosis_pointers),
UPDATE (service_date, unit_type, modifiers, diagnosis_pointers)
ON billing.line_item FROM superbill_api, superbill_clinician, superbill_biller;

GRANT SELECT ON api.line_items TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (encounter_id, cpt_code, units), UPDATE (cpt_code, units), DELETE
ON api.line_items TO superbill_api, superbill_clinician, superbill_biller;

DROP VIEW api.reversals;

DROP TABLE billing.reversal;

DROP FUNCTION billing.mark_reversed();

DROP FUNCTION billing.check_reversal();

DROP TRIGGER encounter_posted_has_a_line_item ON billing.encounter;

DROP FUNCTION billing.check_posted();

DROP TRIGGER encounter_posted_has_fees ON billing.encounter;

DROP FUNCTION billing.post_encounter();

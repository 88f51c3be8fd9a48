-- squawk-ignore-file ban-drop-constraint, ban-drop-domain, ban-drop-view
-- squawk-ignore-file changing-column-type, constraint-missing-not-valid, prefer-bigint-over-int
-- To undo the migration is to drop what it made, and to make again what it dropped. It is refused
-- while a line item has units that are not whole: to round a bill is not for a rollback.

DROP VIEW reporting.patient_statements;

DROP VIEW reporting.monthly_activity;

DROP VIEW reporting.code_utilisation;

DROP VIEW api.superbills;

DROP VIEW api.line_items;

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_units_is_whole CHECK (
    units = trunc(units)
);

ALTER TABLE billing.line_item DROP CONSTRAINT line_item_units_is_whole;

ALTER TABLE billing.line_item DROP CONSTRAINT line_item_unit_has_at_most_3_decimals;

ALTER TABLE billing.line_item DROP CONSTRAINT line_item_units_is_positive;

ALTER TABLE billing.line_item ALTER COLUMN units TYPE integer;

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_units_is_positive CHECK (units >= 1);

COMMENT ON COLUMN billing.line_item.units IS
'How many times it was done, or how many of the unit that the code''s description names.';

COMMENT ON CONSTRAINT line_item_units_is_positive ON billing.line_item IS
'A line item must have at least 1 unit.';

ALTER TYPE billing.superbill_line_item ALTER ATTRIBUTE units TYPE integer;

COMMENT ON COLUMN billing.superbill_line_item.units IS
'How many times it was done, or how many of the unit that the code''s description names.';

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

GRANT SELECT ON api.line_items TO superbill_api;

GRANT INSERT (encounter_id, cpt_code, units) ON api.line_items TO superbill_api;

GRANT UPDATE (cpt_code, units) ON api.line_items TO superbill_api;

GRANT DELETE ON api.line_items TO superbill_api;

CREATE VIEW api.superbills WITH (security_invoker = true) AS
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
                ROW(l.id, l.cpt_code, c.description, l.units) AS billing.superbill_line_item
            ) AS line_item
        FROM billing.line_item AS l
        INNER JOIN billing.cpt_code AS c ON l.cpt_code = c.code
        WHERE l.encounter_id = e.id
        ORDER BY l.id
    ) AS line_items
FROM billing.encounter AS e;

COMMENT ON VIEW api.superbills IS
'The bills: each encounter with its patient''s name and its line items.';

COMMENT ON COLUMN api.superbills.encounter_id IS
'The encounter that the bill is for.';

COMMENT ON COLUMN api.superbills.first_name IS
'The patient''s given name.
Example: John';

COMMENT ON COLUMN api.superbills.last_name IS
'The patient''s family name.
Example: Oberly';

COMMENT ON COLUMN api.superbills.line_items IS
'What was done, in the order in which it was added.';

GRANT SELECT ON api.superbills TO superbill_api;

CREATE VIEW reporting.code_utilisation WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        l.cpt_code,
        count(*) AS line_item_count,
        sum(l.units) AS unit_count
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

COMMENT ON COLUMN reporting.code_utilisation.cpt_code IS
'The procedure code.
Example: G0438';

COMMENT ON COLUMN reporting.code_utilisation.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN reporting.code_utilisation.line_item_count IS
'The number of line items with this code.
Example: 45';

COMMENT ON COLUMN reporting.code_utilisation.unit_count IS
'The sum of their units.
Example: 60';

COMMENT ON COLUMN reporting.code_utilisation.share_of_units IS
'The part of all units that has this code, from 0 to 1, rounded.
Example: 0.25000000';

GRANT SELECT ON reporting.code_utilisation TO superbill_api, superbill_reporter;

CREATE VIEW reporting.monthly_activity WITH (security_invoker = true) AS
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
    CAST(coalesce(sum(t.unit_count), 0) AS bigint) AS unit_count
FROM billing.encounter AS e
LEFT JOIN t ON e.id = t.encounter_id
GROUP BY month_start
ORDER BY month_start;

COMMENT ON VIEW reporting.monthly_activity IS
'What was done in each month of service, the first first. Months without a visit are left out.';

COMMENT ON COLUMN reporting.monthly_activity.month_start IS
'The first day of the month.
Example: 2024-03-01';

COMMENT ON COLUMN reporting.monthly_activity.patients_seen IS
'The number of patients who had at least one encounter in the month.
Example: 12';

COMMENT ON COLUMN reporting.monthly_activity.encounter_count IS
'The number of encounters in the month.
Example: 20';

COMMENT ON COLUMN reporting.monthly_activity.line_item_count IS
'The number of line items of these encounters.
Example: 45';

COMMENT ON COLUMN reporting.monthly_activity.unit_count IS
'The sum of their units.
Example: 60';

GRANT SELECT ON reporting.monthly_activity TO superbill_api, superbill_reporter;

CREATE VIEW reporting.patient_statements WITH (security_invoker = true) AS
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

COMMENT ON COLUMN reporting.patient_statements.encounter_id IS
'The encounter.';

COMMENT ON COLUMN reporting.patient_statements.encounter_date IS
'The date of service.';

COMMENT ON COLUMN reporting.patient_statements.line_item_id IS
'The line item, or nothing if nothing was billed.';

COMMENT ON COLUMN reporting.patient_statements.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

GRANT SELECT ON reporting.patient_statements TO superbill_api, superbill_reporter;

DROP DOMAIN api.number;

-- depends: 0006.superbill
--
-- The questions that a practice asks of its bills. Each report comes in an order of its own and can
-- be filtered like any view: "WHERE patient_id = …" on the statements reads one patient's alone.
--
-- Totals are counted per encounter before they are joined: a line item must not count its
-- encounter's patient twice.

CREATE VIEW reporting.encounters_without_line_items WITH (security_invoker = true) AS
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

COMMENT ON VIEW reporting.encounters_without_line_items IS
'Visits for which nothing was billed yet, the oldest first. A missed charge shows nowhere else.';

COMMENT ON COLUMN reporting.encounters_without_line_items.encounter_id IS
'The encounter without a line item.';

COMMENT ON COLUMN reporting.encounters_without_line_items.encounter_date IS
'The date of service.';

COMMENT ON COLUMN reporting.encounters_without_line_items.age_in_days IS
'The days from the date of service to today, by the database''s calendar.
Example: 7';

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

-- What the reports name, and nothing more, for those who may only read reports. The API's role
-- has all of it already. Not granted: anything but SELECT, because a report is not written to.
GRANT SELECT (id, first_name, last_name) ON billing.patient TO superbill_reporter;

GRANT SELECT (id, patient_id, date) ON billing.encounter TO superbill_reporter;

GRANT SELECT (id, encounter_id, cpt_code, units) ON billing.line_item TO superbill_reporter;

GRANT SELECT (code, description) ON billing.cpt_code TO superbill_reporter;

GRANT SELECT ON reporting.encounters_without_line_items TO superbill_api, superbill_reporter;

GRANT SELECT ON reporting.code_utilisation TO superbill_api, superbill_reporter;

GRANT SELECT ON reporting.monthly_activity TO superbill_api, superbill_reporter;

GRANT SELECT ON reporting.patient_statements TO superbill_api, superbill_reporter;

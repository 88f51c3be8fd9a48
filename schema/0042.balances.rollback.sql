-- squawk-ignore-file ban-drop-view
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

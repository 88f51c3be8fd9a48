-- depends: 0041.bill_reports
--
-- What was paid, and what is owed: for each patient, and since when.
--
-- All amounts are sums of billing.ledger_entry, so they agree with each other: a voided bill and a
-- reversed line cost nothing. A payment counts once it is allocated to a line item.
--
-- An age is the days from the date of service to today, at the practice.
--
-- A statement leaves out what was voided or reversed, unless something was paid for it.

CREATE VIEW reporting.patient_balances WITH (security_invoker = true) AS
SELECT
    p.id AS patient_id,
    p.first_name,
    p.last_name,
    m.charges,
    m.patient_payments,
    m.payer_payments,
    m.adjustments,
    m.balance
FROM billing.patient AS p
INNER JOIN (
    SELECT
        m.patient_id,
        CAST(
            coalesce(
                sum(m.amount) FILTER (
                    WHERE m.kind IN ('charge', 'reversal', 'void')
                ),
                0
            )
            AS numeric(16, 2)
        ) AS charges,
        CAST(
            coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'patient payment'), 0)
            AS numeric(16, 2)
        ) AS patient_payments,
        CAST(
            coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'payer payment'), 0)
            AS numeric(16, 2)
        ) AS payer_payments,
        CAST(
            coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'adjustment'), 0)
            AS numeric(16, 2)
        ) AS adjustments,
        CAST(sum(m.amount) AS numeric(16, 2)) AS balance
    FROM billing.ledger_entry AS m
    GROUP BY m.patient_id
) AS m ON p.id = m.patient_id
ORDER BY p.last_name, p.first_name, p.id;

COMMENT ON VIEW reporting.patient_balances IS
'What each patient''s bills cost, what was paid for them, and what is still owed, by name. '
'Payments count once they are allocated to line items.';

COMMENT ON COLUMN reporting.patient_balances.patient_id IS
'The patient.';

COMMENT ON COLUMN reporting.patient_balances.charges IS
'What it cost, without what was reversed or voided.
Example: 200.23';

COMMENT ON COLUMN reporting.patient_balances.patient_payments IS
'What the patient paid.
Example: 25.00';

COMMENT ON COLUMN reporting.patient_balances.payer_payments IS
'What payers paid.
Example: 99.99';

COMMENT ON COLUMN reporting.patient_balances.adjustments IS
'What is not asked for any more, such as what a contract with the payer takes off.
Example: 25.00';

COMMENT ON COLUMN reporting.patient_balances.balance IS
'What is still owed, by the patient and by payers; less than 0 if too much was paid.
Example: 50.24';

CREATE VIEW reporting.aging WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        CAST(
            current_timestamp AT TIME ZONE CASE
                WHEN count(*) = 1 THEN min(o.time_zone)
                ELSE 'America/New_York'
            END
            AS date
        ) AS today
    FROM billing.practice AS o
)

SELECT
    p.id AS patient_id,
    p.first_name,
    p.last_name,
    m.to_30_days,
    m.to_60_days,
    m.to_90_days,
    m.over_90_days,
    m.balance
FROM billing.patient AS p
INNER JOIN (
    SELECT
        m.patient_id,
        CAST(
            coalesce(sum(m.balance) FILTER (WHERE t.today - e.date <= 30), 0)
            AS numeric(16, 2)
        ) AS to_30_days,
        CAST(
            coalesce(sum(m.balance) FILTER (WHERE t.today - e.date BETWEEN 31 AND 60), 0)
            AS numeric(16, 2)
        ) AS to_60_days,
        CAST(
            coalesce(sum(m.balance) FILTER (WHERE t.today - e.date BETWEEN 61 AND 90), 0)
            AS numeric(16, 2)
        ) AS to_90_days,
        CAST(
            coalesce(sum(m.balance) FILTER (WHERE t.today - e.date > 90), 0)
            AS numeric(16, 2)
        ) AS over_90_days,
        CAST(sum(m.balance) AS numeric(16, 2)) AS balance
    FROM (
        SELECT
            m.patient_id,
            m.encounter_id,
            sum(m.amount) AS balance
        FROM billing.ledger_entry AS m
        GROUP BY m.patient_id, m.encounter_id
    ) AS m
    INNER JOIN billing.encounter AS e ON m.encounter_id = e.id
    CROSS JOIN t
    GROUP BY m.patient_id
) AS m ON p.id = m.patient_id
WHERE m.balance <> 0
ORDER BY p.last_name, p.first_name, p.id;

COMMENT ON VIEW reporting.aging IS
'What patients'' bills still cost, by the days since the date of service, by name. Who owes '
'nothing is not here.';

COMMENT ON COLUMN reporting.aging.patient_id IS
'The patient.';

COMMENT ON COLUMN reporting.aging.to_30_days IS
'Of visits up to 30 days ago.
Example: 50.24';

COMMENT ON COLUMN reporting.aging.to_60_days IS
'Of visits 31 to 60 days ago.
Example: 0.00';

COMMENT ON COLUMN reporting.aging.to_90_days IS
'Of visits 61 to 90 days ago.
Example: 0.00';

COMMENT ON COLUMN reporting.aging.over_90_days IS
'Of older visits.
Example: 0.00';

COMMENT ON COLUMN reporting.aging.balance IS
'All of it.
Example: 50.24';

CREATE OR REPLACE VIEW reporting.patient_statements WITH (security_invoker = true) AS
SELECT
    e.patient_id,
    p.first_name,
    p.last_name,
    e.id AS encounter_id,
    e.date AS encounter_date,
    l.id AS line_item_id,
    l.cpt_code,
    v.description AS cpt_code_description,
    l.units,
    m.charge,
    m.payments,
    m.adjustments,
    m.balance
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
LEFT JOIN billing.line_item AS l ON e.id = l.encounter_id
LEFT JOIN billing.cpt_code_version AS v
    ON v.code = CAST(l.cpt_code AS name) AND l.day <@ v.valid_during
LEFT JOIN (
    SELECT
        m.patient_id,
        m.line_item_id,
        CAST(
            coalesce(
                sum(m.amount) FILTER (
                    WHERE m.kind IN ('charge', 'reversal', 'void')
                ),
                0
            )
            AS numeric(16, 2)
        ) AS charge,
        CAST(
            coalesce(
                -sum(m.amount) FILTER (
                    WHERE m.kind IN ('patient payment', 'payer payment')
                ),
                0
            )
            AS numeric(16, 2)
        ) AS payments,
        CAST(
            coalesce(-sum(m.amount) FILTER (WHERE m.kind = 'adjustment'), 0) AS numeric(16, 2)
        ) AS adjustments,
        CAST(sum(m.amount) AS numeric(16, 2)) AS balance
    FROM billing.ledger_entry AS m
    GROUP BY m.patient_id, m.line_item_id
) AS m ON e.patient_id = m.patient_id AND l.id = m.line_item_id
WHERE m.balance <> 0 OR (e.status <> 'voided' AND NOT coalesce(l.is_reversed, false))
ORDER BY e.patient_id, e.date, e.id, l.id;

COMMENT ON VIEW reporting.patient_statements IS
'Each patient''s statement: every visit by date, and a row for each thing that was done, with '
'what it cost, what was paid, and what is still owed. A visit for which nothing was billed '
'has one row without a line item.';

COMMENT ON COLUMN reporting.patient_statements.cpt_code_description IS
'What the procedure code stood for on the date of service.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN reporting.patient_statements.charge IS
'What it cost: 0.00 if it was reversed or the bill voided, nothing before it is posted.
Example: 125.00';

COMMENT ON COLUMN reporting.patient_statements.payments IS
'What was paid, by the patient and by payers.
Example: 124.99';

COMMENT ON COLUMN reporting.patient_statements.adjustments IS
'What is not asked for any more, such as what a contract with the payer takes off.
Example: 25.00';

COMMENT ON COLUMN reporting.patient_statements.balance IS
'What is still owed, by the patient and by payers.
Example: 50.24';

GRANT SELECT ON reporting.patient_balances, reporting.aging TO
superbill_api, superbill_biller, superbill_auditor, superbill_reporter;

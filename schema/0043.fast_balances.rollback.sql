-- What was replaced is as it was.

REVOKE SELECT (patient_id) ON billing.payment FROM superbill_reporter;

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

CREATE OR REPLACE VIEW reporting.aging WITH (security_invoker = true) AS
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

CREATE OR REPLACE VIEW reporting.patient_balances WITH (security_invoker = true) AS
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

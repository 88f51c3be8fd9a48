-- squawk-ignore-file ban-drop-view
-- What was replaced is as it was.

REVOKE SELECT (npi, tax_id, address_line_1, city, state, postal_code)
ON billing.practice FROM superbill_reporter;

REVOKE SELECT (id, last_name) ON billing.provider FROM superbill_reporter;

REVOKE SELECT (patient_id, birth_date, sex, address_line_1, city, state, postal_code)
ON billing.patient_detail FROM superbill_reporter;

REVOKE SELECT (id, name, payer_number, filing_days) ON billing.payer FROM superbill_reporter;

REVOKE SELECT (
    id, patient_id, payer_id, priority, relationship, subscriber_first_name, effective_on, ends_on
)
ON billing.coverage FROM superbill_reporter;

REVOKE SELECT (provider_id, place_of_service) ON billing.encounter FROM superbill_reporter;

REVOKE SELECT (encounter_id, position) ON billing.diagnosis FROM superbill_reporter;

REVOKE SELECT (diagnosis_pointers) ON billing.line_item FROM superbill_reporter;

DROP VIEW reporting.monthly_charges;

DROP VIEW reporting.charge_lag;

DROP VIEW reporting.unbilled_encounters;

DROP VIEW reporting.claim_faults;

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
    e.status <> 'voided'
    AND NOT EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.encounter_id = e.id
    )
ORDER BY e.date, e.id;

COMMENT ON COLUMN reporting.encounters_without_line_items.age_in_days IS
'The days from the date of service to today, by the database''s calendar.
Example: 7';

-- To undo the migration is to make the view that was there.

CREATE OR REPLACE VIEW reporting.claim_faults WITH (security_invoker = true) AS
WITH b AS (
    SELECT
        count(*) AS practice_count,
        min(o.npi) AS npi,
        min(o.tax_id) AS tax_id,
        bool_or(num_nulls(o.address_line_1, o.city, o.state, o.postal_code) > 0) AS lacks_address
    FROM billing.practice AS o
)

SELECT
    e.id AS encounter_id,
    e.date AS encounter_date,
    e.patient_id,
    p.first_name,
    p.last_name,
    f.fault
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
LEFT JOIN billing.patient_detail AS d ON e.patient_id = d.patient_id
LEFT JOIN billing.coverage AS c
    ON
        e.patient_id = c.patient_id
        AND c.priority = 'P'
        AND e.date BETWEEN c.effective_on AND coalesce(c.ends_on, e.date)
LEFT JOIN billing.payer AS y ON c.payer_id = y.id
LEFT JOIN billing.diagnosis AS x ON e.id = x.encounter_id AND x.position = 1
CROSS JOIN b
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS line_item_count,
            bool_or(l.diagnosis_pointers = '{}') AS lacks_pointer
        FROM billing.line_item AS l
        WHERE l.encounter_id = e.id AND NOT l.is_reversed
    ) AS l
CROSS JOIN
    LATERAL unnest(ARRAY[
        CASE WHEN b.practice_count = 0 THEN 'The practice is not on record.' END,
        CASE
            WHEN
                b.practice_count = 1 AND num_nulls(b.npi) = 1
                THEN 'The practice''s NPI is missing.'
        END,
        CASE
            WHEN
                b.practice_count = 1 AND num_nulls(b.tax_id) = 1
                THEN 'The practice''s tax id is missing.'
        END,
        CASE
            WHEN b.practice_count = 1 AND b.lacks_address
                THEN 'The practice''s address is incomplete.'
        END,
        CASE WHEN num_nulls(e.provider_id) = 1 THEN 'The provider is missing.' END,
        CASE WHEN num_nulls(e.place_of_service) = 1 THEN 'The place of service is missing.' END,
        CASE WHEN num_nulls(d.birth_date) = 1 THEN 'The patient''s birth date is missing.' END,
        CASE WHEN d.birth_date > e.date THEN 'The patient was born after the date of service.' END,
        CASE WHEN num_nulls(d.sex) = 1 THEN 'The patient''s sex is missing.' END,
        CASE
            WHEN num_nulls(d.address_line_1, d.city, d.state, d.postal_code) > 0
                THEN 'The patient''s address is incomplete.'
        END,
        CASE
            WHEN char_length(p.last_name) > 60 OR char_length(p.first_name) > 35
                THEN 'The patient''s name is longer than a claim can hold.'
        END,
        CASE
            WHEN
                num_nulls(c.id) = 1
                THEN 'The patient has no primary coverage on the date of service.'
        END,
        CASE
            WHEN c.relationship <> '18' AND num_nulls(c.subscriber_first_name) = 1
                THEN 'The subscriber''s first name is missing.'
        END,
        CASE
            WHEN
                num_nulls(y.id) = 0 AND num_nulls(y.payer_number) = 1
                THEN 'The payer''s number is missing.'
        END,
        CASE WHEN num_nulls(x.position) = 1 THEN 'The first diagnosis is missing.' END,
        CASE WHEN l.line_item_count = 0 THEN 'All line items were reversed.' END,
        CASE WHEN l.lacks_pointer THEN 'A line item points at no diagnosis.' END
    ]) AS f (fault)
WHERE e.status = 'posted' AND f.fault <> ''
ORDER BY e.date, e.id, f.fault;

REVOKE SELECT (name) ON billing.practice FROM superbill_reporter;

REVOKE SELECT (state) ON billing.payer FROM superbill_reporter;

REVOKE SELECT (member_id, subscriber_last_name) ON billing.coverage FROM superbill_reporter;

REVOKE SELECT (
    encounter_id, related_cause, accident_date, accident_state, prior_authorization_number
)
ON billing.claim_detail FROM superbill_reporter;

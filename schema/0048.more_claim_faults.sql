-- depends: 0047.interchange_making
--
-- What an interchange refuses, the report of faults tells before: of each posted encounter, with
-- the same sentences. What only a claim has is not in it: what a first payer paid, or a number of
-- the payer's.

CREATE OR REPLACE VIEW reporting.claim_faults WITH (security_invoker = true) AS
WITH b AS (
    SELECT
        count(*) AS practice_count,
        min(o.npi) AS npi,
        min(o.tax_id) AS tax_id,
        bool_or(num_nulls(o.address_line_1, o.city, o.state, o.postal_code) > 0) AS lacks_address,
        bool_and(billing.is_state(o.state)) AS is_in_a_state,
        min(
            least(
                billing.count_written(o.name),
                billing.count_written(coalesce(o.address_line_1, 'none')),
                billing.count_written(coalesce(o.city, 'none')) - 1
            )
        ) AS written_count
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
LEFT JOIN billing.provider AS g ON e.provider_id = g.id
LEFT JOIN billing.claim_detail AS t ON e.id = t.encounter_id
LEFT JOIN billing.diagnosis AS x ON e.id = x.encounter_id AND x.position = 1
CROSS JOIN b
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS line_item_count,
            sum(l.charge) AS charges,
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
        CASE WHEN l.lacks_pointer THEN 'A line item points at no diagnosis.' END,
        CASE
            WHEN l.charges >= 100000000 THEN 'The claim asks for 100 million dollars or more.'
        END,
        CASE
            WHEN
                t.related_cause IN ('AA', 'OA') AND num_nulls(t.accident_date) = 1
                OR t.related_cause = 'AA' AND num_nulls(t.accident_state) = 1
                THEN 'The date of the accident is missing, or the state of a car accident.'
        END,
        CASE
            WHEN
                NOT (
                    b.is_in_a_state AND billing.is_state(d.state) AND billing.is_state(y.state)
                    AND billing.is_state(t.accident_state)
                )
                THEN 'The state of an address or of an accident is none of the USA.'
        END,
        CASE
            WHEN
                least(
                    b.written_count,
                    billing.count_written(p.last_name),
                    billing.count_written(coalesce(g.last_name, 'none')),
                    billing.count_written(coalesce(c.subscriber_last_name, 'none')),
                    billing.count_written(coalesce(y.name, 'none')),
                    billing.count_written(coalesce(d.address_line_1, 'none')),
                    billing.count_written(coalesce(d.city, 'none')) - 1
                ) < 1
                THEN 'A name or an address has no letters that a claim can hold.'
        END,
        CASE
            WHEN least(char_length(y.payer_number), char_length(c.member_id)) < 2
                THEN 'The payer''s number or the member id has only one character.'
        END,
        CASE
            WHEN t.prior_authorization_number !~ '^[ -)+-9;-\]_-{}]*$'
                THEN
                    'The payer''s claim number or the prior authorization number has accents, or '
                    'the signs * : ^ | ~.'
        END
    ]) AS f (fault)
WHERE e.status = 'posted' AND f.fault <> ''
ORDER BY e.date, e.id, f.fault;

GRANT SELECT (
    encounter_id, related_cause, accident_date, accident_state, prior_authorization_number
)
ON billing.claim_detail TO superbill_reporter;

GRANT SELECT (member_id, subscriber_last_name) ON billing.coverage TO superbill_reporter;

GRANT SELECT (state) ON billing.payer TO superbill_reporter;

GRANT SELECT (name) ON billing.practice TO superbill_reporter;

-- depends: 0040.full_superbill
--
-- What a practice asks about its bills: what a payer would refuse, what is not billed yet and until
-- when it can be, how long a charge takes, what was charged.
--
-- A visit that was voided did not happen: no report counts it. A line that was reversed costs
-- nothing.
--
-- Days are the practice's, in its time zone: at 20:00 in Seattle it is today there and tomorrow in
-- UTC. A clinic without a practice counts in the zone that a practice has unless it says otherwise.
-- The owner of the tables sees all clinics, and gets that zone too where they are several.
--
-- Months are those of the date of service: what is posted or reversed later changes the month in
-- which the work was done.

CREATE VIEW reporting.claim_faults WITH (security_invoker = true) AS
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

COMMENT ON VIEW reporting.claim_faults IS
'What a payer would refuse: of each encounter that is posted and not billed yet each fault, '
'by date of service. An encounter that is not here can be claimed.';

COMMENT ON COLUMN reporting.claim_faults.encounter_id IS
'The encounter.';

COMMENT ON COLUMN reporting.claim_faults.encounter_date IS
'The date of service.';

COMMENT ON COLUMN reporting.claim_faults.fault IS
'What is wrong, as a sentence.
Example: The patient''s birth date is missing.';

CREATE VIEW reporting.unbilled_encounters WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        CASE
            WHEN count(*) = 1 THEN min(o.time_zone)
            ELSE 'America/New_York'
        END AS time_zone
    FROM billing.practice AS o
)

SELECT
    e.id AS encounter_id,
    e.date AS encounter_date,
    e.status = 'posted' AS is_posted,
    e.patient_id,
    p.first_name,
    p.last_name,
    e.provider_id,
    y.name AS payer_name,
    e.date + CAST(y.filing_days AS integer) AS file_by,
    e.date + CAST(y.filing_days AS integer)
    - CAST(current_timestamp AT TIME ZONE t.time_zone AS date) AS days_left
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
CROSS JOIN t
LEFT JOIN billing.coverage AS c
    ON
        e.patient_id = c.patient_id
        AND c.priority = 'P'
        AND e.date BETWEEN c.effective_on AND coalesce(c.ends_on, e.date)
LEFT JOIN billing.payer AS y ON c.payer_id = y.id
WHERE e.status IN ('draft', 'posted')
ORDER BY file_by, e.date, e.id;

COMMENT ON VIEW reporting.unbilled_encounters IS
'Visits that no claim was made of yet: drafts, and bills that are posted. The one that has to '
'be filed first is first; those without a payer, who sets no date, are last.';

COMMENT ON COLUMN reporting.unbilled_encounters.encounter_id IS
'The encounter.';

COMMENT ON COLUMN reporting.unbilled_encounters.encounter_date IS
'The date of service.';

COMMENT ON COLUMN reporting.unbilled_encounters.is_posted IS
'Whether it was posted, so that it can be claimed.';

COMMENT ON COLUMN reporting.unbilled_encounters.payer_name IS
'Who insures the patient first on the day; nothing if nobody does.
Example: Medicare';

COMMENT ON COLUMN reporting.unbilled_encounters.file_by IS
'The last day on which the payer takes the claim.
Example: 2025-03-01';

COMMENT ON COLUMN reporting.unbilled_encounters.days_left IS
'The days from today to then, less than 0 if it has passed, by the practice''s calendar.
Example: 92';

CREATE VIEW reporting.charge_lag WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        CASE
            WHEN count(*) = 1 THEN min(o.time_zone)
            ELSE 'America/New_York'
        END AS time_zone
    FROM billing.practice AS o
)

SELECT
    CAST(date_trunc('month', CAST(e.date AS timestamp)) AS date) AS month_start,
    e.provider_id,
    min(g.last_name) AS provider_last_name,
    count(*) AS encounter_count,
    CAST(
        avg(CAST(e.posted_at AT TIME ZONE t.time_zone AS date) - e.date) AS numeric(7, 1)
    ) AS mean_days,
    max(CAST(e.posted_at AT TIME ZONE t.time_zone AS date) - e.date) AS most_days
FROM billing.encounter AS e
CROSS JOIN t
LEFT JOIN billing.provider AS g ON e.provider_id = g.id
WHERE e.status IN ('posted', 'billed')
GROUP BY month_start, e.provider_id
ORDER BY month_start, e.provider_id;

COMMENT ON VIEW reporting.charge_lag IS
'How many days after the visit a bill was posted, by month of the visit and provider.';

COMMENT ON COLUMN reporting.charge_lag.month_start IS
'The first day of the month.
Example: 2024-03-01';

COMMENT ON COLUMN reporting.charge_lag.provider_last_name IS
'The provider''s family name.
Example: Kim';

COMMENT ON COLUMN reporting.charge_lag.encounter_count IS
'The number of bills.
Example: 20';

COMMENT ON COLUMN reporting.charge_lag.mean_days IS
'The mean of the days from the visit to the posting, by the practice''s calendar.
Example: 2.5';

COMMENT ON COLUMN reporting.charge_lag.most_days IS
'The most days that one took.
Example: 14';

CREATE VIEW reporting.monthly_charges WITH (security_invoker = true) AS
SELECT
    CAST(date_trunc('month', CAST(lower(l.day) AS timestamp)) AS date) AS month_start,
    e.provider_id,
    l.cpt_code,
    count(*) AS line_item_count,
    CAST(sum(l.units) AS api.number) AS unit_count,
    CAST(sum(l.charge) AS numeric(16, 2)) AS charges
FROM billing.encounter AS e
INNER JOIN billing.line_item AS l ON e.id = l.encounter_id
WHERE e.status IN ('posted', 'billed') AND NOT l.is_reversed
GROUP BY month_start, e.provider_id, l.cpt_code
ORDER BY month_start, e.provider_id, l.cpt_code;

COMMENT ON VIEW reporting.monthly_charges IS
'What was charged for the work of each month, by provider and procedure code, without what '
'was reversed or voided.';

COMMENT ON COLUMN reporting.monthly_charges.month_start IS
'The first day of the month of service.
Example: 2024-03-01';

COMMENT ON COLUMN reporting.monthly_charges.cpt_code IS
'The procedure code.
Example: G0438';

COMMENT ON COLUMN reporting.monthly_charges.line_item_count IS
'The number of line items.
Example: 45';

COMMENT ON COLUMN reporting.monthly_charges.unit_count IS
'The sum of their units.
Example: 60';

COMMENT ON COLUMN reporting.monthly_charges.charges IS
'What they cost.
Example: 5625.00';

CREATE OR REPLACE VIEW reporting.encounters_without_line_items WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        CASE
            WHEN count(*) = 1 THEN min(o.time_zone)
            ELSE 'America/New_York'
        END AS time_zone
    FROM billing.practice AS o
)

SELECT
    e.id AS encounter_id,
    e.date AS encounter_date,
    greatest(
        CAST(current_timestamp AT TIME ZONE t.time_zone AS date) - e.date, 0
    ) AS age_in_days,
    e.patient_id,
    p.first_name,
    p.last_name
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
CROSS JOIN t
WHERE
    e.status <> 'voided'
    AND NOT EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.encounter_id = e.id
    )
ORDER BY e.date, e.id;

COMMENT ON COLUMN reporting.encounters_without_line_items.age_in_days IS
'The days from the date of service to today, by the practice''s calendar.
Example: 7';

-- What the reports name, for those who may only read reports. Not granted: anything but SELECT.
GRANT SELECT (npi, tax_id, address_line_1, city, state, postal_code)
ON billing.practice TO superbill_reporter;

GRANT SELECT (id, last_name) ON billing.provider TO superbill_reporter;

GRANT SELECT (patient_id, birth_date, sex, address_line_1, city, state, postal_code)
ON billing.patient_detail TO superbill_reporter;

GRANT SELECT (id, name, payer_number, filing_days) ON billing.payer TO superbill_reporter;

GRANT SELECT (
    id, patient_id, payer_id, priority, relationship, subscriber_first_name, effective_on, ends_on
)
ON billing.coverage TO superbill_reporter;

GRANT SELECT (provider_id, place_of_service) ON billing.encounter TO superbill_reporter;

GRANT SELECT (encounter_id, position) ON billing.diagnosis TO superbill_reporter;

GRANT SELECT (diagnosis_pointers) ON billing.line_item TO superbill_reporter;

GRANT SELECT ON
reporting.claim_faults, reporting.unbilled_encounters, reporting.charge_lag,
reporting.monthly_charges
TO superbill_api, superbill_biller, superbill_auditor, superbill_reporter;

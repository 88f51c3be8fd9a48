-- A release says which codes may be billed from its first day on, and nothing of the days before.
-- The first one that is loaded is taken to tell of all days since 2015-10-01, when ICD-10-CM began:
-- otherwise no visit before it could be billed. A code that has become the header of others ends.

CREATE TEMP TABLE release ON COMMIT DROP AS
WITH given AS (
    SELECT CAST(current_setting('load.first_day') AS date) AS first_day
)

SELECT
    l.line,
    l.code,
    CASE WHEN l.is_billable = '1' THEN l.description END AS description,
    CAST(null AS date) AS added,
    g.first_day AS action,
    CASE WHEN l.is_billable = '0' THEN g.first_day END AS ended
FROM listed_code AS l
CROSS JOIN given AS g
WHERE
    l.is_billable = '1'
    OR EXISTS (
        SELECT FROM billing.diagnosis_code_version AS v
        WHERE v.code = l.code AND v.code_list = 'icd10cm' AND upper_inf(v.valid_during)
    );

WITH given AS (
    SELECT
        CAST(current_setting('load.first_day') AS date) AS first_day,
        count(*) = 0 AS is_first
    FROM billing.diagnosis_code_version AS v
    WHERE v.code_list = 'icd10cm'
)

SELECT t.line
FROM given AS g
CROSS JOIN LATERAL billing.load_versions(
    'diagnosis_code', 'icd10cm', 'diagnosis codes',
    CASE WHEN g.is_first THEN least('2015-10-01', g.first_day) ELSE g.first_day END
) AS t (line);

DO $$
BEGIN
    PERFORM gin_clean_pending_list('billing.diagnosis_code_description_idx');
END
$$;

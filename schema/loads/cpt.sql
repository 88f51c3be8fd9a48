-- Without dates, the first file tells of all days, and a later one of those from --from on, by
-- default today. A code of two characters is a modifier.

CREATE TEMP TABLE release ON COMMIT DROP AS
SELECT
    l.line,
    l.code,
    l.description,
    l.valid_from AS added,
    coalesce(CAST(nullif(current_setting('load.first_day'), '') AS date), current_date) AS action,
    l.valid_to + 1 AS ended
FROM listed_code AS l
WHERE length(l.code) = 5;

SELECT t.line
FROM billing.load_versions(
    'cpt_code', 'cpt', 'procedure codes',
    (
        SELECT
            coalesce(
                CAST(nullif(current_setting('load.first_day'), '') AS date),
                CASE WHEN count(*) > 0 THEN current_date END
            )
        FROM billing.cpt_code_version AS v
        WHERE v.code_list = 'cpt'
    )
) AS t (line);

SELECT t.line
FROM (
    SELECT
        array_agg(l.code ORDER BY l.line) AS codes,
        array_agg(l.description ORDER BY l.line) AS names
    FROM listed_code AS l
    WHERE length(l.code) = 2
    HAVING count(*) > 0
) AS f
CROSS JOIN LATERAL billing.load_names(
    'modifier', 'description', 'modifiers', f.codes, f.names
) AS t (line);

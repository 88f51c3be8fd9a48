-- Without dates, the first file tells of all days, and a later one of those from --from on, by
-- default today. A code of two characters is a modifier; a file may have none.

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

TRUNCATE release;

INSERT INTO release (line, code, description, added, action, ended)
SELECT
    l.line,
    l.code,
    l.description,
    l.valid_from AS added,
    coalesce(CAST(nullif(current_setting('load.first_day'), '') AS date), current_date) AS action,
    l.valid_to + 1 AS ended
FROM listed_code AS l
WHERE length(l.code) = 2;

WITH given AS (
    SELECT
        coalesce(
            CAST(nullif(current_setting('load.first_day'), '') AS date),
            CASE WHEN count(*) > 0 THEN current_date END
        ) AS first_day
    FROM billing.modifier_version AS v
    WHERE v.code_list = 'cpt'
)

SELECT t.line
FROM given AS g
CROSS JOIN LATERAL billing.load_versions('modifier', 'cpt', 'modifiers', g.first_day) AS t (line)
WHERE EXISTS (SELECT FROM release);

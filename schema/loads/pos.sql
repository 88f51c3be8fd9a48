-- Without dates, the first file tells of all days, and a later one of those from --from on, by
-- default today.

CREATE TEMP TABLE release ON COMMIT DROP AS
SELECT
    l.line,
    l.code,
    l.name AS description,
    l.valid_from AS added,
    coalesce(CAST(nullif(current_setting('load.first_day'), '') AS date), current_date) AS action,
    l.valid_to + 1 AS ended
FROM listed_place AS l;

SELECT t.line
FROM billing.load_versions(
    'place_of_service', 'pos', 'places of service',
    (
        SELECT
            coalesce(
                CAST(nullif(current_setting('load.first_day'), '') AS date),
                CASE WHEN count(*) > 0 THEN current_date END
            )
        FROM billing.place_of_service_version AS v
        WHERE v.code_list = 'pos'
    )
) AS t (line);

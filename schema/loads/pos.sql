-- The list has no dates. What it lacks stays, for the visits that name it.

SELECT t.line
FROM (
    SELECT
        array_agg(l.code ORDER BY l.line) AS codes,
        array_agg(l.name ORDER BY l.line) AS names
    FROM listed_place AS l
) AS f
CROSS JOIN LATERAL billing.load_names(
    'place_of_service', 'name', 'places of service', f.codes, f.names
) AS t (line);

WITH absent AS (
    SELECT array_agg(p.code ORDER BY p.code) AS codes
    FROM billing.place_of_service AS p
    LEFT JOIN listed_place AS l ON p.code = l.code
    WHERE l.code IS null
)

SELECT billing.told('places of service not in the file', a.codes) AS line
FROM absent AS a
WHERE a.codes IS NOT null;

-- A code begins on the day on which it was added. The day of action is that of its last change, of
-- its end too. Modifiers have no dates in the tables: the ended ones are there as well, for the
-- bills of their days.

CREATE TEMP TABLE release ON COMMIT DROP AS
SELECT
    l.line,
    l.code,
    regexp_replace(l.description, '\s+', ' ', 'g') AS description,
    l.added,
    l.action,
    l.last_day + 1 AS ended
FROM listed_code AS l;

SELECT t.line
FROM billing.load_versions('cpt_code', 'hcpcs', 'procedure codes', null) AS t (line);

SELECT t.line
FROM (
    SELECT
        array_agg(l.code ORDER BY l.line) AS codes,
        array_agg(regexp_replace(l.description, '\s+', ' ', 'g') ORDER BY l.line) AS names
    FROM listed_modifier AS l
) AS f
CROSS JOIN LATERAL billing.load_names(
    'modifier', 'description', 'modifiers', f.codes, f.names
) AS t (line);

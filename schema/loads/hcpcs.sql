-- A code begins on the day on which it was added. The day of action is that of its last change, of
-- its end too.

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

TRUNCATE release;

INSERT INTO release (line, code, description, added, action, ended)
SELECT
    l.line,
    l.code,
    regexp_replace(l.description, '\s+', ' ', 'g') AS description,
    l.added,
    l.action,
    l.last_day + 1 AS ended
FROM listed_modifier AS l;

SELECT t.line
FROM billing.load_versions('modifier', 'hcpcs', 'modifiers', null) AS t (line);

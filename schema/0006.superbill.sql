-- depends: 0005.line_item
--
-- The bill itself: an encounter with the patient's name and everything that was done.
--
-- One relation in FROM, the rest looked up: so the view keeps the encounter's key, and reading one
-- bill reads one encounter. The line items are an array of a type of their own, because a column
-- of a declared type can be described, and json cannot.

CREATE TYPE billing.superbill_line_item AS (
    id uuid,
    cpt_code text,
    cpt_code_description text,
    units integer
);

COMMENT ON TYPE billing.superbill_line_item IS
'A line item as it stands on a superbill.';

COMMENT ON COLUMN billing.superbill_line_item.id IS
'Identifies the line item.';

COMMENT ON COLUMN billing.superbill_line_item.cpt_code IS
'The code of the procedure that was done.
Example: G0438';

COMMENT ON COLUMN billing.superbill_line_item.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN billing.superbill_line_item.units IS
'How many times it was done, or how many of the unit that the code''s description names.';

CREATE VIEW api.superbills WITH (security_invoker = true) AS
SELECT
    e.id AS encounter_id,
    e.date,
    e.patient_id,
    (
        SELECT p.first_name FROM billing.patient AS p
        WHERE p.id = e.patient_id
    ) AS first_name,
    (
        SELECT p.last_name FROM billing.patient AS p
        WHERE p.id = e.patient_id
    ) AS last_name,
    ARRAY(
        SELECT
            CAST(
                ROW(l.id, l.cpt_code, c.description, l.units) AS billing.superbill_line_item
            ) AS line_item
        FROM billing.line_item AS l
        INNER JOIN billing.cpt_code AS c ON l.cpt_code = c.code
        WHERE l.encounter_id = e.id
        ORDER BY l.id
    ) AS line_items
FROM billing.encounter AS e;

COMMENT ON VIEW api.superbills IS
'The bills: each encounter with its patient''s name and its line items.';

COMMENT ON COLUMN api.superbills.encounter_id IS
'The encounter that the bill is for.';

COMMENT ON COLUMN api.superbills.first_name IS
'The patient''s given name.
Example: John';

COMMENT ON COLUMN api.superbills.last_name IS
'The patient''s family name.
Example: Oberly';

COMMENT ON COLUMN api.superbills.line_items IS
'What was done, in the order in which it was added.';

-- Not granted: INSERT, UPDATE and DELETE, because a bill is made by adding to its parts.
GRANT SELECT ON api.superbills TO superbill_api;

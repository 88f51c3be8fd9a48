-- squawk-ignore-file ban-drop-column, ban-drop-type, ban-drop-view
-- The view is made again as it was, with its comments and grants.

DROP VIEW api.superbills;

ALTER TYPE billing.superbill_line_item
DROP ATTRIBUTE is_reversed,
DROP ATTRIBUTE charge,
DROP ATTRIBUTE unit_charge,
DROP ATTRIBUTE diagnosis_pointers,
DROP ATTRIBUTE modifiers,
DROP ATTRIBUTE unit_type,
DROP ATTRIBUTE date;

DROP TYPE billing.superbill_totals;

DROP TYPE billing.superbill_diagnosis;

DROP TYPE billing.superbill_coverage;

DROP TYPE billing.superbill_patient;

DROP TYPE billing.superbill_provider;

DROP TYPE billing.superbill_practice;

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
                ROW(l.id, l.cpt_code, v.description, trim_scale(l.units))
                AS billing.superbill_line_item
            ) AS line_item
        FROM billing.line_item AS l
        INNER JOIN
            billing.cpt_code_version AS v
            ON v.code = CAST(l.cpt_code AS name) AND l.day <@ v.valid_during
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

GRANT SELECT ON api.superbills TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

-- depends: 0004.cpt_code
--
-- A line item: one procedure, done one or more times in one encounter.
--
-- Units are whole and at least 1, as on every claim form. 9999 is what the longest field for units
-- on a claim holds.
--
-- On purpose there is no index that cpt_code leads: a procedure code has very many line items, so
-- nobody lists them, and without an index the API does not offer to. The price is a scan when the
-- owner removes a code, which is rare.
--
-- squawk-ignore-file prefer-bigint-over-int
-- A number of at most 9999 does not outgrow an integer.

CREATE TABLE billing.line_item (
    id uuid DEFAULT uuidv7() NOT NULL,
    encounter_id uuid NOT NULL,
    cpt_code text COLLATE "C" NOT NULL,
    units integer DEFAULT 1 NOT NULL,
    CONSTRAINT line_item_pkey PRIMARY KEY (id),
    CONSTRAINT line_item_encounter_id_fkey
    FOREIGN KEY (encounter_id) REFERENCES billing.encounter (id),
    CONSTRAINT line_item_cpt_code_fkey FOREIGN KEY (cpt_code) REFERENCES billing.cpt_code (code),
    CONSTRAINT line_item_units_is_positive CHECK (units >= 1),
    CONSTRAINT line_item_units_is_at_most_9999 CHECK (units <= 9999)
);

CREATE INDEX line_item_encounter_id_id_idx ON billing.line_item (encounter_id, id);

COMMENT ON TABLE billing.line_item IS
'What was done in an encounter: one procedure, one or more times.';

COMMENT ON COLUMN billing.line_item.id IS
'Identifies the line item; later line items have greater ids.';

COMMENT ON COLUMN billing.line_item.encounter_id IS
'The encounter in which it was done.';

COMMENT ON COLUMN billing.line_item.cpt_code IS
'The code of the procedure that was done.
Example: G0438';

COMMENT ON COLUMN billing.line_item.units IS
'How many times it was done, or how many of the unit that the code''s description names.';

COMMENT ON CONSTRAINT line_item_pkey ON billing.line_item IS
'A line item''s id belongs to one line item only.';

COMMENT ON CONSTRAINT line_item_encounter_id_fkey ON billing.line_item IS
'A line item must belong to an encounter that is on record.';

COMMENT ON CONSTRAINT line_item_cpt_code_fkey ON billing.line_item IS
'A line item''s procedure code must be one of the listed procedure codes.';

COMMENT ON CONSTRAINT line_item_units_is_positive ON billing.line_item IS
'A line item must have at least 1 unit.';

COMMENT ON CONSTRAINT line_item_units_is_at_most_9999 ON billing.line_item IS
'A line item must have at most 9999 units.';

COMMENT ON INDEX billing.line_item_encounter_id_id_idx IS
'Lists an encounter''s line items in the order in which they were added.';

CREATE VIEW api.line_items WITH (security_invoker = true) AS
SELECT
    l.id,
    l.encounter_id,
    l.cpt_code,
    (
        SELECT c.description FROM billing.cpt_code AS c
        WHERE c.code = l.cpt_code
    ) AS cpt_code_description,
    l.units
FROM billing.line_item AS l;

COMMENT ON VIEW api.line_items IS
'What was done in an encounter: one procedure, one or more times.';

COMMENT ON COLUMN api.line_items.cpt_code_description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

-- Not granted: changing encounter_id, because what was done in one encounter was not done in
-- another; and writing id, which the database gives.
GRANT SELECT (id, encounter_id, cpt_code, units) ON billing.line_item TO superbill_api;

GRANT INSERT (encounter_id, cpt_code, units) ON billing.line_item TO superbill_api;

GRANT UPDATE (cpt_code, units) ON billing.line_item TO superbill_api;

GRANT DELETE ON billing.line_item TO superbill_api;

GRANT SELECT ON api.line_items TO superbill_api;

GRANT INSERT (encounter_id, cpt_code, units) ON api.line_items TO superbill_api;

GRANT UPDATE (cpt_code, units) ON api.line_items TO superbill_api;

GRANT DELETE ON api.line_items TO superbill_api;

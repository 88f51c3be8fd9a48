-- depends: 0051.code_indexes
--
-- Modifiers have versions by date, as procedure and diagnosis codes have: see 0025.codes. What is
-- there, and what is added without a version, gets one without bounds, so what was accepted still
-- is. There are few modifiers, so the key of versions is by the code itself, not by a hash of it.
--
-- The modifiers of a line item are an array, which no foreign key can be on. The trigger that
-- looked whether they are listed now looks for their versions of the day, in one query as before,
-- and says of each which of the two it is not. It runs at the end of the statement, also of one
-- that moves the day. A line without modifiers is not looked at.
--
-- The versions are locked, so of two at once one waits for the other. A version that is being split
-- when a line is added is looked for again: its days are then those of two rows.
--
-- A version that loses days is compared with all line items, without an index of them: a list
-- changes a few times a year, line items all day.
--
-- squawk-ignore-file disallowed-unique-constraint, require-concurrent-index-creation
-- The tables are new.

CREATE TABLE billing.modifier_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text COLLATE "C" NOT NULL,
    valid_during daterange DEFAULT '(,)' NOT NULL,
    description text NOT NULL,
    code_list text COLLATE "C" DEFAULT 'hand' NOT NULL,
    CONSTRAINT modifier_version_pkey PRIMARY KEY (id),
    CONSTRAINT modifier_version_code_fkey
    FOREIGN KEY (code) REFERENCES billing.modifier (code) ON DELETE CASCADE,
    CONSTRAINT modifier_version_valid_during_has_a_day CHECK (NOT isempty(valid_during)),
    CONSTRAINT modifier_version_code_list_is_a_word CHECK (code_list ~ '^[a-z][a-z0-9]*$')
);

ALTER TABLE billing.modifier_version -- noqa: PRS
ADD CONSTRAINT modifier_version_code_valid_during_key
UNIQUE (code, valid_during WITHOUT OVERLAPS);

CREATE INDEX modifier_version_code_id_idx ON billing.modifier_version (code, id);

COMMENT ON TABLE billing.modifier_version IS
'What a modifier stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.modifier_version.id IS
'Identifies the version.';

COMMENT ON COLUMN billing.modifier_version.code IS
'The modifier.
Example: LT';

COMMENT ON COLUMN billing.modifier_version.valid_during IS
'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.modifier_version.description IS
'What the modifier stood for on these days.
Example: Left side';

COMMENT ON COLUMN billing.modifier_version.code_list IS
'The published list that it is from; hand: none, it was entered.
Example: hcpcs';

COMMENT ON CONSTRAINT modifier_version_pkey ON billing.modifier_version IS
'A version''s id belongs to one version only.';

COMMENT ON CONSTRAINT modifier_version_code_valid_during_key ON billing.modifier_version IS
'A modifier has one version on a day.';

COMMENT ON CONSTRAINT modifier_version_code_fkey ON billing.modifier_version IS
'A version must be of a modifier that is listed.';

COMMENT ON CONSTRAINT modifier_version_valid_during_has_a_day ON billing.modifier_version IS
'A version must be valid on one day or more.';

COMMENT ON CONSTRAINT modifier_version_code_list_is_a_word ON billing.modifier_version IS
'The list that a version is from must be a word of small letters and digits.';

COMMENT ON INDEX billing.modifier_version_code_id_idx IS
'Finds what a modifier stood for, and lists its versions.';

CREATE FUNCTION billing.add_modifier_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO billing.modifier_version (code, description)
    SELECT
        f.code,
        f.description
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.modifier_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_modifier_version() IS
'Gives a modifier that has no version one that is always valid.';

REVOKE ALL ON FUNCTION billing.add_modifier_version() FROM public;

CREATE TRIGGER modifier_has_a_version AFTER INSERT ON billing.modifier
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION billing.add_modifier_version();

INSERT INTO billing.modifier_version (code, description)
SELECT
    m.code,
    m.description
FROM billing.modifier AS m;

CREATE VIEW api.modifier_versions WITH (security_invoker = true) AS
SELECT
    v.id,
    v.code,
    v.valid_during,
    v.description,
    v.code_list
FROM billing.modifier_version AS v;

COMMENT ON VIEW api.modifier_versions IS
'What a modifier stood for, and on which days it may be billed.';

CREATE OR REPLACE FUNCTION billing.check_modifiers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found_count bigint;
    names text;
    places text;
BEGIN
    IF tg_op = 'INSERT' AND tg_name = 'line_item_modifiers_are_valid' THEN
        RETURN NULL; -- The other trigger has looked.
    END IF;
    LOOP
        -- KEY SHARE: who ends or removes a version waits until this is committed, and sees it. An
        -- index has no operator for the days as they are written here: Postgres would take them for
        -- rarer than the code, and go through all versions.
        PERFORM FROM billing.modifier_version AS v
        WHERE v.code = ANY(new.modifiers) AND NOT isempty(v.valid_during * new.day)
        FOR KEY SHARE;
        GET DIAGNOSTICS found_count = ROW_COUNT;
        EXIT WHEN found_count = cardinality(new.modifiers);
        SELECT
            string_agg(
                CASE
                    WHEN m.code IS NULL OR i.n <> array_position(new.modifiers, i.item)
                        THEN 'line_item_modifiers_are_listed'
                    ELSE 'line_item_modifiers_are_valid'
                END, ',' ORDER BY i.n
            ),
            string_agg(format('modifiers[%s]', i.n), ',' ORDER BY i.n)
        INTO names, places
        FROM unnest(new.modifiers) WITH ORDINALITY AS i (item, n)
        LEFT JOIN billing.modifier AS m ON m.code = i.item
        WHERE
            m.code IS NULL
            OR i.n <> array_position(new.modifiers, i.item)
            OR NOT EXISTS (
                SELECT FROM billing.modifier_version AS v
                WHERE v.code = i.item AND v.valid_during @> new.day
            );
        CONTINUE WHEN places IS NULL;
        IF tg_op = 'UPDATE' THEN
            -- The encounter was moved, and not the line item itself.
            IF old.day <> new.day AND old.service_date IS NOT DISTINCT FROM new.service_date THEN
                RAISE EXCEPTION 'refused' USING
                    ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'encounter',
                    CONSTRAINT = 'line_item_modifiers_are_valid', COLUMN = 'date';
            END IF;
        END IF;
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'line_item',
            CONSTRAINT = names, COLUMN = places;
    END LOOP;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_modifiers() IS
'Refuses modifiers that are not listed, or not valid on the day, and one that is there twice.';

-- It is for INSERT too, so that the API's document tells the rule there.
CREATE CONSTRAINT TRIGGER line_item_modifiers_are_valid
AFTER INSERT OR UPDATE OF service_date, day ON billing.line_item
FOR EACH ROW
WHEN (new.modifiers <> '{}')
EXECUTE FUNCTION billing.check_modifiers();

COMMENT ON CONSTRAINT line_item_modifiers_are_valid ON billing.line_item IS
'A line item''s modifiers must be valid on the date of service.';

CREATE FUNCTION billing.keep_modifier_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF tg_op = 'UPDATE' THEN
        IF new.code = old.code AND new.valid_during @> old.valid_during THEN
            RETURN NULL;
        END IF;
    END IF;
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE
            old.code = ANY(l.modifiers) AND l.day <@ old.valid_during
            AND NOT EXISTS (
                SELECT FROM billing.modifier_version AS v
                WHERE v.code = old.code AND v.valid_during @> l.day
            )
    -- A modifier that is removed as a whole is kept by its own trigger.
    ) AND EXISTS (SELECT FROM billing.modifier AS m WHERE m.code = old.code) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing',
            TABLE = 'modifier_version', CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.keep_modifier_version() IS
'Refuses to take days from a modifier on which line items have it.';

REVOKE ALL ON FUNCTION billing.keep_modifier_version() FROM public;

CREATE CONSTRAINT TRIGGER modifier_version_stays_while_line_items_need_it
AFTER DELETE OR UPDATE OF code, valid_during ON billing.modifier_version
FOR EACH ROW EXECUTE FUNCTION billing.keep_modifier_version();

COMMENT ON CONSTRAINT modifier_version_stays_while_line_items_need_it
ON billing.modifier_version IS
'A version of a modifier can lose days only if no line item has the modifier on them.';

-- Not granted: INSERT, UPDATE and DELETE, because codes are published by others and loaded by the
-- owner as a whole.
GRANT SELECT (id, code, valid_during, description, code_list) ON billing.modifier_version TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.modifier_versions TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

SELECT audit.watch('billing.modifier_version');

-- squawk-ignore-file ban-drop-constraint, ban-drop-function, ban-drop-table
-- squawk-ignore-file ban-drop-trigger, ban-drop-view
-- The function is made again as it was.

SELECT audit.unwatch('billing.modifier_version');

DROP VIEW api.modifier_versions;

DROP TRIGGER line_item_modifiers_are_valid ON billing.line_item;

CREATE OR REPLACE FUNCTION billing.check_modifiers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found_count bigint;
    wrong text;
BEGIN
    -- KEY SHARE: who removes a modifier waits until this is committed, and sees it.
    PERFORM FROM billing.modifier AS m WHERE m.code = ANY(new.modifiers) FOR KEY SHARE;
    GET DIAGNOSTICS found_count = ROW_COUNT;
    IF found_count < cardinality(new.modifiers) THEN
        SELECT string_agg(format('modifiers[%s]', i.n), ',' ORDER BY i.n) INTO wrong
        FROM unnest(new.modifiers) WITH ORDINALITY AS i (item, n)
        WHERE
            i.n IS DISTINCT FROM array_position(new.modifiers, i.item)
            OR NOT EXISTS (
                SELECT FROM billing.modifier AS m
                WHERE m.code = i.item
            );
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'line_item',
            CONSTRAINT = regexp_replace(wrong, '[^,]+', tg_name, 'g'), COLUMN = wrong;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_modifiers() IS
'Refuses modifiers that are not listed, and one that is there twice.';

DROP TRIGGER modifier_has_a_version ON billing.modifier;

DROP FUNCTION billing.add_modifier_version();

DROP TABLE billing.modifier_version;

DROP FUNCTION billing.keep_modifier_version();

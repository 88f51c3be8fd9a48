-- depends: 0031.diagnosis
--
-- What a line on a claim has beside its code and units: the date of service if it is another one
-- than the encounter's, modifiers, the diagnoses that it treats, and what it costs.
--
-- Modifiers and pointers to diagnoses are arrays, which clients read as they are. Generated columns
-- with a foreign key for each element would make eight look-ups of each line, also of the many that
-- have none; triggers look only where there is something. They look at the end of the statement,
-- which may add the diagnoses as well.
--
-- The day of a line is written by a trigger, as that of a diagnosis is and for the same reasons; so
-- is the rule that the encounter must be a draft. A line's unit_charge is written by posting alone.
--
-- A line keeps the words that its code had on its day.
--
-- The lines that are there get the date of their encounter. That is written without the trail's
-- triggers: the trail goes on with the rows as they then are.
--
-- squawk-ignore-file adding-field-with-default, adding-required-field
-- squawk-ignore-file constraint-missing-not-valid, prefer-bigint-over-smallint
-- squawk-ignore-file adding-foreign-key-constraint, adding-not-nullable-field
-- The table is locked while its rows get their day, which all that follows needs.

SELECT audit.unwatch('billing.line_item');

ALTER TABLE billing.line_item ADD COLUMN service_date date;

ALTER TABLE billing.line_item ADD COLUMN unit_type text COLLATE "C" DEFAULT 'UN' NOT NULL;

ALTER TABLE billing.line_item ADD COLUMN modifiers text[] COLLATE "C" DEFAULT '{}' NOT NULL;

ALTER TABLE billing.line_item ADD COLUMN diagnosis_pointers smallint[] DEFAULT '{}' NOT NULL;

ALTER TABLE billing.line_item ADD COLUMN day daterange;

ALTER TABLE billing.line_item ADD COLUMN cpt_code_hash bigint
GENERATED ALWAYS AS (hashtextextended(cpt_code, 0)) STORED NOT NULL;

ALTER TABLE billing.line_item ADD COLUMN unit_charge numeric(10, 2);

ALTER TABLE billing.line_item ADD COLUMN charge numeric(14, 2)
GENERATED ALWAYS AS (round(units * unit_charge, 2)) STORED;

ALTER TABLE billing.line_item ADD COLUMN is_reversed boolean DEFAULT false NOT NULL;

UPDATE billing.line_item AS l SET day = daterange(e.date, e.date, '[]')
FROM billing.encounter AS e
WHERE l.clinic_id = e.clinic_id AND l.encounter_id = e.id;

ALTER TABLE billing.line_item ALTER COLUMN day SET NOT NULL;

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_service_date_has_begun CHECK (
    service_date BETWEEN '1900-01-01' AND CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
);

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_unit_type_is_known CHECK (
    unit_type IN ('UN', 'MJ')
);

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_modifiers_are_at_most_4 CHECK (
    cardinality(modifiers) <= 4
);

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_diagnosis_pointers_are_at_most_4 CHECK (
    cardinality(diagnosis_pointers) <= 4
);

ALTER TABLE billing.line_item -- noqa: PRS
ADD CONSTRAINT line_item_cpt_code_day_fkey
FOREIGN KEY (cpt_code_hash, PERIOD day)
REFERENCES billing.cpt_code_version (code_hash, PERIOD valid_during);

COMMENT ON COLUMN billing.line_item.service_date IS
'The date of service, if it is another one than the encounter''s.
Example: 2024-03-02';

COMMENT ON COLUMN billing.line_item.unit_type IS
'What the units are. UN: units; MJ: minutes, of anesthesia.';

COMMENT ON COLUMN billing.line_item.modifiers IS
'Up to four modifiers, in order; the first one counts most.
Example: ["LT"]';

COMMENT ON COLUMN billing.line_item.diagnosis_pointers IS
'The positions of up to four diagnoses of the encounter, the main one first.
Example: [1]';

COMMENT ON COLUMN billing.line_item.day IS
'The date of service, as a period of one day.';

COMMENT ON COLUMN billing.line_item.cpt_code_hash IS
'A number that stands for the code where validity is checked.';

COMMENT ON COLUMN billing.line_item.unit_charge IS
'What a unit costs: the fee on the date of service, copied when the encounter is posted.
Example: 125.00';

COMMENT ON COLUMN billing.line_item.charge IS
'What the line costs: the units at their charge, rounded to a cent.
Example: 125.00';

COMMENT ON CONSTRAINT line_item_service_date_has_begun ON billing.line_item IS
'A date of service must be 1900-01-01 or later, and not later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT line_item_unit_type_is_known ON billing.line_item IS
'A line item''s unit type must be UN or MJ.';

COMMENT ON CONSTRAINT line_item_modifiers_are_at_most_4 ON billing.line_item IS
'A line item must have at most 4 modifiers.';

COMMENT ON CONSTRAINT line_item_diagnosis_pointers_are_at_most_4 ON billing.line_item IS
'A line item must have at most 4 diagnosis pointers.';

COMMENT ON CONSTRAINT line_item_cpt_code_day_fkey ON billing.line_item IS
'A procedure code must be valid on the date of service.';

COMMENT ON COLUMN billing.line_item.is_reversed IS
'Whether it was taken back after it had been posted.';

CREATE FUNCTION billing.date_line_item() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    place CONSTANT text := CASE tg_op WHEN 'INSERT' THEN 'encounter_id' ELSE '' END;
    parent record;
BEGIN
    IF tg_op = 'INSERT' THEN
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id
        FOR SHARE;
    ELSIF tg_op = 'UPDATE' THEN
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = new.clinic_id AND e.id = new.encounter_id;
    ELSE
        SELECT e.status, e.date INTO parent FROM billing.encounter AS e
        WHERE e.clinic_id = old.clinic_id AND e.id = old.encounter_id;
    END IF;
    IF parent.status IS NULL THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'foreign_key_violation', SCHEMA = tg_table_schema, TABLE = tg_table_name,
            CONSTRAINT = 'line_item_encounter_id_fkey';
    ELSIF parent.status <> 'draft' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            SCHEMA = tg_table_schema, TABLE = tg_table_name, CONSTRAINT = tg_name, COLUMN = place;
    ELSIF tg_op = 'DELETE' THEN
        RETURN old;
    END IF;
    parent.date := coalesce(new.service_date, parent.date);
    new.day := daterange(parent.date, parent.date, '[]');
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.date_line_item() IS
'Gives a line item its day; its encounter must be a draft.';

REVOKE ALL ON FUNCTION billing.date_line_item() FROM public;

CREATE TRIGGER line_item_encounter_is_a_draft BEFORE INSERT OR UPDATE OF
clinic_id, id, encounter_id, cpt_code, units, service_date, unit_type, modifiers, diagnosis_pointers
ON billing.line_item
FOR EACH ROW EXECUTE FUNCTION billing.date_line_item();

COMMENT ON TRIGGER line_item_encounter_is_a_draft ON billing.line_item IS
'Line items can be added, changed and removed only while their encounter is a draft.
Fills: day';

-- After the delete: of several who remove a row at once, the others are told that it is gone.
CREATE CONSTRAINT TRIGGER line_item_stays_after_posting AFTER DELETE ON billing.line_item
FOR EACH ROW EXECUTE FUNCTION billing.date_line_item();

COMMENT ON CONSTRAINT line_item_stays_after_posting ON billing.line_item IS
'Line items can be added, changed and removed only while their encounter is a draft.';

CREATE FUNCTION billing.move_line_items() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    -- Those with a date of their own too: one whose date is being removed is waited for.
    UPDATE billing.line_item AS l
    SET day = daterange(coalesce(l.service_date, new.date), coalesce(l.service_date, new.date), '[]')
    WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.move_line_items() IS
'Gives the line items of an encounter its new date.';

REVOKE ALL ON FUNCTION billing.move_line_items() FROM public;

CREATE TRIGGER encounter_moves_its_line_items AFTER UPDATE OF date ON billing.encounter
FOR EACH ROW
WHEN (old.date <> new.date)
EXECUTE FUNCTION billing.move_line_items();

CREATE FUNCTION billing.check_modifiers() RETURNS trigger
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

REVOKE ALL ON FUNCTION billing.check_modifiers() FROM public;

CREATE CONSTRAINT TRIGGER line_item_modifiers_are_listed
AFTER INSERT OR UPDATE OF modifiers ON billing.line_item
FOR EACH ROW
WHEN (new.modifiers <> '{}')
EXECUTE FUNCTION billing.check_modifiers();

COMMENT ON CONSTRAINT line_item_modifiers_are_listed ON billing.line_item IS
'A line item''s modifiers must be listed modifiers, each only once.';

CREATE FUNCTION billing.check_diagnosis_pointers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    found_count bigint;
    wrong text;
BEGIN
    -- KEY SHARE: who removes a diagnosis waits until this is committed, and sees it.
    PERFORM FROM billing.diagnosis AS d
    WHERE
        d.clinic_id = new.clinic_id AND d.encounter_id = new.encounter_id
        AND d.position = ANY(new.diagnosis_pointers)
    FOR KEY SHARE;
    GET DIAGNOSTICS found_count = ROW_COUNT;
    IF found_count < cardinality(new.diagnosis_pointers) THEN
        SELECT string_agg(format('diagnosis_pointers[%s]', i.n), ',' ORDER BY i.n) INTO wrong
        FROM unnest(new.diagnosis_pointers) WITH ORDINALITY AS i (item, n)
        WHERE
            i.n IS DISTINCT FROM array_position(new.diagnosis_pointers, i.item)
            OR NOT EXISTS (
                SELECT FROM billing.diagnosis AS d
                WHERE
                    d.clinic_id = new.clinic_id AND d.encounter_id = new.encounter_id
                    AND d.position = i.item
            );
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'line_item',
            CONSTRAINT = regexp_replace(wrong, '[^,]+', tg_name, 'g'), COLUMN = wrong;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_diagnosis_pointers() IS
'Refuses pointers at diagnoses that the encounter does not have, and one that is there twice.';

REVOKE ALL ON FUNCTION billing.check_diagnosis_pointers() FROM public;

CREATE CONSTRAINT TRIGGER line_item_diagnosis_pointers_lead_to_diagnoses
AFTER INSERT OR UPDATE OF diagnosis_pointers ON billing.line_item
FOR EACH ROW
WHEN (new.diagnosis_pointers <> '{}')
EXECUTE FUNCTION billing.check_diagnosis_pointers();

COMMENT ON CONSTRAINT line_item_diagnosis_pointers_lead_to_diagnoses ON billing.line_item IS
'A line item''s diagnosis pointers must be positions of its encounter''s diagnoses, each only once.';

CREATE FUNCTION billing.keep_diagnosis() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE
            l.clinic_id = old.clinic_id AND l.encounter_id = old.encounter_id
            AND old.position = ANY(l.diagnosis_pointers)
    ) AND NOT EXISTS (
        SELECT FROM billing.diagnosis AS d
        WHERE
            d.clinic_id = old.clinic_id AND d.encounter_id = old.encounter_id
            AND d.position = old.position
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'diagnosis',
            CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.keep_diagnosis() IS
'Refuses to remove a diagnosis at which a line item points.';

REVOKE ALL ON FUNCTION billing.keep_diagnosis() FROM public;

CREATE CONSTRAINT TRIGGER diagnosis_stays_while_line_items_point_at_it
AFTER DELETE OR UPDATE OF encounter_id, position ON billing.diagnosis
FOR EACH ROW EXECUTE FUNCTION billing.keep_diagnosis();

COMMENT ON CONSTRAINT diagnosis_stays_while_line_items_point_at_it ON billing.diagnosis IS
'A diagnosis can be removed only if no line item points at it.';

CREATE FUNCTION billing.keep_modifier() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (SELECT FROM billing.line_item AS l WHERE old.code = ANY(l.modifiers)) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'modifier',
            CONSTRAINT = tg_name;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.keep_modifier() IS
'Refuses to remove a modifier that a line item has.';

REVOKE ALL ON FUNCTION billing.keep_modifier() FROM public;

CREATE CONSTRAINT TRIGGER modifier_stays_while_line_items_have_it
AFTER DELETE OR UPDATE OF code ON billing.modifier
FOR EACH ROW EXECUTE FUNCTION billing.keep_modifier();

COMMENT ON CONSTRAINT modifier_stays_while_line_items_have_it ON billing.modifier IS
'A modifier can be removed only if no line item has it.';

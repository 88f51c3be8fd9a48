-- squawk-ignore-file ban-drop-column, ban-drop-constraint, ban-drop-function, ban-drop-trigger
-- The columns go with all that is about them. The trail is begun again, without them.

SELECT audit.unwatch('billing.line_item');

DROP TRIGGER modifier_stays_while_line_items_have_it ON billing.modifier;

DROP FUNCTION billing.keep_modifier();

DROP TRIGGER diagnosis_stays_while_line_items_point_at_it ON billing.diagnosis;

DROP FUNCTION billing.keep_diagnosis();

DROP TRIGGER line_item_diagnosis_pointers_lead_to_diagnoses ON billing.line_item;

DROP FUNCTION billing.check_diagnosis_pointers();

DROP TRIGGER line_item_modifiers_are_listed ON billing.line_item;

DROP FUNCTION billing.check_modifiers();

DROP TRIGGER encounter_moves_its_line_items ON billing.encounter;

DROP FUNCTION billing.move_line_items();

DROP TRIGGER line_item_stays_after_posting ON billing.line_item;

DROP TRIGGER line_item_encounter_is_a_draft ON billing.line_item;

DROP FUNCTION billing.date_line_item();

ALTER TABLE billing.line_item DROP COLUMN is_reversed;

ALTER TABLE billing.line_item DROP COLUMN charge;

ALTER TABLE billing.line_item DROP COLUMN unit_charge;

ALTER TABLE billing.line_item DROP COLUMN cpt_code_hash;

ALTER TABLE billing.line_item DROP COLUMN day;

ALTER TABLE billing.line_item DROP COLUMN diagnosis_pointers;

ALTER TABLE billing.line_item DROP COLUMN modifiers;

ALTER TABLE billing.line_item DROP COLUMN unit_type;

ALTER TABLE billing.line_item DROP COLUMN service_date;

SELECT audit.watch('billing.line_item');

-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid
-- What was dropped comes back as it was, with its comments.

GRANT USAGE ON SCHEMA api, billing, reporting TO superbill_gate;

ALTER TABLE billing.line_item ADD CONSTRAINT line_item_clinic_id_fkey
FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id);

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_clinic_id_fkey
FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id);

COMMENT ON CONSTRAINT line_item_clinic_id_fkey ON billing.line_item IS
'A line item must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT encounter_clinic_id_fkey ON billing.encounter IS
'An encounter must belong to a clinic that is on record.';

CREATE OR REPLACE FUNCTION billing.without_accents(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
    casefold(normalize(name, nfkd) COLLATE pg_unicode_fast),
    U&'\0111\00f8\0142\0127\0167\0131\2019\2018\02bc'
    '\0300\0301\0302\0303\0304\0306\0307\0308\0309\030a\030b\030c\030f\0311\0313\0314'
    '\031b\0323\0324\0325\0326\0327\0328\032d\032e\0330\0331\0342\0345',
    'dolhti'''''''
);

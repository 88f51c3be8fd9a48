-- depends: 0003.encounter
--
-- The procedure codes that a line item may name. The shape covers HCPCS level II (a letter first)
-- and the CPT categories (a letter or a digit last) without naming letters: more are coming.
--
-- COLLATE "C" because a code is no text in any language, and so that the primary key also finds
-- codes by their first characters.

CREATE TABLE billing.cpt_code (
    code text COLLATE "C" NOT NULL,
    description text NOT NULL,
    CONSTRAINT cpt_code_pkey PRIMARY KEY (code),
    CONSTRAINT cpt_code_code_has_the_shape_of_a_code CHECK (
        code ~ '^([0-9]{4}[0-9A-Z]|[A-Z][0-9]{4})$'
    )
);

COMMENT ON TABLE billing.cpt_code IS
'The procedure codes that a line item may name.';

COMMENT ON COLUMN billing.cpt_code.code IS
'The procedure code: five characters, capital letters and digits.
Example: G0438';

COMMENT ON COLUMN billing.cpt_code.description IS
'What the procedure code stands for.
Example: Annual wellness visit, initial';

COMMENT ON CONSTRAINT cpt_code_pkey ON billing.cpt_code IS
'A procedure code is listed only once.';

COMMENT ON CONSTRAINT cpt_code_code_has_the_shape_of_a_code ON billing.cpt_code IS
'A procedure code must be four digits and a digit or capital letter, or a capital letter and four '
'digits.';

CREATE VIEW api.cpt_codes WITH (security_invoker = true) AS
SELECT
    c.code,
    c.description
FROM billing.cpt_code AS c;

COMMENT ON VIEW api.cpt_codes IS
'The procedure codes that a line item may name.';

-- Not granted: INSERT, UPDATE and DELETE, because the codes are published by others and loaded by
-- the owner as a whole.
GRANT SELECT (code, description) ON billing.cpt_code TO superbill_api;

GRANT SELECT ON api.cpt_codes TO superbill_api;

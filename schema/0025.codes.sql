-- depends: 0024.row_at
--
-- The codes of a bill, and what each stood for on which days: a procedure or diagnosis code is
-- billed on the day of service, so its validity and its text have dates. Codes of a list that
-- changes rarely, modifiers and places of service, have none.
--
-- A version is a period of one code. WITHOUT OVERLAPS keeps two versions of a code from having a
-- day in common, and what is billed refers to (code, PERIOD valid_during), so Postgres itself
-- refuses a code that is not valid on the day. The key is no PRIMARY KEY, because its index has no
-- order: a list is read by id.
--
-- Each procedure code that is there gets one version without bounds, so that what was accepted
-- still is. A code that is inserted without a version gets one too, by a trigger. It fires once the
-- statement is done: a load inserts codes and versions in one statement, and it adds nothing.
-- Who removes a code removes its versions.
--
-- Diagnosis codes have no point, as on claims: three to seven characters. QA00101 is one.
--
-- The GiST index of the temporal key compares texts by btree_gist. It is trusted, as pg_trgm is:
-- the owner of a database may create it. It may be there already, so a rollback leaves it.
--
-- The trigram index of diagnosis codes has fastupdate, unlike that of procedure codes: it is eleven
-- times as long, and a load of the whole list would wait for it. The load empties its list of what
-- is pending.
--
-- The linter sqlfluff does not read WITHOUT OVERLAPS, so a temporal key is a statement of its own.

CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE TABLE billing.cpt_code_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text COLLATE "C" NOT NULL,
    valid_during daterange DEFAULT '(,)' NOT NULL,
    description text NOT NULL,
    code_list text COLLATE "C" DEFAULT 'hand' NOT NULL,
    CONSTRAINT cpt_code_version_pkey PRIMARY KEY (id),
    CONSTRAINT cpt_code_version_code_fkey
    FOREIGN KEY (code) REFERENCES billing.cpt_code (code) ON DELETE CASCADE,
    CONSTRAINT cpt_code_version_valid_during_has_a_day CHECK (NOT isempty(valid_during)),
    CONSTRAINT cpt_code_version_code_list_is_a_word CHECK (code_list ~ '^[a-z][a-z0-9]*$')
);

ALTER TABLE billing.cpt_code_version -- noqa: PRS
ADD CONSTRAINT cpt_code_version_code_valid_during_key
UNIQUE (code, valid_during WITHOUT OVERLAPS);

COMMENT ON TABLE billing.cpt_code_version IS
'What a procedure code stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.cpt_code_version.id IS
'Identifies the version.';

COMMENT ON COLUMN billing.cpt_code_version.code IS
'The procedure code.
Example: G0438';

COMMENT ON COLUMN billing.cpt_code_version.valid_during IS
'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.cpt_code_version.description IS
'What the code stood for on these days.
Example: Annual wellness visit, initial';

COMMENT ON COLUMN billing.cpt_code_version.code_list IS
'The published list that it is from; hand: none, it was entered.
Example: hcpcs';

COMMENT ON CONSTRAINT cpt_code_version_pkey ON billing.cpt_code_version IS
'A version''s id belongs to one version only.';

COMMENT ON CONSTRAINT cpt_code_version_code_valid_during_key ON billing.cpt_code_version IS
'A procedure code has one version on a day.';

COMMENT ON CONSTRAINT cpt_code_version_code_fkey ON billing.cpt_code_version IS
'A version must be of a procedure code that is listed.';

COMMENT ON CONSTRAINT cpt_code_version_valid_during_has_a_day ON billing.cpt_code_version IS
'A version must be valid on one day or more.';

COMMENT ON CONSTRAINT cpt_code_version_code_list_is_a_word ON billing.cpt_code_version IS
'The list that a version is from must be a word of small letters and digits.';

CREATE FUNCTION billing.add_cpt_code_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO billing.cpt_code_version (code, description)
    SELECT
        f.code,
        f.description
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.cpt_code_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_cpt_code_version() IS
'Gives a procedure code that has no version one that is always valid.';

REVOKE ALL ON FUNCTION billing.add_cpt_code_version() FROM public;

CREATE TRIGGER cpt_code_has_a_version AFTER INSERT ON billing.cpt_code
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION billing.add_cpt_code_version();

CREATE VIEW api.cpt_code_versions WITH (security_invoker = true) AS
SELECT
    v.id,
    v.code,
    v.valid_during,
    v.description,
    v.code_list
FROM billing.cpt_code_version AS v;

COMMENT ON VIEW api.cpt_code_versions IS
'What a procedure code stood for, and on which days it may be billed.';

INSERT INTO billing.cpt_code_version (code, description)
SELECT
    c.code,
    c.description
FROM billing.cpt_code AS c;

CREATE TABLE billing.diagnosis_code (
    code text COLLATE "C" NOT NULL,
    description text NOT NULL,
    CONSTRAINT diagnosis_code_pkey PRIMARY KEY (code),
    CONSTRAINT diagnosis_code_code_has_the_shape_of_a_code CHECK (code ~ '^[A-Z][0-9A-Z]{2,6}$')
);

CREATE INDEX diagnosis_code_description_idx ON billing.diagnosis_code USING gin (
    description public.gin_trgm_ops
);

COMMENT ON TABLE billing.diagnosis_code IS
'The diagnosis codes of ICD-10-CM that may be billed.';

COMMENT ON COLUMN billing.diagnosis_code.code IS
'The diagnosis code, without its point: three to seven characters.
Example: E119';

COMMENT ON COLUMN billing.diagnosis_code.description IS
'What the diagnosis code stands for; the newest text.
Example: Type 2 diabetes mellitus without complications';

COMMENT ON CONSTRAINT diagnosis_code_pkey ON billing.diagnosis_code IS
'A diagnosis code is listed only once.';

COMMENT ON CONSTRAINT diagnosis_code_code_has_the_shape_of_a_code ON billing.diagnosis_code IS
'A diagnosis code must be a capital letter and two to six capital letters and digits, without a '
'point.';

COMMENT ON INDEX billing.diagnosis_code_description_idx IS
'Finds the diagnosis codes whose description contains a text.';

CREATE VIEW api.diagnosis_codes WITH (security_invoker = true) AS
SELECT
    d.code,
    d.description
FROM billing.diagnosis_code AS d;

COMMENT ON VIEW api.diagnosis_codes IS
'The diagnosis codes of ICD-10-CM that may be billed.';

CREATE TABLE billing.diagnosis_code_version (
    id uuid DEFAULT uuidv7() NOT NULL,
    code text COLLATE "C" NOT NULL,
    valid_during daterange DEFAULT '(,)' NOT NULL,
    description text NOT NULL,
    code_list text COLLATE "C" DEFAULT 'hand' NOT NULL,
    CONSTRAINT diagnosis_code_version_pkey PRIMARY KEY (id),
    CONSTRAINT diagnosis_code_version_code_fkey
    FOREIGN KEY (code) REFERENCES billing.diagnosis_code (code) ON DELETE CASCADE,
    CONSTRAINT diagnosis_code_version_valid_during_has_a_day CHECK (NOT isempty(valid_during)),
    CONSTRAINT diagnosis_code_version_code_list_is_a_word CHECK (code_list ~ '^[a-z][a-z0-9]*$')
);

ALTER TABLE billing.diagnosis_code_version -- noqa: PRS
ADD CONSTRAINT diagnosis_code_version_code_valid_during_key
UNIQUE (code, valid_during WITHOUT OVERLAPS);

COMMENT ON TABLE billing.diagnosis_code_version IS
'What a diagnosis code stood for, and on which days it may be billed.';

COMMENT ON COLUMN billing.diagnosis_code_version.id IS
'Identifies the version.';

COMMENT ON COLUMN billing.diagnosis_code_version.code IS
'The diagnosis code.
Example: E119';

COMMENT ON COLUMN billing.diagnosis_code_version.valid_during IS
'The days of service on which it is valid, from the first one to before the second one.
Example: [2011-01-01,2026-01-01)';

COMMENT ON COLUMN billing.diagnosis_code_version.description IS
'What the code stood for on these days.
Example: Type 2 diabetes mellitus without complications';

COMMENT ON COLUMN billing.diagnosis_code_version.code_list IS
'The published list that it is from; hand: none, it was entered.
Example: icd10cm';

COMMENT ON CONSTRAINT diagnosis_code_version_pkey ON billing.diagnosis_code_version IS
'A version''s id belongs to one version only.';

COMMENT ON CONSTRAINT diagnosis_code_version_code_valid_during_key
ON billing.diagnosis_code_version IS
'A diagnosis code has one version on a day.';

COMMENT ON CONSTRAINT diagnosis_code_version_code_fkey ON billing.diagnosis_code_version IS
'A version must be of a diagnosis code that is listed.';

COMMENT ON CONSTRAINT diagnosis_code_version_valid_during_has_a_day
ON billing.diagnosis_code_version IS
'A version must be valid on one day or more.';

COMMENT ON CONSTRAINT diagnosis_code_version_code_list_is_a_word
ON billing.diagnosis_code_version IS
'The list that a version is from must be a word of small letters and digits.';

CREATE FUNCTION billing.add_diagnosis_code_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO billing.diagnosis_code_version (code, description)
    SELECT
        f.code,
        f.description
    FROM fresh AS f
    WHERE NOT EXISTS (SELECT FROM billing.diagnosis_code_version AS v WHERE v.code = f.code);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.add_diagnosis_code_version() IS
'Gives a diagnosis code that has no version one that is always valid.';

REVOKE ALL ON FUNCTION billing.add_diagnosis_code_version() FROM public;

CREATE TRIGGER diagnosis_code_has_a_version AFTER INSERT ON billing.diagnosis_code
REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION billing.add_diagnosis_code_version();

CREATE VIEW api.diagnosis_code_versions WITH (security_invoker = true) AS
SELECT
    v.id,
    v.code,
    v.valid_during,
    v.description,
    v.code_list
FROM billing.diagnosis_code_version AS v;

COMMENT ON VIEW api.diagnosis_code_versions IS
'What a diagnosis code stood for, and on which days it may be billed.';

CREATE TABLE billing.modifier (
    code text COLLATE "C" NOT NULL,
    description text NOT NULL,
    CONSTRAINT modifier_pkey PRIMARY KEY (code),
    CONSTRAINT modifier_code_has_two_characters CHECK (code ~ '^[0-9A-Z]{2}$')
);

COMMENT ON TABLE billing.modifier IS
'The modifiers that a procedure code may have on a line item.';

COMMENT ON COLUMN billing.modifier.code IS
'The modifier: two characters, capital letters and digits.
Example: LT';

COMMENT ON COLUMN billing.modifier.description IS
'What the modifier stands for.
Example: Left side';

COMMENT ON CONSTRAINT modifier_pkey ON billing.modifier IS
'A modifier is listed only once.';

COMMENT ON CONSTRAINT modifier_code_has_two_characters ON billing.modifier IS
'A modifier must be two characters, capital letters and digits.';

CREATE VIEW api.modifiers WITH (security_invoker = true) AS
SELECT
    m.code,
    m.description
FROM billing.modifier AS m;

COMMENT ON VIEW api.modifiers IS
'The modifiers that a procedure code may have on a line item.';

CREATE TABLE billing.place_of_service (
    code text COLLATE "C" NOT NULL,
    name text NOT NULL,
    CONSTRAINT place_of_service_pkey PRIMARY KEY (code),
    CONSTRAINT place_of_service_code_has_two_digits CHECK (code ~ '^[0-9]{2}$')
);

COMMENT ON TABLE billing.place_of_service IS
'The kinds of places where care is given, by the codes of CMS.';

COMMENT ON COLUMN billing.place_of_service.code IS
'The code of the kind of place: two digits.
Example: 11';

COMMENT ON COLUMN billing.place_of_service.name IS
'What the code stands for.
Example: Office';

COMMENT ON CONSTRAINT place_of_service_pkey ON billing.place_of_service IS
'A place of service is listed only once.';

COMMENT ON CONSTRAINT place_of_service_code_has_two_digits ON billing.place_of_service IS
'A place of service must be two digits.';

CREATE VIEW api.places_of_service WITH (security_invoker = true) AS
SELECT
    p.code,
    p.name
FROM billing.place_of_service AS p;

COMMENT ON VIEW api.places_of_service IS
'The kinds of places where care is given, by the codes of CMS.';

-- Not granted: INSERT, UPDATE and DELETE, because codes are published by others and loaded by the
-- owner as a whole. The front desk reads places alone: it opens encounters, and codes nothing.
GRANT SELECT (id, code, valid_during, description, code_list) ON billing.cpt_code_version TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.cpt_code_versions TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT (code, description) ON billing.diagnosis_code TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.diagnosis_codes TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT (id, code, valid_during, description, code_list) ON billing.diagnosis_code_version TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.diagnosis_code_versions TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT (code, description) ON billing.modifier TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.modifiers TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT (code, name) ON billing.place_of_service TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

GRANT SELECT ON api.places_of_service TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

SELECT audit.watch('billing.cpt_code_version');

SELECT audit.watch('billing.diagnosis_code');

SELECT audit.watch('billing.diagnosis_code_version');

SELECT audit.watch('billing.modifier');

SELECT audit.watch('billing.place_of_service');

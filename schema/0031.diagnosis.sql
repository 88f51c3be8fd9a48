-- depends: 0030.encounter_status
--
-- The diagnoses of an encounter: up to twelve, in order, each a code that is valid on its date.
--
-- A temporal foreign key keeps that: it compares the day with the versions of the code. A GiST
-- index is slow at comparing texts: to find one among 75,000 codes took 117 microseconds, and to
-- find a number 15. So there is a second key of the versions, by a hash of the code, of 64 bits.
-- A code that is not listed is refused by a foreign key to the code itself. Two codes with one hash
-- could not both have a version on a day; among 200,000 codes the chance of that is one in 10^9.
--
-- The day is the encounter's date. A trigger writes it, when a diagnosis is added and when the
-- encounter's date is moved, so that a moved date is checked against the codes too. A composite
-- foreign key with ON UPDATE CASCADE would do the same, and needs one more index of all encounters
-- and one more look-up for each row. For the same reason the trigger does what is to be done with
-- the encounter at once: it must be a draft.
--
-- Who adds a row locks the encounter FOR SHARE: a date that is being moved, or an encounter that is
-- being posted, is waited for, and waits. Who changes or removes a row locks nothing else than the
-- row, because the two that it could meet go through all rows, and wait for each.
--
-- A text is looked up as the type name: only a btree index has an operator for that, and Postgres
-- thinks both indexes equally fast.
--
-- squawk-ignore-file adding-field-with-default, constraint-missing-not-valid
-- squawk-ignore-file disallowed-unique-constraint, prefer-bigint-over-smallint
-- squawk-ignore-file require-concurrent-index-creation
-- Code tables are small, and a position is at most 12.

ALTER TABLE billing.cpt_code_version ADD COLUMN code_hash bigint
GENERATED ALWAYS AS (hashtextextended(code, 0)) STORED NOT NULL;

ALTER TABLE billing.diagnosis_code_version ADD COLUMN code_hash bigint
GENERATED ALWAYS AS (hashtextextended(code, 0)) STORED NOT NULL;

ALTER TABLE billing.cpt_code_version -- noqa: PRS
ADD CONSTRAINT cpt_code_version_code_hash_valid_during_key
UNIQUE (code_hash, valid_during WITHOUT OVERLAPS);

ALTER TABLE billing.diagnosis_code_version -- noqa: PRS
ADD CONSTRAINT diagnosis_code_version_code_hash_valid_during_key
UNIQUE (code_hash, valid_during WITHOUT OVERLAPS);

CREATE INDEX cpt_code_version_code_id_idx ON billing.cpt_code_version (code, id);

CREATE INDEX diagnosis_code_version_code_id_idx ON billing.diagnosis_code_version (code, id);

COMMENT ON COLUMN billing.cpt_code_version.code_hash IS
'A number that stands for the code where validity is checked.';

COMMENT ON COLUMN billing.diagnosis_code_version.code_hash IS
'A number that stands for the code where validity is checked.';

COMMENT ON CONSTRAINT cpt_code_version_code_hash_valid_during_key ON billing.cpt_code_version IS
'A procedure code has one version on a day.';

COMMENT ON CONSTRAINT diagnosis_code_version_code_hash_valid_during_key
ON billing.diagnosis_code_version IS
'A diagnosis code has one version on a day.';

COMMENT ON INDEX billing.cpt_code_version_code_id_idx IS
'Finds what a procedure code stood for, and lists its versions.';

COMMENT ON INDEX billing.diagnosis_code_version_code_id_idx IS
'Finds what a diagnosis code stood for, and lists its versions.';

CREATE TABLE billing.diagnosis (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    encounter_id uuid NOT NULL,
    position smallint NOT NULL,
    diagnosis_code text COLLATE "C" NOT NULL,
    diagnosis_code_hash bigint GENERATED ALWAYS AS (
        hashtextextended(diagnosis_code, 0)
    ) STORED NOT NULL,
    day daterange NOT NULL,
    CONSTRAINT diagnosis_pkey PRIMARY KEY (clinic_id, encounter_id, position),
    CONSTRAINT diagnosis_encounter_id_diagnosis_code_key
    UNIQUE (clinic_id, encounter_id, diagnosis_code),
    CONSTRAINT diagnosis_encounter_id_fkey
    FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter (clinic_id, id),
    CONSTRAINT diagnosis_diagnosis_code_fkey
    FOREIGN KEY (diagnosis_code) REFERENCES billing.diagnosis_code (code),
    CONSTRAINT diagnosis_position_is_at_least_1 CHECK (position >= 1),
    CONSTRAINT diagnosis_position_is_at_most_12 CHECK (position <= 12)
);

ALTER TABLE billing.diagnosis -- noqa: PRS
ADD CONSTRAINT diagnosis_diagnosis_code_day_fkey
FOREIGN KEY (diagnosis_code_hash, PERIOD day)
REFERENCES billing.diagnosis_code_version (code_hash, PERIOD valid_during);

COMMENT ON TABLE billing.diagnosis IS
'The diagnoses of the encounters, in order.';

COMMENT ON COLUMN billing.diagnosis.clinic_id IS
'The clinic that bills for the encounter.';

COMMENT ON COLUMN billing.diagnosis.encounter_id IS
'The encounter in which it was made.';

COMMENT ON COLUMN billing.diagnosis.position IS
'Its place among the diagnoses of the encounter: 1 is the principal one.
Example: 1';

COMMENT ON COLUMN billing.diagnosis.diagnosis_code IS
'The code of the diagnosis, without its point.
Example: E119';

COMMENT ON COLUMN billing.diagnosis.diagnosis_code_hash IS
'A number that stands for the code where validity is checked.';

COMMENT ON COLUMN billing.diagnosis.day IS
'The encounter''s date, as a period of one day.';

COMMENT ON CONSTRAINT diagnosis_pkey ON billing.diagnosis IS
'An encounter has one diagnosis at each position.';

COMMENT ON CONSTRAINT diagnosis_encounter_id_diagnosis_code_key ON billing.diagnosis IS
'An encounter has each diagnosis only once.';

COMMENT ON CONSTRAINT diagnosis_encounter_id_fkey ON billing.diagnosis IS
'A diagnosis must belong to an encounter that is on record.';

COMMENT ON CONSTRAINT diagnosis_diagnosis_code_fkey ON billing.diagnosis IS
'A diagnosis code must be one of the listed diagnosis codes.';

COMMENT ON CONSTRAINT diagnosis_diagnosis_code_day_fkey ON billing.diagnosis IS
'A diagnosis code must be valid on the date of the encounter.';

COMMENT ON CONSTRAINT diagnosis_position_is_at_least_1 ON billing.diagnosis IS
'A diagnosis''s position must be 1 or more.';

COMMENT ON CONSTRAINT diagnosis_position_is_at_most_12 ON billing.diagnosis IS
'An encounter must have at most 12 diagnoses.';

CREATE POLICY own ON billing.diagnosis USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.diagnosis IS
'A session sees and changes the diagnoses of its own clinic.';

ALTER TABLE billing.diagnosis ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION billing.follow_encounter() RETURNS trigger
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
            CONSTRAINT = tg_table_name || '_encounter_id_fkey';
    ELSIF parent.status <> 'draft' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            SCHEMA = tg_table_schema, TABLE = tg_table_name, CONSTRAINT = tg_name, COLUMN = place;
    ELSIF tg_op = 'DELETE' THEN
        RETURN old;
    END IF;
    new.day := daterange(parent.date, parent.date, '[]');
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.follow_encounter() IS
'Gives a row the date of its encounter, which must be a draft.';

REVOKE ALL ON FUNCTION billing.follow_encounter() FROM public;

CREATE TRIGGER diagnosis_encounter_is_a_draft
BEFORE INSERT OR UPDATE OF clinic_id, encounter_id, position, diagnosis_code
ON billing.diagnosis
FOR EACH ROW EXECUTE FUNCTION billing.follow_encounter();

COMMENT ON TRIGGER diagnosis_encounter_is_a_draft ON billing.diagnosis IS
'Diagnoses can be added, changed and removed only while their encounter is a draft.
Fills: day';

-- After the delete: of several who remove a row at once, the others are told that it is gone.
CREATE CONSTRAINT TRIGGER diagnosis_stays_after_posting AFTER DELETE ON billing.diagnosis
FOR EACH ROW EXECUTE FUNCTION billing.follow_encounter();

COMMENT ON CONSTRAINT diagnosis_stays_after_posting ON billing.diagnosis IS
'Diagnoses can be added, changed and removed only while their encounter is a draft.';

CREATE FUNCTION billing.move_diagnoses() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE billing.diagnosis AS d SET day = daterange(new.date, new.date, '[]')
    WHERE d.clinic_id = new.clinic_id AND d.encounter_id = new.id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.move_diagnoses() IS
'Gives the diagnoses of an encounter its new date.';

REVOKE ALL ON FUNCTION billing.move_diagnoses() FROM public;

CREATE TRIGGER encounter_moves_its_diagnoses AFTER UPDATE OF date ON billing.encounter
FOR EACH ROW
WHEN (old.date <> new.date)
EXECUTE FUNCTION billing.move_diagnoses();

CREATE VIEW api.diagnoses WITH (security_invoker = true) AS
SELECT
    d.encounter_id,
    d.position,
    d.diagnosis_code,
    (
        SELECT v.description FROM billing.diagnosis_code_version AS v
        WHERE v.code = CAST(d.diagnosis_code AS name) AND v.valid_during @> d.day
    ) AS diagnosis_code_description
FROM billing.diagnosis AS d;

COMMENT ON VIEW api.diagnoses IS
'The diagnoses of the encounters, in order.';

COMMENT ON COLUMN api.diagnoses.diagnosis_code_description IS
'What the diagnosis code stood for on the date of the encounter.
Example: Type 2 diabetes mellitus without complications';

-- Not granted: changing encounter_id and position, which the path of a diagnosis says; and the
-- front desk's reading, which opens encounters and does not learn what was found.
GRANT SELECT (encounter_id, position, diagnosis_code, day) ON billing.diagnosis TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.diagnoses TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (encounter_id, position, diagnosis_code), UPDATE (diagnosis_code), DELETE
ON billing.diagnosis, api.diagnoses TO superbill_api, superbill_clinician, superbill_biller;

SELECT audit.watch('billing.cpt_code_version');

SELECT audit.watch('billing.diagnosis_code_version');

SELECT audit.watch('billing.diagnosis');

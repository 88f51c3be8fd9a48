-- depends: 0029.code_loads
--
-- Who gave the care and where, and how far the bill of an encounter is.
--
-- An encounter is a draft until it is posted; then it is billed, by a claim or by hand. One that
-- was posted can't be changed, because its charges count; one that was wrong is voided, with a
-- reason, and counts nowhere. Each step is an UPDATE of status. Triggers say which may follow
-- which; the step that was done already changes nothing, so a client may repeat it.
--
-- What a bill needs may be missing until it is posted.
--
-- Postgres reads and plans each CHECK again in every statement, which takes 4 microseconds. An
-- encounter is entered more often than it is voided, so a CHECK here says what belongs together.
--
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid
-- squawk-ignore-file require-concurrent-index-creation
-- The columns are new: no row has a value that could break a rule.

ALTER TABLE billing.encounter ADD COLUMN provider_id uuid;

ALTER TABLE billing.encounter ADD COLUMN place_of_service text COLLATE "C";

ALTER TABLE billing.encounter ADD COLUMN status text COLLATE "C" DEFAULT 'draft' NOT NULL;

ALTER TABLE billing.encounter ADD COLUMN void_reason text;

ALTER TABLE billing.encounter ADD COLUMN posted_at timestamptz;

ALTER TABLE billing.encounter ADD COLUMN voided_at timestamptz;

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_provider_id_fkey
FOREIGN KEY (clinic_id, provider_id) REFERENCES billing.provider (clinic_id, id);

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_place_of_service_fkey
FOREIGN KEY (place_of_service) REFERENCES billing.place_of_service (code);

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_status_is_known CHECK (
    status IN ('draft', 'posted', 'billed', 'voided')
);

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_voided_has_a_reason CHECK (
    (status = 'voided') = (num_nulls(void_reason) = 0)
);

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_void_reason_is_one_line CHECK (
    void_reason ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
    '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]'
    '([^\u0001-\u001f\u007f-\u009f\u2028\u2029]{0,198}'
    '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
);

ALTER TABLE billing.encounter ADD CONSTRAINT encounter_posted_is_complete CHECK (
    status IN ('draft', 'voided') OR num_nulls(provider_id, place_of_service) = 0
);

CREATE INDEX encounter_status_date_id_idx ON billing.encounter (clinic_id, status, date, id);

CREATE INDEX encounter_provider_id_id_idx ON billing.encounter (clinic_id, provider_id, id);

CREATE INDEX encounter_provider_id_date_id_idx
ON billing.encounter (clinic_id, provider_id, date, id);

COMMENT ON COLUMN billing.encounter.provider_id IS
'Who gave the care: the rendering provider.';

COMMENT ON COLUMN billing.encounter.place_of_service IS
'Where the care was given, by the code of CMS.
Example: 11';

COMMENT ON COLUMN billing.encounter.status IS
'How far the bill is. draft: anything can be changed. posted: the fees are in the line items, and '
'nothing changes any more. billed: a claim was made, or a bill was handed out. voided: it counts '
'nowhere.';

COMMENT ON COLUMN billing.encounter.void_reason IS
'Why it was voided.
Example: Entered for the wrong patient';

COMMENT ON COLUMN billing.encounter.posted_at IS
'When it was posted.';

COMMENT ON COLUMN billing.encounter.voided_at IS
'When it was voided.';

COMMENT ON CONSTRAINT encounter_provider_id_fkey ON billing.encounter IS
'An encounter''s provider must be on record.';

COMMENT ON CONSTRAINT encounter_place_of_service_fkey ON billing.encounter IS
'An encounter''s place of service must be one of the listed places of service.';

COMMENT ON CONSTRAINT encounter_status_is_known ON billing.encounter IS
'An encounter''s status must be draft, posted, billed or voided.';

COMMENT ON CONSTRAINT encounter_voided_has_a_reason ON billing.encounter IS
'An encounter must have a void reason if it is voided, and only then.';

COMMENT ON CONSTRAINT encounter_void_reason_is_one_line ON billing.encounter IS
'A void reason must be one line of at most 200 characters, with no blanks at its edges.';

COMMENT ON CONSTRAINT encounter_posted_is_complete ON billing.encounter IS
'An encounter must have a provider and a place of service to be posted.';

COMMENT ON INDEX billing.encounter_status_date_id_idx IS
'Lists encounters by status and date: what is to be posted, or billed.';

COMMENT ON INDEX billing.encounter_provider_id_id_idx IS
'Lists a provider''s encounters, page by page.';

COMMENT ON INDEX billing.encounter_provider_id_date_id_idx IS
'Lists a provider''s encounters by date, page by page.';

CREATE FUNCTION billing.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    changed text;
BEGIN
    SELECT string_agg(a.name, ',') INTO changed
    FROM unnest(tg_argv) AS a (name)
    WHERE (to_jsonb(new) -> a.name) IS DISTINCT FROM (to_jsonb(old) -> a.name);
    RAISE EXCEPTION 'refused' USING
        ERRCODE = 'object_not_in_prerequisite_state',
        SCHEMA = tg_table_schema,
        TABLE = tg_table_name,
        -- The name once for each place.
        CONSTRAINT = coalesce(regexp_replace(changed, '[^,]+', tg_name, 'g'), tg_name),
        COLUMN = coalesce(changed, '');
END
$$;

COMMENT ON FUNCTION billing.refuse() IS
'Refuses an UPDATE for which the trigger''s WHEN holds; its arguments are the columns at fault.';

REVOKE ALL ON FUNCTION billing.refuse() FROM public;

CREATE TRIGGER encounter_status_moves_on BEFORE UPDATE ON billing.encounter
FOR EACH ROW
WHEN (
    old.status <> new.status AND (old.status, new.status) NOT IN (
        ('draft', 'posted'), ('draft', 'voided'), ('posted', 'billed'),
        ('posted', 'voided'), ('billed', 'voided')
    )
)
EXECUTE FUNCTION billing.refuse('status');

COMMENT ON TRIGGER encounter_status_moves_on ON billing.encounter IS
'An encounter is posted, then billed, and can be voided at any time; no step can be undone.
Fills: nothing';

CREATE TRIGGER encounter_stays_after_posting BEFORE UPDATE ON billing.encounter
FOR EACH ROW
WHEN (
    old.status <> 'draft' AND (
        old.patient_id <> new.patient_id OR old.date <> new.date
        OR (old.provider_id, old.place_of_service)
        IS DISTINCT FROM (new.provider_id, new.place_of_service)
        OR (old.status = 'voided' AND old.void_reason <> new.void_reason)
    )
)
EXECUTE FUNCTION billing.refuse(
    'patient_id', 'date', 'provider_id', 'place_of_service', 'void_reason'
);

COMMENT ON TRIGGER encounter_stays_after_posting ON billing.encounter IS
'An encounter can be changed only while it is a draft; void it, and enter another one.
Fills: nothing';

CREATE FUNCTION billing.note_void() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    new.voided_at := current_timestamp;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.note_void() IS
'Writes when an encounter was voided.';

REVOKE ALL ON FUNCTION billing.note_void() FROM public;

CREATE TRIGGER encounter_voided_at_is_noted BEFORE UPDATE ON billing.encounter
FOR EACH ROW
WHEN (old.status <> 'voided' AND new.status = 'voided')
EXECUTE FUNCTION billing.note_void();

COMMENT ON TRIGGER encounter_voided_at_is_noted ON billing.encounter IS
'Fills: voided_at';

CREATE OR REPLACE VIEW api.encounters WITH (security_invoker = true) AS
SELECT
    e.id,
    e.patient_id,
    e.date,
    e.provider_id,
    e.place_of_service,
    e.status,
    e.void_reason,
    e.posted_at,
    e.voided_at
FROM billing.encounter AS e;

-- Not granted: writing posted_at and voided_at, which the database notes; a status for a new
-- encounter, which is a draft; and status for those who treat, because to post is to bill.
GRANT
SELECT (provider_id, place_of_service, status, void_reason, posted_at, voided_at)
ON billing.encounter TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (provider_id, place_of_service) ON billing.encounter, api.encounters TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller;

GRANT UPDATE (provider_id, place_of_service) ON billing.encounter, api.encounters TO
superbill_api, superbill_clinician, superbill_biller;

GRANT UPDATE (status, void_reason) ON billing.encounter, api.encounters TO
superbill_api, superbill_biller;

SELECT audit.watch('billing.encounter');

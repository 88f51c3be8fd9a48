-- depends: 0018.jobs
--
-- A write that is repeated with the same Idempotency-Key is done once: its answer is kept in the
-- statement that makes the change, and a repeated request is answered from here. The primary key
-- makes one of several requests that arrive together wait for the first.
--
-- An answer holds a row, so a caller sees only those to itself, in its own clinic. The role is part
-- of the fingerprint: a caller whose role has changed is not answered what it may not read now.

CREATE TABLE identity.answer (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    actor text DEFAULT identity.actor() NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    body text,
    location text,
    kept_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT answer_pkey PRIMARY KEY (clinic_id, actor, key)
);

-- Of the two kinds it is the one that costs an insert next to nothing.
CREATE INDEX answer_kept_at_idx ON identity.answer USING brin (kept_at);

COMMENT ON TABLE identity.answer IS
'The answers to writes with an Idempotency-Key, for requests that are repeated.';

COMMENT ON COLUMN identity.answer.clinic_id IS
'The clinic for which the request was made.';

COMMENT ON COLUMN identity.answer.actor IS
'Who made the request.';

COMMENT ON COLUMN identity.answer.key IS
'The key that the client chose.';

COMMENT ON COLUMN identity.answer.fingerprint IS
'A digest of the request: another one with the same key is refused.';

COMMENT ON COLUMN identity.answer.body IS
'The body of the answer; NULL where it has none.';

COMMENT ON COLUMN identity.answer.location IS
'The key of the new row, as a JSON array of texts; NULL where there is not one new row.';

COMMENT ON COLUMN identity.answer.kept_at IS
'When the change was made.';

COMMENT ON CONSTRAINT answer_pkey ON identity.answer IS
'A caller uses a key for one request only.';

COMMENT ON INDEX identity.answer_kept_at_idx IS
'Finds the answers that have been kept long enough.';

CREATE POLICY own ON identity.answer USING (
    clinic_id = (SELECT identity.clinic()) AND actor = (SELECT identity.actor())
);

COMMENT ON POLICY own ON identity.answer IS
'A session sees and keeps the answers to its own caller.';

ALTER TABLE identity.answer ENABLE ROW LEVEL SECURITY;

-- Not granted: UPDATE and DELETE, as an answer never changes; the clinic, the actor and the time,
-- which are the session's; anything to those who write nothing.
GRANT SELECT (key, fingerprint, body, location), INSERT (key, fingerprint, body, location)
ON identity.answer TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller;

-- Not all at once: a run is short, and the next one is in a minute.
CREATE FUNCTION job.forget_answers() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
DELETE FROM identity.answer AS a
WHERE a.ctid = ANY (ARRAY(
    SELECT old.ctid
    FROM identity.answer AS old
    WHERE old.kept_at < now() - CAST(current_setting('job.keep_answers') AS interval)
    LIMIT 20000
))
$$;

COMMENT ON FUNCTION job.forget_answers() IS
'Deletes the answers that have been kept for as long as KEEP_ANSWERS says.
Every: 1 min';

REVOKE ALL ON FUNCTION job.forget_answers() FROM public;

GRANT EXECUTE ON FUNCTION job.forget_answers() TO superbill_keeper;

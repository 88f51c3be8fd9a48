-- depends: 0002.patient
--
-- An encounter: one visit of one patient on one day.
--
-- A visit that is billed has taken place, so its date has begun; but where? The server's clock says
-- one date and a clinic in another time zone another, up to 14 hours ahead of UTC. So a date is
-- taken as soon as it has begun anywhere on Earth: UTC's date and one day. The rule asks for UTC by
-- name, not for the session's time zone, and time only moves on: what was accepted once is accepted
-- again when a dump is restored, wherever that is.

CREATE TABLE billing.encounter (
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    date date NOT NULL,
    CONSTRAINT encounter_pkey PRIMARY KEY (id),
    CONSTRAINT encounter_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES billing.patient (id),
    CONSTRAINT encounter_date_is_not_before_1900 CHECK (date >= '1900-01-01'),
    CONSTRAINT encounter_date_has_begun CHECK (
        date <= CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
    )
);

CREATE INDEX encounter_patient_id_id_idx ON billing.encounter (patient_id, id);

CREATE INDEX encounter_patient_id_date_id_idx ON billing.encounter (patient_id, date, id);

CREATE INDEX encounter_date_id_idx ON billing.encounter (date, id);

COMMENT ON TABLE billing.encounter IS
'The visits: one patient, one day.';

COMMENT ON COLUMN billing.encounter.id IS
'Identifies the encounter; later encounters have greater ids.';

COMMENT ON COLUMN billing.encounter.patient_id IS
'The patient who was seen.';

COMMENT ON COLUMN billing.encounter.date IS
'The date of service, where it was given.';

COMMENT ON CONSTRAINT encounter_pkey ON billing.encounter IS
'An encounter''s id belongs to one encounter only.';

COMMENT ON CONSTRAINT encounter_patient_id_fkey ON billing.encounter IS
'An encounter must belong to a patient who is on record.';

COMMENT ON CONSTRAINT encounter_date_is_not_before_1900 ON billing.encounter IS
'An encounter''s date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT encounter_date_has_begun ON billing.encounter IS
'An encounter''s date must not be later than today is anywhere on Earth.';

COMMENT ON INDEX billing.encounter_patient_id_id_idx IS
'Lists a patient''s encounters as they were added, page by page.';

COMMENT ON INDEX billing.encounter_patient_id_date_id_idx IS
'Lists a patient''s encounters by date, page by page.';

COMMENT ON INDEX billing.encounter_date_id_idx IS
'Lists encounters by date, page by page.';

CREATE VIEW api.encounters WITH (security_invoker = true) AS
SELECT
    e.id,
    e.patient_id,
    e.date
FROM billing.encounter AS e;

COMMENT ON VIEW api.encounters IS
'The visits: one patient, one day.';

-- Not granted: DELETE, because line items refer to the encounter and a bill has to be kept;
-- changing patient_id, because a bill does not move from one patient to another; and writing id,
-- which the database gives.
GRANT SELECT (id, patient_id, date) ON billing.encounter TO superbill_api;

GRANT INSERT (patient_id, date) ON billing.encounter TO superbill_api;

GRANT UPDATE (date) ON billing.encounter TO superbill_api;

GRANT SELECT ON api.encounters TO superbill_api;

GRANT INSERT (patient_id, date) ON api.encounters TO superbill_api;

GRANT UPDATE (date) ON api.encounters TO superbill_api;

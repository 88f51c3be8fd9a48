-- depends: 0013.identity
--
-- The rows of each clinic: a column that a policy compares with the caller's own clinic. It is in
-- no view and granted to nobody, so neither the API nor a report shows it or takes it.
--
-- Every key, foreign key and index contains it. Without it a refusal would tell of another clinic's
-- rows, because Postgres checks keys and foreign keys past the policies; and an index that it does
-- not lead would read them.
--
-- All rows that are there belong to the first clinic: the column is added with that as a constant,
-- which rewrites no table. It then has the caller's clinic as its default.
--
-- The owner is not subject to the policies: who migrates, loads and backs up sees every clinic.
--
-- Under a policy Postgres uses an index only for comparisons that can't tell of hidden rows, and no
-- function of ours is known to be such. So what last_name.search compares is stored beside the
-- name. A column of the type api.search is shown to no client.
--
-- The three tables are locked from the first statement to the last. With 100,000 patients, 400,000
-- encounters and 1,400,000 line items that took 10 seconds. A process that was started before is
-- answered as a session that belongs to no clinic.
--
-- squawk-ignore-file adding-field-with-default, adding-foreign-key-constraint
-- squawk-ignore-file adding-required-field, adding-serial-primary-key-field, ban-drop-constraint
-- squawk-ignore-file constraint-missing-not-valid
-- squawk-ignore-file disallowed-unique-constraint, require-concurrent-index-creation
-- squawk-ignore-file require-concurrent-index-deletion
-- Keys, indexes and the foreign keys that need them change together, or not at all.

CREATE DOMAIN api.search AS text COLLATE "C";

COMMENT ON DOMAIN api.search IS
'What a search compares. A column of this type is in no answer and in no body.';

ALTER TABLE billing.line_item DROP CONSTRAINT line_item_encounter_id_fkey;

ALTER TABLE billing.encounter DROP CONSTRAINT encounter_patient_id_fkey;

DROP INDEX billing.patient_last_name_search_idx;

DROP INDEX billing.patient_last_name_id_idx;

DROP INDEX billing.encounter_patient_id_id_idx;

DROP INDEX billing.encounter_patient_id_date_id_idx;

DROP INDEX billing.encounter_date_id_idx;

DROP INDEX billing.line_item_encounter_id_id_idx;

-- Only this table is written again, for the stored names.
ALTER TABLE billing.patient
ADD COLUMN clinic_id uuid DEFAULT '00000000-0000-7000-8000-000000000001' NOT NULL,
ADD COLUMN last_name_search api.search
GENERATED ALWAYS AS (billing.without_accents(last_name)) STORED,
DROP CONSTRAINT patient_pkey,
ADD CONSTRAINT patient_pkey PRIMARY KEY (clinic_id, id),
ADD CONSTRAINT patient_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id);

ALTER TABLE billing.patient ALTER COLUMN clinic_id SET DEFAULT identity.clinic();

ALTER TABLE billing.encounter
ADD COLUMN clinic_id uuid DEFAULT '00000000-0000-7000-8000-000000000001' NOT NULL,
DROP CONSTRAINT encounter_pkey,
ADD CONSTRAINT encounter_pkey PRIMARY KEY (clinic_id, id),
ADD CONSTRAINT encounter_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
ADD CONSTRAINT encounter_patient_id_fkey
FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient (clinic_id, id);

ALTER TABLE billing.encounter ALTER COLUMN clinic_id SET DEFAULT identity.clinic();

ALTER TABLE billing.line_item
ADD COLUMN clinic_id uuid DEFAULT '00000000-0000-7000-8000-000000000001' NOT NULL,
DROP CONSTRAINT line_item_pkey,
ADD CONSTRAINT line_item_pkey PRIMARY KEY (clinic_id, id),
ADD CONSTRAINT line_item_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
ADD CONSTRAINT line_item_encounter_id_fkey
FOREIGN KEY (clinic_id, encounter_id) REFERENCES billing.encounter (clinic_id, id);

ALTER TABLE billing.line_item ALTER COLUMN clinic_id SET DEFAULT identity.clinic();

CREATE INDEX patient_last_name_id_idx ON billing.patient (clinic_id, last_name, id);

CREATE INDEX patient_last_name_search_idx ON billing.patient (clinic_id, last_name_search, id);

CREATE INDEX encounter_patient_id_id_idx ON billing.encounter (clinic_id, patient_id, id);

CREATE INDEX encounter_patient_id_date_id_idx
ON billing.encounter (clinic_id, patient_id, date, id);

CREATE INDEX encounter_date_id_idx ON billing.encounter (clinic_id, date, id);

CREATE INDEX line_item_encounter_id_id_idx ON billing.line_item (clinic_id, encounter_id, id);

COMMENT ON COLUMN billing.patient.clinic_id IS
'The clinic that has the patient''s record.';

COMMENT ON COLUMN billing.patient.last_name_search IS
'The last name in small letters, without accents.';

COMMENT ON COLUMN billing.encounter.clinic_id IS
'The clinic that bills for the encounter: the patient''s.';

COMMENT ON COLUMN billing.line_item.clinic_id IS
'The clinic that bills for it: the encounter''s.';

COMMENT ON CONSTRAINT patient_pkey ON billing.patient IS
'A patient''s id belongs to one patient only.';

COMMENT ON CONSTRAINT encounter_pkey ON billing.encounter IS
'An encounter''s id belongs to one encounter only.';

COMMENT ON CONSTRAINT encounter_patient_id_fkey ON billing.encounter IS
'An encounter must belong to a patient who is on record.';

COMMENT ON CONSTRAINT line_item_pkey ON billing.line_item IS
'A line item''s id belongs to one line item only.';

COMMENT ON CONSTRAINT line_item_encounter_id_fkey ON billing.line_item IS
'A line item must belong to an encounter that is on record.';

COMMENT ON CONSTRAINT patient_clinic_id_fkey ON billing.patient IS
'A patient must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT encounter_clinic_id_fkey ON billing.encounter IS
'An encounter must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT line_item_clinic_id_fkey ON billing.line_item IS
'A line item must belong to a clinic that is on record.';

COMMENT ON INDEX billing.patient_last_name_id_idx IS
'Finds and lists patients by last name, page by page.';

COMMENT ON INDEX billing.patient_last_name_search_idx IS
'Finds patients by the beginning of the last name, accents and case aside.';

COMMENT ON INDEX billing.encounter_patient_id_id_idx IS
'Lists a patient''s encounters as they were added, page by page.';

COMMENT ON INDEX billing.encounter_patient_id_date_id_idx IS
'Lists a patient''s encounters by date, page by page.';

COMMENT ON INDEX billing.encounter_date_id_idx IS
'Lists encounters by date, page by page.';

COMMENT ON INDEX billing.line_item_encounter_id_id_idx IS
'Lists an encounter''s line items in the order in which they were added.';

CREATE POLICY own ON billing.patient USING (clinic_id = (SELECT identity.clinic()));

CREATE POLICY own ON billing.encounter USING (clinic_id = (SELECT identity.clinic()));

CREATE POLICY own ON billing.line_item USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.patient IS
'A session sees and changes the patients of its own clinic.';

COMMENT ON POLICY own ON billing.encounter IS
'A session sees and changes the encounters of its own clinic.';

COMMENT ON POLICY own ON billing.line_item IS
'A session sees and changes the line items of its own clinic.';

ALTER TABLE billing.patient ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.encounter ENABLE ROW LEVEL SECURITY;

ALTER TABLE billing.line_item ENABLE ROW LEVEL SECURITY;

CREATE OR REPLACE VIEW api.patients WITH (security_invoker = true) AS
SELECT
    p.id,
    p.first_name,
    p.last_name,
    p.last_name_search
FROM billing.patient AS p;

GRANT SELECT (last_name_search) ON billing.patient TO superbill_api;

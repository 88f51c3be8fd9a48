-- depends: 0014.tenants
--
-- What the people of a clinic do, each through one role: by a token in the API, or by a login in
-- psql. Nobody has a privilege that superbill_api lacks: its document is the whole, and each
-- role's is a part of it.
--
-- A privilege counts where the view and its table both have it, so each is granted on both. SELECT
-- on a table names the columns that its views read.
--
-- Not granted to any of them: whose rows they see, which the policies decide; DELETE of anything
-- but line items; and writing procedure codes, which are published by others and loaded by the
-- owner. Members are admitted by the owner too (superbill grant): to be one is to have been granted
-- a role, which is more than the API's login may do.

GRANT USAGE ON SCHEMA api, billing, identity TO
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT USAGE ON SCHEMA reporting TO superbill_biller, superbill_auditor;

-- The policies ask it of people who log in themselves.
GRANT EXECUTE ON FUNCTION identity.own_clinic() TO
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

-- Patients are read by all who treat them or bill them, and written where they register and where
-- a claim is corrected.
GRANT SELECT (id, first_name, last_name, last_name_search) ON billing.patient TO
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.patients TO
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (first_name, last_name), UPDATE (first_name, last_name) ON billing.patient TO
superbill_front_desk, superbill_biller;

GRANT INSERT (first_name, last_name), UPDATE (first_name, last_name) ON api.patients TO
superbill_front_desk, superbill_biller;

-- The front desk opens an encounter; its date is corrected by those who say what was done.
GRANT SELECT (id, patient_id, date) ON billing.encounter TO
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.encounters TO
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (patient_id, date) ON billing.encounter TO
superbill_front_desk, superbill_clinician, superbill_biller;

GRANT INSERT (patient_id, date) ON api.encounters TO
superbill_front_desk, superbill_clinician, superbill_biller;

GRANT UPDATE (date) ON billing.encounter TO superbill_clinician, superbill_biller;

GRANT UPDATE (date) ON api.encounters TO superbill_clinician, superbill_biller;

GRANT SELECT (code, description) ON billing.cpt_code TO
superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.cpt_codes TO
superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT (id, encounter_id, cpt_code, units) ON billing.line_item TO
superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.line_items, api.superbills TO
superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (encounter_id, cpt_code, units), UPDATE (cpt_code, units), DELETE
ON billing.line_item TO superbill_clinician, superbill_biller;

GRANT INSERT (encounter_id, cpt_code, units), UPDATE (cpt_code, units), DELETE
ON api.line_items TO superbill_clinician, superbill_biller;

GRANT SELECT ON
reporting.encounters_without_line_items, reporting.code_utilisation, reporting.monthly_activity,
reporting.patient_statements, reporting.names_to_correct TO superbill_biller, superbill_auditor;

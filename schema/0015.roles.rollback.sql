-- To undo the migration is to take back what it granted. The roles stay, for other databases.

REVOKE ALL ON ALL TABLES IN SCHEMA api, billing, reporting FROM
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

REVOKE EXECUTE ON FUNCTION identity.own_clinic() FROM
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

REVOKE USAGE ON SCHEMA api, billing, identity, reporting FROM
superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor, superbill_admin;

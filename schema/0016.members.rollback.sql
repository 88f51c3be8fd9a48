-- squawk-ignore-file ban-drop-function, ban-drop-view

DROP VIEW reporting.members;

REVOKE SELECT (login, clinic_id) ON identity.member FROM
superbill_api, superbill_reporter, superbill_auditor, superbill_admin;

REVOKE USAGE ON SCHEMA reporting FROM superbill_admin;

REVOKE EXECUTE ON FUNCTION identity.own_clinic() FROM superbill_gate;

DROP FUNCTION identity.tenant_is_known();

ALTER TABLE identity.member DISABLE ROW LEVEL SECURITY;

DROP POLICY own ON identity.member;

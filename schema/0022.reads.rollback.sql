-- squawk-ignore-file ban-drop-function, ban-drop-table, ban-drop-view

REVOKE USAGE ON SCHEMA audit FROM
superbill_keeper, superbill_api, superbill_auditor, superbill_admin;

DROP VIEW api.audit_reads;

DROP FUNCTION job.make_read_months();

DROP FUNCTION audit.record_reads(
    text[], text[], text[], text[], text[], smallint[], text[]
);

DROP TABLE audit.read;

-- squawk-ignore-file ban-drop-view

DROP VIEW api.audit_events;

COMMENT ON TRIGGER change_can_only_grow ON audit.change IS
'The audit trail can only grow.';

REVOKE SELECT (at, n, actor, login, role, relation, record, action, before, after)
ON audit.change FROM superbill_api, superbill_auditor, superbill_admin;

-- depends: 0022.reads
--
-- The audit trail for auditors: the changes of the rows of their clinic, by record, actor and time.
--
-- Who reads it reads what was in the rows. So it is for those who may ask who changed what, and for
-- nobody who writes bills.

CREATE VIEW api.audit_events WITH (security_invoker = true) AS
SELECT
    c.at,
    c.n,
    c.actor,
    c.login,
    c.role,
    c.relation,
    c.record,
    c.action,
    c.before,
    c.after
FROM audit.change AS c;

COMMENT ON VIEW api.audit_events IS
'Who changed which record, and what it was before and after. The trail can only grow.';

COMMENT ON COLUMN api.audit_events.at IS
'When it was changed.
Example: 2026-03-01T12:00:00.123456+00:00';

COMMENT ON COLUMN api.audit_events.n IS
'Tells changes of the same moment apart; later changes of a record have higher numbers.
Example: 1234';

COMMENT ON COLUMN api.audit_events.actor IS
'Who changed it: the subject of a token, or a login of Postgres.
Example: grace';

COMMENT ON COLUMN api.audit_events.login IS
'The login of Postgres that changed it: the server''s, or a person''s.
Example: superbill_server';

COMMENT ON COLUMN api.audit_events.role IS
'The role as which it was changed.
Example: superbill_biller';

COMMENT ON COLUMN api.audit_events.relation IS
'The table, with its schema.
Example: billing.patient';

COMMENT ON COLUMN api.audit_events.record IS
'The row''s key; of a key of several columns, the values with commas between them.
Example: 01a2083f-9902-7896-925f-bdb160e40d72';

COMMENT ON COLUMN api.audit_events.action IS
'insert, update, delete or truncate; baseline: the row as it was when its trail began.
Example: update';

COMMENT ON COLUMN api.audit_events.before IS
'The row before the change; null if there was none.
Example: {"last_name": "Oberli"}';

COMMENT ON COLUMN api.audit_events.after IS
'The row after the change; null if there is none.
Example: {"last_name": "Oberly"}';

-- It fills no column of a new row.
COMMENT ON TRIGGER change_can_only_grow ON audit.change IS
'The audit trail can only grow.
Fills: nothing';

-- Not granted: any change. Triggers write the trail, with the rights of its owner.
GRANT SELECT (at, n, actor, login, role, relation, record, action, before, after)
ON audit.change TO superbill_api, superbill_auditor, superbill_admin;

GRANT SELECT ON api.audit_events TO superbill_api, superbill_auditor, superbill_admin;

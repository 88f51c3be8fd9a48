-- squawk-ignore-file ban-drop-schema
-- To undo the migration is to drop what it made. No CASCADE: what somebody put into a schema by
-- hand is not ours to drop. The roles stay, since other databases may use them; what they were
-- granted here goes.

REVOKE SELECT ON public._yoyo_migration FROM superbill_api;

DROP SCHEMA reporting;

DROP SCHEMA api;

DROP SCHEMA billing;

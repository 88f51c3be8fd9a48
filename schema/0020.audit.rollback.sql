-- squawk-ignore-file ban-drop-function, ban-drop-schema, ban-drop-table
-- To undo the migration is to drop what it made: the trail is lost.

SELECT audit.unwatch('identity.member');

SELECT audit.unwatch('billing.cpt_code');

SELECT audit.unwatch('billing.line_item');

SELECT audit.unwatch('billing.encounter');

SELECT audit.unwatch('billing.patient');

DROP FUNCTION job.make_audit_months();

DROP FUNCTION audit.unwatch(regclass);

DROP FUNCTION audit.watch(regclass, name);

DROP FUNCTION audit.make_trigger(regclass, text, text);

DROP FUNCTION audit.record(name[], regtype[]);

DROP FUNCTION audit.confirm(text, text);

DROP FUNCTION audit.triggers();

DROP FUNCTION audit.make_months(integer, text);

DROP TABLE audit.change;

DROP FUNCTION audit.refuse();

DROP SCHEMA audit;

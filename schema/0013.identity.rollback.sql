-- squawk-ignore-file ban-drop-function, ban-drop-schema, ban-drop-table, ban-drop-view
-- To undo the migration is to drop what it made. The roles stay, with their memberships in
-- superbill_gate, since other databases may use them; what they were granted here goes.

REVOKE USAGE ON SCHEMA api, billing, reporting FROM superbill_gate;

DROP VIEW identity.members;

DROP FUNCTION identity.dismiss(text);

DROP FUNCTION identity.admit(text, text);

DROP FUNCTION identity.development_tenant();

DROP FUNCTION identity.actor();

DROP FUNCTION identity.clinic();

DROP FUNCTION identity.own_clinic();

DROP TABLE identity.member;

DROP TABLE identity.clinic;

DROP SCHEMA identity;

-- depends: 0015.roles
--
-- The members of a clinic, for whoever looks after them, and whether a clinic is on record.
--
-- Members are people who log in to Postgres themselves. To add one is to grant a role, which only
-- the owner may do (superbill grant): so the members are a report, and no endpoint that is written.
--
-- The second question is the server's: it asks it once for each token, which may name a clinic that
-- was never there. What a session sees is decided by the policies, whatever the answer is.

CREATE POLICY own ON identity.member USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON identity.member IS
'A session sees the members of its own clinic.';

ALTER TABLE identity.member ENABLE ROW LEVEL SECURITY;

CREATE VIEW reporting.members WITH (security_invoker = true) AS
SELECT
    CAST(m.login AS text) AS login,
    CAST(g.rolname AS text) AS role
FROM identity.member AS m
INNER JOIN pg_catalog.pg_roles AS r ON m.login = r.rolname
INNER JOIN pg_catalog.pg_auth_members AS a ON r.oid = a.member AND a.inherit_option
INNER JOIN pg_catalog.pg_roles AS g ON a.roleid = g.oid
ORDER BY m.login, g.rolname;

COMMENT ON VIEW reporting.members IS
'The people who log in to Postgres for the clinic, with a row for each of their roles.';

COMMENT ON COLUMN reporting.members.login IS
'The login of Postgres.
Example: grace';

COMMENT ON COLUMN reporting.members.role IS
'A role whose rights the login has.
Example: superbill_biller';

CREATE FUNCTION identity.tenant_is_known() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''
RETURN EXISTS (
    SELECT FROM identity.clinic AS c
    WHERE c.id = identity.clinic()
);

COMMENT ON FUNCTION identity.tenant_is_known() IS
'Whether the session acts for a clinic that is on record.';

REVOKE ALL ON FUNCTION identity.tenant_is_known() FROM public;

GRANT EXECUTE ON FUNCTION identity.tenant_is_known() TO superbill_api;

-- For a session that acts for nobody: it belongs to no clinic, and is told so.
GRANT EXECUTE ON FUNCTION identity.own_clinic() TO superbill_gate;

-- Not granted: anything but SELECT. What a member may do is for the owner to say.
GRANT USAGE ON SCHEMA reporting TO superbill_admin;

GRANT SELECT (login, clinic_id) ON identity.member TO
superbill_api, superbill_reporter, superbill_auditor, superbill_admin;

GRANT SELECT ON reporting.members TO
superbill_api, superbill_reporter, superbill_auditor, superbill_admin;

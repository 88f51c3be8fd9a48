-- depends: 0012.name_search
--
-- Who calls, and for which clinic: one question that each session answers in its own way. Nothing
-- asks it yet.
--
-- A person logs in to Postgres, and is a member of one clinic. The server logs in once for
-- everybody, and says in each transaction for whom it acts: as a role, and in the settings
-- request.tenant and request.actor. What tells the two apart is whether the session's login may
-- take the role superbill_gate, never a setting: a person may set request.tenant to another clinic,
-- and nothing reads it. (The owner may only pass that role on.) A session of the gate that says
-- nothing, or no clinic's id, belongs to none.
--
-- The roles, too, belong to the whole cluster: see 0001.schemas. A role that is an occupation gets
-- its privileges in later migrations. Each can be taken by the gate's members, for one transaction
-- at a time, and gives them nothing before that.

DO $$
DECLARE
    made CONSTANT json := '{
        "superbill_gate": "The logins that say for whom they act may take the roles of the API.",
        "superbill_front_desk": "Adds patients and opens encounters.",
        "superbill_clinician": "Says what was done in an encounter.",
        "superbill_biller": "Does all that a bill needs, and reads reports.",
        "superbill_auditor": "Reads everything, and changes nothing.",
        "superbill_admin": "Looks after the members of a clinic, and its codes."
    }';
    role text;
    purpose text;
BEGIN
    FOR role, purpose IN SELECT * FROM json_each_text(made) LOOP
        BEGIN
            IF to_regrole(role) IS NULL THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role);
                EXECUTE format('COMMENT ON ROLE %I IS %L', role, purpose);
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
    FOREACH role IN ARRAY ARRAY[
        'superbill_api', 'superbill_front_desk', 'superbill_clinician', 'superbill_biller',
        'superbill_auditor', 'superbill_admin'
    ] LOOP
        BEGIN
            IF NOT pg_has_role('superbill_gate', role, 'SET') THEN
                EXECUTE format('GRANT %I TO superbill_gate WITH INHERIT FALSE, SET TRUE', role);
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
        END;
    END LOOP;
END
$$;

CREATE SCHEMA identity;

COMMENT ON SCHEMA identity IS
'Who calls: the clinics, their members, and for whom a session acts.';

CREATE TABLE identity.clinic (
    id uuid DEFAULT uuidv7() NOT NULL,
    name text NOT NULL,
    CONSTRAINT clinic_pkey PRIMARY KEY (id)
);

COMMENT ON TABLE identity.clinic IS
'The clinics: each has patients and bills of its own, which no other one sees.';

COMMENT ON COLUMN identity.clinic.id IS
'Identifies the clinic; a token names it.';

COMMENT ON COLUMN identity.clinic.name IS
'What the clinic is called.';

COMMENT ON CONSTRAINT clinic_pkey ON identity.clinic IS
'A clinic''s id belongs to one clinic only.';

CREATE TABLE identity.member (
    login name NOT NULL,
    clinic_id uuid NOT NULL,
    CONSTRAINT member_pkey PRIMARY KEY (login),
    CONSTRAINT member_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id)
);

CREATE INDEX member_clinic_id_login_idx ON identity.member (clinic_id, login);

COMMENT ON TABLE identity.member IS
'The people who log in to Postgres themselves, each for one clinic.';

COMMENT ON COLUMN identity.member.login IS
'The login of Postgres.';

COMMENT ON COLUMN identity.member.clinic_id IS
'The clinic whose rows the login sees.';

COMMENT ON CONSTRAINT member_pkey ON identity.member IS
'A login belongs to one clinic only.';

COMMENT ON CONSTRAINT member_clinic_id_fkey ON identity.member IS
'A member must belong to a clinic that is on record.';

COMMENT ON INDEX identity.member_clinic_id_login_idx IS
'Lists a clinic''s members by login.';

-- The first clinic has what was stored before there were clinics, so whoever could read that
-- belongs to it: the owner, and each login that reads reports. What they see stays as it was.
INSERT INTO identity.clinic (id, name) VALUES
('00000000-0000-7000-8000-000000000001', 'First clinic');

INSERT INTO identity.member (login, clinic_id)
SELECT
    r.rolname,
    CAST('00000000-0000-7000-8000-000000000001' AS uuid) AS clinic_id
FROM pg_catalog.pg_roles AS r
WHERE
    NOT r.rolsuper
    AND r.rolcanlogin
    AND (r.rolname = session_user OR pg_has_role(r.oid, 'superbill_reporter', 'USAGE'));

CREATE FUNCTION identity.own_clinic() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = ''
RETURN (
    SELECT m.clinic_id FROM identity.member AS m
    WHERE m.login = session_user
);

COMMENT ON FUNCTION identity.own_clinic() IS
'The clinic of the person who has logged in; NULL for any other login.';

-- SECURITY DEFINER because nobody else reads the list of members. It tells each login of its own
-- clinic only. Without it here, the next function is inlined into the policies.
CREATE FUNCTION identity.clinic() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT pg_has_role(session_user, 'superbill_gate', 'SET') THEN identity.own_clinic()
    WHEN pg_input_is_valid(current_setting('request.tenant', true), 'uuid')
        THEN CAST(current_setting('request.tenant', true) AS uuid)
END;

COMMENT ON FUNCTION identity.clinic() IS
'The clinic for which the session acts; NULL for none.';

CREATE FUNCTION identity.actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT pg_has_role(session_user, 'superbill_gate', 'SET')
        THEN CAST(session_user AS text)
    ELSE nullif(current_setting('request.actor', true), '')
END;

COMMENT ON FUNCTION identity.actor() IS
'Who acts: a person''s login, or what a token says; NULL for nobody.';

CREATE FUNCTION identity.development_tenant() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '00000000-0000-7000-8000-000000000001';

COMMENT ON FUNCTION identity.development_tenant() IS
'The clinic for which a server acts that asks for no token: the first one.';

CREATE FUNCTION identity.admit(login text, tenant text) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
INSERT INTO identity.member (login, clinic_id)
VALUES (admit.login, CAST(admit.tenant AS uuid))
ON CONFLICT ON CONSTRAINT member_pkey DO UPDATE SET clinic_id = excluded.clinic_id
$$;

COMMENT ON FUNCTION identity.admit(text, text) IS
'Makes a login a member of a clinic, and of no other one.';

CREATE FUNCTION identity.dismiss(login text) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
DELETE FROM identity.member AS m WHERE m.login = dismiss.login
$$;

COMMENT ON FUNCTION identity.dismiss(text) IS
'Takes a login out of its clinic: it sees no rows of any.';

CREATE VIEW identity.members WITH (security_invoker = true) AS
SELECT DISTINCT
    m.login,
    g.rolname AS role,
    CAST(m.clinic_id AS text) AS tenant
FROM identity.member AS m
LEFT JOIN pg_catalog.pg_roles AS r ON m.login = r.rolname
LEFT JOIN pg_catalog.pg_auth_members AS a ON r.oid = a.member AND a.inherit_option
LEFT JOIN pg_catalog.pg_roles AS g ON a.roleid = g.oid
ORDER BY tenant, m.login, role;

COMMENT ON VIEW identity.members IS
'The members of all clinics, a row for each role that a login has been granted.';

COMMENT ON COLUMN identity.members.role IS
'A role whose privileges the login has; NULL if it has none.';

COMMENT ON COLUMN identity.members.tenant IS
'The id of the clinic whose rows the login sees.';

-- Not granted to PUBLIC: what only the owner may call, and what runs with the owner's privileges.
REVOKE ALL ON FUNCTION identity.own_clinic() FROM public;

REVOKE ALL ON FUNCTION identity.admit(text, text) FROM public;

REVOKE ALL ON FUNCTION identity.dismiss(text) FROM public;

-- Not granted: any table. Who is a member of what is asked by the functions alone.
GRANT USAGE ON SCHEMA identity TO superbill_gate, superbill_api, superbill_reporter;

GRANT EXECUTE ON FUNCTION identity.own_clinic() TO superbill_api, superbill_reporter;

-- A statement is parsed before it is known as which role it runs.
GRANT USAGE ON SCHEMA api, billing, reporting TO superbill_gate;

-- The login of the session: the roles for which it may act, and what it can do as itself.
WITH relation AS (
    SELECT
        c.oid,
        c.relowner,
        format('%s.%s', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('api', 'reporting') AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
)

SELECT CAST(json_build_object(
    'name', l.rolname,
    'superuser', l.rolsuper,
    'bypassrls', l.rolbypassrls,
    'roles', (
        SELECT coalesce(json_object_agg(r.rolname, EXISTS (
            SELECT FROM relation WHERE pg_catalog.has_any_column_privilege(
                r.oid, relation.oid, 'SELECT, INSERT, UPDATE'
            )
        ) ORDER BY r.rolname), '{}')
        FROM pg_catalog.pg_roles AS r
        WHERE NOT r.rolcanlogin AND pg_catalog.pg_has_role(l.oid, r.oid, 'SET')
        AND r.rolname <> 'superbill_keeper'  -- which runs the jobs, and for which no caller may act
    ),
    -- The first relation that it can use without acting for a role.
    'uses', (
        SELECT min(relation.name) FROM relation
        WHERE pg_catalog.has_any_column_privilege(l.oid, relation.oid, 'SELECT, INSERT, UPDATE')
        OR pg_catalog.has_table_privilege(l.oid, relation.oid, 'DELETE')
    ),
    'owns', (
        SELECT coalesce(json_agg(relation.name ORDER BY relation.name), '[]') FROM relation
        WHERE pg_catalog.pg_has_role(l.oid, relation.relowner, 'USAGE')
    ),
    'has_tenants', EXISTS (
        SELECT FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'identity' AND p.proname = 'tenant_is_known' AND p.pronargs = 0
    )
) AS text) AS document
FROM pg_catalog.pg_roles AS l
WHERE l.rolname = session_user

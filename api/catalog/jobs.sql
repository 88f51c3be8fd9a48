-- The functions of the schema job, and whether the role that runs them may.
SELECT CAST(json_build_object(
    'may_act', coalesce(pg_catalog.pg_has_role(
        session_user, CAST(to_regrole('superbill_keeper') AS oid), 'SET'
    ), false),
    'functions', (
        SELECT coalesce(json_agg(json_build_object(
            'name', format('%I.%I', n.nspname, p.proname),
            'signature', format(
                '%I.%I(%s)',
                n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)
            ),
            'comment', pg_catalog.obj_description(p.oid, 'pg_proc'),
            'callable', p.prokind = 'f' AND p.pronargs = 0,
            'returns', pg_catalog.format_type(p.prorettype, NULL),
            'usable', coalesce(
                pg_catalog.has_function_privilege(
                    CAST(to_regrole('superbill_keeper') AS oid), p.oid, 'EXECUTE'
                )
                AND pg_catalog.has_schema_privilege(
                    CAST(to_regrole('superbill_keeper') AS oid), n.oid, 'USAGE'
                ), false
            )
        ) ORDER BY p.proname, p.oid), '[]')
        FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'job'
    )
) AS text) AS document

-- The introspection query: the schema as one JSON document, without any decision;
-- introspection.py decides. Privileges are those of the role that runs it. Relations are the views
-- in `api` and `reporting`, and those that they read.
WITH RECURSIVE relation AS (
    SELECT c.oid
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('api', 'reporting') AND c.relkind IN ('r', 'p', 'v', 'm')
    UNION
    SELECT d.refobjid
    FROM relation
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = relation.oid
    JOIN pg_catalog.pg_depend AS d
        ON d.classid = CAST('pg_catalog.pg_rewrite' AS regclass) AND d.objid = r.oid
        AND d.refclassid = CAST('pg_catalog.pg_class' AS regclass) AND d.refobjid <> r.ev_class
),

-- The partitions of a table, or the tables that inherit from it, and theirs: errors and triggers
-- may name them.
part AS (
    SELECT
        i.inhrelid AS oid,
        i.inhparent AS parent
    FROM relation
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = relation.oid
    UNION
    SELECT
        i.inhrelid,
        i.inhparent
    FROM part
    JOIN pg_catalog.pg_inherits AS i ON i.inhparent = part.oid
),

attribute AS (
    SELECT
        a.attrelid,
        a.attnum,
        a.atttypid,
        json_build_object(
            'number', a.attnum,
            'name', a.attname,
            'type', CAST(a.atttypid AS bigint),
            'modifier', a.atttypmod,
            'not_null', a.attnotnull,
            'not_null_is_valid', coalesce(c.convalidated, true),
            'not_null_comment', pg_catalog.obj_description(c.oid, 'pg_constraint'),
            'deterministic', coalesce(
                (
                    SELECT l.collisdeterministic FROM pg_catalog.pg_collation AS l
                    WHERE l.oid = a.attcollation
                ), true
            ),
            'comment', pg_catalog.col_description(a.attrelid, a.attnum),
            'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
            'generated', a.attgenerated <> '',
            'generated_from', (
                SELECT coalesce(json_agg(s.attname ORDER BY s.attnum), '[]')
                FROM pg_catalog.pg_depend AS p
                JOIN pg_catalog.pg_attribute AS s
                    ON s.attrelid = p.refobjid AND s.attnum = p.refobjsubid
                WHERE a.attgenerated <> ''
                AND p.classid = CAST('pg_catalog.pg_attrdef' AS regclass) AND p.objid = d.oid
                AND p.refclassid = CAST('pg_catalog.pg_class' AS regclass)
                AND p.refobjid = a.attrelid AND s.attnum <> a.attnum
            ),
            'identity', a.attidentity,
            'select', pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
            'insert', pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
            'update', pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'UPDATE')
        ) AS document
    FROM relation
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = relation.oid
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_constraint AS c
        ON c.conrelid = a.attrelid AND c.contype = 'n'
        AND c.conkey = CAST(ARRAY[a.attnum] AS smallint[])
    WHERE a.attnum > 0 AND NOT a.attisdropped
),

-- A domain leads to its base, an array and a range to their element, a composite to its attributes.
type AS (
    SELECT atttypid AS oid FROM attribute
    UNION
    SELECT part.oid
    FROM type
    JOIN pg_catalog.pg_type AS t ON t.oid = type.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype AS oid
        WHERE t.typtype = 'd'
        UNION ALL
        SELECT t.typelem
        WHERE t.typcategory = 'A'
        UNION ALL
        SELECT r.rngsubtype FROM pg_catalog.pg_range AS r
        WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
        UNION ALL
        SELECT a.atttypid FROM pg_catalog.pg_attribute AS a
        WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS part
),

relations AS (
    SELECT json_agg(json_build_object(
        'oid', CAST(c.oid AS bigint),
        'schema', n.nspname,
        'name', c.relname,
        'kind', c.relkind,
        'comment', pg_catalog.obj_description(c.oid, 'pg_class'),
        'barrier', coalesce(
            CAST((SELECT o.option_value FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
                WHERE o.option_name = 'security_barrier') AS boolean), false
        ),
        'invoker', coalesce(
            CAST((SELECT o.option_value FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
                WHERE o.option_name = 'security_invoker') AS boolean), false
        ),
        'check_option', (
            SELECT o.option_value FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
            WHERE o.option_name = 'check_option'
        ),
        -- Bit 4 (DELETE) is set only for a table, or for a view with one relation in FROM that
        -- merges no rows.
        'simple', pg_catalog.pg_relation_is_updatable(c.oid, false) & 16 > 0,
        -- Its INSTEAD OF triggers count here: bit 3 is INSERT, bit 2 is UPDATE.
        'inserts', pg_catalog.pg_relation_is_updatable(c.oid, true) & 8 > 0,
        'updates', pg_catalog.pg_relation_is_updatable(c.oid, true) & 4 > 0,
        'rule', (
            SELECT r.ev_action FROM pg_catalog.pg_rewrite AS r
            WHERE r.ev_class = c.oid AND r.rulename = '_RETURN'
        ),
        -- With a rule that does something else instead, Postgres runs no RETURNING, unless the
        -- rule has one.
        'rules', (
            SELECT coalesce(json_agg(json_build_object(
                'name', r.rulename,
                'event', w.event
            ) ORDER BY r.rulename), '[]')
            FROM pg_catalog.pg_rewrite AS r
            JOIN (VALUES ('2', 'update'), ('3', 'insert'), ('4', 'delete')) AS w (type, event)
                ON CAST(r.ev_type AS text) = w.type
            WHERE r.ev_class = c.oid AND r.is_instead AND r.ev_enabled IN ('O', 'A')
            AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_rewrite AS o
                WHERE o.ev_class = c.oid AND o.ev_type = r.ev_type AND o.ev_enabled IN ('O', 'A')
                AND CAST(o.ev_action AS text) LIKE '%returningList ({%'
            )
        ),
        -- MERGE is refused on a relation with any rule beside that of a view.
        'has_rules', EXISTS (
            SELECT FROM pg_catalog.pg_rewrite AS r
            WHERE r.ev_class = c.oid AND CAST(r.ev_type AS text) <> '1'
        ),
        'row_security', c.relrowsecurity,
        -- Those of a table that decide which rows the role may see.
        'policies', (
            SELECT coalesce(json_agg(json_build_object(
                'permissive', p.polpermissive,
                'condition', p.polqual,
                'equalities', (
                    SELECT coalesce(json_agg(DISTINCT CAST(o.oid AS bigint)), '[]')
                    FROM pg_catalog.regexp_matches(
                        CAST(p.polqual AS text), '[:]opno (\d+)', 'g'
                    ) AS f
                    JOIN pg_catalog.pg_operator AS o ON o.oid = CAST(f[1] AS oid)
                    WHERE o.oprname = '=' AND o.oprcanmerge
                )
            ) ORDER BY p.polname), '[]')
            FROM pg_catalog.pg_policy AS p
            WHERE c.relrowsecurity AND p.polrelid = c.oid AND p.polcmd IN ('*', 'r')
            AND EXISTS (
                SELECT FROM unnest(p.polroles) AS r (oid)
                WHERE r.oid = 0 OR pg_catalog.pg_has_role(r.oid, 'USAGE')
            )
        ),
        'grantees', (
            SELECT json_object_agg(g.privilege_type, g.roles)
            FROM (
                SELECT
                    e.privilege_type,
                    json_agg(DISTINCT coalesce(o.rolname, 'public')) AS roles
                FROM (
                    SELECT c.relacl AS list
                    UNION ALL
                    SELECT a.attacl FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.oid AND NOT a.attisdropped
                ) AS acl
                CROSS JOIN LATERAL pg_catalog.aclexplode(acl.list) AS e
                LEFT JOIN pg_catalog.pg_roles AS o ON o.oid = e.grantee
                WHERE e.grantee = 0 OR pg_catalog.pg_has_role(e.grantee, 'USAGE')
                GROUP BY e.privilege_type
            ) AS g
        ),
        'owned', pg_catalog.pg_has_role(c.relowner, 'USAGE'),
        'usage', pg_catalog.has_schema_privilege(n.oid, 'USAGE'),
        'delete', pg_catalog.has_table_privilege(c.oid, 'DELETE'),
        'columns', (
            SELECT coalesce(json_agg(attribute.document ORDER BY attribute.attnum), '[]')
            FROM attribute WHERE attribute.attrelid = c.oid
        )
    ) ORDER BY n.nspname, c.relname) AS document
    FROM relation
    JOIN pg_catalog.pg_class AS c ON c.oid = relation.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
),

parts AS (
    SELECT json_agg(json_build_object(
        'oid', CAST(c.oid AS bigint),
        'parent', CAST(part.parent AS bigint),
        'schema', n.nspname,
        'name', c.relname
    )) AS document
    FROM part
    JOIN pg_catalog.pg_class AS c ON c.oid = part.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
),

-- The columns that decide which partition a row belongs to: of a partitioned table its own, of a
-- partition its parent's.
partitionings AS (
    SELECT json_agg(json_build_object(
        'schema', n.nspname,
        'table', c.relname,
        'columns', (
            SELECT coalesce(json_agg(a.attname ORDER BY a.attnum), '[]')
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = p.partrelid AND a.attnum = ANY(p.partattrs)
        )
    )) AS document
    FROM (
        SELECT
            relation.oid,
            relation.oid AS parent
        FROM relation
        UNION
        SELECT
            part.oid,
            CASE
                WHEN part.oid IN (SELECT p.partrelid FROM pg_catalog.pg_partitioned_table AS p)
                    THEN part.oid
                ELSE part.parent
            END
        FROM part
    ) AS found
    JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = found.parent
    JOIN pg_catalog.pg_class AS c ON c.oid = found.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
),

-- All of the database: a trigger on one table may write to another one, whose trigger refuses that.
triggers AS (
    SELECT json_agg(json_build_object(
        'oid', CAST(t.oid AS bigint),
        'parent', CAST(t.tgparentid AS bigint),
        'relation', CAST(t.tgrelid AS bigint),
        'schema', n.nspname,
        'table', c.relname,
        'name', t.tgname,
        'enabled', t.tgenabled IN ('O', 'A'),
        'for_each_row', t.tgtype & 1 > 0,
        'timing', CASE
            WHEN t.tgtype & 64 > 0 THEN 'instead'
            WHEN t.tgtype & 2 > 0 THEN 'before'
            ELSE 'after'
        END,
        'insert', t.tgtype & 4 > 0,
        'update', t.tgtype & 16 > 0,
        'delete', t.tgtype & 8 > 0,
        'function', json_build_array(m.nspname, f.proname),
        'columns', (
            SELECT json_agg(a.attname) FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped
        ),
        'comment', coalesce(
            pg_catalog.obj_description(t.oid, 'pg_trigger'),
            pg_catalog.obj_description(t.tgconstraint, 'pg_constraint')
        )
    ) ORDER BY n.nspname, c.relname, t.tgname) AS document
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
    JOIN pg_catalog.pg_namespace AS m ON m.oid = f.pronamespace
    WHERE NOT t.tgisinternal
),

-- PostgreSQL 18 lists NOT NULL too (contype n): `not_null` of the column has that already.
constraints AS (
    SELECT json_agg(json_build_object(
        'oid', CAST(c.oid AS bigint),
        'parent', CAST(c.conparentid AS bigint),
        'relation', CAST(c.conrelid AS bigint),
        'schema', n.nspname,
        'table', t.relname,
        'name', c.conname,
        'kind', c.contype,
        'columns', (
            SELECT coalesce(json_agg(a.attname ORDER BY k.position), '[]')
            FROM unnest(c.conkey) WITH ORDINALITY AS k (number, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number
        ),
        'expression', pg_catalog.pg_get_expr(c.conbin, c.conrelid),
        'comment', pg_catalog.obj_description(c.oid, 'pg_constraint'),
        'references', CAST(c.confrelid AS bigint),
        'referenced', (
            SELECT coalesce(json_agg(a.attname ORDER BY k.position), '[]')
            FROM unnest(c.confkey) WITH ORDINALITY AS k (number, position)
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.number
        ),
        'period', c.conperiod,
        -- What no two rows may have in common, as pg_get_indexdef prints it: columns in quotes
        -- where they need them.
        'elements', (
            SELECT coalesce(json_agg(json_build_object(
                'text', pg_catalog.pg_get_indexdef(c.conindid, CAST(k.position AS integer), true),
                'operator', coalesce((
                    SELECT o.oprname FROM pg_catalog.pg_operator AS o
                    WHERE o.oid = c.conexclop[k.position]
                ), '=')
            ) ORDER BY k.position), '[]')
            FROM unnest(c.conkey) WITH ORDINALITY AS k (number, position)
            WHERE c.contype IN ('p', 'u', 'x')
        ),
        'enforced', c.conenforced,
        'validated', c.convalidated,
        -- A foreign key to a partitioned table has one more constraint for each partition.
        'cloned', EXISTS (
            SELECT FROM pg_catalog.pg_constraint AS p
            WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid
        )
    ) ORDER BY n.nspname, t.relname, c.conname) AS document
    FROM pg_catalog.pg_constraint AS c
    JOIN pg_catalog.pg_class AS t ON t.oid = c.conrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    WHERE c.contype IN ('c', 'f', 'p', 'u', 'x')
    AND (
        c.conrelid IN (SELECT relation.oid FROM relation)
        OR c.confrelid IN (SELECT relation.oid FROM relation)
        OR c.conrelid IN (SELECT part.oid FROM part)
    )
),

indexes AS (
    SELECT json_agg(json_build_object(
        'oid', CAST(i.indexrelid AS bigint),
        'parent', (
            SELECT CAST(h.inhparent AS bigint) FROM pg_catalog.pg_inherits AS h
            WHERE h.inhrelid = i.indexrelid
        ),
        'relation', CAST(i.indrelid AS bigint),
        'name', c.relname,
        'valid', i.indisvalid,
        'unique', i.indisunique AND i.indimmediate,
        'schema', n.nspname,
        'table', t.relname,
        'comment', pg_catalog.obj_description(i.indexrelid, 'pg_class'),
        'method', m.amname,
        'partial', i.indpred IS NOT NULL,
        'expressions', i.indexprs,
        'functions', (
            SELECT coalesce(json_agg(json_build_object(
                'oid', CAST(p.oid AS bigint),
                'name', p.proname,
                'sql', pg_catalog.format('%I.%I', s.nspname, p.proname),
                'comment', pg_catalog.obj_description(p.oid, 'pg_proc'),
                'of_text', p.pronargs = 1 AND p.prorettype = p.proargtypes[0]
                    AND p.prorettype = CAST('pg_catalog.text' AS regtype),
                'usable', pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
                    AND pg_catalog.has_schema_privilege(s.oid, 'USAGE')
            )), '[]')
            FROM (
                SELECT CAST(i.indexprs AS text) AS expression
                UNION ALL
                SELECT CAST(d.adbin AS text)
                FROM pg_catalog.pg_attribute AS a
                JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                WHERE a.attrelid = i.indrelid AND a.attgenerated = 's'
                AND a.attnum = ANY(CAST(CAST(i.indkey AS text[]) AS smallint[]))
            ) AS e
            CROSS JOIN LATERAL pg_catalog.regexp_matches(e.expression, '[:]funcid (\d+)', 'g') AS f
            JOIN pg_catalog.pg_proc AS p ON p.oid = CAST(f[1] AS oid)
            JOIN pg_catalog.pg_namespace AS s ON s.oid = p.pronamespace
        ),
        'columns', (
            SELECT json_agg(json_build_object(
                'name', a.attname,
                'text', pg_catalog.pg_get_indexdef(i.indexrelid, CAST(k.position AS integer), true),
                'type', CAST(a.atttypid AS bigint),
                'stored_expression', (
                    SELECT d.adbin FROM pg_catalog.pg_attrdef AS d
                    WHERE a.attgenerated = 's' AND d.adrelid = a.attrelid AND d.adnum = a.attnum
                ),
                'operators', o.opcname,
                'builtin_operators', o.opcnamespace = CAST('pg_catalog' AS regnamespace),
                -- Whether all comparisons are: else a policy keeps them from being index
                -- conditions.
                'leakproof', m.amname = 'btree' AND (
                    SELECT bool_and(p.proleakproof)
                    FROM pg_catalog.pg_amop AS s
                    JOIN pg_catalog.pg_operator AS e ON e.oid = s.amopopr
                    JOIN pg_catalog.pg_proc AS p ON p.oid = e.oprcode
                    WHERE s.amopfamily = o.opcfamily AND s.amoplefttype = o.opcintype
                    AND s.amoprighttype = o.opcintype
                ),
                -- Whether the index finds the values that are equal, by the same operator as a
                -- btree.
                'finds_equal', m.amname = 'gist' AND EXISTS (
                    SELECT FROM pg_catalog.pg_amop AS s
                    JOIN pg_catalog.pg_amop AS b ON b.amopopr = s.amopopr AND b.amopstrategy = 3
                    JOIN pg_catalog.pg_am AS t ON t.oid = b.amopmethod AND t.amname = 'btree'
                    JOIN pg_catalog.pg_opclass AS d ON d.opcfamily = b.amopfamily AND d.opcdefault
                    WHERE s.amopfamily = o.opcfamily AND s.amoplefttype = o.opcintype
                    AND s.amoprighttype = o.opcintype
                ),
                'family', CAST(o.opcfamily AS bigint),
                -- The family of a type that has no class of its own, such as varchar, or an array.
                'family_of_input', (
                    SELECT CAST(d.opcfamily AS bigint) FROM pg_catalog.pg_opclass AS d
                    WHERE d.opcmethod = o.opcmethod AND d.opcintype = o.opcintype AND d.opcdefault
                ),
                'collation', l.collname,
                'builtin_collation', l.collnamespace = CAST('pg_catalog' AS regnamespace),
                'own_collation', i.indcollation[k.position - 1] = a.attcollation,
                'descending', i.indoption[k.position - 1] & 1 > 0,
                'nulls_first', i.indoption[k.position - 1] & 2 > 0
            ) ORDER BY k.position)
            FROM
                unnest(CAST(CAST(i.indkey AS text[]) AS smallint[]))
                WITH ORDINALITY AS k (number, position)
            LEFT JOIN pg_catalog.pg_attribute AS a
                ON a.attrelid = i.indrelid AND a.attnum = k.number AND a.attnum > 0
            LEFT JOIN pg_catalog.pg_opclass AS o ON o.oid = i.indclass[k.position - 1]
            LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = i.indcollation[k.position - 1]
            WHERE k.position <= i.indnkeyatts
        )
    ) ORDER BY c.relname) AS document
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
    JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
    WHERE i.indrelid IN (SELECT relation.oid FROM relation)
    OR (i.indisvalid AND i.indisunique AND i.indrelid IN (SELECT part.oid FROM part))
),

-- The functions and sequences without which no row can be read or written, and that the role may
-- not use.
missing AS (
    SELECT json_agg(json_build_object(
        'relation', CAST(d.relation AS bigint),
        'user', d.user,
        'kind', CASE WHEN p.oid IS NULL THEN 'SEQUENCE' ELSE 'FUNCTION' END,
        'name', CASE
            WHEN p.oid IS NULL THEN format('%I.%I', n.nspname, s.relname)
            ELSE format(
                '%I.%I(%s)',
                n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)
            )
        END
    ) ORDER BY d.relation, d.user, p.proname, s.relname) AS document
    FROM (
        SELECT
            f.adrelid AS relation,
            'column ' || a.attname AS user,
            f.oid,
            CAST('pg_catalog.pg_attrdef' AS regclass) AS class
        FROM pg_catalog.pg_attrdef AS f
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
        UNION ALL
        SELECT
            c.conrelid,
            'constraint ' || c.conname,
            c.oid,
            CAST('pg_catalog.pg_constraint' AS regclass)
        FROM pg_catalog.pg_constraint AS c
        UNION ALL
        SELECT
            i.indrelid,
            'index ' || x.relname,
            i.indexrelid,
            CAST('pg_catalog.pg_class' AS regclass)
        FROM pg_catalog.pg_index AS i
        JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
        UNION ALL
        SELECT
            w.polrelid,
            'policy ' || w.polname,
            w.oid,
            CAST('pg_catalog.pg_policy' AS regclass)
        FROM pg_catalog.pg_policy AS w
        UNION ALL
        SELECT
            r.ev_class,
            'view',
            r.oid,
            CAST('pg_catalog.pg_rewrite' AS regclass)
        FROM pg_catalog.pg_rewrite AS r
    ) AS d
    JOIN relation ON relation.oid = d.relation
    JOIN pg_catalog.pg_depend AS e ON e.classid = d.class AND e.objid = d.oid
    LEFT JOIN pg_catalog.pg_proc AS p
        ON e.refclassid = CAST('pg_catalog.pg_proc' AS regclass) AND p.oid = e.refobjid
    LEFT JOIN pg_catalog.pg_class AS s
        ON e.refclassid = CAST('pg_catalog.pg_class' AS regclass)
        AND s.oid = e.refobjid AND s.relkind = 'S'
    JOIN pg_catalog.pg_namespace AS n ON n.oid = coalesce(p.pronamespace, s.relnamespace)
    WHERE NOT coalesce(
        pg_catalog.has_function_privilege(p.oid, 'EXECUTE'),
        pg_catalog.has_sequence_privilege(s.oid, 'USAGE, UPDATE')
    )
),

-- What stands in the schemas of the API beside relations. A function that serves a view, a
-- constraint or a trigger is not listed.
others AS (
    SELECT json_agg(json_build_object(
        'kind', o.kind,
        'name', o.name
    ) ORDER BY o.kind, o.name) AS document
    FROM (
        SELECT
            CASE p.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
            format(
                '%I.%I(%s)',
                n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)
            ) AS name
        FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname IN ('api', 'reporting')
        AND p.prorettype NOT IN (CAST('trigger' AS regtype), CAST('event_trigger' AS regtype))
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE (
                d.refclassid = CAST('pg_catalog.pg_proc' AS regclass) AND d.refobjid = p.oid
                AND d.classid <> CAST('pg_catalog.pg_proc' AS regclass)
            ) OR (
                d.classid = CAST('pg_catalog.pg_proc' AS regclass) AND d.objid = p.oid
                AND d.deptype = 'e'
            )
        )
        UNION ALL
        SELECT
            'foreign table',
            format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('api', 'reporting') AND c.relkind = 'f'
        UNION ALL
        -- The service itself reads yoyo's list of migrations, and keeps answers.
        SELECT
            'table',
            format('%I.%I', n.nspname, c.relname)
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        AND n.nspname NOT IN ('api', 'reporting', 'pg_catalog', 'information_schema')
        AND c.relname <> '_yoyo_migration' AND NOT (n.nspname = 'identity' AND c.relname = 'answer')
        AND c.oid NOT IN (SELECT relation.oid FROM relation)
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = CAST('pg_catalog.pg_class' AS regclass) AND d.objid = c.oid
            AND d.deptype = 'e'
        )
        AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
        AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE')
        UNION ALL
        SELECT
            'schema',
            n.nspname
        FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname IN ('api', 'reporting')
        AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    ) AS o
),

types AS (
    SELECT json_agg(json_build_object(
        'oid', CAST(t.oid AS bigint),
        'name', t.typname,
        'sql', pg_catalog.format_type(t.oid, -1),
        -- A domain over an array is in the arrays' category too.
        'kind', CASE WHEN t.typcategory = 'A' AND t.typtype <> 'd' THEN 'a' ELSE t.typtype END,
        'builtin', t.typnamespace = CAST('pg_catalog' AS regnamespace),
        'quantity', t.typtype = 'd' AND t.typname = 'number'
            AND t.typnamespace = CAST(to_regnamespace('api') AS oid),
        'search', t.typtype = 'd' AND t.typname = 'search'
            AND t.typnamespace = CAST(to_regnamespace('api') AS oid),
        -- A statement can't name a type whose schema the role may not use.
        'hidden_in', (
            SELECT n.nspname FROM pg_catalog.pg_namespace AS n
            WHERE n.oid = t.typnamespace AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        ),
        'comment', pg_catalog.obj_description(t.oid, 'pg_type'),
        'not_null', t.typnotnull,
        'default', t.typdefault,
        'modifier', t.typtypmod,
        'part', CAST(CASE
            WHEN t.typtype = 'd' THEN t.typbasetype
            WHEN t.typcategory = 'A' THEN t.typelem
            ELSE (
                SELECT r.rngsubtype FROM pg_catalog.pg_range AS r
                WHERE t.oid IN (r.rngtypid, r.rngmultitypid)
            )
        END AS bigint),
        -- to_json uses such a cast; it asks for those of pg_catalog's own types by name.
        'cast_to_json', t.typnamespace <> CAST('pg_catalog' AS regnamespace) AND EXISTS (
            SELECT FROM pg_catalog.pg_cast AS k
            WHERE k.castsource = t.oid AND k.casttarget = CAST('json' AS regtype)
            AND k.castfunc <> 0
        ),
        'family', CAST(b.opcfamily AS bigint),
        -- The strategies of a btree: less, not greater, equal, not less, greater.
        'operators', (
            SELECT json_agg(format('OPERATOR(%I.%s)', n.nspname, p.oprname) ORDER BY o.amopstrategy)
            FROM pg_catalog.pg_amop AS o
            JOIN pg_catalog.pg_operator AS p ON p.oid = o.amopopr
            JOIN pg_catalog.pg_namespace AS n ON n.oid = p.oprnamespace
            WHERE o.amopfamily = b.opcfamily AND o.amoplefttype = t.oid AND o.amoprighttype = t.oid
            AND n.nspname <> 'pg_catalog'
        ),
        'labels', (
            SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
            FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid
        ),
        'checks', (
            SELECT coalesce(json_agg(json_build_object(
                'name', c.conname,
                'expression', pg_catalog.pg_get_expr(c.conbin, 0),
                'validated', c.convalidated,
                'comment', pg_catalog.obj_description(c.oid, 'pg_constraint')
            ) ORDER BY c.conname), '[]')
            FROM pg_catalog.pg_constraint AS c WHERE c.contypid = t.oid AND c.contype = 'c'
        ),
        'fields', (
            SELECT coalesce(json_agg(json_build_object(
                'name', a.attname,
                'type', CAST(a.atttypid AS bigint),
                'modifier', a.atttypmod,
                'comment', pg_catalog.col_description(a.attrelid, a.attnum)
            ) ORDER BY a.attnum), '[]')
            FROM pg_catalog.pg_attribute AS a
            WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0
            AND NOT a.attisdropped
        )
    ) ORDER BY t.oid) AS document
    FROM type
    JOIN pg_catalog.pg_type AS t ON t.oid = type.oid
    LEFT JOIN (
        SELECT c.opcintype, c.opcfamily
        FROM pg_catalog.pg_opclass AS c
        JOIN pg_catalog.pg_am AS m ON m.oid = c.opcmethod
        WHERE m.amname = 'btree' AND c.opcdefault
    ) AS b ON b.opcintype = t.oid
)

SELECT CAST(json_build_object(
    'login', (
        SELECT json_build_object(
            'name', r.rolname,
            'superuser', r.rolsuper,
            'bypassrls', r.rolbypassrls
        )
        FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user
    ),
    'text_settings', json_build_object(
        'bytea_output', current_setting('bytea_output'),
        'datestyle', current_setting('datestyle'),
        'extra_float_digits', current_setting('extra_float_digits'),
        'intervalstyle', current_setting('intervalstyle'),
        'lc_monetary', current_setting('lc_monetary'),
        'timezone', current_setting('timezone')
    ),
    'schemas', (
        SELECT json_object_agg(n.nspname, pg_catalog.obj_description(n.oid, 'pg_namespace'))
        FROM pg_catalog.pg_namespace AS n WHERE n.nspname IN ('api', 'reporting')
    ),
    'audit', (
        SELECT json_build_object(
            'row_at', coalesce(bool_or(
                pg_catalog.has_schema_privilege(n.oid, 'USAGE')
                AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
            ) FILTER (WHERE p.proname = 'row_at'), false),
            'records_reads', count(*) FILTER (WHERE p.proname = 'record_reads') > 0,
            'may_record', coalesce(bool_and(
                pg_catalog.pg_has_role(session_user, k.oid, 'SET')
                AND pg_catalog.has_schema_privilege(k.oid, n.oid, 'USAGE')
                AND pg_catalog.has_function_privilege(k.oid, p.oid, 'EXECUTE')
            ) FILTER (WHERE p.proname = 'record_reads'), false)
        )
        FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        LEFT JOIN pg_catalog.pg_roles AS k ON k.rolname = 'superbill_keeper'
        WHERE n.nspname = 'audit' AND p.proname IN ('row_at', 'record_reads')
    ),
    'relations', coalesce(relations.document, '[]'),
    'parts', coalesce(parts.document, '[]'),
    'partitionings', coalesce(partitionings.document, '[]'),
    'triggers', coalesce(triggers.document, '[]'),
    'constraints', coalesce(constraints.document, '[]'),
    'indexes', coalesce(indexes.document, '[]'),
    'types', coalesce(types.document, '[]'),
    'missing', coalesce(missing.document, '[]'),
    'others', coalesce(others.document, '[]'),
    'keeps_answers', (
        SELECT count(*) = 4 AND bool_and(
            pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT')
            AND pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'INSERT')
            AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        )
        FROM pg_catalog.pg_namespace AS n
        JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'answer'
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
        WHERE n.nspname = 'identity'
        AND a.attname IN ('key', 'fingerprint', 'body', 'location')
    ),
    'tells_actors', EXISTS (
        SELECT FROM pg_catalog.pg_proc AS p
        JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
        WHERE n.nspname = 'identity' AND p.proname = 'acts_for_several' AND p.pronargs = 0
    )
) AS text) AS document
FROM relations, parts, partitionings, triggers, constraints, indexes, types, missing, others

-- A text that is another one after every change of what catalog.sql reads: each row of Postgres's
-- catalog has the number of the transaction that wrote it. Objects of Postgres itself have smaller
-- ids.
WITH item AS (
    SELECT
        'class' AS kind,
        oid,
        xmin
    FROM pg_catalog.pg_class
    WHERE oid >= 16384
    UNION ALL
    SELECT
        'column ' || attnum,
        attrelid,
        xmin
    FROM pg_catalog.pg_attribute
    WHERE attrelid >= 16384
    UNION ALL
    SELECT
        'default',
        oid,
        xmin
    FROM pg_catalog.pg_attrdef
    UNION ALL
    SELECT
        'constraint',
        oid,
        xmin
    FROM pg_catalog.pg_constraint
    WHERE oid >= 16384
    UNION ALL
    SELECT
        'index',
        indexrelid,
        xmin
    FROM pg_catalog.pg_index
    WHERE indexrelid >= 16384
    UNION ALL
    SELECT
        'policy',
        oid,
        xmin
    FROM pg_catalog.pg_policy
    UNION ALL
    SELECT
        'rule',
        oid,
        xmin
    FROM pg_catalog.pg_rewrite
    WHERE oid >= 16384
    UNION ALL
    SELECT
        'trigger',
        oid,
        xmin
    FROM pg_catalog.pg_trigger
    UNION ALL
    SELECT
        'function',
        oid,
        xmin
    FROM pg_catalog.pg_proc
    WHERE oid >= 16384
    UNION ALL
    SELECT
        'type',
        oid,
        xmin
    FROM pg_catalog.pg_type
    WHERE oid >= 16384
    UNION ALL
    SELECT
        'schema',
        oid,
        xmin
    FROM pg_catalog.pg_namespace
    WHERE oid >= 16384
    UNION ALL
    SELECT
        'membership',
        oid,
        xmin
    FROM pg_catalog.pg_auth_members
    WHERE oid >= 16384
)

SELECT count(*) || ' ' || sum(hashtextextended(kind || ' ' || oid || ' ' || xmin, 0)) FROM item

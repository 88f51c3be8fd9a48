-- What `superbill verify` asks. The functions are those of the session (pg_temp), and not of the
-- database: a login that can change functions of the database can't change the answer. Of the
-- schema `audit` they use only the tables `change` and `seal`, as their migration describes them.

CREATE FUNCTION pg_temp.dropped_months()
RETURNS TABLE (month date, confirmed jsonb) LANGUAGE sql AS $$
    SELECT CAST(c.before ->> 'month' AS date), c.before -> 'confirmed'
    FROM audit.change AS c
    WHERE c.clinic_id = CAST(lpad('', 32, '0') AS uuid) AND c.record = '' AND c.action = 'drop'
$$;

-- What was confirmed: the tables that are watched, and the triggers that the last one of a
-- transaction had found.
CREATE FUNCTION pg_temp.confirmed()
RETURNS TABLE (n bigint, relation text, action text, triggers text) LANGUAGE sql AS $$
    SELECT f.n, f.relation, f.action,
        CASE WHEN f.n = max(f.n) OVER (PARTITION BY f.tx) THEN f.triggers END
    FROM (
        SELECT CAST(d.value ->> 'n' AS bigint) AS n, d.value ->> 'tx' AS tx,
            d.value ->> 'relation' AS relation, d.value ->> 'action' AS action,
            d.value ->> 'triggers' AS triggers
        FROM pg_temp.dropped_months() AS m CROSS JOIN LATERAL jsonb_array_elements(m.confirmed) AS d
        UNION ALL
        SELECT c.n, CAST(c.tx AS text), c.relation, c.action, c.after ->> 'triggers'
        FROM audit.change AS c WHERE c.clinic_id = CAST(lpad('', 32, '0') AS uuid) AND c.record = ''
    ) AS f
$$;

CREATE FUNCTION pg_temp.triggers() RETURNS text LANGUAGE sql AS $$
    SELECT encode(sha256(convert_to(coalesce(string_agg(
        CAST(ROW(
            n.nspname, c.relname, t.tgname, t.tgtype, t.tgenabled, t.tgoldtable, t.tgnewtable,
            f.proname, f.prosrc, f.prosecdef, f.proconfig, pg_get_userbyid(f.proowner)
        ) AS text), E'\n' ORDER BY n.nspname, c.relname, t.tgname
    ), ''), 'UTF8')), 'hex')
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_class AS c ON t.tgrelid = c.oid
    JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    JOIN pg_catalog.pg_proc AS f ON t.tgfoid = f.oid
    WHERE f.pronamespace = CAST('audit' AS regnamespace) AND NOT c.relispartition
$$;

-- The seals that don't fit the one before them, or what they say of themselves.
CREATE FUNCTION pg_temp.broken_chain() RETURNS TABLE (n bigint, fault text) LANGUAGE sql AS $$
    SELECT s.n, CASE
        WHEN s.n <> coalesce(s.last + 1, 1) THEN 'the seal before it is gone'
        WHEN s.from_tx NOT IN (s.last_from, s.last_below)
            THEN 'it does not begin where the seal before it ends'
        WHEN s.previous <> coalesce(s.last_root, '')
            THEN 'it does not follow from the seal before it'
        WHEN s.root <> sha256(convert_to(CAST(ROW(
            s.n, s.month, s.from_tx, s.below_tx, s.above_n, s.upto_n, s.changes, s.last_n, s.leaves,
            s.triggers, s.cluster, s.at, s.previous
        ) AS text), 'UTF8')) THEN 'it was changed'
    END
    FROM (
        SELECT *, lag(s.n) OVER w AS last, lag(s.root) OVER w AS last_root,
            lag(s.from_tx) OVER w AS last_from, lag(s.below_tx) OVER w AS last_below
        FROM audit.seal AS s WINDOW w AS (ORDER BY s.n)
    ) AS s
$$;

-- The seals whose changes are not those that were sealed. One pass over the changes finds the seal
-- of each: its number gives the era, which ends with the seal that was the first one in another
-- cluster, and its transaction gives the seal in that era.
CREATE FUNCTION pg_temp.broken_leaves() RETURNS TABLE (n bigint, fault text) LANGUAGE sql AS $$
    WITH era AS (
        SELECT e.*, r.from_tx, r.above_n AS last_n, r.upto_n
        FROM (
            SELECT b.above_n, array_agg(s.from_tx ORDER BY s.from_tx) AS starts,
                array_agg(s.below_tx ORDER BY s.from_tx) AS ends
            FROM (
                SELECT 0 AS above_n UNION SELECT upto_n FROM audit.seal WHERE upto_n IS NOT NULL
            ) AS b
            LEFT JOIN (
                SELECT DISTINCT above_n, from_tx, below_tx FROM audit.seal WHERE upto_n IS NULL
            ) AS s ON s.above_n = b.above_n
            GROUP BY b.above_n
        ) AS e
        LEFT JOIN LATERAL (
            SELECT * FROM audit.seal AS s WHERE s.upto_n > e.above_n ORDER BY s.upto_n, s.n LIMIT 1
        ) AS r ON true
    ), part AS (
        SELECT p.place, p.month, c.n >> 12 AS bucket, count(*) AS changes,
            sha256(string_agg(sha256(convert_to(CAST(ROW(
                c.clinic_id, c.at, c.n, c.tx, c.actor, c.login, c.role, c.relation, c.record,
                c.action, c.before, c.after
            ) AS text), 'UTF8')), '' ORDER BY c.n)) AS leaves
        FROM era AS e
        JOIN audit.change AS c ON c.n > e.above_n AND c.n <= coalesce(e.upto_n, 9223372036854775807)
        CROSS JOIN LATERAL (
            SELECT CAST(date_trunc('month', c.at) AS date) AS month, CASE
                WHEN c.tx >= e.from_tx OR c.n > e.last_n THEN format('upto %s', e.upto_n)
                WHEN c.tx < e.ends[i.number]
                    THEN format('%s from %s', e.above_n, e.starts[i.number])
            END AS place
            FROM (SELECT width_bucket(c.tx, e.starts) AS number) AS i
        ) AS p
        WHERE p.place IS NOT NULL
        GROUP BY p.place, p.month, bucket
    ), found AS (
        SELECT p.place, p.month, sum(p.changes) AS changes,
            sha256(string_agg(p.leaves, '' ORDER BY p.bucket)) AS leaves
        FROM part AS p GROUP BY p.place, p.month
    )
    SELECT s.n, CASE
        WHEN coalesce(f.changes, 0) <> s.changes
            THEN format('it covers %s changes, and %s are there', s.changes, coalesce(f.changes, 0))
        WHEN coalesce(f.leaves, sha256('')) <> s.leaves THEN 'a change that it covers was changed'
    END
    FROM audit.seal AS s
    LEFT JOIN found AS f ON f.month = s.month
        AND f.place = CASE
            WHEN s.upto_n IS NULL THEN format('%s from %s', s.above_n, s.from_tx)
            ELSE format('upto %s', s.upto_n)
        END
    WHERE s.month NOT IN (SELECT d.month FROM pg_temp.dropped_months() AS d)
$$;

-- The seals that were made while the triggers were not as a migration had confirmed.
CREATE FUNCTION pg_temp.broken_triggers() RETURNS TABLE (n bigint, fault text) LANGUAGE sql AS $$
    SELECT s.n,
        'the triggers of the trail were not those of a migration, so that changes may be missing'
    FROM audit.seal AS s
    WHERE s.month NOT IN (SELECT d.month FROM pg_temp.dropped_months() AS d)
    AND encode(s.triggers, 'hex') NOT IN (
        SELECT c.triggers FROM pg_temp.confirmed() AS c WHERE c.triggers IS NOT NULL
    )
$$;

-- What the triggers of the watched tables lack now.
CREATE FUNCTION pg_temp.trigger_faults() RETURNS SETOF text LANGUAGE sql AS $$
    WITH watched AS (
        SELECT w.relation FROM (
            SELECT DISTINCT ON (c.relation) c.relation, c.action FROM pg_temp.confirmed() AS c
            WHERE c.action IN ('watch', 'unwatch') ORDER BY c.relation, c.n DESC
        ) AS w WHERE w.action = 'watch'
    ), faults AS (
        SELECT CASE
            WHEN r.oid IS NULL THEN format('%s is watched, and is gone', w.relation)
            WHEN t.oid IS NULL THEN format('%s has no trigger audit_%s', w.relation, e.event)
            WHEN t.tgenabled <> 'A'
                THEN format('the trigger audit_%s of %s is disabled', e.event, w.relation)
        END AS fault
        FROM watched AS w
        CROSS JOIN unnest(ARRAY['insert', 'update', 'delete', 'truncate']) AS e (event)
        LEFT JOIN (
            SELECT c.oid, format('%s.%s', n.nspname, c.relname) AS name
            FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        ) AS r ON r.name = w.relation
        LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid AND t.tgname = 'audit_' || e.event
    )
    SELECT DISTINCT fault FROM faults WHERE fault IS NOT NULL
    UNION ALL
    SELECT 'the triggers of the trail, or their functions, are not those of a migration'
    WHERE NOT EXISTS (SELECT FROM faults WHERE fault IS NOT NULL)
    AND pg_temp.triggers() IS DISTINCT FROM (
        SELECT c.triggers FROM pg_temp.confirmed() AS c ORDER BY c.n DESC LIMIT 1
    )
$$;

-- The rows of the watched tables that are not as the trail says, by table: how many, and the keys
-- of some.
CREATE FUNCTION pg_temp.other_rows() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    relation text;
    oid regclass;
    keys text;
    texts text;
    fault text;
BEGIN
    FOR relation, oid, keys, texts IN
        SELECT w.relation, c.oid, string_agg(quote_ident(a.attname), ', ' ORDER BY k.position),
            string_agg(format('CAST(%I AS text)', a.attname), ', ' ORDER BY k.position)
        FROM (
            SELECT DISTINCT ON (c.relation) c.relation, c.action FROM pg_temp.confirmed() AS c
            WHERE c.action IN ('watch', 'unwatch') ORDER BY c.relation, c.n DESC
        ) AS w
        JOIN pg_catalog.pg_namespace AS n ON starts_with(w.relation, n.nspname || '.')
        JOIN pg_catalog.pg_class AS c
            ON c.relnamespace = n.oid AND w.relation = n.nspname || '.' || c.relname
        JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
        CROSS JOIN LATERAL unnest(CAST(CAST(i.indkey AS text[]) AS smallint[]))
            WITH ORDINALITY AS k (number, position)
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.number
        WHERE w.action = 'watch'
        GROUP BY w.relation, c.oid ORDER BY w.relation
    LOOP
        EXECUTE format($sql$
            WITH told AS (
                SELECT r.*, l.after AS "%5$s" FROM (
                    SELECT DISTINCT ON (c.clinic_id, c.record) c.after FROM audit.change AS c
                    WHERE c.relation = $1 AND c.record <> ''
                    ORDER BY c.clinic_id, c.record, c.n DESC
                ) AS l CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS %2$s), l.after) AS r
                WHERE l.after IS NOT NULL
            ), other AS (
                SELECT concat_ws(',', %4$s) AS key, row_number() OVER (ORDER BY %3$s) AS position
                FROM told FULL JOIN %2$s AS t USING (%3$s)
                WHERE told."%5$s" IS NULL OR t IS NULL
                OR jsonb_populate_record(t, told."%5$s") *<> t
            )
            SELECT format(
                '%%s is not as the trail says in %%s of its rows, with these keys: %%s',
                $1, count(*),
                string_agg(o.key, '; ' ORDER BY o.position) FILTER (WHERE o.position <= 5)
            )
            FROM other AS o HAVING count(*) > 0
        $sql$, relation, oid, keys, texts, 'the trail''s') INTO fault USING relation;
        RETURN QUERY SELECT fault WHERE fault IS NOT NULL;
    END LOOP;
END
$$;

-- How many changes wait for a seal, and how many no seal will cover.
CREATE FUNCTION pg_temp.unsealed(OUT waiting bigint, OUT forged bigint) LANGUAGE sql AS $$
    SELECT u.waiting, u.changes - u.waiting - coalesce((
        SELECT sum(f.changes) FROM audit.seal AS f
        WHERE f.month NOT IN (SELECT d.month FROM pg_temp.dropped_months() AS d)
    ), 0)
    FROM (
        SELECT count(*) AS changes, count(*) FILTER (WHERE CASE
            WHEN s.n IS NULL THEN true
            WHEN s.cluster = p.cluster
                THEN c.tx >= s.below_tx AND c.n > coalesce(s.upto_n, s.above_n)
            ELSE c.tx >= s.below_tx OR c.n > s.last_n
        END) AS waiting
        FROM audit.change AS c
        CROSS JOIN (
            SELECT CAST(system_identifier AS text) AS cluster FROM pg_catalog.pg_control_system()
        ) AS p
        LEFT JOIN (SELECT * FROM audit.seal ORDER BY n DESC LIMIT 1) AS s ON true
    ) AS u
$$;

-- The seals that are broken, the first one first.
CREATE FUNCTION pg_temp.broken_seals() RETURNS TABLE (n bigint, fault text) LANGUAGE sql AS $$
    SELECT f.n, f.fault FROM (
        SELECT *, 1 AS place FROM pg_temp.broken_chain()
        UNION ALL SELECT *, 2 FROM pg_temp.broken_leaves()
        UNION ALL SELECT *, 3 FROM pg_temp.broken_triggers()
    ) AS f WHERE f.fault IS NOT NULL ORDER BY f.n, f.place
$$;

CREATE FUNCTION pg_temp.other_faults() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s changes are of transactions that were sealed without them', u.forged)
    FROM pg_temp.unsealed() AS u WHERE u.forged > 0
    UNION ALL SELECT * FROM pg_temp.trigger_faults()
    UNION ALL SELECT * FROM pg_temp.other_rows()
$$;

CREATE FUNCTION pg_temp.roots(numbers bigint[])
RETURNS TABLE (n bigint, root text) LANGUAGE sql AS $$
    SELECT s.n, encode(s.root, 'hex') FROM audit.seal AS s WHERE s.n = ANY (numbers)
$$;

CREATE FUNCTION pg_temp.totals(OUT seals bigint, OUT changes bigint, OUT waiting bigint)
LANGUAGE sql AS $$
    SELECT count(*), coalesce(sum(s.changes), 0),
        (SELECT u.waiting FROM pg_temp.unsealed() AS u)
    FROM audit.seal AS s
$$;

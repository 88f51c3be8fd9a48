-- depends: 0019.kept_answers
--
-- The audit trail: who changed what, as whom, when, and what was there before and after; for the
-- API and for psql alike, because triggers write it.
--
-- audit.watch('billing.patient') begins it for a table, with all its rows as they are. It makes the
-- triggers, for each statement and not for each row: one INSERT … SELECT from the statement's old
-- and new rows. Their function is made for the table, so that Postgres plans it once in a session.
-- They fire for replicas too (ENABLE ALWAYS), so that session_replication_role hides nothing. An
-- update that changes nothing is no change.
--
-- The trail can't be changed by anybody: rows are added by the triggers alone, which run with the
-- owner's rights, and triggers refuse all else. Who may change triggers, the owner or a superuser,
-- could still forge it. So a job seals the rows: see job.seal_audit, in the next migration.
-- `superbill verify` finds what does not fit the seals, and rows of the tables that do not fit the
-- trail.
--
-- A month is a partition, so that it can be dropped as a whole, by audit.drop_month. Months begin
-- in UTC. A job makes them ahead; a row whose month is not there goes into change_other, so that no
-- write is ever refused.
--
-- The triggers have no comment, because it would be the sentence of what they refuse, and they
-- refuse nothing.
--
-- There is no CHECK and no foreign key on audit.change: Postgres would read each again in every
-- statement that writes a row, and only the functions below write one. A change of what has no
-- clinic, such as a code, has the clinic 00000000-0000-0000-0000-000000000000, to which nobody
-- belongs: the owner sees it.

CREATE SCHEMA audit;

COMMENT ON SCHEMA audit IS
'Who changed what: a trail that can only grow, and its seals.';

CREATE TABLE audit.change (
    clinic_id uuid NOT NULL,
    at timestamptz DEFAULT clock_timestamp() NOT NULL,
    n bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    tx xid8 DEFAULT pg_current_xact_id() NOT NULL,
    actor text COLLATE "C",
    login text COLLATE "C" DEFAULT session_user NOT NULL,
    role text COLLATE "C" DEFAULT coalesce(
        nullif(current_setting('role'), 'none'), session_user
    ) NOT NULL,
    relation text COLLATE "C" NOT NULL,
    record text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    before jsonb,
    after jsonb,
    CONSTRAINT change_pkey PRIMARY KEY (clinic_id, at, n)
) PARTITION BY RANGE (at);

CREATE INDEX change_record_at_n_idx ON audit.change (clinic_id, record, at, n);

CREATE INDEX change_actor_at_n_idx ON audit.change (clinic_id, actor, at, n);

CREATE INDEX change_tx_idx ON audit.change (tx);

COMMENT ON TABLE audit.change IS
'The changes of rows, one for each row that a statement changed.';

COMMENT ON COLUMN audit.change.clinic_id IS
'The clinic that has the row; zeros for what no clinic has.';

COMMENT ON COLUMN audit.change.at IS
'When it was changed.';

COMMENT ON COLUMN audit.change.n IS
'Tells changes of the same moment apart; later changes of a row have higher numbers.';

COMMENT ON COLUMN audit.change.tx IS
'The transaction that changed it.';

COMMENT ON COLUMN audit.change.actor IS
'Who changed it: the subject of a token, or a login of Postgres.';

COMMENT ON COLUMN audit.change.login IS
'The login of Postgres that changed it: the server''s, or a person''s.';

COMMENT ON COLUMN audit.change.role IS
'The role as which it was changed.';

COMMENT ON COLUMN audit.change.relation IS
'The table, with its schema.';

COMMENT ON COLUMN audit.change.record IS
'The row''s key; of a key of several columns, the values with commas between them.';

COMMENT ON COLUMN audit.change.action IS
'insert, update, delete or truncate; baseline: the row as it was when its trail began.';

COMMENT ON COLUMN audit.change.before IS
'The row before the change, as an object; NULL if there was none.';

COMMENT ON COLUMN audit.change.after IS
'The row after the change, as an object; NULL if there is none.';

COMMENT ON SEQUENCE audit.change_n_seq IS
'Numbers the changes.';

COMMENT ON CONSTRAINT change_pkey ON audit.change IS
'A change has a number of its own.';

COMMENT ON INDEX audit.change_record_at_n_idx IS
'Lists the changes of a record.';

COMMENT ON INDEX audit.change_actor_at_n_idx IS
'Lists what somebody changed.';

COMMENT ON INDEX audit.change_tx_idx IS
'Finds the changes that have not been sealed.';

CREATE TABLE audit.change_other PARTITION OF audit.change DEFAULT;

COMMENT ON TABLE audit.change_other IS
'The changes whose month has no partition of its own.';

CREATE POLICY own ON audit.change USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON audit.change IS
'A session sees the changes of its own clinic.';

ALTER TABLE audit.change ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION audit.refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail can only grow' USING ERRCODE = 'insufficient_privilege';
END
$$;

COMMENT ON FUNCTION audit.refuse() IS
'Refuses to change or remove what the trail has.';

CREATE TRIGGER change_can_only_grow BEFORE UPDATE OR DELETE ON audit.change
FOR EACH ROW EXECUTE FUNCTION audit.refuse();

CREATE TRIGGER change_is_not_truncated BEFORE TRUNCATE ON audit.change
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

CREATE TRIGGER change_other_is_not_truncated BEFORE TRUNCATE ON audit.change_other
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.change ENABLE ALWAYS TRIGGER change_can_only_grow;

ALTER TABLE audit.change ENABLE ALWAYS TRIGGER change_is_not_truncated;

ALTER TABLE audit.change_other ENABLE ALWAYS TRIGGER change_other_is_not_truncated;

COMMENT ON TRIGGER change_can_only_grow ON audit.change IS
'The audit trail can only grow.';

COMMENT ON TRIGGER change_is_not_truncated ON audit.change IS
'The audit trail can only grow.';

COMMENT ON TRIGGER change_other_is_not_truncated ON audit.change_other IS
'The audit trail can only grow.';

-- A table is attached and not made as a partition, because that would stop all writers. To attach it
-- waits for the transactions that read the partition of the rest, for two seconds at most, because
-- other statements wait behind it.
CREATE FUNCTION audit.make_months(ahead integer, kept text DEFAULT 'change') RETURNS SETOF text
LANGUAGE plpgsql SET search_path = '' SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
    parent CONSTANT text := make_months.kept;
    rest CONSTANT text := parent || '_other';
    first timestamptz;
    name text;
    is_taken boolean;
BEGIN
    FOR first IN
        SELECT date_trunc('month', now()) + make_interval(months => i)
        FROM generate_series(0, make_months.ahead) AS i
    LOOP
        name := parent || to_char(first, '_YYYY_MM');
        CONTINUE WHEN to_regclass('audit.' || name) IS NOT NULL;
        EXECUTE format('SELECT EXISTS (SELECT FROM audit.%I AS c WHERE c.at >= $1 AND c.at < $2)', rest)
        INTO is_taken USING first, first + interval '1 month';
        IF is_taken THEN
            RETURN NEXT format('%s has %ss in %s, and stays there',
                to_char(first, 'YYYY-MM'), parent, rest);
            CONTINUE;
        END IF;
        EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING ALL EXCLUDING IDENTITY)',
            name, parent);
        EXECUTE format('COMMENT ON TABLE audit.%I IS %L', name,
            format('The %ss of %s.', parent, to_char(first, 'YYYY-MM')));
        -- A trigger for each statement is not copied to a partition.
        IF parent = 'change' THEN
            EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON audit.%I FOR EACH STATEMENT '
                'EXECUTE FUNCTION audit.refuse()', name || '_is_not_truncated', name);
            EXECUTE format('ALTER TABLE audit.%I ENABLE ALWAYS TRIGGER %I',
                name, name || '_is_not_truncated');
        END IF;
        EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
            parent, name, first, first + interval '1 month');
    END LOOP;
END
$$;

COMMENT ON FUNCTION audit.make_months(integer, text) IS
'Makes the partitions of this month and of so many after it, of a table such as change.';

CREATE FUNCTION audit.triggers() RETURNS bytea
LANGUAGE sql STABLE SET search_path = ''
RETURN (
    SELECT
        sha256(convert_to(coalesce(string_agg(
            CAST(ROW(
                n.nspname, c.relname, t.tgname, t.tgtype, t.tgenabled, t.tgoldtable, t.tgnewtable,
                f.proname, f.prosrc, f.prosecdef, f.proconfig, pg_get_userbyid(f.proowner)
            ) AS text), E'\n' ORDER BY n.nspname, c.relname, t.tgname
        ), ''), 'UTF8'))
    FROM pg_catalog.pg_trigger AS t
    INNER JOIN pg_catalog.pg_class AS c ON t.tgrelid = c.oid
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    INNER JOIN pg_catalog.pg_proc AS f ON t.tgfoid = f.oid
    WHERE f.pronamespace = CAST('audit' AS regnamespace) AND NOT c.relispartition
);

COMMENT ON FUNCTION audit.triggers() IS
'The SHA-256 of the triggers that write and guard the trail: names, tables, functions, states.';

CREATE FUNCTION audit.confirm(relation text, action text) RETURNS void
LANGUAGE sql SET search_path = '' AS $$
INSERT INTO audit.change (clinic_id, actor, relation, record, action, after)
VALUES (
    '00000000-0000-0000-0000-000000000000', identity.actor(), confirm.relation, '', confirm.action,
    jsonb_build_object('triggers', encode(audit.triggers(), 'hex'))
)
$$;

COMMENT ON FUNCTION audit.confirm(text, text) IS
'Writes that the triggers of the trail are as they are on purpose. A seal under others is broken.';

CREATE FUNCTION audit.record(keys name[], types regtype[]) RETURNS text
LANGUAGE sql STABLE SET search_path = '' AS $$
SELECT
    CASE count(*)
        WHEN 1 THEN max(v.value)
        ELSE 'concat_ws('','', ' || string_agg(
            format('replace(replace(%s, ''%%'', ''%%25''), '','', ''%%2C'')', v.value),
            ', ' ORDER BY v.position
        ) || ')'
    END
FROM (
    SELECT
        k.position,
        -- The text of other types depends on settings of the session.
        format(CASE
            WHEN t.typcategory IN ('S', 'N', 'E', 'B') OR t.typname = 'uuid'
                THEN 'CAST($.%I AS text)'
            ELSE '(to_jsonb($.%I) #>> ''{}'')'
        END, k.name) AS value
    FROM unnest(record.keys, record.types) WITH ORDINALITY AS k (name, type, position)
    INNER JOIN pg_catalog.pg_type AS t ON CAST(k.type AS oid) = t.oid
) AS v
$$;

COMMENT ON FUNCTION audit.record(name[], regtype[]) IS
'Writes the SQL of a row''s record, the text of its key; $ stands for the row.';

CREATE FUNCTION audit.make_trigger(relation regclass, function text, event text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    name CONSTANT text := 'audit_' || lower(split_part(make_trigger.event, ' ', 2));
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER %I %s FOR EACH STATEMENT EXECUTE FUNCTION audit.%I()',
        name, format(make_trigger.event, make_trigger.relation), make_trigger.function);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', make_trigger.relation, name);
END
$$;

COMMENT ON FUNCTION audit.make_trigger(regclass, text, text) IS
'Makes a trigger that writes to the trail.';

CREATE FUNCTION audit.watch(relation regclass, tenant name DEFAULT 'clinic_id') RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    columns CONSTANT text := '(clinic_id, actor, relation, record, action, before, after)';
    full_name text;
    all_keys text;
    keys name[];
    types regtype[];
    clinic text := 'CAST(''00000000-0000-0000-0000-000000000000'' AS uuid)';
    record text;
    event text;
BEGIN
    SELECT n.nspname || '.' || c.relname INTO full_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.oid = watch.relation AND c.relkind = 'r' AND NOT c.relispartition;
    SELECT
        string_agg(quote_ident(a.attname), ', ' ORDER BY k.position),
        array_agg(a.attname ORDER BY k.position) FILTER (WHERE a.attname <> watch.tenant),
        array_agg(CAST(a.atttypid AS regtype) ORDER BY k.position)
        FILTER (WHERE a.attname <> watch.tenant)
    INTO all_keys, keys, types
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k (number, position)
    INNER JOIN pg_catalog.pg_attribute AS a ON i.indrelid = a.attrelid AND k.number = a.attnum
    WHERE i.indrelid = watch.relation AND i.indisprimary;
    IF full_name IS NULL OR keys IS NULL THEN
        RAISE EXCEPTION '% is not watched: it is no table with a primary key', watch.relation;
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = watch.relation AND a.attname = watch.tenant
        AND a.attnum > 0 AND NOT a.attisdropped
    ) THEN
        clinic := '$.' || quote_ident(watch.tenant);
    END IF;
    record := audit.record(keys, types);
    -- The old and the new rows of a statement have these names in the triggers below.
    EXECUTE format(
        $sql$
CREATE OR REPLACE FUNCTION audit.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $body$
BEGIN
    IF tg_op = 'INSERT' THEN
        INSERT INTO audit.change %2$s
        SELECT %3$s, identity.actor(), %1$L, %4$s, 'insert', NULL, to_jsonb(r)
        FROM fresh AS r;
    ELSIF tg_op = 'UPDATE' THEN
        INSERT INTO audit.change %2$s
        SELECT
            CASE WHEN r IS NULL THEN %5$s ELSE %3$s END, identity.actor(), %1$L,
            CASE WHEN r IS NULL THEN %6$s ELSE %4$s END, 'update',
            to_jsonb(o), to_jsonb(r)
        FROM former AS o
        FULL JOIN fresh AS r USING (%7$s)
        WHERE o IS NULL OR r IS NULL OR o OPERATOR(pg_catalog.*<>) r;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO audit.change %2$s
        SELECT %5$s, identity.actor(), %1$L, %6$s, 'delete', to_jsonb(o), NULL
        FROM former AS o;
    ELSE
        INSERT INTO audit.change %2$s
        SELECT %5$s, identity.actor(), %1$L, %6$s, 'truncate', to_jsonb(o), NULL
        FROM %8$s AS o;
    END IF;
    RETURN NULL;
END
$body$
        $sql$,
        full_name, columns, replace(clinic, '$', 'r'), replace(record, '$', 'r'),
        replace(clinic, '$', 'o'), replace(record, '$', 'o'), all_keys, watch.relation
    );
    EXECUTE format('REVOKE ALL ON FUNCTION audit.%I() FROM public', full_name);
    EXECUTE format('COMMENT ON FUNCTION audit.%I() IS %L', full_name,
        'Writes the changes of ' || full_name || ' to the audit trail.');
    FOREACH event IN ARRAY ARRAY[
        'AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh',
        'AFTER UPDATE ON %s REFERENCING OLD TABLE AS former NEW TABLE AS fresh',
        'AFTER DELETE ON %s REFERENCING OLD TABLE AS former',
        'BEFORE TRUNCATE ON %s'
    ] LOOP
        PERFORM audit.make_trigger(watch.relation, full_name, event);
    END LOOP;
    EXECUTE format(
        $sql$
        INSERT INTO audit.change %2$s
        SELECT %3$s, identity.actor(), %1$L, %4$s, 'baseline', NULL, to_jsonb(r)
        FROM ONLY %5$s AS r
        WHERE NOT EXISTS (SELECT FROM audit.change AS c WHERE c.relation = %1$L)
        OR to_jsonb(r) IS DISTINCT FROM (
            SELECT c.after FROM audit.change AS c
            WHERE c.clinic_id = %3$s AND c.record = %4$s AND c.relation = %1$L
            ORDER BY c.at DESC, c.n DESC
            LIMIT 1
        )
        $sql$,
        full_name, columns, replace(clinic, '$', 'r'), replace(record, '$', 'r'), watch.relation
    );
    PERFORM audit.confirm(full_name, 'watch');
END
$$;

COMMENT ON FUNCTION audit.watch(regclass, name) IS
'Begins the trail of a table, or goes on with it after its columns have changed.';

CREATE FUNCTION audit.unwatch(relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    full_name text;
    event text;
BEGIN
    SELECT n.nspname || '.' || c.relname INTO full_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.oid = unwatch.relation;
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', 'audit_' || event, unwatch.relation);
    END LOOP;
    EXECUTE format('DROP FUNCTION audit.%I()', full_name);
    PERFORM audit.confirm(full_name, 'unwatch');
END
$$;

COMMENT ON FUNCTION audit.unwatch(regclass) IS
'Ends the trail of a table, before a migration drops it; what was written stays.';

CREATE FUNCTION job.make_audit_months() RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
SELECT audit.make_months(3)
$$;

COMMENT ON FUNCTION job.make_audit_months() IS
'Makes the partitions of the trail for the next three months.
Every: 1 h';

-- Not granted to PUBLIC: what only the owner may call, and what runs with the owner's privileges.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA audit, job FROM public;

GRANT EXECUTE ON FUNCTION job.make_audit_months() TO superbill_keeper;

SELECT audit.make_months(3);

SELECT audit.watch('billing.patient');

SELECT audit.watch('billing.encounter');

SELECT audit.watch('billing.line_item');

SELECT audit.watch('billing.cpt_code');

SELECT audit.watch('identity.member');

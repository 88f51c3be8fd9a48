-- depends: 0054.dated_lists
--
-- One statement for the new rows of several callers of one clinic, with the right one beside each
-- row in the audit trail.
--
-- The server sends the rows that wait at the same time as one statement. Before it, it sets
-- request.actors to the callers' names, in the order of the rows, and request.actor to nothing.
-- Who asks identity.actor() then is refused (SQLSTATE ID001), whatever asks: a default, a policy, a
-- trigger, a function. The server then runs a statement for each caller, now and from then on. So
-- nothing is done in the name of another one, also in tables that do not know of this.
--
-- The trail is the exception. The statement returns each new row's key beside the number of the
-- call that it is of, and stores the names by these keys in request.actors. The triggers of the
-- trail run after that, at the end of the statement. They look up each row by its key; a row whose
-- key is not there is refused as above. Two rows with one key are refused by the statement.
--
-- Only the server's login is asked for these settings. What a person sets is not read.
--
-- squawk-ignore-file ban-drop-function

CREATE FUNCTION identity.acts_for_several() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('request.actors', true), '') <> ''
AND pg_has_role(session_user, 'superbill_gate', 'SET');

COMMENT ON FUNCTION identity.acts_for_several() IS
'Whether the statement acts for several callers, so that no single actor is right for all of it.
The server shares a statement among several callers only where this function is.';

CREATE FUNCTION identity.refuse_several() RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'the statement acts for several callers' USING ERRCODE = 'ID001';
END
$$;

COMMENT ON FUNCTION identity.refuse_several() IS
'Refuses to name the actor of a statement that acts for several callers.';

CREATE OR REPLACE FUNCTION identity.actor() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN NOT pg_has_role(session_user, 'superbill_gate', 'SET')
        THEN CAST(session_user AS text)
    WHEN coalesce(current_setting('request.actors', true), '') <> ''
        THEN identity.refuse_several()
    ELSE nullif(current_setting('request.actor', true), '')
END;

CREATE FUNCTION identity.writers(relation text) RETURNS TABLE (key text, actor text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT w.key, nullif(w.value, '')
FROM jsonb_each_text(
    CAST(current_setting('request.actors') AS jsonb) -> writers.relation
) AS w (key, value)
$$;

COMMENT ON FUNCTION identity.writers(text) IS
'The keys of the rows that the statement has added to a table for several callers, and by whom.';

CREATE FUNCTION audit.terms(
    relation regclass, tenant name,
    OUT full_name text, OUT all_keys text, OUT clinic text, OUT record text, OUT key text
)
LANGUAGE plpgsql STABLE SET search_path = '' AS $$
DECLARE
    keys name[];
    types regtype[];
BEGIN
    clinic := 'CAST(''00000000-0000-0000-0000-000000000000'' AS uuid)';
    SELECT n.nspname || '.' || c.relname INTO full_name
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
    WHERE c.oid = terms.relation AND c.relkind = 'r' AND NOT c.relispartition;
    SELECT
        string_agg(quote_ident(a.attname), ', ' ORDER BY k.position),
        array_agg(a.attname ORDER BY k.position) FILTER (WHERE a.attname <> terms.tenant),
        array_agg(CAST(a.atttypid AS regtype) ORDER BY k.position)
        FILTER (WHERE a.attname <> terms.tenant)
    INTO all_keys, keys, types
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k (number, position)
    INNER JOIN pg_catalog.pg_attribute AS a ON i.indrelid = a.attrelid AND k.number = a.attnum
    WHERE i.indrelid = terms.relation AND i.indisprimary;
    IF full_name IS NULL OR keys IS NULL THEN
        RAISE EXCEPTION '% is not watched: it is no table with a primary key', terms.relation;
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = terms.relation AND a.attname = terms.tenant
        AND a.attnum > 0 AND NOT a.attisdropped
    ) THEN
        clinic := '$.' || quote_ident(terms.tenant);
    END IF;
    record := audit.record(keys, types);
    key := 'CAST(json_build_array(' || (
        SELECT string_agg(format('to_json($.%I) #>> ''{}''', k.name), ', ' ORDER BY k.position)
        FROM unnest(keys) WITH ORDINALITY AS k (name, position)
    ) || ') AS text)';
END
$$;

COMMENT ON FUNCTION audit.terms(regclass, name) IS
'Writes the SQL of a row''s clinic, record and key, for the trail; $ stands for the row. The key is
written as the server does it: a JSON array of texts.';

CREATE FUNCTION audit.make_function(relation regclass, tenant name DEFAULT 'clinic_id') RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    columns CONSTANT text := '(clinic_id, actor, relation, record, action, before, after)';
    terms record := audit.terms(make_function.relation, make_function.tenant);
BEGIN
    -- The old and the new rows of a statement have these names in the triggers below.
    EXECUTE format(
        $sql$
CREATE OR REPLACE FUNCTION audit.%1$I() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $body$
BEGIN
    IF tg_op = 'INSERT' AND identity.acts_for_several() THEN
        INSERT INTO audit.change %2$s
        SELECT
            %3$s, coalesce(w.actor, identity.refuse_several()), %1$L, %4$s, 'insert', NULL,
            to_jsonb(r)
        FROM fresh AS r
        LEFT JOIN identity.writers(%1$L) AS w ON w.key = %9$s;
    ELSIF tg_op = 'INSERT' THEN
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
        terms.full_name, columns, replace(terms.clinic, '$', 'r'), replace(terms.record, '$', 'r'),
        replace(terms.clinic, '$', 'o'), replace(terms.record, '$', 'o'), terms.all_keys,
        make_function.relation, replace(terms.key, '$', 'r')
    );
    EXECUTE format('REVOKE ALL ON FUNCTION audit.%I() FROM public', terms.full_name);
    EXECUTE format('COMMENT ON FUNCTION audit.%I() IS %L', terms.full_name,
        'Writes the changes of ' || terms.full_name || ' to the audit trail.');
END
$$;

COMMENT ON FUNCTION audit.make_function(regclass, name) IS
'Makes the function of the triggers that write a table''s changes to the trail.';

CREATE OR REPLACE FUNCTION audit.watch(relation regclass, tenant name DEFAULT 'clinic_id')
RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    columns CONSTANT text := '(clinic_id, actor, relation, record, action, before, after)';
    terms record := audit.terms(watch.relation, watch.tenant);
    event text;
BEGIN
    PERFORM audit.make_function(watch.relation, watch.tenant);
    FOREACH event IN ARRAY ARRAY[
        'AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh',
        'AFTER UPDATE ON %s REFERENCING OLD TABLE AS former NEW TABLE AS fresh',
        'AFTER DELETE ON %s REFERENCING OLD TABLE AS former',
        'BEFORE TRUNCATE ON %s'
    ] LOOP
        PERFORM audit.make_trigger(watch.relation, terms.full_name, event);
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
        terms.full_name, columns, replace(terms.clinic, '$', 'r'),
        replace(terms.record, '$', 'r'), watch.relation
    );
    PERFORM audit.confirm(terms.full_name, 'watch');
END
$$;

REVOKE ALL ON FUNCTION audit.terms(regclass, name) FROM public;

REVOKE ALL ON FUNCTION audit.make_function(regclass, name) FROM public;

DO $$
DECLARE
    watched record;
BEGIN
    FOR watched IN
        SELECT
            CAST(t.tgrelid AS regclass) AS relation,
            n.nspname || '.' || c.relname AS full_name
        FROM pg_catalog.pg_trigger AS t
        INNER JOIN pg_catalog.pg_class AS c ON t.tgrelid = c.oid
        INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid
        INNER JOIN pg_catalog.pg_proc AS f ON t.tgfoid = f.oid
        WHERE t.tgname = 'audit_insert' AND f.pronamespace = CAST('audit' AS regnamespace)
        ORDER BY full_name
    LOOP
        PERFORM audit.make_function(watched.relation);
        PERFORM audit.confirm(watched.full_name, 'watch');
    END LOOP;
END
$$;

-- squawk-ignore-file ban-drop-function
-- The functions are made again as they were.

DROP FUNCTION billing.load_versions(text, text, text, date, text);

DROP FUNCTION billing.change_versions(text, text, text, text[]);

CREATE FUNCTION billing.change_versions(noun text, code_list text, codes text[]) RETURNS text[]
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    half CONSTANT integer := cardinality(codes) / 2;
BEGIN
    IF cardinality(codes) = 0 THEN
        RETURN codes;
    END IF;
    EXECUTE format(
        $sql$
        WITH named AS (
            INSERT INTO billing.%1$I AS c (code, description)
            SELECT p.code, p.description FROM pg_temp.planned AS p WHERE p.code = ANY ($1)
            ON CONFLICT (code) DO UPDATE SET description = excluded.description
            WHERE c.description <> excluded.description
        ),

        removed AS (
            DELETE FROM billing.%2$I AS v USING pg_temp.change AS c
            WHERE c.code = ANY ($1) AND v.id = c.id AND c.valid_during IS NULL
            RETURNING v.id
        ),

        changed AS (
            UPDATE billing.%2$I AS v
            SET valid_during = c.valid_during, description = c.description
            FROM pg_temp.change AS c
            WHERE c.code = ANY ($1) AND v.id = c.id AND c.valid_during IS NOT NULL
            AND (SELECT count(*) FROM removed) >= 0
            RETURNING v.id
        )

        INSERT INTO billing.%2$I (code, valid_during, description, code_list)
        SELECT c.code, c.valid_during, c.description, $2
        FROM pg_temp.change AS c
        WHERE c.code = ANY ($1) AND c.id IS NULL AND (SELECT count(*) FROM changed) >= 0
        $sql$,
        noun, noun || '_version'
    ) USING codes, code_list;
    RETURN '{}';
EXCEPTION
    WHEN foreign_key_violation OR restrict_violation THEN
        IF half = 0 THEN
            RETURN codes;
        END IF;
        RETURN billing.change_versions(noun, code_list, codes[: half])
            || billing.change_versions(noun, code_list, codes[half + 1 :]);
END
$$;

COMMENT ON FUNCTION billing.change_versions(text, text, text[]) IS
'Makes the changes in the temporary table change; returns the codes that bills hold as they are.';

CREATE FUNCTION billing.load_versions(noun text, code_list text, called text, first_day date)
RETURNS SETOF text
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    wrong bigint;
    newest date;
    loaded date;
    losing text[];
    kept text[];
    told text;
BEGIN
    SELECT min(r.line) INTO wrong FROM pg_temp.release AS r WHERE r.ended <= r.added;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'line %: the code ends before it begins', wrong;
    END IF;
    SELECT max(greatest(r.added, r.action)) INTO newest FROM pg_temp.release AS r;
    EXECUTE format('SELECT max(lower(v.valid_during)) FROM billing.%I AS v WHERE v.code_list = $1',
        noun || '_version') INTO loaded USING code_list;
    IF newest < loaded THEN
        RAISE EXCEPTION 'it is older than what was loaded: its last change is of %, and that of %',
            newest, loaded;
    END IF;

    DROP TABLE IF EXISTS pg_temp.planned, pg_temp.change;
    PERFORM billing.plan_codes(noun, code_list, first_day);
    PERFORM billing.plan_versions(noun, code_list);
    SELECT array_agg(l.code ORDER BY l.code) INTO losing FROM (
        SELECT c.code FROM pg_temp.change AS c
        GROUP BY c.code
        HAVING NOT range_agg(c.former) <@ coalesce(range_agg(c.valid_during), '{}')
    ) AS l;
    losing := coalesce(losing, '{}');
    PERFORM billing.change_versions(noun, code_list, array(
        SELECT DISTINCT c.code FROM pg_temp.change AS c WHERE c.code <> ALL (losing)
    ));
    kept := billing.change_versions(noun, code_list, losing);

    SELECT
        concat_ws(', ',
            nullif(count(*) FILTER (WHERE p.is_new), 0) || ' added',
            nullif(count(*) FILTER (WHERE p.is_back), 0) || ' valid again',
            nullif(count(*) FILTER (WHERE upper_inf(p.run) AND NOT upper_inf(p.life)), 0)
            || ' ended',
            nullif(count(*) FILTER (WHERE p.has_text), 0) || ' texts changed',
            nullif(count(*) FILTER (
                WHERE NOT p.is_new AND NOT p.is_back
                AND lower(p.life) IS DISTINCT FROM lower(p.run)
            ), 0) || ' starts corrected',
            nullif(count(*) FILTER (
                WHERE NOT p.is_back AND NOT upper_inf(p.run)
                AND upper(p.life) IS DISTINCT FROM upper(p.run)
            ), 0) || ' ends corrected'
        ) INTO told
    FROM pg_temp.planned AS p
    WHERE p.code <> ALL (kept);
    RETURN NEXT called || ': ' || coalesce(nullif(told, ''), 'nothing has changed');

    RETURN QUERY EXECUTE format(
        $sql$
        SELECT billing.told(
            $1 || ' not in the file, and not ended', array_agg(v.code ORDER BY v.code)
        )
        FROM billing.%I AS v
        WHERE v.code_list = $2 AND upper_inf(v.valid_during)
        AND NOT EXISTS (SELECT FROM pg_temp.release AS r WHERE r.code = v.code)
        HAVING count(*) > 0
        $sql$,
        noun || '_version'
    ) USING called, code_list;
    RETURN QUERY
    SELECT billing.told(
        called || ' of another list, and left out', array_agg(r.code ORDER BY r.code)
    )
    FROM pg_temp.release AS r
    WHERE NOT EXISTS (SELECT FROM pg_temp.planned AS p WHERE p.code = r.code)
    HAVING count(*) > 0;
    IF cardinality(kept) > 0 THEN
        RETURN NEXT billing.told(
            called || ' left as they are, because bills need days that they would lose', kept
        );
    END IF;
END
$$;

COMMENT ON FUNCTION billing.load_versions(text, text, text, date) IS
'Makes the versions of a list what the temporary table release says, and tells what has changed.';

CREATE FUNCTION billing.load_names(
    noun text, named text, called text, codes text[], names text[]
) RETURNS SETOF text
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        $sql$
        WITH loaded AS (
            INSERT INTO billing.%1$I AS n (code, %2$I)
            SELECT l.code, l.name FROM unnest($1, $2) AS l (code, name)
            ON CONFLICT (code) DO UPDATE SET %2$I = excluded.%2$I
            WHERE n.%2$I <> excluded.%2$I
            RETURNING old.code IS NULL AS is_new
        )

        SELECT $3 || ': ' || coalesce(
            nullif(concat_ws(', ',
                nullif(count(*) FILTER (WHERE l.is_new), 0) || ' added',
                nullif(count(*) FILTER (WHERE NOT l.is_new), 0) || ' texts changed'
            ), ''),
            'nothing has changed'
        )
        FROM loaded AS l
        $sql$,
        noun, named
    ) USING codes, names, called;
END
$$;

COMMENT ON FUNCTION billing.load_names(text, text, text, text[], text[]) IS
'Adds what a list without dates has, with its newest texts, and tells what has changed.';

REVOKE ALL ON FUNCTION
billing.change_versions(text, text, text[]),
billing.load_versions(text, text, text, date),
billing.load_names(text, text, text, text[], text[])
FROM public;

-- depends: 0053.place_of_service_version
--
-- Published lists of modifiers and places of service are loaded with their dates, by the function
-- that loads procedure and diagnosis codes. The table of a list may call its text otherwise than
-- description: named says how. Versions of modifiers are kept by a trigger, not by a foreign key.
--
-- squawk-ignore-file ban-drop-function

DROP FUNCTION billing.load_names(text, text, text, text[], text[]);

DROP FUNCTION billing.load_versions(text, text, text, date);

DROP FUNCTION billing.change_versions(text, text, text[]);

CREATE FUNCTION billing.change_versions(
    noun text, named text, code_list text, codes text[]
) RETURNS text[]
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
            INSERT INTO billing.%1$I AS c (code, %3$I)
            SELECT p.code, p.description FROM pg_temp.planned AS p WHERE p.code = ANY ($1)
            ON CONFLICT (code) DO UPDATE SET %3$I = excluded.%3$I
            WHERE c.%3$I <> excluded.%3$I
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
        noun, noun || '_version', named
    ) USING codes, code_list;
    RETURN '{}';
EXCEPTION
    WHEN foreign_key_violation OR restrict_violation OR object_not_in_prerequisite_state THEN
        IF half = 0 THEN
            RETURN codes;
        END IF;
        RETURN billing.change_versions(noun, named, code_list, codes[: half])
            || billing.change_versions(noun, named, code_list, codes[half + 1 :]);
END
$$;

COMMENT ON FUNCTION billing.change_versions(text, text, text, text[]) IS
'Makes the changes in the temporary table change; returns the codes that bills hold as they are.';

CREATE FUNCTION billing.load_versions(
    noun text, code_list text, called text, first_day date, named text DEFAULT 'description'
) RETURNS SETOF text
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
    PERFORM billing.change_versions(noun, named, code_list, array(
        SELECT DISTINCT c.code FROM pg_temp.change AS c WHERE c.code <> ALL (losing)
    ));
    kept := billing.change_versions(noun, named, code_list, losing);

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

COMMENT ON FUNCTION billing.load_versions(text, text, text, date, text) IS
'Makes the versions of a list what the temporary table release says, and tells what has changed.';

-- Not granted to anybody: a list is loaded by the owner.
REVOKE ALL ON FUNCTION
billing.change_versions(text, text, text, text[]),
billing.load_versions(text, text, text, date, text)
FROM public;

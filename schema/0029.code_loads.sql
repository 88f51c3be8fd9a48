-- depends: 0028.fee
--
-- How a published list of codes is loaded. `superbill load` reads a file into temporary tables, by
-- a mapping in loads/, and runs the SQL beside it, which calls the functions here.
--
-- A list says of each code what it stands for and, if it has dates, since when, since when so, and
-- until when. load_versions compares that with the versions that are there:
--
-- * a code that the list did not have gets a version; one that was entered by hand gives way;
-- * a code that has ended and is listed again gets another period;
-- * a text that has changed ends the version in force on the day of the change and begins another
--   one, so that a bill keeps the text of its day. What changed before the version in force began
--   is a correction of that version;
-- * ends and starts move. Nothing ends because the file lacks it: what it lacks is told.
--
-- All changes of a code are one statement, because only then may a version be split that bills
-- refer to. A code that would lose days for which there are bills stays as it is, and is told: the
-- rest is loaded. To find such codes, the statement is tried with all of them, then with halves.
--
-- A file that is older than what was loaded is refused. It would bring the old texts back.

CREATE FUNCTION billing.told(what text, codes text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = ''
RETURN what || ': ' || cardinality(codes) || ' (' || array_to_string(codes[:20], ', ')
|| CASE WHEN cardinality(codes) > 20 THEN ', …)' ELSE ')' END;

COMMENT ON FUNCTION billing.told(text, text[]) IS
'What is to be said of some codes, with the first twenty.';

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

-- The temporary table release has a row for each code: line (of the file), code, description (NULL:
-- as it is), added (NULL: the file does not tell), action (since when the description is so), ended
-- (the first day on which it is not valid any more).
--
-- The temporary table planned says what each code was and is to be: run, its last days without a
-- gap; life, these days from now on. A code of another list is left out.
CREATE FUNCTION billing.plan_codes(noun text, code_list text, first_day date) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE format(
        $sql$
        CREATE TEMP TABLE planned ON COMMIT DROP AS
        WITH listed AS (
            SELECT
                v.code,
                range_agg(v.valid_during) AS days,
                (array_agg(v.valid_during ORDER BY v.valid_during DESC))[1] AS last,
                (array_agg(v.description ORDER BY v.valid_during DESC))[1] AS description
            FROM billing.%1$I AS v
            WHERE v.code_list = %2$L
            GROUP BY v.code
        ),

        known AS (
            SELECT
                l.*,
                (SELECT d.run FROM unnest(l.days) AS d (run) ORDER BY d.run DESC LIMIT 1) AS run
            FROM listed AS l
        )

        SELECT
            r.code,
            coalesce(r.description, k.description) AS description,
            k.run,
            k.code IS NULL AS is_new,
            b.day IS NOT NULL AS is_back,
            k.code IS NOT NULL AND b.day IS NULL
            AND coalesce(k.description <> r.description, false) AS has_text,
            CASE WHEN r.action >= r.ended THEN lower(k.last) ELSE coalesce(r.action, lower(k.last))
            END AS text_from,
            CASE
                WHEN r.ended <= s.day THEN coalesce(k.run, daterange(NULL, r.ended))
                ELSE daterange(s.day, r.ended)
            END AS life
        FROM pg_temp.release AS r
        LEFT JOIN known AS k ON k.code = r.code
        LEFT JOIN LATERAL (
            SELECT a.day FROM (VALUES (1, r.added), (2, r.action)) AS a (n, day)
            WHERE a.day > upper(k.run) AND (r.ended IS NULL OR r.ended > a.day)
            ORDER BY a.n LIMIT 1
        ) AS b ON true
        CROSS JOIN LATERAL (
            SELECT
                CASE
                    WHEN k.code IS NULL THEN coalesce(r.added, %3$L)
                    WHEN b.day IS NOT NULL THEN b.day
                    WHEN r.added IS NULL THEN lower(k.run)
                    WHEN lower(k.days) IS DISTINCT FROM lower(k.run) AND r.added < lower(k.run)
                        THEN lower(k.run)
                    ELSE r.added
                END AS day
        ) AS s
        WHERE NOT EXISTS (
            SELECT FROM billing.%1$I AS o
            WHERE o.code = r.code AND o.code_list NOT IN (%2$L, 'hand')
        )
        $sql$,
        noun || '_version', code_list, first_day
    );
END
$$;

COMMENT ON FUNCTION billing.plan_codes(text, text, date) IS
'Compares the temporary table release with the versions of its codes, in the table planned.';

-- The temporary table change has a row for each version to add (id NULL), to change, or to remove
-- (valid_during NULL). A version whose first day stays is changed, any other is replaced.
CREATE FUNCTION billing.plan_versions(noun text, code_list text) RETURNS void
LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    EXECUTE format(
        $sql$
        CREATE TEMP TABLE change ON COMMIT DROP AS
        WITH moving AS (
            SELECT p.* FROM pg_temp.planned AS p
            WHERE p.is_new OR p.is_back OR p.has_text OR p.life <> p.run
        ),

        former AS (
            SELECT
                v.id,
                v.code,
                v.valid_during,
                v.description,
                daterange(
                    CASE WHEN m.run &> v.valid_during THEN NULL ELSE lower(v.valid_during) END,
                    CASE WHEN m.run &< v.valid_during THEN NULL ELSE upper(v.valid_during) END
                ) * m.life * CASE
                    WHEN NOT m.has_text THEN daterange(NULL, NULL)
                    WHEN m.text_from IS NULL THEN 'empty'
                    ELSE daterange(NULL, m.text_from)
                END AS rest
            FROM moving AS m
            INNER JOIN billing.%1$I AS v ON v.code = m.code
            WHERE v.code_list = %2$L AND v.valid_during <@ m.run AND NOT m.is_back
        ),

        wanted AS (
            SELECT m.code, m.life AS days, m.description FROM moving AS m
            WHERE m.is_new OR m.is_back
            UNION ALL
            SELECT f.code, f.rest, f.description FROM former AS f
            WHERE NOT isempty(f.rest)
            UNION ALL
            SELECT m.code, m.life * daterange(m.text_from, NULL), m.description FROM moving AS m
            WHERE m.has_text AND m.life && daterange(m.text_from, NULL)
        ),

        entered AS (
            SELECT v.id, v.code, v.valid_during FROM wanted AS w
            INNER JOIN billing.%1$I AS v ON v.code = w.code
            INNER JOIN moving AS m ON m.code = w.code
            WHERE v.code_list = 'hand' AND (m.is_new OR v.valid_during && w.days)
        )

        SELECT
            coalesce(f.code, w.code) AS code,
            f.id,
            f.valid_during AS former,
            w.days AS valid_during,
            w.description
        FROM former AS f
        FULL JOIN wanted AS w
            ON w.code = f.code
            AND coalesce(lower(w.days), '-infinity') = coalesce(lower(f.valid_during), '-infinity')
        WHERE
            f.valid_during IS DISTINCT FROM w.days
            OR f.description IS DISTINCT FROM w.description
        UNION ALL
        SELECT DISTINCT e.code, e.id, e.valid_during, CAST(NULL AS daterange), NULL
        FROM entered AS e
        $sql$,
        noun || '_version', code_list
    );
END
$$;

COMMENT ON FUNCTION billing.plan_versions(text, text) IS
'Finds the changes that make the codes in the table planned so, in the table change.';

-- The last text of a list is the newest one, and so is its last day. What is told is told of the
-- codes that bills do not hold.
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

-- Not granted to anybody: a list is loaded by the owner.
REVOKE ALL ON FUNCTION
billing.told(text, text[]),
billing.change_versions(text, text, text[]),
billing.plan_codes(text, text, date),
billing.plan_versions(text, text),
billing.load_versions(text, text, text, date),
billing.load_names(text, text, text, text[], text[])
FROM public;

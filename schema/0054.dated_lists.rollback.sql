-- The functions are made again as they were.

CREATE OR REPLACE FUNCTION billing.change_versions(
    noun text, code_list text, codes text[]
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

REVOKE ALL ON FUNCTION billing.load_names(text, text, text, text[], text[]) FROM public;

-- depends: 0053.place_of_service_version
--
-- Published lists of modifiers and places of service are loaded with their dates, by the function
-- that loads procedure and diagnosis codes. The table of a list may call its text otherwise than
-- description. Versions of modifiers are kept by a trigger, not by a foreign key.
--
-- squawk-ignore-file ban-drop-function

DROP FUNCTION billing.load_names(text, text, text, text[], text[]);

CREATE OR REPLACE FUNCTION billing.change_versions(
    noun text, code_list text, codes text[]
) RETURNS text[]
LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
    half CONSTANT integer := cardinality(codes) / 2;
    -- What the list's table has beside the code: description, or name.
    named CONSTANT text := (
        SELECT a.attname FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = CAST(format('billing.%I', noun) AS regclass)
        AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'code'
    );
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
        RETURN billing.change_versions(noun, code_list, codes[: half])
            || billing.change_versions(noun, code_list, codes[half + 1 :]);
END
$$;

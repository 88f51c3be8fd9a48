-- depends: 0023.audit_events
--
-- What a row was at some moment, from the trail: the API asks it for `as_of`.
--
-- The caller may not read the trail, so the function reads it with its owner's rights, and gives
-- what the caller may see: rows of the caller's clinic, and of them the columns that the caller may
-- read in the table now.
--
-- A row is what its last change before the moment made of it. If that stood in a month that has
-- been dropped, it is what the next change found, or the baseline that was made then.

-- A trail that has been begun and not ended goes on. Of the months that have been dropped only that
-- is known; what happened in them is not.
CREATE FUNCTION audit.was_watched(relation text, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = '' SET timezone = 'UTC' AS $$
WITH told AS (
    SELECT c.action, c.at, c.n
    FROM audit.change AS c
    WHERE c.clinic_id = '00000000-0000-0000-0000-000000000000' AND c.record = ''
    AND c.at <= was_watched.moment AND c.relation = was_watched.relation
    UNION ALL
    SELECT d.action, '-infinity', d.n
    FROM audit.change AS c
    CROSS JOIN LATERAL jsonb_to_recordset(c.before -> 'confirmed')
        AS d (relation text, action text, n bigint)
    WHERE c.clinic_id = '00000000-0000-0000-0000-000000000000' AND c.record = ''
    AND c.action = 'drop' AND d.relation = was_watched.relation
)

SELECT coalesce((SELECT t.action = 'watch' FROM told AS t ORDER BY t.at DESC, t.n DESC LIMIT 1), false)
AND NOT EXISTS (
    SELECT FROM audit.change AS c
    WHERE c.clinic_id = '00000000-0000-0000-0000-000000000000' AND c.record = ''
    AND c.action = 'drop'
    AND CAST(c.before ->> 'month' AS timestamptz) + interval '1 month' > was_watched.moment
)
$$;

COMMENT ON FUNCTION audit.was_watched(text, timestamptz) IS
'Whether the trail of a table was kept at a moment, and still is there.';

CREATE FUNCTION audit.row_at(of_schema text, of_table text, key jsonb, moment timestamptz)
RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    full_name CONSTANT text := row_at.of_schema || '.' || row_at.of_table;
    watched CONSTANT oid := to_regclass(format('%I.%I', row_at.of_schema, row_at.of_table));
    caller CONSTANT name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    nobody CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    clinic uuid := nobody;
    sought text;
    former jsonb;
BEGIN
    IF row_at.moment > clock_timestamp() THEN
        RAISE EXCEPTION 'the moment has not come' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT audit.was_watched(full_name, row_at.moment) THEN
        RETURN NEXT NULL;
        RETURN;
    END IF;
    IF EXISTS (
        SELECT FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = watched AND a.attname = 'clinic_id' AND NOT a.attisdropped
    ) THEN
        clinic := identity.clinic();
    END IF;
    SELECT CASE count(*)
        WHEN 1 THEN max(row_at.key ->> a.attname)
        ELSE string_agg(
            replace(replace(row_at.key ->> a.attname, '%', '%25'), ',', '%2C'), ','
            ORDER BY k.position
        )
    END INTO sought
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k (number, position)
    INNER JOIN pg_catalog.pg_attribute AS a ON i.indrelid = a.attrelid AND k.number = a.attnum
    WHERE i.indrelid = watched AND i.indisprimary AND a.attname <> 'clinic_id';
    SELECT c.after INTO former FROM audit.change AS c
    WHERE c.clinic_id = clinic AND c.record = sought AND c.relation = full_name
    AND c.at <= row_at.moment
    ORDER BY c.at DESC, c.n DESC
    LIMIT 1;
    IF NOT FOUND THEN
        SELECT CASE c.action WHEN 'baseline' THEN c.after ELSE c.before END INTO former
        FROM audit.change AS c
        WHERE c.clinic_id = clinic AND c.record = sought AND c.relation = full_name
        AND c.at > row_at.moment
        ORDER BY c.at, c.n
        LIMIT 1;
    END IF;
    RETURN QUERY
    SELECT jsonb_object_agg(a.attname, former -> a.attname)
    FROM pg_catalog.pg_attribute AS a
    WHERE former IS NOT NULL AND a.attrelid = watched AND a.attnum > 0 AND NOT a.attisdropped
    AND has_column_privilege(caller, watched, a.attnum, 'SELECT')
    HAVING count(*) > 0;
END
$$;

COMMENT ON FUNCTION audit.row_at(text, text, jsonb, timestamptz) IS
'A row as it was, with the columns that the caller may read; NULL if no trail was kept then.';

REVOKE ALL ON FUNCTION audit.was_watched(text, timestamptz),
audit.row_at(text, text, jsonb, timestamptz) FROM public;

-- Whoever may read a row may read what it was.
GRANT USAGE ON SCHEMA audit TO superbill_front_desk, superbill_clinician, superbill_biller;

GRANT EXECUTE ON FUNCTION audit.row_at(text, text, jsonb, timestamptz) TO
superbill_api, superbill_front_desk, superbill_clinician, superbill_biller, superbill_auditor,
superbill_admin;

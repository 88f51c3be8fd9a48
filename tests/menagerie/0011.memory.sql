-- What some rows were: the trail from which `as_of` gives them.
-- depends: 0010.repeats

CREATE SCHEMA audit;
COMMENT ON SCHEMA audit IS 'What rows were.';
CREATE TABLE audit.former (
    relation regclass NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    n bigint GENERATED ALWAYS AS IDENTITY,
    identified jsonb NOT NULL,
    content jsonb
);
COMMENT ON TABLE audit.former IS 'What a row was from a time on; null: deleted.';

-- The arguments are the columns of the key.
CREATE FUNCTION audit.keep() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    now_there CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    was_there CONSTANT jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
BEGIN
    INSERT INTO audit.former (relation, identified, content)
    SELECT TG_RELID, jsonb_object_agg(k.name, coalesce(now_there, was_there) -> k.name), now_there
    FROM unnest(TG_ARGV) AS k (name);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.keep() IS 'Keeps what a row has become.';

-- Nothing is kept from before the oldest row of the table.
CREATE FUNCTION audit.row_at(of_schema text, of_table text, of_key jsonb, moment timestamptz)
RETURNS SETOF jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    watched CONSTANT regclass := to_regclass(format('%I.%I', of_schema, of_table));
    caller CONSTANT name := coalesce(nullif(current_setting('role'), 'none'), session_user);
    found jsonb;
BEGIN
    IF moment > clock_timestamp() THEN
        RAISE 'The time is in the future.' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF NOT EXISTS (SELECT FROM audit.former AS f WHERE f.relation = watched AND f.at <= moment) THEN
        RETURN NEXT NULL;
        RETURN;
    END IF;
    SELECT f.content INTO found FROM audit.former AS f
    WHERE f.relation = watched AND f.identified @> of_key AND f.at <= moment
    ORDER BY f.at DESC, f.n DESC LIMIT 1;
    IF found ->> 'estate' IS DISTINCT FROM zoo.estate() AND found ? 'estate' THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT jsonb_object_agg(c.attname, found -> c.attname)
    FROM pg_catalog.pg_attribute AS c
    WHERE found IS NOT NULL AND c.attrelid = watched AND c.attnum > 0 AND NOT c.attisdropped
        AND has_column_privilege(caller, watched, c.attnum, 'SELECT')
    HAVING count(*) > 0;
END
$$;
COMMENT ON FUNCTION audit.row_at(text, text, jsonb, timestamptz) IS
'A row as it was, with the columns that the caller may read; NULL from before the trail.';
REVOKE ALL ON FUNCTION audit.row_at(text, text, jsonb, timestamptz) FROM public;
GRANT USAGE ON SCHEMA audit TO superbill_api;
GRANT EXECUTE ON FUNCTION audit.row_at(text, text, jsonb, timestamptz) TO superbill_api;

CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON zoo.lodge
FOR EACH ROW EXECUTE FUNCTION audit.keep('estate', 'id');
CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON zoo.sign
FOR EACH ROW EXECUTE FUNCTION audit.keep('no');
CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON zoo.specimen
FOR EACH ROW EXECUTE FUNCTION audit.keep('id');
CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON zoo.dose
FOR EACH ROW EXECUTE FUNCTION audit.keep('strength');
-- A view of it has a condition, and another one looks something up: neither has a history.
CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON zoo.exhibit
FOR EACH ROW EXECUTE FUNCTION audit.keep('id');
CREATE TRIGGER keep AFTER INSERT OR UPDATE OR DELETE ON zoo.animal
FOR EACH ROW EXECUTE FUNCTION audit.keep('id');

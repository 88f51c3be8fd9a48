-- depends: 0017.lean_inserts
--
-- What the server does by itself, at intervals: it runs the functions of the schema job that
-- superbill_keeper may execute. How often, the comment on each says.
--
-- Such a function acts for no clinic. It runs with the rights of its owner (SECURITY DEFINER), and
-- so the role needs none but to run it. No token may name the role, because it is an occupation of
-- nobody.
--
-- The role belongs to the whole cluster: see 0001.schemas.

DO $$
BEGIN
    BEGIN
        IF to_regrole('superbill_keeper') IS NULL THEN
            CREATE ROLE superbill_keeper NOLOGIN;
            COMMENT ON ROLE superbill_keeper IS 'Runs the jobs of the server.';
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
    END;
    BEGIN
        IF NOT pg_has_role('superbill_gate', 'superbill_keeper', 'SET') THEN
            GRANT superbill_keeper TO superbill_gate WITH INHERIT FALSE, SET TRUE;
        END IF;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
    END;
END
$$;

CREATE SCHEMA job;

COMMENT ON SCHEMA job IS
'What the server does by itself, at intervals.';

GRANT USAGE ON SCHEMA job TO superbill_keeper;

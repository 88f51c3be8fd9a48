"""A policy on every table that refuses with whatever SQLSTATE it is told."""

REFUSING = """
CREATE TABLE public.refusal (state text);
INSERT INTO public.refusal VALUES ('');
CREATE FUNCTION public.refuse() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
DECLARE
    code text;
BEGIN
    SELECT state INTO code FROM public.refusal;
    IF code <> '' THEN
        RAISE EXCEPTION 'refused' USING ERRCODE = code;
    END IF;
    RETURN true;
END
$$;
DO $$
DECLARE
    t regclass;
    secured boolean;
BEGIN
    FOR t, secured IN
        SELECT c.oid, c.relrowsecurity
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND n.nspname IN ('audit', 'billing', 'identity', 'zoo')
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format(
            'CREATE POLICY refusing ON %s AS %s'
            ' USING (public.refuse()) WITH CHECK (public.refuse())',
            t, CASE WHEN secured THEN 'RESTRICTIVE' ELSE 'PERMISSIVE' END
        );
    END LOOP;
END
$$
"""

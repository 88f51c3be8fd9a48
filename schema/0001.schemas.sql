-- Three schemas and two roles: who may see what, before there is anything to see.
--
-- "billing" holds the tables, "api" the views that are the endpoints, "reporting" the views that
-- people query in psql. Nobody gets CREATE: only the owner, who migrates, makes things.
--
-- Roles belong to the whole cluster, where another database may have made them already, maybe in
-- this very moment; a rollback leaves them alone for the same reason. They cannot log in: the
-- operator makes logins and puts them into these roles.

DO $$
BEGIN
    IF to_regrole('superbill_api') IS NULL THEN
        CREATE ROLE superbill_api NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
    IF to_regrole('superbill_reporter') IS NULL THEN
        CREATE ROLE superbill_reporter NOLOGIN;
    END IF;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE SCHEMA billing;

COMMENT ON SCHEMA billing IS
'The tables: what is known about patients, their encounters and what was done in each.';

CREATE SCHEMA api;

COMMENT ON SCHEMA api IS
'Superbill

A billing API for healthcare providers. A patient comes in: that is an encounter. Each thing
done in it is a line item: a procedure code and a number of units. Together they are the
encounter''s superbill, the itemised record that a claim is made from.

To bill a visit: add a patient, add an encounter to the patient, add line items to the encounter,
and read the superbill.

Every rule in this document is a rule of the database. What breaks one is answered with a problem
document (RFC 9457) that names every fault and where it stands, and nothing is changed.';

CREATE SCHEMA reporting;

COMMENT ON SCHEMA reporting IS
'Questions that people ask of the bills, each answered by a view that can only be read.';

GRANT USAGE ON SCHEMA api TO superbill_api;

GRANT USAGE ON SCHEMA reporting TO superbill_api, superbill_reporter;

-- The API's statements may name types that stand beside the tables, so it needs the schema too.
-- superbill_reporter does not: a view finds its tables without it.
GRANT USAGE ON SCHEMA billing TO superbill_api;

-- The API says it is ready when every migration that it ships is applied, so it reads the list.
-- Nothing but SELECT: what is applied is for the owner to say.
GRANT SELECT ON public._yoyo_migration TO superbill_api;

-- depends: 0009.names
--
-- Procedure codes are found by what they are called: an index of the trigrams of the descriptions,
-- groups of three characters, finds the ones that contain a text. CMS's list has 6,440 codes.
--
-- Without fastupdate, which would leave what a load adds in a list that is read from end to end.
--
-- pg_trgm is one of the extensions that Postgres ships. It is trusted: the owner of a database may
-- create it without being a superuser. It may be there already, for something else, so a rollback
-- leaves it.
--
-- squawk-ignore-file require-concurrent-index-creation
-- The table is small, and only the owner writes to it.

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE INDEX cpt_code_description_idx ON billing.cpt_code USING gin (
    description public.gin_trgm_ops
) WITH (fastupdate = off);

COMMENT ON INDEX billing.cpt_code_description_idx IS
'Finds the procedure codes whose description contains a text.';

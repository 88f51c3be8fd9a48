DROP VIEW api.guests;
ALTER TABLE zoo.guest DROP COLUMN spelt;
DROP DOMAIN api.search;
CREATE VIEW api.guests WITH (security_invoker = true) AS
SELECT
    g.id,
    g.lodge_id,
    g.species_code,
    g.family
FROM zoo.guest AS g;
COMMENT ON VIEW api.guests IS 'Families who sleep there.';
GRANT SELECT, INSERT (lodge_id, species_code, family), UPDATE (family), DELETE ON api.guests TO superbill_api;

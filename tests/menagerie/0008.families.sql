-- Guests by how their family's name is spelt: under a policy only a stored text is searched.
-- depends: 0007.lodges

CREATE DOMAIN api.search AS text COLLATE "C";
COMMENT ON DOMAIN api.search IS 'What a search compares.';

ALTER TABLE zoo.guest ADD COLUMN spelt api.search GENERATED ALWAYS AS (zoo.spelling(family)) STORED;
CREATE INDEX guest_spelt_idx ON zoo.guest (estate, spelt, id);
COMMENT ON COLUMN zoo.guest.spelt IS 'The family''s name, as searches compare it.';

CREATE OR REPLACE VIEW api.guests WITH (security_invoker = true) AS
SELECT
    g.id,
    g.lodge_id,
    g.species_code,
    g.family,
    g.spelt AS "Spelt"
FROM zoo.guest AS g;
GRANT SELECT (spelt) ON zoo.guest TO superbill_api;

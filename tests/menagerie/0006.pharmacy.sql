-- The pharmacy: quantities, which JSON has as numbers.
-- depends: 0005.reports

CREATE DOMAIN api.number AS numeric;
COMMENT ON DOMAIN api.number IS 'A quantity.';

CREATE DOMAIN zoo.portion AS api.number CONSTRAINT portion_is_below_1 CHECK (value < 1);
COMMENT ON DOMAIN zoo.portion IS 'A part of something.';
COMMENT ON CONSTRAINT portion_is_below_1 ON DOMAIN zoo.portion IS 'A portion is less than all.';

CREATE TABLE zoo.dose (
    strength api.number NOT NULL,
    drug text NOT NULL,
    spare api.number NOT NULL DEFAULT 0.5,
    lost zoo.portion,
    steps api.number[],
    price numeric,
    weight double precision,
    CONSTRAINT dose_pkey PRIMARY KEY (strength),
    CONSTRAINT dose_strength_is_positive CHECK (strength > 0),
    CONSTRAINT dose_strength_has_3_decimals CHECK (strength = round(strength, 3)),
    CONSTRAINT dose_strength_is_at_most_9999 CHECK (strength <= 9999.999),
    CONSTRAINT dose_spare_is_listed CHECK (spare IN (0, 0.1, 0.5, 2.5)),
    CONSTRAINT dose_weight_is_at_least_a_tenth CHECK (weight >= 0.1)
);
CREATE FUNCTION zoo.spelling(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT
RETURN translate(casefold(normalize($1, nfkd) COLLATE pg_unicode_fast), U&'\0308-', '');
COMMENT ON FUNCTION zoo.spelling(text) IS 'A word without dots and hyphens.';

CREATE INDEX dose_drug_idx ON zoo.dose (zoo.spelling(drug) COLLATE "C", strength);
-- Not searched: another collation, and a function of something else.
CREATE INDEX dose_drug_collated_idx ON zoo.dose (upper(drug), strength);
CREATE INDEX dose_price_idx ON zoo.dose (abs(price), strength);
CREATE INDEX dose_spare_strength_idx ON zoo.dose (spare, strength);

COMMENT ON TABLE zoo.dose IS 'How strong a drug is.';
COMMENT ON COLUMN zoo.dose.strength IS 'In milligrams.';
COMMENT ON COLUMN zoo.dose.drug IS 'Of what.';
COMMENT ON COLUMN zoo.dose.spare IS 'What is in stock.';
COMMENT ON COLUMN zoo.dose.lost IS 'What was spilt.';
COMMENT ON COLUMN zoo.dose.steps IS 'How it is given.';
COMMENT ON COLUMN zoo.dose.price IS 'What it costs.';
COMMENT ON COLUMN zoo.dose.weight IS 'What it weighs.';
COMMENT ON CONSTRAINT dose_pkey ON zoo.dose IS 'There is a dose of this strength.';
COMMENT ON CONSTRAINT dose_strength_is_positive ON zoo.dose IS 'A dose is of something.';
COMMENT ON CONSTRAINT dose_strength_has_3_decimals ON zoo.dose IS 'A dose is in micrograms.';
COMMENT ON CONSTRAINT dose_strength_is_at_most_9999 ON zoo.dose IS 'A dose is less than 10 g.';
COMMENT ON CONSTRAINT dose_spare_is_listed ON zoo.dose IS 'The shelf has four places.';
COMMENT ON CONSTRAINT dose_weight_is_at_least_a_tenth ON zoo.dose IS 'A pill can be found again.';

CREATE VIEW api.doses WITH (security_invoker = true) AS
SELECT
    d.strength,
    d.drug,
    d.spare,
    d.lost,
    d.steps,
    d.price,
    d.weight
FROM zoo.dose AS d;
COMMENT ON VIEW api.doses IS 'The drugs, by strength.';
GRANT SELECT, INSERT, UPDATE, DELETE ON zoo.dose TO superbill_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON api.doses TO superbill_api;

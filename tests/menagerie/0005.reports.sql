-- Reports, for psql and the API alike, and a join among the endpoints that has no key.
-- depends: 0004.oddities

CREATE VIEW api.feeding_sheets WITH (security_invoker = true) AS
SELECT
    f.id,
    f.served_at,
    a.name AS animal,
    k.name AS keeper
FROM zoo.feeding AS f
INNER JOIN zoo.animal AS a ON f.animal_id = a.id
LEFT OUTER JOIN zoo.keeper AS k ON f.served_by = k.id;
COMMENT ON VIEW api.feeding_sheets IS 'Not served: a join has no key.';
COMMENT ON COLUMN api.feeding_sheets.animal IS 'Who ate.';
COMMENT ON COLUMN api.feeding_sheets.keeper IS 'Who served.';
GRANT SELECT ON api.feeding_sheets TO superbill_api;

CREATE VIEW reporting.feeding_sheet WITH (security_invoker = true) AS
SELECT
    f.served_at,
    a.name AS animal,
    f.food,
    f.amount,
    k.name AS keeper,
    k.email AS keeper_email
FROM zoo.feeding AS f
INNER JOIN zoo.animal AS a ON f.animal_id = a.id
LEFT OUTER JOIN zoo.keeper AS k ON f.served_by = k.id
ORDER BY f.served_at, a.name, f.id;
COMMENT ON VIEW reporting.feeding_sheet IS 'Who ate what, and who served it, if anybody did.';
COMMENT ON COLUMN reporting.feeding_sheet.animal IS 'Who ate.';
COMMENT ON COLUMN reporting.feeding_sheet.keeper IS 'Who served: NULL for a machine.';
COMMENT ON COLUMN reporting.feeding_sheet.keeper_email IS 'Whom to ask: NULL for a machine.';

CREATE VIEW reporting.census WITH (security_invoker = true) AS
SELECT
    s.code,
    s.common_name,
    count(a.id) AS animals,
    sum(a.mass) AS mass,
    round(100.0 * count(a.id) / nullif(sum(count(a.id)) OVER (), 0), 1) AS share
FROM zoo.species AS s
LEFT OUTER JOIN zoo.animal AS a ON s.code = a.species_code AND a.died_on IS null
GROUP BY s.code, s.common_name
ORDER BY animals DESC, s.code ASC;
COMMENT ON VIEW reporting.census IS 'How many animals of each species are alive.';
COMMENT ON COLUMN reporting.census.animals IS 'How many.';
COMMENT ON COLUMN reporting.census.mass IS 'What they weigh together, in kilograms.';
COMMENT ON COLUMN reporting.census.share IS 'Their share of all animals, in per cent.';

-- noqa: disable=RF05,RF06
CREATE VIEW reporting."Houses, by room" WITH (security_invoker = true) AS
SELECT
    e.house,
    count(*) AS enclosures,
    sum(e.area_m2) AS "m²"
FROM zoo.enclosure AS e
GROUP BY e.house
ORDER BY "m²" DESC, e.house ASC;
COMMENT ON VIEW reporting."Houses, by room" IS 'The houses, the roomiest first.';
COMMENT ON COLUMN reporting."Houses, by room".enclosures IS 'How many enclosures it has.';
COMMENT ON COLUMN reporting."Houses, by room"."m²" IS 'Its floor in square metres.';

GRANT SELECT ON reporting.feeding_sheet, reporting.census, reporting."Houses, by room"
TO superbill_api, superbill_reporter;

-- The reporter reads what the reports name, column by column, and nothing else.
GRANT SELECT (id, animal_id, served_by, served_at, food, amount) ON zoo.feeding
TO superbill_reporter;
GRANT SELECT (id, name, species_code, died_on, mass) ON zoo.animal TO superbill_reporter;
GRANT SELECT (id, name, email) ON zoo.keeper TO superbill_reporter;
GRANT SELECT (code, common_name) ON zoo.species TO superbill_reporter;
GRANT SELECT (house, area_m2) ON zoo.enclosure TO superbill_reporter;

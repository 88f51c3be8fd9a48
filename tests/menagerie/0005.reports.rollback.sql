-- noqa: disable=RF05
REVOKE SELECT (house, area_m2) ON zoo.enclosure FROM superbill_reporter;
REVOKE SELECT (code, common_name) ON zoo.species FROM superbill_reporter;
REVOKE SELECT (id, name, email) ON zoo.keeper FROM superbill_reporter;
REVOKE SELECT (id, name, species_code, died_on, mass) ON zoo.animal FROM superbill_reporter;
REVOKE SELECT (id, animal_id, served_by, served_at, food, amount) ON zoo.feeding
FROM superbill_reporter;
DROP VIEW reporting."Houses, by room";
DROP VIEW reporting.census;
DROP VIEW reporting.feeding_sheet;
DROP VIEW api.feeding_sheets;

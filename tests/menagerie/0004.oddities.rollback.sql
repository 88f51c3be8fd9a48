-- noqa: disable=RF05
DROP VIEW api."Odd Children";
DROP TABLE zoo."Odd Child";
DROP VIEW api."Odd Things";
DROP TABLE zoo."Odd ""Thing""";
DROP VIEW api.footfalls;
DROP TABLE zoo.footfall;
DROP VIEW api.notices;
DROP TABLE zoo.notice;
DROP VIEW api.signs;
DROP TABLE zoo.sign;
DROP VIEW api.small_donations;
DROP TABLE zoo.donation;
DROP VIEW api.exhibits;
DROP TABLE zoo.exhibit;
DROP VIEW api.sightings;
DROP TABLE zoo.sighting;
DROP VIEW api.tours;
DROP TABLE zoo.tour;

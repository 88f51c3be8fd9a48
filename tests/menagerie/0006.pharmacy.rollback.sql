DROP VIEW api.doses;
DROP TABLE zoo.dose;
DROP FUNCTION zoo.spelling(text);
DROP DOMAIN zoo.portion;
DROP DOMAIN api.number;

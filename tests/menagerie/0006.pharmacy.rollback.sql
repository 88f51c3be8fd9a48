DROP VIEW api.doses;
DROP TABLE zoo.dose;
DROP DOMAIN zoo.portion;
DROP DOMAIN api.number;

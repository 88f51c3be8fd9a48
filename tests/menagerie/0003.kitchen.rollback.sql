DROP VIEW api.specimens;
DROP TABLE zoo.specimen;
DROP VIEW api.rations;
DROP TABLE zoo.ration;

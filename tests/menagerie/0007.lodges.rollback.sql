DROP VIEW api.guests;
DROP VIEW api.lodges;
DROP TABLE zoo.guest;
DROP TABLE zoo.lodge;
DROP FUNCTION zoo.estate();
DROP FUNCTION identity.development_tenant();
DROP SCHEMA identity;

DROP VIEW api.guests;
DROP VIEW api.lodges;
DROP TABLE zoo.guest;
DROP TABLE zoo.lodge;
DROP FUNCTION identity.tenant_is_known();
DROP FUNCTION identity.development_tenant();
DROP SCHEMA identity;
DROP FUNCTION zoo.estate();

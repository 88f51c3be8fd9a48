DROP TRIGGER keep ON zoo.animal;
DROP TRIGGER keep ON zoo.exhibit;
DROP TRIGGER keep ON zoo.dose;
DROP TRIGGER keep ON zoo.specimen;
DROP TRIGGER keep ON zoo.sign;
DROP TRIGGER keep ON zoo.lodge;
DROP SCHEMA audit CASCADE;

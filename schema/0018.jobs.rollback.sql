-- squawk-ignore-file ban-drop-schema
-- The role stays, since other databases may use it; what it was granted here goes with the schema.

DROP SCHEMA job;

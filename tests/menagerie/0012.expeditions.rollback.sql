-- squawk-ignore-file ban-drop-function, ban-drop-table, ban-drop-view
DROP VIEW api.finds;
DROP VIEW api.stages;
DROP VIEW api.expeditions;
DROP TABLE zoo.find;
DROP FUNCTION zoo.date_find();
DROP TABLE zoo.stage;
DROP TABLE zoo.expedition;

-- squawk-ignore-file ban-drop-function, require-concurrent-index-deletion

DROP INDEX billing.patient_last_name_search_idx;

DROP FUNCTION billing.without_accents(text);

-- squawk-ignore-file ban-drop-function

DROP FUNCTION billing.load_names(text, text, text, text[], text[]);

DROP FUNCTION billing.load_versions(text, text, text, date);

DROP FUNCTION billing.plan_versions(text, text);

DROP FUNCTION billing.plan_codes(text, text, date);

DROP FUNCTION billing.change_versions(text, text, text[]);

DROP FUNCTION billing.told(text, text[]);

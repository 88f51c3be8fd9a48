-- squawk-ignore-file ban-drop-function

REVOKE USAGE ON SCHEMA audit FROM superbill_front_desk, superbill_clinician, superbill_biller;

DROP FUNCTION audit.row_at(text, text, jsonb, timestamptz);

DROP FUNCTION audit.was_watched(text, timestamptz);

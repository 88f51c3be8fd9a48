-- squawk-ignore-file ban-drop-function, ban-drop-table
-- Repeated requests are then done again.

DROP FUNCTION job.forget_answers();

DROP TABLE identity.answer;

-- depends: 0050.report_grants
--
-- Of two keys that forbid two versions of a code on one day, the one by a hash of the code stays:
-- foreign keys need it. The one by the code becomes an index without a rule. Lists of versions are
-- filtered by it, and a row that is added need not be compared with those that it finds: a fifth of
-- the time in which 75,000 diagnosis codes are loaded.
--
-- squawk-ignore-file ban-drop-constraint, require-concurrent-index-creation
-- Code tables are small.

ALTER TABLE billing.cpt_code_version
DROP CONSTRAINT cpt_code_version_code_valid_during_key;

ALTER TABLE billing.diagnosis_code_version
DROP CONSTRAINT diagnosis_code_version_code_valid_during_key;

CREATE INDEX cpt_code_version_code_valid_during_idx
ON billing.cpt_code_version USING gist (code, valid_during);

CREATE INDEX diagnosis_code_version_code_valid_during_idx
ON billing.diagnosis_code_version USING gist (code, valid_during);

COMMENT ON INDEX billing.cpt_code_version_code_valid_during_idx IS
'Finds the version of a procedure code on a day.';

COMMENT ON INDEX billing.diagnosis_code_version_code_valid_during_idx IS
'Finds the version of a diagnosis code on a day.';

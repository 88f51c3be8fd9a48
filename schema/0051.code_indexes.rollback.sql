-- squawk-ignore-file constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-deletion

DROP INDEX billing.diagnosis_code_version_code_valid_during_idx;

DROP INDEX billing.cpt_code_version_code_valid_during_idx;

ALTER TABLE billing.cpt_code_version -- noqa: PRS
ADD CONSTRAINT cpt_code_version_code_valid_during_key
UNIQUE (code, valid_during WITHOUT OVERLAPS);

ALTER TABLE billing.diagnosis_code_version -- noqa: PRS
ADD CONSTRAINT diagnosis_code_version_code_valid_during_key
UNIQUE (code, valid_during WITHOUT OVERLAPS);

COMMENT ON CONSTRAINT cpt_code_version_code_valid_during_key ON billing.cpt_code_version IS
'A procedure code has one version on a day.';

COMMENT ON CONSTRAINT diagnosis_code_version_code_valid_during_key
ON billing.diagnosis_code_version IS
'A diagnosis code has one version on a day.';

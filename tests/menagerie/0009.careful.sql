-- What two could change at once without noticing.
-- depends: 0008.families

COMMENT ON VIEW api.doses IS
'The drugs, by strength.
If-Match: required';

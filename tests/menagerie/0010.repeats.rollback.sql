COMMENT ON VIEW api.doses IS
'The drugs, by strength.
If-Match: required';
DROP TABLE identity.answer;

COMMENT ON VIEW api.doses IS 'The drugs, by strength.';

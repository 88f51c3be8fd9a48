-- squawk-ignore-file require-concurrent-index-deletion

DROP INDEX billing.cpt_code_description_idx;

-- depends: 0027.provider
--
-- What a procedure costs, and when. A practice has one list of fees.
--
-- A fee is in force from effective_on to ends_on, both days included. A code has one fee on a day,
-- and one for each modifier beside it: where a line item has a modifier that has a fee of its own,
-- that one counts, and otherwise the one whose modifier is empty. What was posted has copied its
-- fee: to change or delete a fee moves no amount that was billed.
--
-- The range is empty where the dates are in the wrong order: otherwise Postgres would refuse them
-- before the CHECK could say why.

-- Trusted, as pg_trgm is. It may be there already, so a rollback leaves it.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;

CREATE TABLE billing.fee (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    cpt_code text COLLATE "C" NOT NULL,
    modifier text COLLATE "C" DEFAULT '' NOT NULL,
    effective_on date NOT NULL,
    ends_on date,
    valid_during daterange GENERATED ALWAYS AS (
        CASE
            WHEN effective_on <= coalesce(ends_on, effective_on)
                THEN daterange(effective_on, ends_on, '[]')
            ELSE 'empty'
        END
    ) STORED NOT NULL,
    amount numeric(10, 2) NOT NULL,
    CONSTRAINT fee_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT fee_clinic_id_fkey FOREIGN KEY (clinic_id) REFERENCES identity.clinic (id),
    CONSTRAINT fee_cpt_code_fkey FOREIGN KEY (cpt_code) REFERENCES billing.cpt_code (code),
    CONSTRAINT fee_modifier_has_two_characters_or_none CHECK (modifier ~ '^([0-9A-Z]{2})?$'),
    CONSTRAINT fee_effective_on_is_not_before_1900 CHECK (effective_on >= '1900-01-01'),
    CONSTRAINT fee_ends_on_is_not_before_effective_on CHECK (ends_on >= effective_on),
    CONSTRAINT fee_is_one_a_day EXCLUDE USING gist (
        clinic_id WITH =, cpt_code WITH =, modifier WITH =, valid_during WITH &&
    ),
    CONSTRAINT fee_amount_is_not_negative CHECK (amount >= 0)
);

CREATE INDEX fee_cpt_code_id_idx ON billing.fee (clinic_id, cpt_code, id);

COMMENT ON TABLE billing.fee IS
'What a unit of a procedure costs, and when.';

COMMENT ON COLUMN billing.fee.clinic_id IS
'The clinic that asks for it.';

COMMENT ON COLUMN billing.fee.id IS
'Identifies the fee; later ones have greater ids.';

COMMENT ON COLUMN billing.fee.cpt_code IS
'The procedure code.
Example: G0438';

COMMENT ON COLUMN billing.fee.modifier IS
'The modifier with which it is in force; empty: with any that has no fee of its own, or none.
Example: 26';

COMMENT ON COLUMN billing.fee.effective_on IS
'The first day of service for which it is in force.
Example: 2026-01-01';

COMMENT ON COLUMN billing.fee.ends_on IS
'The last day of service for which it is in force; null: it has no end yet.
Example: 2026-12-31';

COMMENT ON COLUMN billing.fee.valid_during IS
'The days from the first to the last.';

COMMENT ON COLUMN billing.fee.amount IS
'What one unit costs.
Example: 125.00';

COMMENT ON CONSTRAINT fee_pkey ON billing.fee IS
'A fee''s id belongs to one fee only.';

COMMENT ON CONSTRAINT fee_clinic_id_fkey ON billing.fee IS
'A fee must belong to a clinic that is on record.';

COMMENT ON CONSTRAINT fee_cpt_code_fkey ON billing.fee IS
'A fee must be for a procedure code that is on record.';

COMMENT ON CONSTRAINT fee_modifier_has_two_characters_or_none ON billing.fee IS
'A fee''s modifier must be two digits or capital letters, or empty.';

COMMENT ON CONSTRAINT fee_effective_on_is_not_before_1900 ON billing.fee IS
'A fee must not be in force before 1900.';

COMMENT ON CONSTRAINT fee_ends_on_is_not_before_effective_on ON billing.fee IS
'A fee must not end before it is effective.';

COMMENT ON CONSTRAINT fee_is_one_a_day ON billing.fee IS
'A procedure code has one fee on each day for each modifier; end the one that is there on the day '
'before.';

COMMENT ON CONSTRAINT fee_amount_is_not_negative ON billing.fee IS
'A fee must not be negative.';

COMMENT ON INDEX billing.fee_cpt_code_id_idx IS
'Lists the fees of a procedure code, page by page.';

CREATE POLICY own ON billing.fee USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.fee IS
'A session sees and changes the fees of its own clinic.';

ALTER TABLE billing.fee ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.fees WITH (security_invoker = true) AS
SELECT
    f.id,
    f.cpt_code,
    f.modifier,
    f.effective_on,
    f.ends_on,
    f.amount
FROM billing.fee AS f;

COMMENT ON VIEW api.fees IS
'What a unit of a procedure costs, and when.';

-- Not granted: changing cpt_code or modifier, because another code's fee is another fee; reading
-- valid_during, which the two dates say; and writing id, which the database gives.
GRANT SELECT (id, cpt_code, modifier, effective_on, ends_on, amount) ON billing.fee TO
superbill_api, superbill_biller, superbill_auditor, superbill_admin;

GRANT SELECT ON api.fees TO superbill_api, superbill_biller, superbill_auditor, superbill_admin;

GRANT
INSERT (cpt_code, modifier, effective_on, ends_on, amount),
UPDATE (effective_on, ends_on, amount),
DELETE
ON billing.fee, api.fees TO
superbill_api, superbill_biller, superbill_admin;

SELECT audit.watch('billing.fee');

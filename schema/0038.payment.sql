-- depends: 0037.one_name
--
-- Money that came in, for what, and what was taken off: by line item, so that each balance is a
-- sum.
--
-- A payment is of one patient's bills: the patient's own, or a payer's. Less than 0 is a refund.
-- Its allocations say which line items it pays. They are never more than the payment: a trigger
-- adds them up under a lock of the payment, so two sessions can't spend it twice. They may be more
-- than a charge, because payers and patients do overpay: the balance is then a credit. A wrong
-- allocation is taken back by one with the opposite sign.
--
-- An adjustment is what is taken off a charge, or moved to the patient, with its group and reason
-- as the remittance gives them.
--
-- billing.ledger_entry is what every report about money sums: a row for each amount, by line item.
-- A voided encounter has both its charges and what takes them back, on their days, so the past
-- stays as it was. The days are the practice's, which the policy shows. The owner of the tables
-- sees the practices of all clinics: where they are several, the days are those of the zone that a
-- practice has unless it says otherwise.

CREATE TABLE billing.payment (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    patient_id uuid NOT NULL,
    payer_id uuid,
    received_on date NOT NULL,
    method text COLLATE "C" DEFAULT 'check' NOT NULL,
    reference text,
    amount numeric(12, 2) NOT NULL,
    CONSTRAINT payment_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT payment_patient_id_fkey
    FOREIGN KEY (clinic_id, patient_id) REFERENCES billing.patient (clinic_id, id),
    CONSTRAINT payment_payer_id_fkey
    FOREIGN KEY (clinic_id, payer_id) REFERENCES billing.payer (clinic_id, id),
    CONSTRAINT payment_received_on_is_not_before_1900 CHECK (received_on >= '1900-01-01'),
    CONSTRAINT payment_received_on_has_begun CHECK (
        received_on <= CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
    ),
    CONSTRAINT payment_method_is_known CHECK (
        method IN ('cash', 'check', 'card', 'eft', 'other')
    ),
    CONSTRAINT payment_reference_is_one_line CHECK (
        reference ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT payment_reference_has_at_most_50_characters CHECK (char_length(reference) <= 50),
    CONSTRAINT payment_amount_is_not_0 CHECK (amount <> 0)
);

CREATE INDEX payment_patient_id_id_idx ON billing.payment (clinic_id, patient_id, id);

CREATE INDEX payment_received_on_id_idx ON billing.payment (clinic_id, received_on, id);

COMMENT ON TABLE billing.payment IS
'Money that came in, or went back.';

COMMENT ON COLUMN billing.payment.clinic_id IS
'The clinic that was paid.';

COMMENT ON COLUMN billing.payment.id IS
'Identifies the payment; later ones have greater ids.';

COMMENT ON COLUMN billing.payment.patient_id IS
'Whose bills it pays.';

COMMENT ON COLUMN billing.payment.payer_id IS
'The payer that paid; null: the patient.';

COMMENT ON COLUMN billing.payment.received_on IS
'The day on which it came in.
Example: 2024-04-15';

COMMENT ON COLUMN billing.payment.method IS
'How it was paid.';

COMMENT ON COLUMN billing.payment.reference IS
'The number of the check, or of the transfer.
Example: 100245';

COMMENT ON COLUMN billing.payment.amount IS
'How much; less than 0 is a refund.
Example: 125.00';

COMMENT ON CONSTRAINT payment_pkey ON billing.payment IS
'A payment''s id belongs to one payment only.';

COMMENT ON CONSTRAINT payment_patient_id_fkey ON billing.payment IS
'A payment''s patient must be on record.';

COMMENT ON CONSTRAINT payment_payer_id_fkey ON billing.payment IS
'A payment''s payer must be one that is on record.';

COMMENT ON CONSTRAINT payment_received_on_is_not_before_1900 ON billing.payment IS
'A payment must have come in on 1900-01-01 or later.';

COMMENT ON CONSTRAINT payment_received_on_has_begun ON billing.payment IS
'A payment must not have come in later than today is anywhere on Earth.';

COMMENT ON CONSTRAINT payment_method_is_known ON billing.payment IS
'A payment''s method must be cash, check, card, eft or other.';

COMMENT ON CONSTRAINT payment_reference_is_one_line ON billing.payment IS
'A payment''s reference must be one line that neither begins nor ends with a blank.';

COMMENT ON CONSTRAINT payment_reference_has_at_most_50_characters ON billing.payment IS
'A payment''s reference must have at most 50 characters.';

COMMENT ON CONSTRAINT payment_amount_is_not_0 ON billing.payment IS
'A payment must not be 0.';

COMMENT ON INDEX billing.payment_patient_id_id_idx IS
'Lists a patient''s payments, page by page.';

COMMENT ON INDEX billing.payment_received_on_id_idx IS
'Lists payments by date, page by page.';

CREATE POLICY own ON billing.payment USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.payment IS
'A session sees and changes the payments of its own clinic.';

ALTER TABLE billing.payment ENABLE ROW LEVEL SECURITY;

CREATE VIEW api.payments WITH (security_invoker = true) AS
SELECT
    p.id,
    p.patient_id,
    p.payer_id,
    p.received_on,
    p.method,
    p.reference,
    p.amount
FROM billing.payment AS p;

COMMENT ON VIEW api.payments IS
'Money that came in, or went back.';

CREATE TABLE billing.allocation (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    payment_id uuid NOT NULL,
    line_item_id uuid NOT NULL,
    amount numeric(12, 2) NOT NULL,
    CONSTRAINT allocation_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT allocation_payment_id_fkey
    FOREIGN KEY (clinic_id, payment_id) REFERENCES billing.payment (clinic_id, id),
    CONSTRAINT allocation_line_item_id_fkey
    FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item (clinic_id, id),
    CONSTRAINT allocation_amount_is_not_0 CHECK (amount <> 0)
);

CREATE INDEX allocation_payment_id_id_idx ON billing.allocation (clinic_id, payment_id, id);

CREATE INDEX allocation_line_item_id_id_idx ON billing.allocation (clinic_id, line_item_id, id);

COMMENT ON TABLE billing.allocation IS
'Which part of a payment is for which line item.';

COMMENT ON COLUMN billing.allocation.clinic_id IS
'The clinic that was paid.';

COMMENT ON COLUMN billing.allocation.id IS
'Identifies the allocation; later ones have greater ids.';

COMMENT ON COLUMN billing.allocation.payment_id IS
'The payment.';

COMMENT ON COLUMN billing.allocation.line_item_id IS
'The line item that it pays.';

COMMENT ON COLUMN billing.allocation.amount IS
'How much; the opposite sign takes an allocation back.
Example: 100.00';

COMMENT ON CONSTRAINT allocation_pkey ON billing.allocation IS
'An allocation''s id belongs to one allocation only.';

COMMENT ON CONSTRAINT allocation_payment_id_fkey ON billing.allocation IS
'An allocation must be of a payment that is on record.';

COMMENT ON CONSTRAINT allocation_line_item_id_fkey ON billing.allocation IS
'An allocation must be for a line item that is on record.';

COMMENT ON CONSTRAINT allocation_amount_is_not_0 ON billing.allocation IS
'An allocation must not be 0.';

COMMENT ON INDEX billing.allocation_payment_id_id_idx IS
'Lists the allocations of a payment, page by page.';

COMMENT ON INDEX billing.allocation_line_item_id_id_idx IS
'Lists what was paid for a line item, page by page.';

CREATE POLICY own ON billing.allocation USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.allocation IS
'A session sees and changes the allocations of its own clinic.';

ALTER TABLE billing.allocation ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION billing.check_allocation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    payment record;
    allocated numeric;
    names text[] := '{}';
    places text[] := '{}';
BEGIN
    SELECT p.patient_id, p.amount INTO payment FROM billing.payment AS p
    WHERE p.clinic_id = new.clinic_id AND p.id = new.payment_id
    FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        INNER JOIN billing.encounter AS e ON l.clinic_id = e.clinic_id AND l.encounter_id = e.id
        WHERE
            l.clinic_id = new.clinic_id AND l.id = new.line_item_id
            AND (e.patient_id <> payment.patient_id OR num_nulls(l.charge) = 1)
    ) THEN
        names := names || CAST('allocation_is_for_a_posted_line_item' AS text);
        places := places || CAST('line_item_id' AS text);
    END IF;
    SELECT sum(a.amount) INTO allocated FROM billing.allocation AS a
    WHERE a.clinic_id = new.clinic_id AND a.payment_id = new.payment_id;
    IF allocated * sign(payment.amount) NOT BETWEEN 0 AND abs(payment.amount) THEN
        names := names || CAST('allocation_is_within_its_payment' AS text);
        places := places || CAST('amount' AS text);
    END IF;
    IF names <> '{}' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'allocation',
            CONSTRAINT = array_to_string(names, ','), COLUMN = array_to_string(places, ',');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_allocation() IS
'Refuses an allocation of more than the payment, or for a line item that it can''t pay.';

REVOKE ALL ON FUNCTION billing.check_allocation() FROM public;

CREATE CONSTRAINT TRIGGER allocation_is_within_its_payment AFTER INSERT ON billing.allocation
FOR EACH ROW EXECUTE FUNCTION billing.check_allocation();

COMMENT ON CONSTRAINT allocation_is_within_its_payment ON billing.allocation IS
'The allocations of a payment must be no more than the payment, and not less than 0.';

ALTER TABLE billing.allocation ADD CONSTRAINT allocation_is_for_a_posted_line_item CHECK (
    num_nulls(line_item_id) = 0 OR true
);

COMMENT ON CONSTRAINT allocation_is_for_a_posted_line_item ON billing.allocation IS
'An allocation must be for a posted line item of the patient whose bills the payment pays.';

CREATE VIEW api.allocations WITH (security_invoker = true) AS
SELECT
    a.id,
    a.payment_id,
    a.line_item_id,
    a.amount
FROM billing.allocation AS a;

COMMENT ON VIEW api.allocations IS
'Which part of a payment is for which line item.';

CREATE TABLE billing.adjustment (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    id uuid DEFAULT uuidv7() NOT NULL,
    line_item_id uuid NOT NULL,
    group_code text COLLATE "C" DEFAULT 'CO' NOT NULL,
    reason_code text COLLATE "C" NOT NULL,
    amount numeric(12, 2) NOT NULL,
    adjusted_on date NOT NULL,
    CONSTRAINT adjustment_pkey PRIMARY KEY (clinic_id, id),
    CONSTRAINT adjustment_line_item_id_fkey
    FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item (clinic_id, id),
    CONSTRAINT adjustment_group_code_is_known CHECK (
        group_code IN ('CO', 'CR', 'OA', 'PI', 'PR')
    ),
    CONSTRAINT adjustment_reason_code_has_its_shape CHECK (
        reason_code ~ '^[A-Z]{0,2}[0-9]{1,3}$'
    ),
    CONSTRAINT adjustment_amount_is_not_0 CHECK (amount <> 0),
    CONSTRAINT adjustment_adjusted_on_is_not_before_1900 CHECK (adjusted_on >= '1900-01-01'),
    CONSTRAINT adjustment_adjusted_on_has_begun CHECK (
        adjusted_on <= CAST(current_timestamp AT TIME ZONE 'UTC' AS date) + 1
    )
);

CREATE INDEX adjustment_line_item_id_id_idx ON billing.adjustment (clinic_id, line_item_id, id);

COMMENT ON TABLE billing.adjustment IS
'What is taken off the charge of a line item, or moved to the patient.';

COMMENT ON COLUMN billing.adjustment.clinic_id IS
'The clinic that billed the line item.';

COMMENT ON COLUMN billing.adjustment.id IS
'Identifies the adjustment; later ones have greater ids.';

COMMENT ON COLUMN billing.adjustment.line_item_id IS
'The line item.';

COMMENT ON COLUMN billing.adjustment.group_code IS
'Who bears it. CO: the clinic, by contract; CR: a correction; OA: others; PI: the clinic, by the '
'payer''s decision; PR: the patient, from whom it is then asked.';

COMMENT ON COLUMN billing.adjustment.reason_code IS
'The reason of the adjustment (CARC).
Example: 45';

COMMENT ON COLUMN billing.adjustment.amount IS
'How much; less than 0 takes an adjustment back.
Example: 25.00';

COMMENT ON COLUMN billing.adjustment.adjusted_on IS
'The day of the adjustment.
Example: 2024-04-15';

COMMENT ON CONSTRAINT adjustment_pkey ON billing.adjustment IS
'An adjustment''s id belongs to one adjustment only.';

COMMENT ON CONSTRAINT adjustment_line_item_id_fkey ON billing.adjustment IS
'An adjustment must be of a line item that is on record.';

COMMENT ON CONSTRAINT adjustment_group_code_is_known ON billing.adjustment IS
'An adjustment''s group code must be CO, CR, OA, PI or PR.';

COMMENT ON CONSTRAINT adjustment_reason_code_has_its_shape ON billing.adjustment IS
'An adjustment''s reason code must be up to two capital letters and one to three digits.';

COMMENT ON CONSTRAINT adjustment_amount_is_not_0 ON billing.adjustment IS
'An adjustment must not be 0.';

COMMENT ON CONSTRAINT adjustment_adjusted_on_is_not_before_1900 ON billing.adjustment IS
'An adjustment''s date must be 1900-01-01 or later.';

COMMENT ON CONSTRAINT adjustment_adjusted_on_has_begun ON billing.adjustment IS
'An adjustment''s date must not be later than today is anywhere on Earth.';

COMMENT ON INDEX billing.adjustment_line_item_id_id_idx IS
'Lists the adjustments of a line item, page by page.';

CREATE POLICY own ON billing.adjustment USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.adjustment IS
'A session sees and changes the adjustments of its own clinic.';

ALTER TABLE billing.adjustment ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION billing.check_adjustment() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.clinic_id = new.clinic_id AND l.id = new.line_item_id AND num_nulls(l.charge) = 1
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing',
            TABLE = 'adjustment', CONSTRAINT = tg_name, COLUMN = 'line_item_id';
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.check_adjustment() IS
'Refuses to adjust a line item that is not posted.';

REVOKE ALL ON FUNCTION billing.check_adjustment() FROM public;

CREATE TRIGGER adjustment_is_of_a_posted_line_item BEFORE INSERT ON billing.adjustment
FOR EACH ROW EXECUTE FUNCTION billing.check_adjustment();

COMMENT ON TRIGGER adjustment_is_of_a_posted_line_item ON billing.adjustment IS
'A line item can be adjusted only once its encounter is posted.
Fills: nothing';

CREATE VIEW api.adjustments WITH (security_invoker = true) AS
SELECT
    a.id,
    a.line_item_id,
    a.group_code,
    a.reason_code,
    a.amount,
    a.adjusted_on
FROM billing.adjustment AS a;

COMMENT ON VIEW api.adjustments IS
'What is taken off the charge of a line item, or moved to the patient.';

CREATE VIEW billing.ledger_entry WITH (security_invoker = true) AS
SELECT
    e.patient_id,
    l.encounter_id,
    l.id AS line_item_id,
    CAST(
        v.at AT TIME ZONE (
            SELECT
                CASE
                    WHEN count(*) = 1 THEN min(p.time_zone)
                    ELSE 'America/New_York'
                END
            FROM billing.practice AS p
        ) AS date
    ) AS entry_date,
    v.kind,
    v.amount
FROM billing.line_item AS l
INNER JOIN billing.encounter AS e ON l.encounter_id = e.id
LEFT JOIN billing.reversal AS r ON l.id = r.line_item_id
CROSS JOIN
    LATERAL (
        VALUES
        (e.posted_at, 'charge', l.charge),
        (r.reversed_at, 'reversal', -l.charge),
        (CASE WHEN NOT l.is_reversed THEN e.voided_at END, 'void', -l.charge)
    ) AS v (at, kind, amount)
WHERE num_nulls(v.at, l.charge) = 0
UNION ALL
SELECT
    e.patient_id,
    l.encounter_id,
    l.id AS line_item_id,
    p.received_on AS entry_date,
    CASE num_nulls(p.payer_id) WHEN 1 THEN 'patient payment' ELSE 'payer payment' END AS kind,
    -a.amount AS amount
FROM billing.allocation AS a
INNER JOIN billing.payment AS p ON a.payment_id = p.id
INNER JOIN billing.line_item AS l ON a.line_item_id = l.id
INNER JOIN billing.encounter AS e ON l.encounter_id = e.id
UNION ALL
SELECT
    e.patient_id,
    l.encounter_id,
    l.id AS line_item_id,
    j.adjusted_on AS entry_date,
    'adjustment' AS kind,
    -j.amount AS amount
FROM billing.adjustment AS j
INNER JOIN billing.line_item AS l ON j.line_item_id = l.id
INNER JOIN billing.encounter AS e ON l.encounter_id = e.id
WHERE j.group_code <> 'PR';

COMMENT ON VIEW billing.ledger_entry IS
'Each amount that a line item costs, or that was paid for it or taken off it. Their sum is owed.';

COMMENT ON COLUMN billing.ledger_entry.entry_date IS
'The day of the entry, in the time zone of the practice.';

COMMENT ON COLUMN billing.ledger_entry.kind IS
'What it is: charge, reversal, void, patient payment, payer payment or adjustment.';

COMMENT ON COLUMN billing.ledger_entry.amount IS
'How much more is owed; less than 0: less.';

-- Not granted: UPDATE and DELETE, because money is not undone but taken back by an entry of its
-- own; and payments to those who treat: they read what the ledger shows of a line item.
GRANT SELECT (id, patient_id, payer_id, received_on, method, reference, amount)
ON billing.payment TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT ON api.payments TO
superbill_api, superbill_biller, superbill_auditor;

GRANT INSERT (patient_id, payer_id, received_on, method, reference, amount)
ON billing.payment, api.payments TO superbill_api, superbill_biller;

GRANT SELECT (id, payment_id, line_item_id, amount)
ON billing.allocation TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT ON api.allocations TO
superbill_api, superbill_biller, superbill_auditor;

GRANT INSERT (payment_id, line_item_id, amount)
ON billing.allocation, api.allocations TO superbill_api, superbill_biller;

GRANT SELECT (id, line_item_id, group_code, reason_code, amount, adjusted_on)
ON billing.adjustment TO
superbill_api, superbill_biller, superbill_auditor;

GRANT SELECT ON api.adjustments TO
superbill_api, superbill_biller, superbill_auditor;

GRANT INSERT (line_item_id, group_code, reason_code, amount, adjusted_on)
ON billing.adjustment, api.adjustments TO superbill_api, superbill_biller;

GRANT SELECT ON billing.ledger_entry TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_reporter;

GRANT SELECT (id, payer_id, received_on) ON billing.payment TO
superbill_clinician, superbill_reporter;

GRANT SELECT (payment_id, line_item_id, amount) ON billing.allocation TO
superbill_clinician, superbill_reporter;

GRANT SELECT (line_item_id, group_code, amount, adjusted_on) ON billing.adjustment TO
superbill_clinician, superbill_reporter;

GRANT SELECT (line_item_id, reversed_at) ON billing.reversal TO superbill_reporter;

GRANT SELECT (posted_at, voided_at) ON billing.encounter TO superbill_reporter;

GRANT SELECT (charge) ON billing.line_item TO superbill_reporter;

GRANT SELECT (time_zone) ON billing.practice TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor, superbill_reporter;

SELECT audit.watch('billing.payment');

SELECT audit.watch('billing.allocation');

SELECT audit.watch('billing.adjustment');

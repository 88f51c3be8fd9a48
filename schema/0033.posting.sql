-- depends: 0032.line_item_details
--
-- To post an encounter copies the fees of its line items, those in force on their dates of service:
-- one for a modifier of the line before the one for any. A fee that is changed later moves no
-- charge. What the bill lacks is told at once: see "All that is wrong at once" in the guide. The
-- date is taken from the encounter as it will be, because one UPDATE may move and post it.
--
-- What was posted by mistake is taken back by a reversal: of one line item, all of it, once. A
-- voided encounter counts nowhere, nor does a line that was reversed: reports leave both out.

CREATE FUNCTION billing.post_encounter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    names text[] := '{}';
    places text[] := '{}';
    has_fees boolean;
BEGIN
    IF new.provider_id IS NULL THEN
        names := names || CAST('encounter_posted_is_complete' AS text);
        places := places || CAST('provider_id' AS text);
    END IF;
    IF new.place_of_service IS NULL THEN
        names := names || CAST('encounter_posted_is_complete' AS text);
        places := places || CAST('place_of_service' AS text);
    END IF;
    UPDATE billing.line_item AS l SET unit_charge = (
        SELECT f.amount FROM billing.fee AS f
        WHERE
            f.clinic_id = l.clinic_id AND f.cpt_code = l.cpt_code
            AND (f.modifier = '' OR f.modifier = ANY(l.modifiers))
            AND f.effective_on <= coalesce(l.service_date, new.date)
            AND coalesce(f.ends_on, 'infinity') >= coalesce(l.service_date, new.date)
        ORDER BY array_position(l.modifiers, f.modifier)
        LIMIT 1
    )
    WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id;
    SELECT bool_and(l.unit_charge IS NOT NULL) INTO has_fees
    FROM billing.line_item AS l
    WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id;
    IF has_fees IS NOT TRUE THEN
        names := names || CASE
            WHEN has_fees IS NULL THEN 'encounter_posted_has_a_line_item'
            ELSE 'encounter_posted_has_fees'
        END;
        places := places || CAST('status' AS text);
    END IF;
    IF names <> '{}' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'encounter',
            CONSTRAINT = array_to_string(names, ','), COLUMN = array_to_string(places, ',');
    END IF;
    new.posted_at := current_timestamp;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.post_encounter() IS
'Copies the fees of an encounter that is posted, or says all that it lacks.';

REVOKE ALL ON FUNCTION billing.post_encounter() FROM public;

CREATE TRIGGER encounter_posted_has_fees BEFORE UPDATE ON billing.encounter
FOR EACH ROW
WHEN (old.status = 'draft' AND new.status = 'posted')
EXECUTE FUNCTION billing.post_encounter();

COMMENT ON TRIGGER encounter_posted_has_fees ON billing.encounter IS
'Each line item of an encounter must have a fee in force on its date of service to be posted.
Fills: posted_at';

CREATE FUNCTION billing.check_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.clinic_id = new.clinic_id AND l.encounter_id = new.id
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'encounter',
            CONSTRAINT = tg_name, COLUMN = 'status';
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.check_posted() IS
'Refuses a posted encounter without a line item.';

REVOKE ALL ON FUNCTION billing.check_posted() FROM public;

-- Posting itself refuses that, with all else that is missing, by this name.
CREATE CONSTRAINT TRIGGER encounter_posted_has_a_line_item AFTER UPDATE ON billing.encounter
FOR EACH ROW
WHEN (old.status = 'draft' AND new.status = 'posted')
EXECUTE FUNCTION billing.check_posted();

COMMENT ON CONSTRAINT encounter_posted_has_a_line_item ON billing.encounter IS
'An encounter must have a line item to be posted.';

CREATE TABLE billing.reversal (
    clinic_id uuid DEFAULT identity.clinic() NOT NULL,
    line_item_id uuid NOT NULL,
    reason text NOT NULL,
    reversed_at timestamptz DEFAULT current_timestamp NOT NULL,
    CONSTRAINT reversal_pkey PRIMARY KEY (clinic_id, line_item_id),
    CONSTRAINT reversal_line_item_id_fkey
    FOREIGN KEY (clinic_id, line_item_id) REFERENCES billing.line_item (clinic_id, id),
    CONSTRAINT reversal_reason_is_one_line CHECK (
        reason ~ '^[^\u0001-\u0020\u007f-\u00a0\u1680'
        '\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]([^\u0001-\u001f\u007f-\u009f\u2028\u2029]*'
        '[^\u0001-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])?$'
    ),
    CONSTRAINT reversal_reason_has_at_most_200_characters CHECK (char_length(reason) <= 200)
);

COMMENT ON TABLE billing.reversal IS
'What takes a posted line item back: all of it, once.';

COMMENT ON COLUMN billing.reversal.clinic_id IS
'The clinic that billed the line item.';

COMMENT ON COLUMN billing.reversal.line_item_id IS
'The line item that is taken back.';

COMMENT ON COLUMN billing.reversal.reason IS
'Why it is taken back.
Example: Entered twice';

COMMENT ON COLUMN billing.reversal.reversed_at IS
'When it was taken back.';

COMMENT ON CONSTRAINT reversal_pkey ON billing.reversal IS
'A line item can be reversed only once.';

COMMENT ON CONSTRAINT reversal_line_item_id_fkey ON billing.reversal IS
'A reversal must be of a line item that is on record.';

COMMENT ON CONSTRAINT reversal_reason_is_one_line ON billing.reversal IS
'The reason of a reversal must be one line that neither begins nor ends with a blank.';

COMMENT ON CONSTRAINT reversal_reason_has_at_most_200_characters ON billing.reversal IS
'The reason of a reversal must have at most 200 characters.';

CREATE POLICY own ON billing.reversal USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON billing.reversal IS
'A session sees the reversals of its own clinic.';

ALTER TABLE billing.reversal ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION billing.check_reversal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    -- A line item that is not there is refused by the foreign key.
    IF EXISTS (
        SELECT FROM billing.line_item AS l
        INNER JOIN billing.encounter AS e ON l.clinic_id = e.clinic_id AND l.encounter_id = e.id
        WHERE
            l.clinic_id = new.clinic_id AND l.id = new.line_item_id
            AND e.status NOT IN ('posted', 'billed')
    ) THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing', TABLE = 'reversal',
            CONSTRAINT = tg_name, COLUMN = 'line_item_id';
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.check_reversal() IS
'Refuses to reverse a line item whose encounter is a draft, or voided.';

REVOKE ALL ON FUNCTION billing.check_reversal() FROM public;

CREATE TRIGGER reversal_is_of_a_posted_line_item BEFORE INSERT ON billing.reversal
FOR EACH ROW EXECUTE FUNCTION billing.check_reversal();

COMMENT ON TRIGGER reversal_is_of_a_posted_line_item ON billing.reversal IS
'A line item can be reversed only once its encounter is posted, and not after that is voided.
Fills: nothing';

CREATE FUNCTION billing.mark_reversed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    UPDATE billing.line_item AS l SET is_reversed = true
    WHERE l.clinic_id = new.clinic_id AND l.id = new.line_item_id;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.mark_reversed() IS
'Marks the line item of a reversal.';

REVOKE ALL ON FUNCTION billing.mark_reversed() FROM public;

CREATE TRIGGER reversal_marks_its_line_item AFTER INSERT ON billing.reversal
FOR EACH ROW EXECUTE FUNCTION billing.mark_reversed();

CREATE VIEW api.reversals WITH (security_invoker = true) AS
SELECT
    r.line_item_id,
    r.reason,
    r.reversed_at
FROM billing.reversal AS r;

COMMENT ON VIEW api.reversals IS
'What takes posted line items back: all of a line item, once.';

CREATE OR REPLACE VIEW api.line_items WITH (security_invoker = true) AS
SELECT
    l.id,
    l.encounter_id,
    l.cpt_code,
    (
        SELECT v.description FROM billing.cpt_code_version AS v
        WHERE v.code = CAST(l.cpt_code AS name) AND v.valid_during @> l.day
    ) AS cpt_code_description,
    l.units,
    l.service_date,
    l.unit_type,
    l.modifiers,
    l.diagnosis_pointers,
    l.unit_charge,
    l.charge,
    l.is_reversed
FROM billing.line_item AS l;

COMMENT ON COLUMN api.line_items.cpt_code_description IS
'What the procedure code stood for on the date of service.
Example: Annual wellness visit, initial';

CREATE OR REPLACE VIEW api.superbills WITH (security_invoker = true) AS
SELECT
    e.id AS encounter_id,
    e.date,
    e.patient_id,
    (
        SELECT p.first_name FROM billing.patient AS p
        WHERE p.id = e.patient_id
    ) AS first_name,
    (
        SELECT p.last_name FROM billing.patient AS p
        WHERE p.id = e.patient_id
    ) AS last_name,
    ARRAY(
        SELECT
            CAST(
                ROW(l.id, l.cpt_code, v.description, trim_scale(l.units))
                AS billing.superbill_line_item
            ) AS line_item
        FROM billing.line_item AS l
        INNER JOIN
            billing.cpt_code_version AS v
            ON v.code = CAST(l.cpt_code AS name) AND l.day <@ v.valid_during
        WHERE l.encounter_id = e.id
        ORDER BY l.id
    ) AS line_items
FROM billing.encounter AS e;

CREATE OR REPLACE VIEW reporting.encounters_without_line_items WITH (security_invoker = true) AS
SELECT
    e.id AS encounter_id,
    e.date AS encounter_date,
    greatest(current_date - e.date, 0) AS age_in_days,
    e.patient_id,
    p.first_name,
    p.last_name
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
WHERE
    e.status <> 'voided'
    AND NOT EXISTS (
        SELECT FROM billing.line_item AS l
        WHERE l.encounter_id = e.id
    )
ORDER BY e.date, e.id;

CREATE OR REPLACE VIEW reporting.code_utilisation WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        l.cpt_code,
        count(*) AS line_item_count,
        CAST(sum(l.units) AS api.number) AS unit_count
    FROM billing.line_item AS l
    INNER JOIN billing.encounter AS e ON l.encounter_id = e.id
    WHERE e.status <> 'voided' AND NOT l.is_reversed
    GROUP BY l.cpt_code
)

SELECT
    t.cpt_code,
    c.description AS cpt_code_description,
    t.line_item_count,
    t.unit_count,
    CAST(t.unit_count / sum(t.unit_count) OVER () AS numeric(9, 8)) AS share_of_units
FROM t
INNER JOIN billing.cpt_code AS c ON t.cpt_code = c.code
ORDER BY t.unit_count DESC, t.cpt_code ASC;

COMMENT ON VIEW reporting.code_utilisation IS
'How often each procedure code was billed, the most used first. Codes never billed are left out, '
'and so are voided encounters and line items that were reversed.';

COMMENT ON COLUMN reporting.code_utilisation.cpt_code_description IS
'What the procedure code stands for; the newest text.
Example: Annual wellness visit, initial';

CREATE OR REPLACE VIEW reporting.monthly_activity WITH (security_invoker = true) AS
WITH t AS (
    SELECT
        l.encounter_id,
        count(*) AS line_item_count,
        sum(l.units) AS unit_count
    FROM billing.line_item AS l
    WHERE NOT l.is_reversed
    GROUP BY l.encounter_id
)

SELECT
    CAST(date_trunc('month', CAST(e.date AS timestamp)) AS date) AS month_start,
    count(DISTINCT e.patient_id) AS patients_seen,
    count(*) AS encounter_count,
    CAST(coalesce(sum(t.line_item_count), 0) AS bigint) AS line_item_count,
    CAST(coalesce(sum(t.unit_count), 0) AS api.number) AS unit_count
FROM billing.encounter AS e
LEFT JOIN t ON e.id = t.encounter_id
WHERE e.status <> 'voided'
GROUP BY month_start
ORDER BY month_start;

COMMENT ON VIEW reporting.monthly_activity IS
'What was done in each month of service, the first first. Months without a visit are left out, and '
'so are voided encounters and line items that were reversed.';

CREATE OR REPLACE VIEW reporting.patient_statements WITH (security_invoker = true) AS
SELECT
    e.patient_id,
    p.first_name,
    p.last_name,
    e.id AS encounter_id,
    e.date AS encounter_date,
    l.id AS line_item_id,
    l.cpt_code,
    v.description AS cpt_code_description,
    l.units
FROM billing.encounter AS e
INNER JOIN billing.patient AS p ON e.patient_id = p.id
LEFT JOIN billing.line_item AS l ON e.id = l.encounter_id AND NOT l.is_reversed
LEFT JOIN billing.cpt_code_version AS v
    ON v.code = CAST(l.cpt_code AS name) AND l.day <@ v.valid_during
WHERE e.status <> 'voided'
ORDER BY e.patient_id, e.date, e.id, l.id;

COMMENT ON VIEW reporting.patient_statements IS
'Each patient''s statement: every visit by date, and a row for each thing that was done. A visit '
'for which nothing was billed has one row, whose last four columns are empty. Voided encounters '
'are left out, and so are line items that were reversed.';

COMMENT ON COLUMN reporting.patient_statements.cpt_code_description IS
'What the procedure code stood for on the date of service.
Example: Annual wellness visit, initial';

-- Not granted: writing unit_charge, day, is_reversed and reversed_at, which the database fills; and
-- changing or removing a reversal, because nothing that was posted is undone.
GRANT SELECT (
    service_date, unit_type, modifiers, diagnosis_pointers, day, unit_charge, charge, is_reversed
) ON billing.line_item TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT
INSERT (service_date, unit_type, modifiers, diagnosis_pointers),
UPDATE (service_date, unit_type, modifiers, diagnosis_pointers)
ON billing.line_item, api.line_items TO superbill_api, superbill_clinician, superbill_biller;

GRANT SELECT (line_item_id, reason, reversed_at) ON billing.reversal TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT SELECT ON api.reversals TO
superbill_api, superbill_clinician, superbill_biller, superbill_auditor;

GRANT INSERT (line_item_id, reason) ON billing.reversal, api.reversals TO
superbill_api, superbill_biller;

GRANT SELECT (status) ON billing.encounter TO superbill_reporter;

GRANT SELECT (day, is_reversed) ON billing.line_item TO superbill_reporter;

GRANT SELECT (code, valid_during, description) ON billing.cpt_code_version TO superbill_reporter;

SELECT audit.watch('billing.line_item');

SELECT audit.watch('billing.reversal');

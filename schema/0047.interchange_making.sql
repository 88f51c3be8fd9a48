-- depends: 0046.claim_content
--
-- An interchange is made of claims by copying what their file says, or all is told that a receiver
-- would refuse of them: see "All that is wrong at once" in the guide.
--
-- The practice is locked while an interchange is made: two at once get different control numbers,
-- and no claim is sent by both.

CREATE FUNCTION billing.count_written(line text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN char_length(regexp_replace(
    coalesce(line, ''),
    '[^0-9A-Za-z\u00c0-\u00d6\u00d8-\u01b7\u01ba-\u024f\u0391-\u03c9\u0400-\u045f'
    '\u05d0-\u05e1\u05e3-\u05ea'
    '\u0628-\u0638\u063a\u0641-\u064a\u0905-\u0939\u0e01-\u0e2c\u3041-\u3096\u30a1-\u30fa'
    '\u4e00-\u9fa5\uac00-\ud7a3]',
    '', 'g'
));

COMMENT ON FUNCTION billing.count_written(text) IS
'How many letters and digits of a text a claim can hold, which has Latin ones alone: those of '
'other scripts are written in Latin ones. Of scripts that are not counted here some letters have '
'none.';

CREATE FUNCTION billing.is_state(code text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    code IN (
        'AA', 'AE', 'AK', 'AL', 'AP', 'AR', 'AS', 'AZ', 'CA', 'CO', 'CT', 'DC', 'DE', 'FL', 'FM',
        'GA', 'GU', 'HI', 'IA', 'ID', 'IL', 'IN', 'KS', 'KY', 'LA', 'MA', 'MD', 'ME', 'MH', 'MI',
        'MN', 'MO', 'MP', 'MS', 'MT', 'NC', 'ND', 'NE', 'NH', 'NJ', 'NM', 'NV', 'NY', 'OH', 'OK',
        'OR', 'PA', 'PR', 'PW', 'RI', 'SC', 'SD', 'TN', 'TX', 'UT', 'VA', 'VI', 'VT', 'WA', 'WI',
        'WV', 'WY'
    ),
    true
);

COMMENT ON FUNCTION billing.is_state(text) IS
'Whether this is the code of a state of the USA, of a territory, or of a place of its forces; true '
'where there is none.';

CREATE FUNCTION billing.claim_faults(of_clinic uuid, of_claim uuid) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = '' AS $$
SELECT f.name
FROM billing.claim AS c
INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
INNER JOIN billing.patient AS p ON e.clinic_id = p.clinic_id AND e.patient_id = p.id
INNER JOIN billing.provider AS g ON e.clinic_id = g.clinic_id AND e.provider_id = g.id
INNER JOIN billing.coverage AS v ON c.clinic_id = v.clinic_id AND c.coverage_id = v.id
INNER JOIN billing.payer AS y ON v.clinic_id = y.clinic_id AND v.payer_id = y.id
LEFT JOIN billing.patient_detail AS d ON p.clinic_id = d.clinic_id AND p.id = d.patient_id
LEFT JOIN billing.claim_detail AS t ON e.clinic_id = t.clinic_id AND e.id = t.encounter_id
LEFT JOIN billing.provider AS q
    ON t.clinic_id = q.clinic_id AND t.referring_provider_id = q.id
LEFT JOIN billing.coverage AS o
    ON
        v.clinic_id = o.clinic_id AND v.patient_id = o.patient_id AND o.priority = 'P'
        AND o.valid_during @> e.date AND v.priority = 'S'
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS line_item_count,
            sum(l.charge) AS charges,
            bool_or(l.diagnosis_pointers = '{}') AS lacks_pointer,
            bool_or(
                l.charge <> (
                    SELECT coalesce(sum(a.amount), 0)
                    FROM billing.allocation AS a
                    INNER JOIN billing.payment AS m
                        ON a.clinic_id = m.clinic_id AND a.payment_id = m.id
                    WHERE
                        a.clinic_id = l.clinic_id AND a.line_item_id = l.id
                        AND m.payer_id = o.payer_id
                ) + (
                    SELECT coalesce(sum(j.amount), 0) FROM billing.adjustment AS j
                    WHERE j.clinic_id = l.clinic_id AND j.line_item_id = l.id
                )
            ) AS differs
        FROM billing.line_item AS l
        WHERE
            l.clinic_id = c.clinic_id
            AND l.id IN (SELECT i.id FROM billing.claimed_line_items(of_clinic, of_claim) AS i (id))
    ) AS l
CROSS JOIN
    LATERAL (
        SELECT
            bool_or(num_nulls(z.payer_number) = 1) AS lacks_number,
            bool_or(least(char_length(z.payer_number), char_length(w.member_id)) < 2) AS is_short,
            bool_or(
                least(
                    billing.count_written(z.name),
                    billing.count_written(coalesce(w.subscriber_last_name, p.last_name))
                ) < 1
            ) AS is_not_written
        FROM billing.coverage AS w
        INNER JOIN billing.payer AS z ON w.clinic_id = z.clinic_id AND w.payer_id = z.id
        WHERE
            w.clinic_id = v.clinic_id
            AND (w.id = v.id OR w.patient_id = v.patient_id AND w.valid_during @> e.date)
    ) AS w
CROSS JOIN
    LATERAL unnest(ARRAY[
        CASE WHEN v.priority = 'T' THEN 'claims_are_for_two_payers' END,
        CASE
            WHEN v.priority = 'S' AND num_nulls(o.id) = 1 THEN 'claims_have_a_first_payer'
        END,
        CASE
            WHEN num_nulls(o.id) = 0 AND l.differs THEN 'claims_are_answered_first'
        END,
        CASE
            WHEN v.priority <> 'P' AND y.claim_filing IN ('MA', 'MB')
                THEN 'claims_to_medicare_are_first'
        END,
        CASE WHEN l.charges >= 100000000 THEN 'claims_are_not_too_high' END,
        CASE WHEN num_nulls(d.birth_date) = 1 THEN 'patients_have_a_birth_date' END,
        CASE WHEN d.birth_date > e.date THEN 'patients_are_born' END,
        CASE WHEN num_nulls(d.sex) = 1 THEN 'patients_have_a_sex' END,
        CASE
            WHEN num_nulls(d.address_line_1, d.city, d.state, d.postal_code) > 0
                THEN 'patients_have_an_address'
        END,
        CASE
            WHEN v.relationship <> '18' AND num_nulls(v.subscriber_first_name) = 1
                THEN 'subscribers_have_a_first_name'
        END,
        CASE WHEN w.lacks_number THEN 'payers_have_a_number' END,
        CASE
            WHEN NOT EXISTS (
                SELECT FROM billing.diagnosis AS x
                WHERE x.clinic_id = e.clinic_id AND x.encounter_id = e.id AND x.position = 1
            ) THEN 'diagnoses_have_a_first'
        END,
        CASE WHEN l.line_item_count = 0 THEN 'line_items_are_there' END,
        CASE WHEN l.lacks_pointer THEN 'line_items_have_a_pointer' END,
        CASE
            WHEN
                t.related_cause IN ('AA', 'OA') AND num_nulls(t.accident_date) = 1
                OR t.related_cause = 'AA' AND num_nulls(t.accident_state) = 1
                THEN 'accidents_are_complete'
        END,
        CASE
            WHEN
                w.is_not_written
                OR least(
                    billing.count_written(p.last_name), billing.count_written(g.last_name),
                    billing.count_written(coalesce(q.last_name, 'none')),
                    billing.count_written(coalesce(d.address_line_1, 'none')),
                    billing.count_written(coalesce(d.city, 'none')) - 1
                ) < 1
                THEN 'names_can_be_written'
        END,
        CASE
            WHEN
                NOT (
                    billing.is_state(d.state) AND billing.is_state(y.state)
                    AND billing.is_state(t.accident_state)
                )
                THEN 'states_are_known'
        END,
        CASE WHEN w.is_short THEN 'numbers_are_long_enough' END,
        CASE
            WHEN
                concat(c.payer_claim_number, t.prior_authorization_number) !~ '^[ -)+-9;-\]_-{}]*$'
                THEN 'numbers_have_no_separators'
        END
    ]) AS f (name)
WHERE c.clinic_id = of_clinic AND c.id = of_claim AND f.name <> ''
$$;

COMMENT ON FUNCTION billing.claim_faults(uuid, uuid) IS
'What a receiver would refuse of a claim: names of constraints of interchanges.';

REVOKE ALL ON FUNCTION billing.claim_faults(uuid, uuid) FROM public;

CREATE FUNCTION billing.interchange_faults(of_clinic uuid, of_claims uuid[])
RETURNS TABLE (n bigint, name text)
LANGUAGE sql STABLE SET search_path = '' AS $$
SELECT
    0 AS n,
    f.name
FROM (SELECT of_clinic AS id) AS c
LEFT JOIN billing.practice AS p ON c.id = p.clinic_id
CROSS JOIN
    LATERAL unnest(ARRAY[
        CASE WHEN num_nulls(p.id) = 1 THEN 'practice_is_on_record' END,
        CASE WHEN num_nulls(p.id, p.npi) = 1 THEN 'practice_has_an_npi' END,
        CASE WHEN num_nulls(p.id, p.tax_id) = 1 THEN 'practice_has_a_tax_id' END,
        CASE
            WHEN
                num_nulls(p.id) = 0
                AND num_nulls(p.address_line_1, p.city, p.state, p.postal_code) > 0
                THEN 'practice_has_an_address'
        END,
        CASE WHEN NOT billing.is_state(p.state) THEN 'states_are_known' END,
        CASE
            WHEN least(
                billing.count_written(coalesce(p.name, 'none')),
                billing.count_written(coalesce(p.address_line_1, 'none')),
                billing.count_written(coalesce(p.city, 'none')) - 1
            ) < 1 THEN 'names_can_be_written'
        END
    ]) AS f (name)
WHERE f.name <> ''
UNION ALL
SELECT
    i.n,
    CASE
        WHEN num_nulls(c.id) = 1 THEN 'claims_are_on_record' ELSE 'claims_are_there_once'
    END AS name
FROM unnest(of_claims) WITH ORDINALITY AS i (id, n)
LEFT JOIN billing.claim AS c ON c.clinic_id = of_clinic AND i.id = c.id
WHERE num_nulls(c.id) = 1 OR array_position(of_claims, i.id) < i.n
UNION ALL
SELECT
    i.n,
    f.name
FROM unnest(of_claims) WITH ORDINALITY AS i (id, n)
CROSS JOIN LATERAL billing.claim_faults(of_clinic, i.id) AS f (name)
$$;

COMMENT ON FUNCTION billing.interchange_faults(uuid, uuid[]) IS
'What a receiver would refuse of these claims: the place of the claim among them, or 0 for the '
'practice, and the name of a constraint.';

REVOKE ALL ON FUNCTION billing.interchange_faults(uuid, uuid[]) FROM public;

CREATE FUNCTION billing.make_interchange() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    made record;
BEGIN
    -- One interchange of a clinic is made at a time.
    PERFORM FROM billing.practice AS p WHERE p.clinic_id = new.clinic_id FOR NO KEY UPDATE;
    PERFORM FROM billing.trading_partner AS p
    WHERE p.clinic_id = new.clinic_id AND p.id = new.trading_partner_id;
    IF NOT found THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = CASE
                WHEN num_nulls(new.trading_partner_id) = 1 THEN 'not_null_violation'
                ELSE 'foreign_key_violation'
            END,
            SCHEMA = 'billing', TABLE = 'interchange',
            CONSTRAINT = CASE
                WHEN num_nulls(new.trading_partner_id) = 1 THEN ''
                ELSE 'interchange_trading_partner_id_fkey'
            END,
            COLUMN = 'trading_partner_id';
    END IF;
    SELECT
        string_agg(f.name, ',' ORDER BY f.n, f.name) AS names,
        string_agg(format('claim_ids[%s]', f.n), ',' ORDER BY f.n, f.name) AS places
    INTO made
    FROM (
        SELECT
            i.n,
            'interchange_claims_are_sent_once' AS name
        FROM unnest(new.claim_ids) WITH ORDINALITY AS i (id, n)
        WHERE EXISTS (
            SELECT FROM billing.submission AS s
            WHERE s.clinic_id = new.clinic_id AND s.claim_id = i.id AND NOT s.is_rejected
        )
        UNION ALL
        SELECT
            i.n,
            'interchange_claims_still_count' AS name
        FROM unnest(new.claim_ids) WITH ORDINALITY AS i (id, n)
        INNER JOIN billing.claim AS c ON c.clinic_id = new.clinic_id AND i.id = c.id
        INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
        WHERE e.status = 'voided' AND c.frequency <> '8'
    ) AS f;
    IF made.names <> '' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'object_not_in_prerequisite_state', SCHEMA = 'billing',
            TABLE = 'interchange', CONSTRAINT = made.names, COLUMN = made.places;
    END IF;
    -- One statement, so that what is checked is what is copied.
    SELECT
        (
            SELECT string_agg('interchange_' || f.name, ',' ORDER BY f.n, f.name)
            FROM billing.interchange_faults(new.clinic_id, new.claim_ids) AS f
        ) AS names,
        (
            SELECT
                string_agg(
                    CASE WHEN f.n = 0 THEN '' ELSE format('claim_ids[%s]', f.n) END, ','
                    ORDER BY f.n, f.name
                )
            FROM billing.interchange_faults(new.clinic_id, new.claim_ids) AS f
        ) AS places,
        jsonb_build_object(
            'made_at', to_char(
                new.created_at AT TIME ZONE p.time_zone, 'YYYY-MM-DD"T"HH24:MI:SS'
            ),
            'usage_indicator', t.usage_indicator,
            'sender', jsonb_build_object(
                'qualifier', t.sender_qualifier, 'id', t.sender_id, 'name', p.name,
                'contact_name', t.contact_name, 'contact_phone', t.contact_phone
            ),
            'receiver', jsonb_build_object(
                'qualifier', t.receiver_qualifier, 'id', t.receiver_id, 'name', t.name
            ),
            'practice', jsonb_build_object(
                'name', p.name, 'npi', p.npi, 'tax_id', p.tax_id, 'tax_id_type', p.tax_id_type,
                'address_line_1', p.address_line_1, 'address_line_2', p.address_line_2,
                'city', p.city, 'state', p.state, 'postal_code', p.postal_code,
                'phone', p.phone, 'taxonomy_code', p.taxonomy_code
            ),
            'subscribers', billing.claim_subscribers(new.clinic_id, new.claim_ids)
        ) AS content
    INTO made
    FROM billing.trading_partner AS t
    LEFT JOIN billing.practice AS p ON t.clinic_id = p.clinic_id
    WHERE t.clinic_id = new.clinic_id AND t.id = new.trading_partner_id;
    IF made.names <> '' THEN
        RAISE EXCEPTION 'refused' USING
            ERRCODE = 'check_violation', SCHEMA = 'billing', TABLE = 'interchange',
            CONSTRAINT = made.names, COLUMN = made.places;
    END IF;
    new.content := made.content;
    new.control_number := (
        SELECT coalesce(max(i.control_number), 0) + 1 FROM billing.interchange AS i
        WHERE i.clinic_id = new.clinic_id
    );
    RETURN new;
END
$$;

COMMENT ON FUNCTION billing.make_interchange() IS
'Copies what the file of an interchange says, and gives it its number; or says all that is wrong.';

REVOKE ALL ON FUNCTION billing.make_interchange() FROM public;

CREATE TRIGGER interchange_copies_its_claims BEFORE INSERT ON billing.interchange
FOR EACH ROW EXECUTE FUNCTION billing.make_interchange();

COMMENT ON TRIGGER interchange_copies_its_claims ON billing.interchange IS
'Fills: control_number, content';

CREATE FUNCTION billing.note_submissions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO billing.submission (
        clinic_id, interchange_id, claim_id, part, control_number, total_charge
    )
    SELECT
        new.clinic_id,
        new.id,
        CAST(c.claim ->> 'claim_id' AS uuid),
        CAST(c.claim ->> 'part' AS bigint),
        c.claim ->> 'control_number',
        CAST(c.claim ->> 'total_charge' AS numeric)
    FROM jsonb_array_elements(new.content -> 'subscribers')
        WITH ORDINALITY AS s (subscriber, n)
    CROSS JOIN LATERAL jsonb_array_elements(s.subscriber -> 'claims')
        WITH ORDINALITY AS c (claim, n)
    ORDER BY s.n, c.n;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION billing.note_submissions() IS
'Adds the submissions of an interchange.';

REVOKE ALL ON FUNCTION billing.note_submissions() FROM public;

CREATE TRIGGER interchange_submits_its_claims AFTER INSERT ON billing.interchange
FOR EACH ROW EXECUTE FUNCTION billing.note_submissions();

-- Not granted: an id, a time, a number and a content of one's own, which the database gives.
GRANT INSERT (trading_partner_id, claim_ids)
ON billing.interchange, api.interchanges TO superbill_api, superbill_biller;

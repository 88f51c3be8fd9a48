-- depends: 0045.interchange
--
-- What a file says of claims, as they are now. The claims by one coverage stand together, below
-- their subscriber. A claim of over 50 line items is sent in parts, each with its own control
-- number and total, because X12 takes no more in one.
--
-- A void repeats what it voids: also what was reversed after that was sent.
--
-- Adjustments do not say which payer they are of. So a claim to a second payer has those of its
-- line items as the first payer's.

CREATE FUNCTION billing.claimed_line_items(of_clinic uuid, of_claim uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE SET search_path = '' AS $$
SELECT l.id
FROM billing.claim AS c
INNER JOIN billing.line_item AS l ON c.clinic_id = l.clinic_id AND c.encounter_id = l.encounter_id
LEFT JOIN billing.reversal AS r ON l.clinic_id = r.clinic_id AND l.id = r.line_item_id
WHERE
    c.clinic_id = of_clinic AND c.id = of_claim
    AND (
        NOT l.is_reversed
        OR c.frequency = '8' AND r.reversed_at > (
            SELECT coalesce(i.created_at, p.created_at)
            FROM billing.claim AS p
            LEFT JOIN billing.submission AS s
                ON p.clinic_id = s.clinic_id AND p.id = s.claim_id AND NOT s.is_rejected
            LEFT JOIN billing.interchange AS i
                ON s.clinic_id = i.clinic_id AND s.interchange_id = i.id
            WHERE
                p.clinic_id = c.clinic_id AND p.encounter_id = c.encounter_id
                AND p.coverage_id = c.coverage_id AND p.id < c.id AND p.frequency <> '8'
            ORDER BY p.id DESC
            LIMIT 1
        )
    )
$$;

COMMENT ON FUNCTION billing.claimed_line_items(uuid, uuid) IS
'The line items that a claim asks for: those that were not reversed, and of a void also those that '
'were reversed after what it voids.';

REVOKE ALL ON FUNCTION billing.claimed_line_items(uuid, uuid) FROM public;

CREATE FUNCTION billing.claim_parts(of_clinic uuid, of_claim uuid) RETURNS SETOF jsonb
LANGUAGE sql STABLE SET search_path = '' AS $$
WITH prior AS (
    SELECT
        o.payer_id,
        y.payer_number
    FROM billing.claim AS c
    INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
    INNER JOIN billing.coverage AS v ON c.clinic_id = v.clinic_id AND c.coverage_id = v.id
    INNER JOIN billing.coverage AS o
        ON
            v.clinic_id = o.clinic_id AND v.patient_id = o.patient_id AND o.priority = 'P'
            AND o.valid_during @> e.date
    INNER JOIN billing.payer AS y ON o.clinic_id = y.clinic_id AND o.payer_id = y.id
    WHERE c.clinic_id = of_clinic AND c.id = of_claim AND v.priority = 'S'
),

line AS (
    SELECT
        l.id,
        l.encounter_id,
        l.cpt_code,
        l.modifiers,
        l.diagnosis_pointers,
        l.unit_type,
        l.units,
        l.charge,
        l.day,
        m.patient_paid,
        m.payer_paid,
        greatest(m.paid_on, j.adjusted_on) AS answered_on,
        j.adjustments,
        (row_number() OVER (ORDER BY l.id) - 1) / 50 + 1 AS part
    FROM billing.line_item AS l
    CROSS JOIN
        LATERAL (
            SELECT
                coalesce(sum(a.amount) FILTER (WHERE num_nulls(m.payer_id) = 1), 0)
                    AS patient_paid,
                coalesce(sum(a.amount) FILTER (WHERE m.payer_id = r.payer_id), 0) AS payer_paid,
                max(m.received_on) FILTER (WHERE m.payer_id = r.payer_id) AS paid_on
            FROM billing.allocation AS a
            INNER JOIN billing.payment AS m ON a.clinic_id = m.clinic_id AND a.payment_id = m.id
            LEFT JOIN prior AS r ON true
            WHERE a.clinic_id = l.clinic_id AND a.line_item_id = l.id
        ) AS m
    CROSS JOIN
        LATERAL (
            SELECT
                max(g.adjusted_on) AS adjusted_on,
                coalesce(
                    jsonb_agg(
                        jsonb_build_object('group_code', g.group_code, 'reasons', g.reasons)
                        ORDER BY g.group_code, g.row
                    ),
                    '[]'
                ) AS adjustments
            FROM (
                SELECT
                    s.group_code,
                    s.row,
                    max(s.adjusted_on) AS adjusted_on,
                    jsonb_agg(
                        jsonb_build_object(
                            'reason_code', s.reason_code, 'amount', CAST(s.amount AS text)
                        )
                        ORDER BY s.reason_code
                    ) AS reasons
                FROM (
                    -- Six reasons stand in one segment.
                    SELECT
                        j.group_code,
                        j.reason_code,
                        max(j.adjusted_on) AS adjusted_on,
                        sum(j.amount) AS amount,
                        (row_number() OVER (PARTITION BY j.group_code ORDER BY j.reason_code) - 1)
                        / 6 AS row
                    FROM billing.adjustment AS j
                    WHERE j.clinic_id = l.clinic_id AND j.line_item_id = l.id
                    GROUP BY j.group_code, j.reason_code
                    HAVING sum(j.amount) <> 0
                ) AS s
                GROUP BY s.group_code, s.row
            ) AS g
        ) AS j
    WHERE
        l.clinic_id = of_clinic
        AND l.id IN (SELECT i.id FROM billing.claimed_line_items(of_clinic, of_claim) AS i (id))
),

part AS (
    SELECT
        l.part,
        sum(l.charge) AS total_charge,
        sum(l.patient_paid) AS patient_paid,
        sum(l.payer_paid) AS payer_paid,
        jsonb_agg(
            jsonb_build_object(
                'control_number', upper(substr(replace(CAST(l.id AS text), '-', ''), 1, 30)),
                'cpt_code', l.cpt_code,
                'modifiers', to_jsonb(l.modifiers),
                'charge', CAST(l.charge AS text),
                'unit_type', l.unit_type,
                'units', CAST(trim_scale(l.units) AS text),
                'date', lower(l.day),
                'diagnosis_pointers', (
                    -- Positions may have gaps, and the file numbers what it has.
                    SELECT
                        jsonb_agg(
                            (
                                SELECT count(*) FROM billing.diagnosis AS x
                                WHERE
                                    x.clinic_id = of_clinic AND x.encounter_id = l.encounter_id
                                    AND x.position <= i.item
                            ) ORDER BY i.n
                        )
                    FROM unnest(l.diagnosis_pointers) WITH ORDINALITY AS i (item, n)
                ),
                'drug', (
                    SELECT
                        jsonb_build_object(
                            'drug_code', d.drug_code,
                            'quantity', CAST(trim_scale(d.quantity) AS text),
                            'unit', d.unit
                        )
                    FROM billing.drug AS d
                    WHERE d.clinic_id = of_clinic AND d.line_item_id = l.id
                ),
                'answer', (
                    SELECT
                        jsonb_build_object(
                            'payer_number', r.payer_number,
                            'paid', CAST(l.payer_paid AS text),
                            'date', l.answered_on,
                            'adjustments', l.adjustments
                        )
                    FROM prior AS r
                    WHERE num_nulls(l.answered_on) = 0
                )
            ) ORDER BY l.id
        ) AS line_items
    FROM line AS l
    GROUP BY l.part
)

SELECT
    jsonb_build_object(
        'claim_id', c.id,
        'part', k.part,
        'control_number', CASE
            WHEN k.part = 1 THEN c.control_number
            -- A P is in no other control number, which are hexadecimal.
            ELSE format('%sP%s', left(c.control_number, 17), lpad(CAST(k.part AS text), 2, '0'))
        END,
        'total_charge', CAST(k.total_charge AS text),
        'patient_paid', CASE WHEN k.patient_paid > 0 THEN CAST(k.patient_paid AS text) END,
        'frequency', c.frequency,
        'payer_claim_number', c.payer_claim_number,
        'place_of_service', e.place_of_service,
        'provider_signature', coalesce(t.provider_signature, true),
        'assignment', coalesce(t.assignment, 'A'),
        'benefits_assigned', coalesce(t.benefits_assigned, 'Y'),
        'release_of_information', coalesce(t.release_of_information, 'Y'),
        'related_cause', t.related_cause,
        'accident_date', t.accident_date,
        'accident_state', t.accident_state,
        'prior_authorization_number', t.prior_authorization_number,
        'diagnoses', (
            SELECT jsonb_agg(x.diagnosis_code ORDER BY x.position) FROM billing.diagnosis AS x
            WHERE x.clinic_id = e.clinic_id AND x.encounter_id = e.id
        ),
        'referring_provider', CASE
            WHEN num_nulls(q.id) = 0 THEN jsonb_build_object(
                'npi', q.npi, 'first_name', q.first_name, 'last_name', q.last_name
            )
        END,
        'rendering_provider', jsonb_build_object(
            'npi', g.npi, 'first_name', g.first_name, 'last_name', g.last_name,
            'taxonomy_code', g.taxonomy_code
        ),
        'other_coverages', (
            SELECT
                coalesce(jsonb_agg(
                    jsonb_build_object(
                        'priority', o.priority,
                        'relationship', o.relationship,
                        'group_number', o.group_number,
                        'group_name', o.group_name,
                        'claim_filing', y.claim_filing,
                        'first_name', CASE
                            WHEN o.relationship = '18' THEN nullif(p.first_name, '')
                            ELSE o.subscriber_first_name
                        END,
                        'last_name', coalesce(o.subscriber_last_name, p.last_name),
                        'member_id', o.member_id,
                        'payer_name', y.name,
                        'payer_number', y.payer_number,
                        'paid', CASE
                            WHEN v.priority = 'S' AND o.priority = 'P'
                                THEN CAST(k.payer_paid AS text)
                        END
                    ) ORDER BY array_position(ARRAY['P', 'S', 'T'], o.priority)
                ), '[]')
            FROM billing.coverage AS o
            INNER JOIN billing.payer AS y ON o.clinic_id = y.clinic_id AND o.payer_id = y.id
            WHERE
                o.clinic_id = v.clinic_id AND o.patient_id = v.patient_id AND o.id <> v.id
                AND o.priority <> v.priority AND o.valid_during @> e.date
        ),
        'line_items', k.line_items
    )
FROM billing.claim AS c
INNER JOIN billing.encounter AS e ON c.clinic_id = e.clinic_id AND c.encounter_id = e.id
INNER JOIN billing.patient AS p ON e.clinic_id = p.clinic_id AND e.patient_id = p.id
INNER JOIN billing.provider AS g ON e.clinic_id = g.clinic_id AND e.provider_id = g.id
INNER JOIN billing.coverage AS v ON c.clinic_id = v.clinic_id AND c.coverage_id = v.id
LEFT JOIN billing.claim_detail AS t ON e.clinic_id = t.clinic_id AND e.id = t.encounter_id
LEFT JOIN billing.provider AS q ON t.clinic_id = q.clinic_id AND t.referring_provider_id = q.id
CROSS JOIN part AS k
WHERE c.clinic_id = of_clinic AND c.id = of_claim
ORDER BY k.part
$$;

COMMENT ON FUNCTION billing.claim_parts(uuid, uuid) IS
'What a file says of a claim, as one object, or as several where it has over 50 line items.';

REVOKE ALL ON FUNCTION billing.claim_parts(uuid, uuid) FROM public;

CREATE FUNCTION billing.claim_subscribers(of_clinic uuid, of_claims uuid[]) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = '' AS $$
WITH subscriber AS (
    SELECT
        c.coverage_id,
        min(i.n) AS n,
        jsonb_agg(k.content ORDER BY i.n, CAST(k.content ->> 'part' AS bigint)) AS claims
    FROM unnest(of_claims) WITH ORDINALITY AS i (id, n)
    INNER JOIN billing.claim AS c ON c.clinic_id = of_clinic AND i.id = c.id
    CROSS JOIN LATERAL billing.claim_parts(of_clinic, i.id) AS k (content)
    GROUP BY c.coverage_id
),

-- Each level (HL) of the file has a number. The practice has number 1, and each subscriber has the
-- number after the last one. Where the patient is another person, the patient's level follows and
-- has the next number, so it counts here too.
numbered AS (
    SELECT
        s.n,
        s.claims,
        v.*,
        v.relationship = '18' AS is_patient,
        1 + row_number() OVER w
        + count(*) FILTER (WHERE v.relationship <> '18') OVER w
        - CASE WHEN v.relationship = '18' THEN 0 ELSE 1 END AS level
    FROM subscriber AS s
    INNER JOIN billing.coverage AS v ON v.clinic_id = of_clinic AND s.coverage_id = v.id
    WINDOW w AS (ORDER BY s.n ROWS UNBOUNDED PRECEDING)
)

SELECT
    jsonb_agg(
        jsonb_build_object(
            'level', v.level,
            'is_patient', v.is_patient,
            'priority', v.priority,
            'relationship', v.relationship,
            'group_number', v.group_number,
            'group_name', v.group_name,
            'member_id', v.member_id,
            'first_name', CASE
                WHEN v.is_patient THEN nullif(p.first_name, '')
                ELSE v.subscriber_first_name
            END,
            'last_name', CASE WHEN v.is_patient THEN p.last_name ELSE v.subscriber_last_name END,
            'patient', jsonb_build_object(
                'first_name', nullif(p.first_name, ''),
                'last_name', p.last_name,
                'middle_name', d.middle_name,
                'suffix', d.suffix,
                'birth_date', d.birth_date,
                'sex', d.sex,
                'address_line_1', d.address_line_1,
                'address_line_2', d.address_line_2,
                'city', d.city,
                'state', d.state,
                'postal_code', d.postal_code
            ),
            'payer', jsonb_build_object(
                'name', y.name,
                'payer_number', y.payer_number,
                'claim_filing', y.claim_filing,
                'address_line_1', a.address_line_1,
                'address_line_2', a.address_line_2,
                'city', a.city,
                'state', a.state,
                'postal_code', a.postal_code
            ),
            'claims', v.claims
        ) ORDER BY v.n
    )
FROM numbered AS v
INNER JOIN billing.patient AS p ON v.clinic_id = p.clinic_id AND v.patient_id = p.id
INNER JOIN billing.payer AS y ON v.clinic_id = y.clinic_id AND v.payer_id = y.id
-- A file has a whole address, or none.
LEFT JOIN billing.payer AS a
    ON
        y.clinic_id = a.clinic_id AND y.id = a.id
        AND num_nulls(a.address_line_1, a.city, a.state, a.postal_code) = 0
LEFT JOIN billing.patient_detail AS d ON p.clinic_id = d.clinic_id AND p.id = d.patient_id
$$;

COMMENT ON FUNCTION billing.claim_subscribers(uuid, uuid[]) IS
'What a file says of claims, by subscriber: the claims by one coverage are together.';

REVOKE ALL ON FUNCTION billing.claim_subscribers(uuid, uuid[]) FROM public;

"""Every rule of a schema about what a row may hold, as its catalog lists them."""

from typing import LiteralString

OURS: LiteralString = "n.nspname IN ('billing', 'zoo')"
# Everything that limits what a row may hold, named as `Faces` names what refuses one.
RULES: LiteralString = f"""
    SELECT CASE WHEN contype = 'n' AND conrelid <> 0
            THEN format('NOT NULL %s.%s', c.relname, (SELECT attname FROM pg_attribute
                WHERE attrelid = conrelid AND attnum = conkey[1]))
            WHEN contype = 'n' THEN format('NOT NULL domain %s', t.typname)
            ELSE format('%s: %s', coalesce(c.relname, 'domain ' || t.typname), conname) END,
        coalesce(c.relname, ''), (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = conrelid AND attnum = ANY (conkey))
    FROM pg_constraint JOIN pg_namespace AS n ON n.oid = connamespace
        LEFT JOIN pg_class AS c ON c.oid = conrelid LEFT JOIN pg_type AS t ON t.oid = contypid
    WHERE {OURS}
    UNION ALL
    SELECT format('%s: %s', c.relname, i.relname), c.relname::text, (
        SELECT array_agg(attname::text) FROM pg_attribute
            WHERE attrelid = indrelid AND attnum = ANY (CAST(indkey AS int2[])))
    FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_class AS c ON c.oid = indrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE {OURS} AND indisunique AND indexrelid NOT IN (SELECT conindid FROM pg_constraint)
    UNION ALL
    SELECT format('type %s.%s', c.relname, attname), c.relname::text, ARRAY[attname::text]
    FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_type AS t ON t.oid = atttypid LEFT JOIN pg_type AS e ON e.oid = t.typelem
    WHERE {OURS} AND c.relkind = 'r' AND attnum > 0
        AND (atttypmod >= 0 OR 'e' IN (t.typtype, e.typtype)
        OR t.typbasetype <> 0 AND t.typtypmod >= 0 OR t.typname LIKE 'int_')
"""
# What no statement can break, each with its reason.
OWN = "the clinic is the session's own"
TENANTS = ("patient", "encounter", "line_item", "practice", "provider", "fee", "payer")
UNBREAKABLE = {
    "NOT NULL enclosure.area_m2": "generated from two columns that are NOT NULL themselves",
    **{f"{t}: {t}_clinic_id_fkey": OWN for t in TENANTS},
    "practice: practice_clinic_id_key": "a second row breaks it: tests/http/test_parties.py",
    **{
        f"NOT NULL {column}": "generated, or written by a trigger"
        for column in (
            *("cpt_code_version.code_hash", "diagnosis_code_version.code_hash"),
            *("diagnosis.diagnosis_code_hash", "diagnosis.day"),
            *("line_item.cpt_code_hash", "line_item.day"),
        )
    },
    **dict.fromkeys(
        ("NOT NULL fee.valid_during", "NOT NULL coverage.valid_during"),
        "generated from a column that is NOT NULL itself",
    ),
}

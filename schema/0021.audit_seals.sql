-- depends: 0020.audit
--
-- The seals of the audit trail. A seal covers transactions that are over, each once: those from the
-- last seal on, below the oldest one that still runs. So it waits for nobody, and nobody waits for
-- it. A root is made of all that the seal says and of the root before it, so none can be changed
-- but the last ones; those have been logged. Each seal is of one month.
--
-- A database that was restored from a dump is in another cluster, which counts its transactions
-- anew. The first seal there covers all that no seal covers, by the numbers of the changes, under a
-- lock that waits for who writes: what is written later has higher numbers than all that is there.

CREATE TABLE audit.seal (
    n bigint NOT NULL,
    month date NOT NULL,
    from_tx xid8 NOT NULL,
    below_tx xid8 NOT NULL,
    above_n bigint NOT NULL,
    upto_n bigint,
    changes bigint NOT NULL,
    last_n bigint NOT NULL,
    leaves bytea NOT NULL,
    triggers bytea NOT NULL,
    cluster text NOT NULL,
    at timestamptz NOT NULL,
    previous bytea NOT NULL,
    root bytea NOT NULL,
    CONSTRAINT seal_pkey PRIMARY KEY (n)
);

COMMENT ON TABLE audit.seal IS
'The seals of the trail. Each root is made of the one before it and of the changes that it covers.';

COMMENT ON COLUMN audit.seal.n IS
'Numbers the seals, without gaps.';

COMMENT ON COLUMN audit.seal.month IS
'The month of its changes, so that a month can be dropped.';

COMMENT ON COLUMN audit.seal.from_tx IS
'The first transaction that it covers.';

COMMENT ON COLUMN audit.seal.below_tx IS
'The transaction after the last one that it covers.';

COMMENT ON COLUMN audit.seal.above_n IS
'It covers changes with higher numbers.';

COMMENT ON COLUMN audit.seal.upto_n IS
'If set, the seal is the first one after the database was restored from a dump.';

COMMENT ON COLUMN audit.seal.changes IS
'How many changes it covers.';

COMMENT ON COLUMN audit.seal.last_n IS
'The highest number of a change so far.';

COMMENT ON COLUMN audit.seal.leaves IS
'The SHA-256 of its changes.';

COMMENT ON COLUMN audit.seal.triggers IS
'The SHA-256 of the triggers that write and guard the trail.';

COMMENT ON COLUMN audit.seal.cluster IS
'The cluster of Postgres that counts the transactions.';

COMMENT ON COLUMN audit.seal.at IS
'When it was made.';

COMMENT ON COLUMN audit.seal.previous IS
'The root of the seal before it.';

COMMENT ON COLUMN audit.seal.root IS
'The SHA-256 of all columns before this one.';

COMMENT ON CONSTRAINT seal_pkey ON audit.seal IS
'A seal has a number of its own.';

CREATE TRIGGER seal_can_only_grow BEFORE UPDATE OR DELETE ON audit.seal
FOR EACH ROW EXECUTE FUNCTION audit.refuse();

CREATE TRIGGER seal_is_not_truncated BEFORE TRUNCATE ON audit.seal
FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse();

ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER seal_can_only_grow;

ALTER TABLE audit.seal ENABLE ALWAYS TRIGGER seal_is_not_truncated;

COMMENT ON TRIGGER seal_can_only_grow ON audit.seal IS
'The seals of the audit trail stay.';

COMMENT ON TRIGGER seal_is_not_truncated ON audit.seal IS
'The seals of the audit trail stay.';

CREATE FUNCTION audit.cluster() RETURNS text
LANGUAGE sql STABLE SET search_path = ''
RETURN (SELECT CAST(c.system_identifier AS text) FROM pg_catalog.pg_control_system() AS c);

COMMENT ON FUNCTION audit.cluster() IS
'The cluster of Postgres, which counts its transactions itself.';

CREATE FUNCTION job.seal_audit() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' SET timezone = 'UTC' SET datestyle = 'ISO' SET bytea_output = 'hex' AS $$
DECLARE
    covered text := 'c.tx >= ($1).from_tx AND c.tx < ($1).below_tx AND c.n > ($1).above_n';
    made audit.seal;
    former audit.seal;
    part record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('job.seal_audit', 0));
    SELECT * INTO former FROM audit.seal AS s ORDER BY s.n DESC LIMIT 1;
    made.n := coalesce(former.n, 0);
    made.root := coalesce(former.root, '');
    made.last_n := coalesce(former.last_n, 0);
    made.from_tx := coalesce(former.below_tx, '0');
    made.above_n := coalesce(former.upto_n, former.above_n, 0);
    made.cluster := audit.cluster();
    made.triggers := audit.triggers();
    IF former.cluster <> made.cluster THEN
        LOCK TABLE audit.change IN SHARE MODE;
        covered := '(c.tx >= ($1).from_tx OR c.n > ($1).above_n) AND c.n <= ($1).upto_n';
        made.above_n := former.last_n;
        made.upto_n := (SELECT coalesce(max(c.n), 0) FROM audit.change AS c);
    END IF;
    -- The next statement sees all that these transactions wrote.
    made.below_tx := pg_snapshot_xmin(pg_current_snapshot());
    FOR part IN EXECUTE format(
        $sql$
        SELECT
            p.month, sum(p.changes) AS changes, max(p.last_n) AS last_n,
            sha256(string_agg(p.leaves, '' ORDER BY p.bucket)) AS leaves, false AS is_empty
        FROM (
            SELECT
                CAST(date_trunc('month', c.at) AS date) AS month, c.n >> 12 AS bucket,
                count(*) AS changes, max(c.n) AS last_n,
                sha256(string_agg(sha256(convert_to(CAST(ROW(
                    c.clinic_id, c.at, c.n, c.tx, c.actor, c.login, c.role, c.relation, c.record,
                    c.action, c.before, c.after
                ) AS text), 'UTF8')), '' ORDER BY c.n)) AS leaves
            FROM audit.change AS c
            WHERE %s
            GROUP BY month, bucket
        ) AS p
        GROUP BY p.month
        UNION ALL
        -- A seal of no changes, where something else has changed.
        SELECT CAST(date_trunc('month', now()) AS date), 0, 0, sha256(''), true
        WHERE $2
        ORDER BY is_empty, month
        $sql$, covered
    ) USING made, former.cluster <> made.cluster OR former.triggers <> made.triggers LOOP
        CONTINUE WHEN part.is_empty AND made.n > coalesce(former.n, 0);
        made.n := made.n + 1;
        made.month := part.month;
        made.changes := part.changes;
        made.last_n := greatest(made.last_n, part.last_n);
        made.leaves := part.leaves;
        made.at := clock_timestamp();
        made.previous := made.root;
        made.root := sha256(convert_to(CAST(ROW(
            made.n, made.month, made.from_tx, made.below_tx, made.above_n, made.upto_n, made.changes,
            made.last_n, made.leaves, made.triggers, made.cluster, made.at, made.previous
        ) AS text), 'UTF8'));
        INSERT INTO audit.seal SELECT (made).*;
        RETURN NEXT format('seal %s root %s', made.n, encode(made.root, 'hex'));
    END LOOP;
END
$$;

COMMENT ON FUNCTION job.seal_audit() IS
'Seals the changes that are not sealed yet. The log has the roots.
Every: 1 s';

-- The last change of a row that is still there may be in that month: then the trail goes on with
-- the row as it is, as a baseline.
CREATE FUNCTION audit.drop_month(month date) RETURNS bigint
LANGUAGE plpgsql SET search_path = '' SET timezone = 'UTC' AS $$
DECLARE
    first CONSTANT timestamptz := date_trunc('month', drop_month.month);
    name CONSTANT text := 'change_' || to_char(drop_month.month, 'YYYY_MM');
    dropped bigint;
    sealed bigint;
BEGIN
    IF first >= date_trunc('month', now()) THEN
        RAISE EXCEPTION 'the month % is not over', to_char(first, 'YYYY-MM');
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('job.seal_audit', 0));
    SELECT count(*) INTO dropped FROM audit.change AS c
    WHERE c.at >= first AND c.at < first + interval '1 month';
    SELECT coalesce(sum(s.changes), 0) INTO sealed FROM audit.seal AS s WHERE s.month = first;
    IF dropped <> sealed THEN
        RAISE EXCEPTION '% has % changes, of which % are sealed: see superbill verify',
            to_char(first, 'YYYY-MM'), dropped, sealed;
    END IF;
    INSERT INTO audit.change (clinic_id, actor, relation, record, action, after)
    SELECT c.clinic_id, identity.actor(), c.relation, c.record, 'baseline', c.after
    FROM audit.change AS c
    WHERE
        c.at >= first AND c.at < first + interval '1 month' AND c.after IS NOT NULL
        AND c.record <> ''
        AND NOT EXISTS (
            SELECT FROM audit.change AS d
            WHERE d.clinic_id = c.clinic_id AND d.record = c.record AND d.relation = c.relation
            AND d.n > c.n
        );
    INSERT INTO audit.change (clinic_id, actor, relation, record, action, before, after)
    SELECT
        '00000000-0000-0000-0000-000000000000', identity.actor(), 'audit.change', '', 'drop',
        jsonb_build_object(
            'month', to_char(first, 'YYYY-MM-DD'), 'changes', dropped,
            'confirmed', coalesce(jsonb_agg(
                jsonb_build_object(
                    'n', c.n, 'tx', c.tx, 'relation', c.relation, 'action', c.action,
                    'triggers', c.after ->> 'triggers'
                ) ORDER BY c.n
            ), '[]')
        ),
        jsonb_build_object('triggers', encode(audit.triggers(), 'hex'))
    FROM audit.change AS c
    WHERE c.at >= first AND c.at < first + interval '1 month' AND c.record = '';
    IF to_regclass('audit.' || name) IS NOT NULL THEN
        EXECUTE format('DROP TABLE audit.%I', name);
    ELSE
        ALTER TABLE audit.change_other DISABLE TRIGGER change_can_only_grow;
        DELETE FROM audit.change_other AS c
        WHERE c.at >= first AND c.at < first + interval '1 month';
        ALTER TABLE audit.change_other ENABLE ALWAYS TRIGGER change_can_only_grow;
    END IF;
    RETURN dropped;
END
$$;

COMMENT ON FUNCTION audit.drop_month(date) IS
'Drops the changes of a month that is over. The seals stay, and so does what the chain proves.';

-- Not granted to PUBLIC: what only the owner may call, and what runs with the owner's privileges.
REVOKE ALL ON FUNCTION audit.cluster() FROM public;

REVOKE ALL ON FUNCTION job.seal_audit() FROM public;

REVOKE ALL ON FUNCTION audit.drop_month(date) FROM public;

GRANT EXECUTE ON FUNCTION job.seal_audit() TO superbill_keeper;

-- The triggers that guard the seals are there on purpose.
SELECT audit.confirm('audit.seal', 'guard');

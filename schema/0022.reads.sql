-- depends: 0021.audit_seals
--
-- Who read what by the API: a row for each read that it answered, or refused to somebody it knows.
-- What one caller reads again within a second is in the row of the first read.
--
-- The server keeps the reads of a second in its memory and writes them in one statement, as the
-- role superbill_keeper, which may do that and nothing else with them. No role of the API can add,
-- change or remove a row. Reads are not sealed. Reads in psql are not seen: Postgres has pgaudit
-- for those.
--
-- What a filter compared with is not kept, because it may name a patient.
--
-- The key begins with the time, by which the table is divided. As with changes, a job makes the
-- months ahead, and what finds no month goes into read_other. The owner drops an old month:
-- DROP TABLE audit.read_2026_11.
--
-- squawk-ignore-file prefer-bigint-over-smallint, require-concurrent-index-creation
-- A status has three digits. The table is new, so nobody waits for its indexes.

CREATE TABLE audit.read (
    clinic_id uuid NOT NULL,
    at timestamptz NOT NULL,
    request uuid NOT NULL,
    actor text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    operation text COLLATE "C" NOT NULL,
    record text COLLATE "C",
    filters text[] NOT NULL,
    status smallint NOT NULL,
    repeats uuid[] NOT NULL,
    CONSTRAINT read_pkey PRIMARY KEY (clinic_id, at, request)
) PARTITION BY RANGE (at);

CREATE INDEX read_record_at_request_idx ON audit.read (clinic_id, record, at, request);

CREATE INDEX read_actor_at_request_idx ON audit.read (clinic_id, actor, at, request);

COMMENT ON TABLE audit.read IS
'The reads of the API.';

COMMENT ON COLUMN audit.read.clinic_id IS
'The clinic for which the caller acted.';

COMMENT ON COLUMN audit.read.at IS
'When the request for it began.';

COMMENT ON COLUMN audit.read.request IS
'The id of the request, which the log and a problem document have too.';

COMMENT ON COLUMN audit.read.actor IS
'Who read: the subject of a token.
Example: auth0|5f7c8ec7c33c6c004bbafe82';

COMMENT ON COLUMN audit.read.role IS
'The role as which it was read.
Example: superbill_biller';

COMMENT ON COLUMN audit.read.operation IS
'The operation, by its id in the OpenAPI document.
Example: patients.read';

COMMENT ON COLUMN audit.read.record IS
'The key in the path: of what was read, or of whose list was read. Null if there was none.
Example: 01890a5d-ac96-774b-bcce-b302099a8057';

COMMENT ON COLUMN audit.read.filters IS
'The filters of a list, without what they compared with.
Example: ["last_name.search"]';

COMMENT ON COLUMN audit.read.status IS
'The HTTP status of the answer; 499 if the client had gone.
Example: 200';

COMMENT ON COLUMN audit.read.repeats IS
'The ids of further requests of the caller for the same, within a second.
Example: []';

COMMENT ON CONSTRAINT read_pkey ON audit.read IS
'A request is recorded once.';

COMMENT ON INDEX audit.read_record_at_request_idx IS
'Lists who read a record.';

COMMENT ON INDEX audit.read_actor_at_request_idx IS
'Lists what somebody read.';

CREATE TABLE audit.read_other PARTITION OF audit.read DEFAULT;

COMMENT ON TABLE audit.read_other IS
'The reads whose month has no partition of its own.';

CREATE POLICY own ON audit.read USING (clinic_id = (SELECT identity.clinic()));

COMMENT ON POLICY own ON audit.read IS
'A session sees the reads for its own clinic.';

ALTER TABLE audit.read ENABLE ROW LEVEL SECURITY;

-- Each element is of one caller, operation, list of filters and status; that of `reads` has a line
-- for each of its rows, of four parts with tabs between them: the seconds since 1970, the request's
-- id, the ids of its repeats, the record.
CREATE FUNCTION audit.record_reads(
    tenants text[],
    actors text[],
    roles text[],
    operations text[],
    filters text[],
    statuses smallint[],
    reads text[]
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
INSERT INTO audit.read
    (clinic_id, at, request, actor, role, operation, record, filters, status, repeats)
SELECT
    g.clinic_id,
    to_timestamp(CAST(split_part(r.line, E'\t', 1) AS double precision)),
    CAST(split_part(r.line, E'\t', 2) AS uuid),
    g.actor,
    g.role,
    g.operation,
    nullif(split_part(r.line, E'\t', 4), ''),
    g.filters,
    g.status,
    CAST('{' || split_part(r.line, E'\t', 3) || '}' AS uuid[])
FROM (
    SELECT
        CAST(u.tenant AS uuid) AS clinic_id,
        u.actor,
        u.role,
        u.operation,
        coalesce(string_to_array(nullif(u.filters, ''), ','), '{}') AS filters,
        u.status,
        u.reads
    FROM unnest(
        record_reads.tenants, record_reads.actors, record_reads.roles, record_reads.operations,
        record_reads.filters, record_reads.statuses, record_reads.reads
    ) AS u (tenant, actor, role, operation, filters, status, reads)
    OFFSET 0
) AS g
CROSS JOIN LATERAL string_to_table(g.reads, E'\n') AS r (line)
$$;

COMMENT ON FUNCTION audit.record_reads(
    text[], text[], text[], text[], text[], smallint[], text[]
) IS
'Records reads of the API.';

CREATE FUNCTION job.make_read_months() RETURNS SETOF text
LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
SELECT audit.make_months(3, 'read')
$$;

COMMENT ON FUNCTION job.make_read_months() IS
'Makes the partitions of reads for the next three months.
Every: 1 h';

SELECT audit.make_months(3, 'read');

REVOKE ALL ON FUNCTION audit.record_reads(
    text[], text[], text[], text[], text[], smallint[], text[]
), job.make_read_months() FROM public;

GRANT USAGE ON SCHEMA audit TO superbill_keeper;

GRANT EXECUTE ON FUNCTION audit.record_reads(
    text[], text[], text[], text[], text[], smallint[], text[]
), job.make_read_months() TO superbill_keeper;

CREATE VIEW api.audit_reads WITH (security_invoker = true) AS
SELECT
    r.at,
    r.request,
    r.actor,
    r.role,
    r.operation,
    r.record,
    r.filters,
    r.status,
    r.repeats
FROM audit.read AS r;

COMMENT ON VIEW api.audit_reads IS
'Who read what by the API. A read is here about a second after its answer.';

-- Not granted: anything but SELECT, and to nobody who treats or bills.
GRANT USAGE ON SCHEMA audit TO superbill_api, superbill_auditor, superbill_admin;

GRANT SELECT (at, request, actor, role, operation, record, filters, status, repeats)
ON audit.read TO superbill_api, superbill_auditor, superbill_admin;

GRANT SELECT ON api.audit_reads TO superbill_api, superbill_auditor, superbill_admin;

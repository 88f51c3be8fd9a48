"""What it costs to know the caller: the second part of `make bench`, 12 minutes.

The same requests, with tokens of one tenant, of 20 tenants, and of several roles, beside those of a
commit that asks nobody for a token, on a schema without tenants, and those without tokens, which
all act for the development identity. Each tenant has 10 users. The
measure is the CPU time of a request, in the server and Postgres together; each round measures all
of them, one after the other, and the result is the median of the rounds' ratios.
"""

import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from statistics import median

from tests.benchmark import comparison, dataset, options, systems, workloads
from tests.benchmark.dataset import Sample
from tests.benchmark.http_server import HttpServer, ServerSpec, running_server, wrk_is_missing
from tests.benchmark.postgres import Testbed, start_testbed
from tests.benchmark.results import PREST, Run
from tests.support.issuers import SigningKey, claims, new_key, write_keys

_BEFORE = "d02f999"  # the last commit without identities
_WORKLOADS = (workloads.BY_ID, workloads.LINE_ITEMS, workloads.PATIENT)
_CONNECTIONS = (16, 64)
_TENANTS, _USERS = 20, 10
_ISSUER = "https://issuer.example"
_ROLE = "superbill_biller"
# The roles that may do what the workload asks for.
_ROLES = {
    workloads.BY_ID: ("front_desk", "clinician", "biller", "auditor", "api"),
    workloads.LINE_ITEMS: ("clinician", "biller", "auditor", "api"),
    workloads.PATIENT: ("front_desk", "biller", "api"),
}
_NOBODY = "no tokens"
_ONE, _MANY, _MIXED = "one tenant", f"{_TENANTS} tenants", f"{_TENANTS} tenants, roles mixed"
_LIMITS = {_ONE: 1.3, _MANY: 1.6}  # times the CPU of the commit before
_CLINIC = "00000000-0000-7000-8000-{:012}"
_SPREAD = """
    SET session_replication_role = replica;
    INSERT INTO identity.clinic (id, name)
    SELECT CAST('00000000-0000-7000-8000-' || lpad(CAST(n AS text), 12, '0') AS uuid), 'Clinic'
    FROM generate_series(2, {tenants}) AS n;
    UPDATE billing.patient AS p SET clinic_id = CAST(
        '00000000-0000-7000-8000-' || lpad(CAST(1 + x.n % {tenants} AS text), 12, '0') AS uuid
    ) FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM billing.patient) AS x
    WHERE x.id = p.id;
    UPDATE billing.encounter AS e SET clinic_id = p.clinic_id
    FROM billing.patient AS p WHERE p.id = e.patient_id;
    UPDATE billing.line_item AS l SET clinic_id = e.clinic_id
    FROM billing.encounter AS e WHERE e.id = l.encounter_id;
    RESET session_replication_role"""
_SAMPLES = """
    SELECT CAST(p.clinic_id AS text), p.id, e.id, p.first_name, p.last_name
    FROM billing.encounter AS e JOIN billing.patient AS p ON p.id = e.patient_id
    ORDER BY md5(CAST(e.id AS text)) LIMIT 1000"""
Figures = dict[tuple[int, str, str], list[Run]]


def main() -> int:
    """Measure and print; return 1 if a ratio is above its limit, else 0."""
    parser = options.parser("identities", __doc__)
    parser.add_argument("--with", dest="before", default=_BEFORE, help="the commit to compare with")
    given = parser.parse_args()
    if wrk_is_missing():
        return 1
    with ExitStack() as stack:
        before = stack.enter_context(comparison.checked_out(given.before))
        servers = {
            given.before: comparison.served(before, given.before, _WORKLOADS, stack),
            **dict(_with_identities(stack)),
        }
        if program := shutil.which("prestd"):
            testbed = servers[given.before].testbed
            servers[PREST] = stack.enter_context(
                running_server(systems.prest(testbed, program), testbed)
            )
            with testbed.connect() as connection:
                servers[PREST].prepare(dataset.samples(connection))
        figures: Figures = {
            (connections, workload, name): []
            for connections in _CONNECTIONS
            for workload in _WORKLOADS
            for name in servers
        }
        for _, workload, name in figures:
            servers[name].run(workload, 64, 1)
        for _ in range(given.rounds):
            for (connections, workload, name), runs in figures.items():
                runs.append(servers[name].run(workload, connections, given.seconds))
    lines, missed = _table(figures, given.before)
    print("\n".join(lines))
    return int(missed)


def _with_identities(stack: ExitStack) -> Iterator[tuple[str, HttpServer]]:
    """Yield a server for each kind of callers, and its name."""
    for name, tenants in ((_ONE, 1), (_MANY, _TENANTS)):
        testbed = stack.enter_context(start_testbed())
        key = new_key("benchmark")
        keys = write_keys(testbed.directory / "keys.json", key)
        server = stack.enter_context(running_server(_spec(testbed, name, keys), testbed))
        samples = _filled(testbed, tenants)
        _prepare(server, key, samples, dict.fromkeys(_WORKLOADS, ("biller",)))
        yield name, server
        if tenants == 1:
            spec = systems.superbill(testbed, _NOBODY)
            alone = stack.enter_context(running_server(spec, testbed))
            for workload in _WORKLOADS:
                alone.prepare_only(workload, samples)
            yield _NOBODY, alone
        else:
            mixed = replace(server, spec=replace(server.spec, name=_MIXED))
            _prepare(mixed, key, samples, _ROLES)
            yield _MIXED, mixed


def _spec(testbed: Testbed, name: str, keys: Path) -> ServerSpec:
    testbed.create(testbed.server.database)
    testbed.end_audit()  # what it costs is measured by itself
    settings = {"ISSUER": _ISSUER, "AUDIENCE": "billing", "JWKS": str(keys)}
    return systems.superbill(testbed, name, **settings)


def _filled(testbed: Testbed, tenants: int) -> list[Sample]:
    """Fill the database with the rows of some tenants; return samples with their tenants."""
    testbed.filled(dataset.Size())
    with testbed.connect() as connection:
        connection.execute(_SPREAD.format(tenants=tenants).encode())
        connection.execute("VACUUM (FULL, ANALYZE)")
        connection.execute("CHECKPOINT")
        names = ("tenant", "patient_id", "encounter_id", "first_name", "last_name")
        rows = connection.execute(_SAMPLES)
        return [dict(zip(names, map(str, row), strict=True)) for row in rows]


def _prepare(
    server: HttpServer,
    key: SigningKey,
    samples: Sequence[Sample],
    roles: Mapping[str, Sequence[str]],
) -> None:
    """Write the requests of all workloads, each with a token of its tenant."""
    expires = int(time.time()) + 86_400
    tokens: dict[tuple[str, str, int], str] = {}
    for workload, allowed in roles.items():
        signed = []
        # Users and roles change from request to request, at their own pace.
        for number, (sample, role) in enumerate(zip(samples, cycle(allowed))):
            caller = sample["tenant"], f"superbill_{role}", number // len(allowed) % _USERS
            if caller not in tokens:
                tokens[caller] = key.sign(
                    claims(
                        _ISSUER,
                        exp=expires,
                        tenant=caller[0],
                        role=caller[1],
                        sub=f"user {caller[2]} of {caller[0]}",
                    )
                )
            signed.append({**sample, "token": tokens[caller]})
        server.prepare_only(workload, signed)


def _table(figures: Figures, before: str) -> tuple[list[str], bool]:
    """Return the lines of the table, and whether a limit was missed."""
    names = list(dict.fromkeys(name for _, _, name in figures))
    lines = [
        f"CPU µs of a request, in server and Postgres, and times that of {before}.\n",
        f"| asked for | connections | {' | '.join(names)} | |",
        f"|---|--:|{'--:|' * len(names)}---|",
    ]
    missed = False
    for connections, workload in dict.fromkeys(key[:2] for key in figures):
        usual = figures[connections, workload, before]
        cells = []
        wrong = []
        for name in names:
            runs = figures[connections, workload, name]
            ratio = median(own.cpu / its.cpu for own, its in zip(runs, usual, strict=True))
            cells.append(f"{median(run.cpu for run in runs):.0f} ({ratio:.2f})")
            if ratio > _LIMITS.get(name, ratio):
                wrong.append(name)
        missed = missed or bool(wrong)
        verdict = f"**missed**: {', '.join(wrong)}" if wrong else "met"
        lines.append(f"| {workload} | {connections} | {' | '.join(cells)} | {verdict} |")
    return lines, missed


if __name__ == "__main__":
    sys.exit(main())

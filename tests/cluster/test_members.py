"""People who log in to Postgres themselves: charts/README.md, "Members"."""

from tests.cluster.conftest import Stack, guide, psql, shell

CLINIC = "00000000-0000-7000-8000-000000000001"
MEMBERS = ".venv/bin/superbill members\n"
REVOKE = ".venv/bin/superbill revoke grace superbill_biller\n"
PATIENTS = "SELECT count(*) FROM api.patients"


def lines(printed: str) -> list[list[str]]:
    """Give the words of each line."""
    return [line.split() for line in printed.splitlines()]


def test_owner_grants_a_person_a_role_and_revokes_it(stack: Stack) -> None:
    stack.post("/patients/", {"first_name": "Jane", "last_name": "Roe"})
    granting = guide("superbill grant")
    printed = lines(shell(granting))
    assert f"granted superbill_biller to grace for {CLINIC}".split() in printed
    assert ["grace", "superbill_biller", CLINIC] in printed
    assert int(psql(PATIENTS, "grace")) >= 1

    _, *connecting = granting.partition(".venv/bin/superbill grant")[0].splitlines(keepends=True)
    printed = lines(shell("".join((*connecting, REVOKE, MEMBERS, "kill %1"))))
    assert ["revoked", "superbill_biller", "from", "grace"] in printed
    assert "grace" not in {line[0] for line in printed}
    psql("DROP ROLE grace")

"""People who log in to Postgres themselves: charts/README.md, "Members"."""

from tests.cluster.conftest import Stack, guide, psql, shell

CLINIC = "00000000-0000-7000-8000-000000000001"
PATIENTS = "SET SESSION AUTHORIZATION grace; SELECT count(*) FROM api.patients"


def lines(printed: str) -> list[list[str]]:
    """Give the words of each line."""
    return [line.split() for line in printed.replace("|", " ").splitlines()]


def test_owner_grants_a_person_a_role_and_revokes_it(stack: Stack) -> None:
    stack.post("/patients/", {"first_name": "Jane", "last_name": "Roe"})
    printed = lines(shell(guide("identity.admit")))
    assert ["grace", "superbill_biller", CLINIC] in printed
    assert int(psql(PATIENTS).split()[-1]) >= 1

    printed = lines(shell(guide("identity.dismiss")))
    assert ["REVOKE", "ROLE"] in printed
    assert not [line for line in printed if line[:1] == ["grace"]]
    psql("DROP ROLE grace")

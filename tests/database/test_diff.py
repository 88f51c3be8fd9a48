"""`superbill diff`: the API of a database, compared with a document."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from api.cli import comparison
from api.cli.refusal import RefusedError
from api.config import ROOT, Config
from api.document.changes import changes
from api.document.schema_changes import BROKEN
from tests.support.databases import TestDatabase

ADDED = """
CREATE TABLE billing.room (id uuid PRIMARY KEY DEFAULT uuidv7(), name text);
CREATE VIEW api.rooms WITH (security_invoker = true) AS SELECT r.id, r.name FROM billing.room AS r;
GRANT SELECT ON billing.room, api.rooms TO superbill_api;
"""
BREAKING = """
REVOKE UPDATE ON billing.patient, api.patients FROM superbill_api;
REVOKE UPDATE (first_name, last_name) ON billing.patient, api.patients FROM superbill_api;
"""


def test_diff_says_what_is_added_and_what_is_broken(
    database: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Config(database_url=database.api_url)
    comparison.compare(settings)
    assert capsys.readouterr().out == "0 added, 0 changed, 0 broken\n"
    database.execute(ADDED)
    comparison.compare(settings)
    assert capsys.readouterr().out.splitlines() == [
        "added    GET /rooms/: Rooms",
        "added    GET /rooms/{room_id}: Read a room",
        "2 added, 0 changed, 0 broken",
    ]
    database.execute(BREAKING)
    with pytest.raises(SystemExit) as ended:
        comparison.compare(settings)
    assert ended.value.code == 1
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "broken   PATCH /patients/: is gone",
        "broken   PATCH /patients/{patient_id}: is gone",
        "broken   schema patients.change: is gone",
        "2 added, 0 changed, 3 broken",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "does not exist."),
        ("openapi: 3.1.0", "is no JSON."),
        ("\udcff", "is no JSON."),
        ("[]", "is no document of OpenAPI 3."),
        ('{"swagger": "2.0"}', "is no document of OpenAPI 3."),
        ('{"openapi": "3.1.0", "paths": []}', "is no valid OpenAPI document."),
        ('{"openapi": "3.1.0", "paths": {"/": {"get": {"parameters": [{"$ref": "a"}]}}}}',
         "is no valid OpenAPI document."),
    ],
)  # fmt: skip
def test_document_that_cannot_be_compared_is_an_error_of_one_sentence(
    server: object, request: pytest.FixtureRequest, tmp_path: Path, text: str | None, sentence: str
) -> None:
    path = tmp_path / "old.json"
    if text is not None:
        path.write_text(text, encoding="utf-8", errors="surrogateescape")
    # Only what is a document is compared with a database.
    read = sentence == "is no valid OpenAPI document."
    url = request.getfixturevalue("database").api_url if read else "postgresql://localhost/none"
    with pytest.raises(RefusedError, match=r"is no|does not") as refused:
        comparison.compare(Config(database_url=url), path)
    assert str(refused.value) == f"{path} {sentence}"


def released() -> tuple[str, str] | None:
    """Return the commit to compare with and its document: the last tag, or `main` before that."""
    git = shutil.which("git")
    if git is None:
        return None

    def answer(*arguments: str) -> str:
        done = subprocess.run(  # noqa: S603 - constants
            [git, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout if done.returncode == 0 else ""

    tag = answer("describe", "--tags", "--abbrev=0").strip()
    for commit in (tag, "origin/main", "main"):
        if commit and (document := answer("show", f"{commit}:openapi/openapi.json")):
            return commit, document
    return None


def test_no_change_breaks_clients_unless_it_is_listed_as_accepted() -> None:
    """Another test compares the committed document with what the database offers."""
    found = released()
    if found is None:
        pytest.skip("no tag and no main here has a document to compare with")
    commit, document = found
    new = json.loads(comparison.COMMITTED.read_text(encoding="utf-8"))
    accepted = (ROOT / "openapi" / "accepted-changes.txt").read_text(encoding="utf-8").splitlines()
    broken = [str(c) for c in changes(json.loads(document), new) if c.kind == BROKEN]
    assert [line for line in broken if line not in accepted] == [], (
        f"since {commit}; what is meant belongs in openapi/accepted-changes.txt"
    )

"""A file is split where psql splits it: random texts, compared with what psql sends."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from api.cli.sql_script import ScriptError, statements
from tests.support.databases import Server

# Pieces with which a split can go wrong, one after another in any order.
PIECES = (
    *("SELECT 1", "'a;b'", "'it''s;'", "'\\'", "E'\\';'", "e'\\\\'", "E'a'\n  'b\\';'", "U&'d;'"),
    *('"a;""b"', "$$a;'$$", "$x$ $$;$$ $x$", "a$$b$$", "1$$;$$", "$1", "$é$;$é$", "é'", "N';'"),
    *("-- a;'\n", "/* ; */", "/* /* ; */ ' */", "/*/ ; */", "*/", "+/* ; */", "--", "/*", "'", '"'),
    *("(", ")", "(;)", "CREATE FUNCTION f()", "CREATE OR REPLACE PROCEDURE p()", "BEGIN ATOMIC"),
    *(
        "CASE",
        "END",
        "begin",
        "CREATE",
        "FUNCTION",
        "::int",
        "@-@",
        "?|",
        "::",
        "\n",
        "\t",
        "\u00a0",
    ),
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.just(";")), min_size=1, max_size=14).map(
    " ".join
)
_SENT = re.compile(r"^/\*+ QUERY \*+/\n(.*?)\n/\*{24,}/\n", re.MULTILINE | re.DOTALL)


def sent(server: Server, text: str, folder: Path) -> list[str]:
    """Give the statements that psql sends to the server."""
    script, log = folder / "script.sql", folder / "log"
    script.write_text(text, encoding="utf-8")
    log.unlink(missing_ok=True)
    url = server.postgres.url("superbill_owner", "postgres")
    command = [str(server.postgres.psql), "-X", "-q", "-L", str(log), "-f", str(script), url]
    # the package's own program
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603
    return [found[1].strip(" \t\n") for found in _SENT.finditer(log.read_text(encoding="utf-8"))]


def bare(text: str) -> str:
    """Remove the comments before a statement, which psql sends too."""
    while found := re.match(r"[ \t\n]+|--[^\n]*|/\*", text):
        if found[0] != "/*":
            text = text[found.end() :]
            continue
        depth = 0
        for mark in re.finditer(r"/\*|\*/", text):
            depth += 1 if mark[0] == "/*" else -1
            if not depth:
                text = text[mark.end() :]
                break
        else:
            break
    return text


@pytest.mark.parametrize("examples", [30, pytest.param(2000, marks=pytest.mark.long)])
def test_split_is_that_of_psql(server: Server, tmp_path: Path, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(TEXTS)
    def compare(text: str) -> None:
        expected = [bare(statement) for statement in sent(server, text, tmp_path)]
        try:
            found = [statement.text for statement in statements(text)]
        except ScriptError:  # a backslash outside of quotes
            reject()
        assert found == [statement for statement in expected if statement not in ("", ";")]

    compare()

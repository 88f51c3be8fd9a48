"""The text of an SQL file → its statements, split where psql splits them.

The rules are those of `src/fe_utils/psqlscan.l` and of the lexer in PostgreSQL's manual, chapter
"Lexical Structure". No parser of PostgreSQL with a licence like ours reads the newest syntax, and a
split needs only the quotes, the comments and the parentheses. A test compares it with psql.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

# A letter of a name: every character outside ASCII is one, also a space or a quote.
_LETTER, _OTHER = r"A-Za-z_\x80-\U0010ffff", r"0-9$"
_SPACE = " \t\n\r\f\v"
_QUOTED = r"'(?:[^']++|'')*+(?:'|\Z)"
_ESCAPED = r"'(?:[^'\\]++|\\.|'')*+(?:'|\\?\Z)"
_PART = re.compile(
    rf"""
    (?P<unfinished> /\*.* )
    | (?P<literal> [eE]{_ESCAPED} | {_QUOTED} | "[^"]*+(?:"|\Z)
        | \$(?P<tag>(?:[{_LETTER}][{_LETTER}0-9]*+)?)\$ (?:.*?\$(?P=tag)\$ | .*\Z)
        | [0-9]++(?:[{_LETTER}][{_LETTER}{_OTHER}]*+)? | \$[0-9]++ )
    | (?P<word> [{_LETTER}][{_LETTER}{_OTHER}]*+ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"(?:[ \t\n\r\f\v]|--[^\n\r]*+)++")
_COMMENT_MARK = re.compile(r"/\*|\*/")
_ROUTINE = re.compile(r"CREATE (OR REPLACE )?(FUNCTION|PROCEDURE)\b")
_COPY = re.compile(r"COPY\b.* (FROM STDIN|TO STDOUT)\b")
_END_OF_DATA = re.compile(r"^\\\.\r?(?:\n|\Z)", re.MULTILINE)


class ScriptError(Exception):
    """A migration can't run what psql would run here; the text says why."""

    def __init__(self, position: int, reason: str) -> None:
        """Take the place in the text, in characters from 0, and the reason."""
        super().__init__(reason)
        self.position = position


@dataclass(frozen=True, slots=True)
class Statement:
    r"""A statement with its semicolon.

    `start`: its place in the file, in characters from 0; `words`: those outside of quotes, comments
    and parentheses, in capitals; `data`: the lines that follow `COPY … FROM stdin`, up to `\.`.
    """

    text: str
    start: int
    words: str
    data: str | None = None
    data_start: int = 0


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a file. Raises ScriptError at a command of psql."""
    position = 0
    while found := _next(text, position):
        statement, position = found
        copy = _COPY.match(statement.words)
        if copy and copy[1] == "TO STDOUT":
            raise ScriptError(statement.start, "COPY … TO STDOUT has no reader here")
        if copy:
            statement, position = _with_data(statement, text, position)
        yield statement


def _next(text: str, position: int) -> tuple[Statement, int] | None:
    """Return the next statement and the position behind it, or None at the end of the text."""
    start, depth, blocks, words = None, 0, 0, list[str]()
    while part := _PART.match(text, _after_blanks(text, position)):
        at, position = part.span()
        match part["other"]:
            case ";" if depth == blocks == 0:
                if start is not None:
                    return _statement(text, start, position, words), position
                continue
            case "(":
                depth += 1
            case ")":
                depth = max(depth - 1, 0)
            case "\\":
                command = re.match(r"\\\S*", text[at : at + 20])
                reason = f"{command[0] if command else ''} is a command of psql, not SQL"
                raise ScriptError(at, reason)
        start = at if start is None else start
        if part["word"] and not depth:
            words.append(part["word"].upper())
            blocks = _blocks(words, blocks)
    end = len(text)
    return None if start is None else (_statement(text, start, end, words), end)


def _blocks(words: list[str], open_: int) -> int:
    """Count the blocks that are open after the last word: `BEGIN ATOMIC` and CASE have an END."""
    if not _ROUTINE.match(" ".join(words[:4])):
        return open_
    match words[-1]:
        case "BEGIN":
            return open_ + 1
        case "CASE" if open_:
            return open_ + 1
        case "END" if open_:
            return open_ - 1
    return open_


def _after_blanks(text: str, position: int) -> int:
    """Return the position behind blanks and comments; a comment without an end is none."""
    while True:
        blank = _BLANK.match(text, position)
        position = blank.end() if blank else position
        end = _end_of_comment(text, position) if text.startswith("/*", position) else None
        if end is None:
            return position
        position = end


def _end_of_comment(text: str, position: int) -> int | None:
    """Return the position behind a comment, which may hold others; None if it has no end."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(text, position):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return None


def _with_data(statement: Statement, text: str, position: int) -> tuple[Statement, int]:
    """Return the statement with its data, and the position behind them."""
    rest, _, _ = text[position:].partition("\n")
    if rest.split("--")[0].strip():
        raise ScriptError(position, "the data of COPY … FROM stdin must begin on the next line")
    begin = min(position + len(rest) + 1, len(text))
    end = _END_OF_DATA.search(text, begin)
    data = text[begin : end.start() if end else len(text)]
    return replace(statement, data=data, data_start=begin), end.end() if end else len(text)


def _statement(text: str, start: int, end: int, words: list[str]) -> Statement:
    return Statement(text[start:end].rstrip(_SPACE), start, " ".join(words))

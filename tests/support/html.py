"""Pages as tests read them: links, tables, texts."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_VOID = frozenset({"input", "link", "meta"})


@dataclass(slots=True)
class Page:
    """What a page holds: its title, the texts of its elements by name, links, fields."""

    title: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """Give all texts of the page."""
        return " ".join(self.texts["body"])


class _Reader(HTMLParser):
    """Reads a page; an element that is not closed is a fault."""

    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[tuple[str, list[str], str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert "onclick" not in given
        assert tag != "script"
        if tag in ("input", "select"):
            self.page.fields[given["name"]] = given.get("value", "")
        if tag not in _VOID:
            self._open.append((tag, [], given.get("href", "")))

    def handle_startendtag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        assert tag in ("path", "rect", "line"), "only elements of SVG may end at once"

    def handle_data(self, data: str) -> None:
        for _, texts, _ in self._open:
            texts.append(data)

    def handle_endtag(self, tag: str) -> None:
        opened, texts, href = self._open.pop()
        assert opened == tag, f"</{tag}> ends <{opened}>"
        text = re.sub(r"\s+", " ", "".join(texts)).strip()
        self.page.texts.setdefault(tag, []).append(text)
        if tag == "a":
            self.page.links.setdefault(text, href)
        if tag == "title" and not self.page.title:
            self.page.title = text


def read(text: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert text.startswith("<!doctype html>")
    return reader.page

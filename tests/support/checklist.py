"""Names of things that a test has to see hold and fail, and the report about them."""

from collections.abc import Container, Iterable, Sequence
from pathlib import Path

import pytest

from api.config import ROOT

REPORT = ROOT / "build" / "seen.txt"
_PROPERTY = "checklist"  # of a test: also where it runs in another process, its report has it


class Checklist:
    """Names of things, each to be seen to hold and to fail."""

    def __init__(self, names: Iterable[str], exempt: Container[str] = ()) -> None:
        """List them; what is exempt, for a reason that its test has, is listed too."""
        listed = sorted(names)
        self._exempt = [name for name in listed if name in exempt]
        self._held = {name: 0 for name in listed if name not in exempt}
        self._failed = dict.fromkeys(self._held, 0)

    def __contains__(self, name: str) -> bool:
        """Tell whether it is to be seen."""
        return name in self._held

    def held(self, *names: str) -> None:
        """Note that they held."""
        for name in names:
            self._held[name] += 1

    def failed(self, *names: str) -> None:
        """Note that they refused something."""
        for name in names:
            self._failed[name] += 1

    def unseen(self) -> dict[str, list[str]]:
        """Name what was not seen."""
        counts = {"to hold": self._held, "to fail": self._failed}
        return {
            how: sorted(name for name, count in seen.items() if not count)
            for how, seen in counts.items()
        }

    def close(self, title: str, request: pytest.FixtureRequest, *, failing: bool = True) -> None:
        """Put it into the report, and fail where something was not seen; an answer can't fail."""
        unseen = self.unseen()
        if not failing:
            del unseen["to fail"]
        seen = len(self._held) - len(set().union(*unseen.values()))
        beside = f", beside {len(self._exempt)} that can't be" if self._exempt else ""
        lines = [f"{title}: {seen} of {len(self._held)} seen {' and '.join(unseen)}{beside}"]
        lines += [
            f"{self._held[name]:8}{self._failed[name] if failing else '':8}  {name}"
            for name in self._held
        ]
        lines += [f"{'exempt':>16}  {name}" for name in self._exempt]
        request.node.user_properties.append((_PROPERTY, "\n".join(lines)))
        assert self._held, title
        assert not any(unseen.values()), (title, unseen)


def report(line: str, request: pytest.FixtureRequest) -> None:
    """Put a line about what a test has tried into the report."""
    request.node.user_properties.append((_PROPERTY, line))


def write_report(tests: Sequence[pytest.TestReport], place: Path = REPORT) -> list[str]:
    """Write how often these tests have seen each thing; return the first line of each list."""
    found = sorted(
        str(text) for test in tests for name, text in test.user_properties if name == _PROPERTY
    )
    if found:
        place.parent.mkdir(exist_ok=True)
        place.write_text("\n\n".join(found) + "\n", encoding="utf-8")
    return [text.partition("\n")[0] for text in found]

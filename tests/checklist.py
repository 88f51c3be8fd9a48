"""What tests have to see hold and fail: everything that there is, listed, and ticked off."""

from collections.abc import Iterable


class Checklist:
    """Names of things, each to be seen to hold and to fail."""

    def __init__(self, names: Iterable[str]) -> None:
        """List them."""
        self._held = dict.fromkeys(names, 0)
        self._failed = dict.fromkeys(self._held, 0)

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
        return {how: sorted(name for name, count in seen.items() if not count) for how, seen in counts.items()}

    def close(self, title: str, *, failing: bool = True) -> None:
        """Print the report, and fail where something was not seen; an answer can't fail."""
        print(f"\n{title}: {len(self._held)}\n{'held':>8} {'failed' if failing else '':>8}")
        for name in sorted(self._held):
            print(f"{self._held[name]:8} {self._failed[name] if failing else '':8}  {name}")
        unseen = self.unseen()
        assert self._held, title
        assert unseen["to hold"] == [], title
        assert unseen["to fail"] == [] or not failing, title

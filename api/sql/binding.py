"""The values of a statement, as SQL names them, and identifiers: the only two things in it that are not ours.

Every value is a parameter that is cast to its type, and every identifier is quoted.
"""


class Values:
    """The values of a statement, `$1`, `$2` and so on, in the order in which they will be sent."""

    def __init__(self) -> None:
        """Begin with `$1`."""
        self.last = 0

    def next(self, sql_type: str = "text") -> str:
        """Give the next one, as a value of a type."""
        self.last += 1
        return f"CAST(${self.last} AS {sql_type})"


class Columns(Values):
    """The values of many calls, each an array with an element a call: in SQL the columns of `k`, whose `n` counts."""

    def __init__(self) -> None:
        """Begin with `$1`."""
        super().__init__()
        self._types: list[str] = []

    def next(self, sql_type: str = "text") -> str:
        """Give the next one's element, as a value of a type."""
        self.last += 1
        self._types.append(sql_type)
        return f"k.v{self.last}"

    def __str__(self) -> str:
        """Write what stands in FROM."""
        arrays = ", ".join(
            f"CAST(${n} AS {sql_type}[])" for n, sql_type in enumerate(self._types, 1)
        )
        names = ", ".join(f"v{n}" for n in range(1, self.last + 1))
        return f"unnest({arrays}) WITH ORDINALITY AS k ({names}, n)"


class Kept(Values):
    """Values that a statement before this one has kept, as texts, until the end of the transaction."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._kept = [
            "set_config('datestyle', 'ISO', true)"
        ]  # as JSON has dates, whatever the login's own is

    def next(self, sql_type: str = "text") -> str:
        """Give the next one, as a value of a type."""
        self.last += 1
        given = f"CAST(${self.last} AS text[])" if sql_type == "text[]" else f"${self.last}"
        self._kept.append(f"set_config('kept.v{self.last}', CAST({given} AS text), true)")
        return f"CAST(current_setting('kept.v{self.last}') AS {sql_type})"

    def keep(self) -> str:
        """Write the statement that keeps them."""
        return f"SELECT {', '.join(self._kept)}"


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'

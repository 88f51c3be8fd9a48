"""Values and identifiers in SQL: the only parts of a statement that are not constant texts.

Every value is a parameter with a cast to its type, and every identifier is quoted.
"""


class Values:
    """The parameters of a statement, `$1`, `$2` and so on, in the order in which they are sent."""

    def __init__(self) -> None:
        """Begin with `$1`."""
        self.last = 0

    def next(self, sql_type: str = "text") -> str:
        """Return the expression of the next value, of this type."""
        self.last += 1
        return f"CAST(${self.last} AS {sql_type})"

    def number(self) -> str:
        """Write the number of the call, when all its values are known.

        One more value, the last, is how many calls stand before this one.
        """
        return f"CAST(${self.last + 1} AS bigint) + 1"

    def calls(self) -> str:
        """Write the items of FROM that the values come from; empty where they are parameters."""
        return ""


class Columns(Values):
    """The values of many calls: each parameter is an array with one element for each call.

    In SQL they are columns of `k`, whose column `n` is the number of the call among these, from 1.
    """

    def __init__(self) -> None:
        """Begin with `$1`."""
        super().__init__()
        self._types: list[str] = []

    def next(self, sql_type: str = "text") -> str:
        """Return the expression of the next array's element, of this type."""
        self.last += 1
        self._types.append(sql_type)
        return f"k.v{self.last}"

    def number(self) -> str:
        """Write the number of the call; the last value is how many stand before all of these."""
        return f"k.n + {self.before()}"

    def before(self) -> str:
        """Write the last value: how many calls stand before all of these."""
        return f"CAST(${self.last + 1} AS bigint)"

    def calls(self) -> str:
        """Write the item of FROM that makes `k` of the arrays."""
        arrays = ", ".join(
            f"CAST(${n} AS {sql_type}[])" for n, sql_type in enumerate(self._types, 1)
        )
        names = ", ".join(f"v{n}" for n in range(1, self.last + 1))
        return f"unnest({arrays}) WITH ORDINALITY AS k ({names}, n)"


class Kept(Values):
    """Values that one statement stores as settings of the transaction, for a later statement."""

    def __init__(self) -> None:
        """Begin without values."""
        super().__init__()
        self._kept: list[str] = []

    def next(self, sql_type: str = "text") -> str:
        """Return the expression of the next value, of this type."""
        self.last += 1
        given = f"CAST(${self.last} AS text[])" if sql_type == "text[]" else f"${self.last}"
        self._kept.append(f"set_config('kept.v{self.last}', CAST({given} AS text), true)")
        return f"CAST(current_setting('kept.v{self.last}') AS {sql_type})"

    def keep(self) -> str:
        """Write the statement that stores the values."""
        return f"SELECT {', '.join(self._kept) or 'NULL'}"


def quoted(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Write a text as a constant; a value of a request is a parameter instead."""
    return "'" + text.replace("'", "''") + "'"

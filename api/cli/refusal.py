"""The error that ends a command."""


class RefusedError(Exception):
    """The command can't be done; the text says why, and what to do."""

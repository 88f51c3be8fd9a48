"""Limits of statements: how many are kept, and how long they may take."""

# How many composed statements are kept: a body of n optional columns has 2ⁿ shapes, and clients
# choose them.
STATEMENTS = 2_000
# How long a statement for many calls waits for a lock; then each call runs alone.
LOCK_TIMEOUT = 0.1  # seconds


def timeouts(statement: float, idle: float) -> str:
    """Compose statements that replace the login's timeouts in a transaction; both in seconds."""
    return (
        f"SET LOCAL statement_timeout = {round(statement * 1000)}; "
        f"SET LOCAL idle_in_transaction_session_timeout = {round(idle * 1000)}"
    )

"""Why a test is skipped: the end of the reason says what is absent."""

MISSING = " is not installed"
UNREACHABLE = " can't be reached from here"

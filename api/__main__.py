"""The front door: the program can be ended from its first moment on, and then does what `commands` says."""

import gc
import os
import signal
import sys

from api.process import signals


def main() -> int:
    """Run the command that the arguments name; give the exit status."""
    try:
        # Nothing has to be wound up yet, and an exception could get lost in a callback.
        signals.on_sigterm(lambda number: os._exit(128 + number))
        # what is loaded stays: looking whether it can go takes a tenth of the time, and again ever
        # after
        gc.disable()
        from api.cli import commands  # noqa: PLC0415 - loading takes a second

        gc.freeze()
        gc.enable()
        signals.on_sigterm(signals.unwind)
        return commands.main()
    except KeyboardInterrupt as stopped:
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)


if __name__ == "__main__":
    sys.exit(main())

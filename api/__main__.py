"""The entry point of the program `superbill`; a signal ends it from its first moment on."""

import gc
import os
import signal
import sys

from api.process import signals


def main() -> int:
    """Run the command that the arguments name; return the exit status."""
    try:
        # While modules load there is nothing to clean up, and an exception that a signal handler
        # raises could get lost in a callback.
        signals.on_sigterm(lambda number: os._exit(128 + number))
        # Loaded modules are never freed: to look for garbage among them takes a tenth of the
        # loading time, and again at each later collection.
        gc.disable()
        from api.cli import command_line  # noqa: PLC0415 - a signal may come meanwhile

        return command_line.main(_on_loaded)
    except KeyboardInterrupt as stopped:
        return 128 + (stopped.args[0] if stopped.args else signal.SIGINT)


def _on_loaded() -> None:
    gc.freeze()
    gc.enable()
    signals.on_sigterm(signals.unwind)


if __name__ == "__main__":
    sys.exit(main())

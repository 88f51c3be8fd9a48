"""The command line: parse the arguments, run the command, print its error in a sentence."""

import argparse
import logging
import os
import sys
from collections.abc import Callable

from api import config
from api.cli.commands import COMMANDS
from api.cli.refusal import RefusedError
from api.config import ConfigError
from api.http import log_output
from api.http.log_output import FORMATS, JsonFormat, LogOutput

# At INFO these log every step, and statements with their values.
_VERBOSE_LIBRARIES = ("databases", "yoyo")


def main(on_loaded: Callable[[], object] = lambda: None) -> int:
    """Run the command that the arguments name; return the exit status.

    Calls `on_loaded` when the command's modules are loaded, before it begins.
    """
    parser = _parser()
    try:
        settings = config.read(os.environ)
        logging.basicConfig(
            level=settings.log_level, handlers=[LogOutput(FORMATS[settings.log_format]())]
        )
        for name in _VERBOSE_LIBRARIES:
            logging.getLogger(name).setLevel(logging.WARNING)
        given = vars(parser.parse_args())
        command = COMMANDS[given.pop("command")].load()
        on_loaded()
        command(settings, **given)
    except (RefusedError, ConfigError) as error:
        _report(error)
        return 1
    except BrokenPipeError:  # the reader of this output, such as `head`, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _report(error: Exception) -> None:
    """Print a sentence; as a line of the log where that is for a program to read."""
    output = log_output.output()
    if output and isinstance(output.formatter, JsonFormat):
        logging.getLogger(__name__).critical("%s", error)
    else:
        print(error, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="superbill", description="A billing API that is nothing but its Postgres schema."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        arguments = commands.add_parser(name, help=command.text, description=command.text)
        for argument, options in command.arguments.items():
            arguments.add_argument(*argument.split(), **options)
    return parser

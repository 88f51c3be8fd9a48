"""The command line: parse the arguments, run the command, print its error in a sentence."""

import argparse
import logging
import os
import sys

from api import config
from api.cli.commands import ARGUMENTS, COMMANDS
from api.cli.migration_files import MigrationError
from api.cli.target import RefusedError
from api.config import ConfigError
from api.process.workers import StartError

# At INFO these log every step, and statements with their values.
_VERBOSE_LIBRARIES = ("databases", "yoyo")


def main() -> int:
    """Run the command that the arguments name; return the exit status."""
    parser = _parser()
    try:
        settings = config.read(os.environ)
        logging.basicConfig(
            level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        for name in _VERBOSE_LIBRARIES:
            logging.getLogger(name).setLevel(logging.WARNING)
        given = vars(parser.parse_args())
        given.pop("command")(settings, **given)
    except (RefusedError, StartError, ConfigError, MigrationError) as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of this output, such as `head`, has closed it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="superbill", description="A billing API that is nothing but its Postgres schema."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (command, text) in COMMANDS.items():
        arguments = commands.add_parser(name, help=text, description=text)
        arguments.set_defaults(command=command)
        for argument, options in ARGUMENTS.get(name, {}).items():
            arguments.add_argument(argument, **options)
    return parser

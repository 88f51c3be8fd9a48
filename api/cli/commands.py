"""The commands of `superbill`, from `serve` to `psql`.

Only the command that is called loads its modules, which takes most of a command's time.
"""

from argparse import SUPPRESS
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from api.identity import DEVELOPMENT_ROLE


@dataclass(frozen=True, slots=True)
class Command:
    """A command: `module:function` below `api.cli`, and its sentence in `superbill --help`.

    `arguments` are as `add_argument` of argparse takes them, with blanks between the names of one;
    the function gets them.
    """

    place: str
    text: str
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)

    def load(self) -> Callable[..., None]:
        """Load the command's modules; return its function, which takes the settings first."""
        function: Callable[..., None] = resolve_name(f"api.cli.{self.place}")
        return function


_ROLE: dict[str, dict[str, Any]] = {
    "--role": {
        "default": DEVELOPMENT_ROLE,
        "help": "what this role may do (default: %(default)s, which may do everything)",
    }
}
COMMANDS = {
    "serve": Command("serving:serve", "Serve the API at HOST and PORT from DATABASE_URL."),
    "run": Command(
        "development:run",
        "Start a database unless DATABASE_URL is set, migrate it, load the samples, and serve.",
    ),
    "migrate": Command(
        "owner_commands:migrate",
        "Apply the migrations as MIGRATION_DATABASE_URL, or to the development database.",
    ),
    "rollback": Command(
        "owner_commands:rollback",
        "Undo the last migration as MIGRATION_DATABASE_URL, or on the development database.",
    ),
    "load": Command(
        "owner_commands:load",
        "Load a published list from a file, or the samples, as MIGRATION_DATABASE_URL, or into the"
        " development database.",
        {
            "name": {"nargs": "?", "metavar": "LIST", "help": "a name in schema/loads"},
            "file": {"nargs": "?", "metavar": "FILE", "type": Path, "help": "as published"},
            "--from": {
                "dest": "first_day",
                "metavar": "DATE",
                "type": date.fromisoformat,
                "help": "since when a file without dates is valid",
            },
        },
    ),
    "openapi": Command("document:print_document", "Print the OpenAPI document.", _ROLE),
    "routes": Command(
        "routes:print_routes",
        "Print every operation, who may call it and its filters, and what is not served and why.",
        {
            **_ROLE,
            "--sql": {"action": "store_true", "help": "print the SQL of each operation too"},
            "--json": {
                "action": "store_true",
                "dest": "as_json",
                "help": "print operations, SQL and notes as JSON",
            },
        },
    ),
    "diff": Command(
        "comparison:compare",
        "Compare the API with an OpenAPI document (default: the committed one); 1 if it breaks.",
        {"document": {"nargs": "?", "type": Path, "default": SUPPRESS}},
    ),
    "token": Command(
        "development_token:print_token",
        "Print a token that a server without ISSUER accepts, signed by a key for development.",
        {
            "role": {"metavar": "ROLE", "help": "as superbill_biller"},
            "--tenant --clinic": {
                "metavar": "ID",
                "default": "",
                "help": "whose rows (default: those of the development identity)",
            },
            "--actor": {"metavar": "NAME", "default": "developer", "help": "who acts"},
            "--hours": {"metavar": "N", "type": int, "default": 12, "help": "how long it is valid"},
        },
    ),
    "grant": Command(
        "members:grant",
        "Let a login of Postgres have a role's rights, for the rows of one clinic.",
        {
            "login": {},
            "role": {},
            "--tenant --clinic": {"metavar": "ID", "help": "whose rows"},
        },
    ),
    "revoke": Command(
        "members:revoke",
        "Take a role from a login; with the last role, it leaves its clinic.",
        {"login": {}, "role": {}},
    ),
    "members": Command("members:members", "Print the logins of all clinics, with their roles."),
    "verify": Command(
        "audit_trail:verify",
        "Check the audit trail: its seals, its triggers, and the tables; 1 if it is broken.",
        {
            "--roots": {
                "metavar": "FILE",
                "type": Path,
                "help": "compare with the roots in these lines of the server's log",
            }
        },
    ),
    "psql": Command(
        "development:psql",
        "Open psql on the development database, as LOGIN (default: the reporter's).",
    ),
}

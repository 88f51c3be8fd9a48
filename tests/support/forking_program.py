"""Runs the program in forks of this process, which has loaded its modules already.

A server starts in a third of the CPU time that way. Of each request, which comes by the socket on
standard input, the text has the arguments, the environment, and the template of which its database
is an unchanged copy, if there is one; with it come a file for what the program prints, and a socket
that is told the program's process id and, at its end, its exit status.

What a server makes of the catalogs of a template, and of the templates of representations, is made
in this process, once. A fork still reads the text of the catalogs from its own database.
"""

import gc
import json
import os
import runpy
import socket
import sys
from contextlib import suppress
from functools import cache, lru_cache

import databases.backends.postgres  # noqa: F401 - `databases` loads it with the first connection

from api.catalog import introspection
from api.catalog.relations import Catalog
from api.cli import commands, served_catalog, serving  # noqa: F401 - with all that they load
from api.cli.refusal import RefusedError
from api.config import ROOT, Config
from api.representations import templates

_SIZE = 4  # bytes of a process id, or of an exit status
_LARGEST = 2**20
_MOST = 16  # catalogs that are kept, one of each role


def main() -> None:
    """Fork for each request, until the other end of the socket is closed; then run the program."""
    requests = socket.socket(fileno=os.dup(0))
    introspection.read = _read
    templates.load = cache(templates.load)
    templates.load(ROOT / "schema")
    known = {""}
    gc.collect()
    gc.freeze()
    while True:
        text, descriptors, *_ = socket.recv_fds(requests, _LARGEST, 2)
        if not text:
            return
        with suppress(ChildProcessError):  # none is left
            while os.waitpid(-1, os.WNOHANG)[0]:
                """One that waited for a program has ended."""
        arguments, environ, template = json.loads(text)
        if template not in known:
            known.add(template)
            _make_catalogs(environ["DATABASE_URL"])
        if os.fork() == 0:
            requests.close()
            _run(arguments, environ, *descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)


@lru_cache(_MOST)
def _catalog_of(text: str, version: str) -> Catalog:
    return introspection.parse(json.loads(text), version)


async def _read(fetch: introspection.Fetch) -> Catalog:
    """Read a catalog as the function does in whose place this one is."""
    version = await fetch(introspection.VERSION)
    return _catalog_of(await fetch(introspection.QUERY), version)


def _make_catalogs(url: str) -> None:
    with suppress(RefusedError):  # the fork will say why
        served_catalog.read_servable(Config(database_url=url), ())
    gc.collect()
    gc.freeze()


def _run(arguments: list[str], environ: dict[str, str], output: int, status: int) -> None:
    """Fork once more: wait for the program, and be it."""
    program = os.fork()
    if program:
        os.close(output)
        os.write(status, program.to_bytes(_SIZE))
        _, ended = os.waitpid(program, 0)
        os.write(status, os.waitstatus_to_exitcode(ended).to_bytes(_SIZE, signed=True))
        os._exit(0)
    os.close(status)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv[1:] = arguments
    runpy.run_module("api", run_name="__main__", alter_sys=True)


main()

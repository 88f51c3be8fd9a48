"""The upper limit of HTTP: the same Sanic with the same settings, which answers a constant.

The arguments are the port and, for Sanic's access log, `log`.
"""

import sys

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

BODY = '{"id":"018bcfe5-6800-7c4c-8a42-38a0b923820d","first_name":"Cleo","last_name":"Fairbourne"}'

LOG = sys.argv[2:] == ["log"]
app = Sanic("constant", configure_logging=LOG)
app.config.ACCESS_LOG = LOG


@app.get("/patients/<key:str>")
async def answer(request: Request, key: str) -> HTTPResponse:
    """Answer with an item."""
    return HTTPResponse(BODY, content_type="application/json")


if __name__ == "__main__":
    app.run(
        host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=LOG, motd=False
    )

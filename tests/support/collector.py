"""A collector of traces: takes spans by OTLP over HTTP, on a real socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.support.processes import eventually


@dataclass(slots=True)
class Collector:
    """What has arrived. While it is shut it lets its clients wait."""

    url: str
    received: list[ExportTraceServiceRequest] = field(default_factory=list)
    is_open: threading.Event = field(default_factory=threading.Event)

    @property
    def spans(self) -> list[Span]:
        """All spans, in order of their arrival."""
        groups = (one for request in list(self.received) for one in request.resource_spans)
        return [span for group in groups for scope in group.scope_spans for span in scope.spans]

    def has(self, count: int) -> bool:
        """Wait for so many spans; tell whether they have come."""
        return eventually(lambda: len(self.spans) >= count)

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The attributes of the resource of each process that has sent something."""
        found = [
            values(group.resource.attributes)
            for request in list(self.received)
            for group in request.resource_spans
        ]
        return [one for number, one in enumerate(found) if one not in found[:number]]


def values(attributes: Any) -> dict[str, Any]:
    """Read attributes of OTLP."""
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return [_value(one) for one in value.array_value.values]
    return getattr(value, kind)


def free_address() -> tuple[str, int]:
    """Find an address at which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        host, port = probe.getsockname()
        return host, port


@contextmanager
def collector(
    address: tuple[str, int] = ("127.0.0.1", 0), *, shut: bool = False
) -> Iterator[Collector]:
    """Run a collector."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.is_open.wait()
            found.received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(address, Handler)
    found = Collector(f"http://127.0.0.1:{server.server_port}")
    if not shut:
        found.is_open.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield found
    finally:
        found.is_open.set()
        server.shutdown()
        server.server_close()
        thread.join()

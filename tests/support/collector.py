"""A collector of traces: takes spans by OTLP over HTTP, on a real socket."""

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


class Receiver(BaseHTTPRequestHandler):
    """Takes each body that is sent, and drops it."""

    def take(self, body: bytes) -> None:
        """Take a body."""

    def do_POST(self) -> None:
        """Take the body of a request, and answer it."""
        self.take(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def receiving(receiver: type[Receiver], port: int = 0) -> Iterator[str]:
    """Run a receiver in a thread, and give its URL; port 0: any free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def collector(port: int = 0, *, shut: bool = False) -> Iterator[Collector]:
    """Run a collector."""

    class Handler(Receiver):
        def take(self, body: bytes) -> None:
            found.is_open.wait()
            found.received.append(ExportTraceServiceRequest.FromString(body))

    with receiving(Handler, port) as url:
        found = Collector(url)
        if not shut:
            found.is_open.set()
        try:
            yield found
        finally:
            found.is_open.set()

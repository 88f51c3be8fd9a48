"""Spans of OpenTelemetry, which are sent to a collector by OTLP over HTTP.

The only file that needs the extra `traces`; it is loaded where OTEL_EXPORTER_OTLP_ENDPOINT is set.
The SDK reads its other variables itself.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from threading import Thread

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider, sampling
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    format_trace_id,
    set_span_in_context,
)

from api import __version__
from api.config import ConfigError
from api.http.access_log import Identified
from api.http.trace_context import Parent

logger = logging.getLogger(__name__)

_SERVICE = "superbill"
_LAST_SENDING = 3.0  # seconds for the last spans at the end
# The methods that semantic conventions know; another one is a client's text.
_METHODS = ("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
_OTHER_METHOD = "_OTHER"
_SERVER_ERROR = 500


class _LastSentence(logging.Handler):
    """Keeps the last sentence of the SDK, which says each try and each span that it drops."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a sentence."""
        self.text = record.getMessage()


_said = _LastSentence()
_sdk = logging.getLogger("opentelemetry")
_sdk.addHandler(_said)


class _Exporter(SpanExporter):
    """Sends spans, and logs once when they get lost, and when they no longer do."""

    def __init__(self) -> None:
        self._exporter = OTLPSpanExporter()
        self._lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send some spans."""
        result = self._exporter.export(spans)
        if result is not SpanExportResult.SUCCESS:
            if not self._lost:
                logger.warning("spans can't be sent, and are lost: %s", _said.text)
            self._lost += len(spans)
        elif self._lost:
            logger.warning("spans are sent again; %d were lost", self._lost)
            self._lost = 0
        return result

    def shutdown(self) -> None:
        """End what is being sent."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class Spans:
    """Makes a span of a request that is answered; a thread sends spans, several at once."""

    def __init__(self, routes: Mapping[str, str], scheme: str) -> None:
        """Prepare. `routes`: the path of each operation, by its id; `scheme`: that of URLs."""
        self._routes, self._scheme = routes, scheme
        self._provider: TracerProvider | None = None

    def open(self) -> None:
        """Start the thread; call it in the process that serves.

        Raises ConfigError if a variable of the SDK is wrong.
        """
        _sdk.propagate = True  # while it reads its variables: it logs what it does not understand
        resource = Resource.create({SERVICE_VERSION: __version__})
        if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: _SERVICE}))
        # What is to be sampled is decided before.
        self._provider = TracerProvider(sampling.ALWAYS_ON, resource, shutdown_on_exit=False)
        try:
            self._provider.add_span_processor(BatchSpanProcessor(_Exporter()))
        except ValueError as error:
            message = f"A variable of OpenTelemetry is wrong: {error}"
            raise ConfigError(message) from None
        self._tracer = self._provider.get_tracer(_SERVICE, __version__)
        _sdk.propagate = False

    def close(self) -> None:
        """Send what is left, in a limited time."""
        if self._provider:
            sending = Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
            sending.start()
            sending.join(_LAST_SENDING)

    def add(
        self,
        operation: str,
        status: int,
        seconds: float | None,
        request: Identified,
        parent: Parent | None,
    ) -> str:
        """Add the span of a request that has just been answered; return the id of its trace."""
        end = time.time_ns()
        name, attributes = self._known(operation, request.method)
        attributes["http.response.status_code"] = status
        attributes["superbill.request_id"] = request.identify()
        if hasattr(request, "identity"):
            attributes["user.roles"] = (request.identity.role,)
        if status >= _SERVER_ERROR:
            attributes["error.type"] = str(status)
        span = self._tracer.start_span(
            name,
            _context(parent),
            SpanKind.SERVER,
            attributes,
            start_time=end - round((seconds or 0) * 1e9),
        )
        if status >= _SERVER_ERROR:
            span.set_status(StatusCode.ERROR)
        span.end(end)
        made = span.get_span_context()
        return format_trace_id(made.trace_id) if made.is_valid else ""

    def _known(
        self, operation: str, method: str
    ) -> tuple[str, dict[str, str | int | Sequence[str]]]:
        """Return the name of a span, and what the spans of an operation have in common."""
        known = method if method in _METHODS else _OTHER_METHOD
        attributes: dict[str, str | int | Sequence[str]] = {
            "http.request.method": known,
            "url.scheme": self._scheme,
        }
        name = known if known != _OTHER_METHOD else "HTTP"
        if route := self._routes.get(operation):
            attributes["http.route"] = route
            attributes["superbill.operation"] = operation
            name += f" {route}"
        return name, attributes


def _context(parent: Parent | None) -> Context:
    """Return the context of a span, with its client's span or without any."""
    if parent is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED if parent.is_sampled else TraceFlags.DEFAULT)
    remote = SpanContext(
        int(parent.trace, 16), int(parent.span, 16), is_remote=True, trace_flags=flags
    )
    return set_span_in_context(NonRecordingSpan(remote), Context())

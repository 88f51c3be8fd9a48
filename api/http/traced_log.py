"""The access log of a server that makes spans: it decides of which requests.

A span is made when its request is answered, from what the log says of it. So a request that is not
sampled costs a look at its headers and a random number, where a span of the SDK that records
nothing takes 4 µs, a twentieth of a read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from random import random
from typing import TYPE_CHECKING

from api.config import Config, ConfigError
from api.http import trace_context
from api.http.access_log import AccessLog, Identified
from api.http.counts import Counts
from api.http.trace_context import Parent
from api.operations.service_paths import PREFIX, SERVICE_PATHS

if TYPE_CHECKING:  # it needs the extra `traces`
    from api.http.spans import Spans

_IDS = 1 << 64  # the values of the half of a trace's id by which it is sampled
_PARENT_BASED = "parentbased_"


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which requests have a span: as their client decided, or a share of them."""

    follows_client: bool
    share: float

    @classmethod
    def of_config(cls, config: Config) -> "Sampling":
        """Read the settings, which are OpenTelemetry's: OTEL_TRACES_SAMPLER and its argument."""
        own = config.otel_traces_sampler.removeprefix(_PARENT_BASED)
        share = {"always_on": 1.0, "always_off": 0.0}.get(own, config.otel_traces_sampler_arg)
        return cls(own != config.otel_traces_sampler, share)

    def takes(self, parent: Parent | None) -> bool:
        """Decide for a request whose client names its span, or does not."""
        if parent is None:
            return random() < self.share  # noqa: S311 - a sample, no secret
        if self.follows_client:
            return parent.is_sampled
        # As the SDK's TraceIdRatioBased, so that services with the same share take the same traces.
        return int(parent.trace, 16) % _IDS < round(self.share * _IDS)


class TracedLog(AccessLog):
    """Logs, counts and traces what has been answered."""

    __slots__ = ("_sampling", "_spans")

    def __init__(self, counts: Counts, spans: "Spans", sampling: Sampling) -> None:
        """Add spans to these."""
        super().__init__(counts)
        self._spans, self._sampling = spans, sampling

    def open(self) -> None:
        """Start the threads; call it in the process that serves."""
        super().open()
        self._spans.open()

    def close(self) -> None:
        """Send and write what is left, and end the threads."""
        self._spans.close()
        super().close()

    def note(
        self,
        operation: str,
        status: int,
        seconds: float | None,
        request: Identified,
        trace: str = "",
    ) -> None:
        """Log and count one answer, and make a span of it if it is sampled."""
        parent = None
        if trace_context.FIELD in request.headers:
            parent = trace_context.parent(request.headers)
            trace = parent.trace if parent else ""
        is_sampled = self._sampling.takes(parent)
        if is_sampled and not (status == HTTPStatus.OK and operation.startswith(PREFIX)):
            trace = self._spans.add(operation, status, seconds, request, parent)
        super().note(operation, status, seconds, request, trace)


def log(config: Config, counts: Counts, paths: Mapping[str, str]) -> AccessLog:
    """Make the log; it makes spans if OTEL_EXPORTER_OTLP_ENDPOINT is set.

    `paths`: of the operations, by their ids. Raises ConfigError if the extra is not installed.
    """
    if not config.otel_exporter_otlp_endpoint:
        return AccessLog(counts)
    try:
        from api.http import spans  # noqa: PLC0415 - an extra, which takes 0.1 s to load
    except ModuleNotFoundError:
        message = (
            "OTEL_EXPORTER_OTLP_ENDPOINT needs packages that are not installed: install Superbill"
            " with its extra `traces`."
        )
        raise ConfigError(message) from None
    routes = {own.id: own.path for own in SERVICE_PATHS} | {**paths}
    scheme = "https" if config.prefix.startswith("https:") else "http"
    made = spans.Spans(routes, scheme)
    return TracedLog(counts, made, Sampling.of_config(config))

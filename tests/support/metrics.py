"""The samples that `/metrics` gives."""

import httpx
from prometheus_client.parser import text_string_to_metric_families


class Metrics:
    """What `/metrics` tells."""

    def __init__(self, text: str) -> None:
        """Parse it."""
        self.text = text
        self.families = {family.name: family for family in text_string_to_metric_families(text)}

    def values(self, name: str, **labels: str) -> list[float]:
        """Give the values of a sample with these labels."""
        samples = [
            sample
            for family in self.families.values()
            for sample in family.samples
            if sample.name == name
        ]
        return [sample.value for sample in samples if labels.items() <= sample.labels.items()]

    def requests(self) -> dict[tuple[str, str], float]:
        """Give the counts by operation and status."""
        samples = self.families["superbill_requests"].samples
        return {
            (sample.labels["operation"], sample.labels["status"]): sample.value
            for sample in samples
        }


async def read_metrics(client: httpx.AsyncClient) -> Metrics:
    """Ask for the metrics."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Metrics(answer.text)

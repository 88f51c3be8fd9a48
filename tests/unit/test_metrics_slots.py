"""The shared memory of the workers' metrics: what one writes stays in its slot."""

import pytest

from api.http import metrics_slots
from api.http.metrics_slots import MetricsSlots

SIZE = 4096


def test_text_that_does_not_fit_is_skipped_with_one_warning_and_the_next_slot_is_intact(
    caplog: pytest.LogCaptureFixture,
) -> None:
    slots = MetricsSlots(3, SIZE)
    for number, text in enumerate((b"first", b"second", b"third")):
        slots.write(number, text)
    for _ in range(3):
        slots.write(1, b"x" * 2 * SIZE)
    assert list(slots.read()) == [(0, b"first"), (1, b"second"), (2, b"third")]
    (record,) = caplog.records
    assert record.getMessage() == (
        "worker 1 has 8192 bytes of metrics, and its slot has room for 2036:"
        " /metrics shows the last metrics that fitted"
    )
    slots.write(1, b"fits again")
    assert list(slots.read())[1] == (1, b"fits again")


def test_text_that_just_fits_is_written_whole() -> None:
    slots = MetricsSlots(2, SIZE)
    slots.write(1, b"neighbour")
    slots.write(0, longest := b"x" * 2036)
    assert list(slots.read()) == [(0, longest), (1, b"neighbour")]


def test_empty_slot_is_left_out() -> None:
    slots = MetricsSlots(2, SIZE)
    slots.write(1, b"text")
    assert list(slots.read()) == [(1, b"text")]


def test_text_stays_whole_until_the_next_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a reader sees it while a worker writes, and after a worker was killed at that moment."""
    slots = MetricsSlots(1, SIZE)
    slots.write(0, b"first")

    def killed(text: bytes) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(metrics_slots, "crc32", killed)
    with pytest.raises(KeyboardInterrupt):
        slots.write(0, b"second")
    monkeypatch.undo()
    assert list(slots.read()) == [(0, b"first")]
    for text in (b"third", b"fourth"):
        slots.write(0, text)
        assert list(slots.read()) == [(0, text)]

"""How long to wait before starting a process that has ended again."""

from dataclasses import dataclass

_STABLE = 10.0  # seconds: a process that ran longer did not fail at its start
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0  # seconds


@dataclass(slots=True)
class Backoff:
    """How long a slot stays empty: at first no time, then a pause that doubles up to a limit."""

    failures: int = 0

    def pause(self, lifetime: float) -> float:
        """Return the seconds to wait after a worker that ran for `lifetime` seconds."""
        if lifetime > _STABLE:
            self.failures = 0
        doublings = min(self.failures - 1, 10)  # 2 ** 1024 is no float
        self.failures += 1
        return min(_FIRST_PAUSE * 2**doublings, _LONGEST_PAUSE) if doublings >= 0 else 0.0

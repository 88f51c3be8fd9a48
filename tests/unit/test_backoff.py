"""The pauses before a worker is started again."""

from api.process.backoff import Backoff


def test_backoff_doubles_up_to_a_limit_and_starts_again_after_a_long_life() -> None:
    backoff = Backoff()
    assert [backoff.pause(1) for _ in range(4)] == [0, 0.5, 1, 2]
    assert [backoff.pause(lifetime) for lifetime in (11, 1)] == [0, 0.5]
    assert {backoff.pause(1) for _ in range(2000)} == {1, 2, 4, 8, 16, 30}

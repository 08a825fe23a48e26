"""A time that the processes of one database share."""

from collections.abc import Callable

from core.storage.shared_time import SharedTime
from core.storage.store import Store


def test_is_taken_by_one_process(open_store: Callable[[], Store]) -> None:
    one, other = (SharedTime(open_store(), "batches", "https://api.openai.com/v1") for _ in range(2))

    assert [one.take(60), other.take(60), one.take(0)] == [True, False, False]
    assert 50 < other.seconds_left() <= 60


def test_can_be_taken_again_once_it_has_passed(store: Store) -> None:
    time = SharedTime(store, "a")

    assert [time.take(0), time.take(0), time.take(60)] == [True, True, True]
    assert not time.take(0)
    assert SharedTime(store, "b").take(60)

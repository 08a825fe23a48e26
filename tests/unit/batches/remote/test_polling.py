"""When the batches of a server are requested again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.batches.batch import BatchError, BatchRecord, BatchStatus
from core.batches.remote.polling import poll_delay

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ENDED = BatchRecord(
    "0" * 32, "test", "http://x/v1", "Title", "/v1/responses", "m", 4, NOW, status=BatchStatus.COMPLETED
)


def changed(seconds: float) -> BatchRecord:
    """Return an active batch that changed *seconds* ago."""
    time = NOW - timedelta(seconds=seconds)
    return replace(ENDED, status=BatchStatus.IN_PROGRESS, state_times=((BatchStatus.IN_PROGRESS, time),))


@pytest.mark.parametrize(("age", "delay"), [(-60, 5), (0, 5), (200, 20), (86_400, 60)])
def test_polls_less_often_the_longer_nothing_changed(age: float, delay: float) -> None:
    assert poll_delay([changed(age), ENDED], NOW, "openai") == delay


def test_polls_by_the_latest_change_of_several() -> None:
    assert poll_delay([changed(86_400), changed(100)], NOW, "openai") == 10


def test_polls_the_sandbox_often() -> None:
    assert poll_delay([changed(86_400)], NOW, "sandbox") == 2


def test_stops_when_no_batch_is_active() -> None:
    prepared, gone = (replace(ENDED, status=status) for status in (BatchStatus.PREPARED, BatchStatus.GONE))

    assert poll_delay([ENDED, prepared, gone], NOW, "openai") is None


@pytest.mark.parametrize(("tokens", "delay"), [(90, 60), (101, None)])
def test_polls_for_a_batch_that_waits_until_the_queue_has_room(tokens: int, delay: float | None) -> None:
    errors = (BatchError("token_limit_exceeded", "Limit: 100"),)
    failed = replace(ENDED, status=BatchStatus.FAILED, errors=errors, tokens=tokens)

    assert poll_delay([failed], NOW, "openai") is None
    assert poll_delay([replace(failed, waits_for_queue=True)], NOW, "openai") == delay

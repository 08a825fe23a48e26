"""How many calls a budget pays for."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runner.work import Budget, WorkProgress


@pytest.mark.parametrize(
    ("budget", "progress", "under_way", "calls"),
    [
        (Budget(), WorkProgress(done=5, tokens=100), 0, None),
        (Budget(tokens=100), WorkProgress(), 0, 1),
        (Budget(tokens=100), WorkProgress(), 1, 0),
        (Budget(tokens=100), WorkProgress(done=1), 1, 3),
        (Budget(tokens=100), WorkProgress(done=5, tokens=50), 2, 3),
        (Budget(tokens=100), WorkProgress(done=5, tokens=99), 0, 1),
        (Budget(tokens=100), WorkProgress(done=5, tokens=100), 0, 0),
        (Budget(cost=Decimal("0.10")), WorkProgress(done=1, cost=Decimal("0.04")), 0, 1),
        (Budget(cost=Decimal(1), tokens=60), WorkProgress(done=1, cost=Decimal("0.1"), tokens=20), 0, 2),
        (Budget(cost=Decimal(0)), WorkProgress(), 0, 0),
    ],
)
def test_affords_calls_at_the_average_of_the_ended_ones(
    budget: Budget, progress: WorkProgress, under_way: int, calls: int | None
) -> None:
    assert budget.affordable_calls(progress, under_way) == calls


@given(limit=st.integers(0, 10**6), spent=st.integers(0, 10**6), ended=st.integers(1, 1000))
def test_starts_nothing_beyond_the_limit_and_something_below_it(limit: int, spent: int, ended: int) -> None:
    calls = Budget(tokens=limit).affordable_calls(WorkProgress(done=ended, tokens=spent), 0)
    assert calls is not None
    assert (calls > 0) == (spent < limit)

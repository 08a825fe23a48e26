"""Statistics of variants."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.compare.boards.board import CellKey
from core.compare.boards.cells import check_cells, current_cells
from core.compare.boards.checks import Contains, MaxLatency
from core.compare.statistics.variant_statistics import (
    Rate,
    Spread,
    board_statistics,
    group_answers,
    percentile,
    wilson_interval,
)
from core.pricing.prices import Cost
from core.runs.run import Run, RunState
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

numbers = st.floats(-1e6, 1e6)


@given(st.lists(numbers, min_size=1, max_size=50), st.floats(0, 1))
def test_computes_percentiles_as_numpy_does(values: Sequence[float], share: float) -> None:
    expected = float(np.percentile(values, share * 100))

    assert percentile(sorted(values), share) == pytest.approx(expected, abs=1e-6)


def test_describes_the_known_values() -> None:
    spread = Spread.of([4.0, None, 1.0, 3.0, 2.0])

    assert spread is not None
    assert (spread.count, spread.median, spread.interquartile_range) == (4, 2.5, 1.5)
    assert spread.p95 == pytest.approx(3.85)
    assert Spread.of([None]) is None


@pytest.mark.parametrize(
    ("successes", "total", "expected"),
    [
        # Brown, Cai and DasGupta (2001), and the exact formula for 0 and n of n: z²/(n + z²)
        (0, 10, (0.0, 0.2775)),
        (10, 10, (0.7225, 1.0)),
        (5, 10, (0.2366, 0.7634)),
        (81, 263, (0.2553, 0.3662)),  # Newcombe, Statistics in Medicine 17 (1998), table I
        (15, 148, (0.0624, 0.1605)),
        (1, 29, (0.0061, 0.1718)),
        (0, 0, (0.0, 1.0)),
    ],
)
def test_computes_published_wilson_intervals(
    successes: int, total: int, expected: tuple[float, float]
) -> None:
    assert wilson_interval(successes, total) == pytest.approx(expected, abs=5e-5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_puts_the_share_into_its_interval(successes: int, failures: int) -> None:
    rate = Rate(successes, successes + failures)
    low, high = rate.interval

    assert 0 <= low <= high <= 1
    if rate.share is not None:
        assert low - 1e-9 <= rate.share <= high + 1e-9


def test_groups_equal_replies_apart_from_white_space() -> None:
    groups = group_answers(run_of(text) for text in ("Seoul", "Busan", " Seoul\n", "Se oul"))

    assert [(group.text, group.count) for group in groups] == [("Seoul", 2), ("Busan", 1), ("Se oul", 1)]


def test_describes_each_enabled_variant() -> None:
    board = board_of(
        variant_of(id="a", name="First"),
        variant_of(id="b"),
        variant_of(id="c", enabled=False),
        cases=3,
        repetitions=4,
        checks=(Contains(text="Seoul"), MaxLatency(seconds=1.5)),
    )

    def result(key: CellKey) -> Run:
        if key.variant_id == "b" and key.case_id == "c0":
            return run_of(state=RunState.FAILED)
        city = "Busan" if key.repetition == 4 else "Seoul"
        return run_of(city, total=float(key.repetition), first_token=0.1)

    cells = cells_of(board, result)
    first, second = board_statistics(board, cells, check_cells(board, cells))

    assert (first.title, first.cells, first.failures, first.done) == ("First", 12, 0, 12)
    assert first.total is not None
    assert first.total.median == 2.5
    assert first.cost == Decimal("0.012")
    assert first.cost_per_1000 == Decimal(1)
    assert first.agreement == 0.75
    assert first.checks == Rate(9 + 3, 24)
    assert (second.cells, second.failures, second.checks.total) == (12, 4, 16)


def test_uses_list_prices_where_nothing_is_charged_and_knows_when_there_are_none() -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=1)
    free: Any = {"a": Cost(Decimal(0), "Sandbox", list_amount=Decimal("0.002")), "b": Cost(None, "Local")}
    cells = cells_of(board, lambda key: run_of("Hi", cost=free[key.variant_id]))

    first, second = board_statistics(board, cells, {})

    assert (first.cost, first.cost_per_1000) == (Decimal(0), Decimal(2))
    assert second.cost_per_1000 is None


def test_has_no_figures_without_results() -> None:
    (statistics,) = board_statistics(board_of(variant_of()), {}, {})

    assert (statistics.cells, statistics.total, statistics.agreement) == (0, None, None)
    assert statistics.checks.share is None


def test_leaves_out_results_of_another_prompt_and_of_removed_cases() -> None:
    board = board_of(variant_of(id="a"), cases=3)
    cells = cells_of(board, lambda _: run_of("Hi"))
    edited = board.with_cases(
        [*board.cases[:1], board.cases[1].model_copy(update={"variables": {"name": "x"}})]
    )

    assert list(current_cells(edited, cells)) == [CellKey("a", "c0", 1)]

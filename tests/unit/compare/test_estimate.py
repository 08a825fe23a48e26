"""Estimates of boards before they are run."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.client.profile import OPENAI_URL, Profile
from core.compare.boards.board import Board
from core.compare.boards.cells import Cells
from core.compare.running.estimate import BoardEstimate, estimate_board
from core.pricing.usage import Usage
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

NOW = datetime(2026, 11, 26, tzinfo=UTC)
OPENAI = Profile(id="test", name="OpenAI", kind="openai", base_url=OPENAI_URL)


def estimate(
    board: Board, cells: Cells | None = None, profiles: Mapping[str, Profile] | None = None
) -> BoardEstimate:
    return estimate_board(board, list(board.cell_keys()), cells or {}, profiles or {"test": OPENAI}, NOW)


def test_counts_the_calls_of_200_cases_6_variants_and_repetitions() -> None:
    board = board_of(*(variant_of() for _ in range(6)), cases=200, repetitions=4)

    result = estimate(board)

    assert result.calls == 200 * 6 * 4
    assert result.cost is not None
    assert not result.has_unknown_costs


def test_is_proportional_to_the_number_of_repetitions() -> None:
    variant = variant_of(id="a")

    once, twice = (estimate(board_of(variant, cases=60, repetitions=count)) for count in (1, 2))

    assert twice.tokens == pytest.approx(once.tokens * 2, rel=0.02)
    assert once.cost is not None
    assert twice.cost == pytest.approx(once.cost * 2, rel=Decimal("0.02"))


def test_estimates_replies_as_long_and_fast_as_the_results() -> None:
    board = board_of(variant_of(id="a"), cases=10)
    cells = cells_of(board, lambda _: run_of("Hi", usage=Usage(10, 2_000), total=40.0))

    (variant,) = estimate(board, cells).variants

    assert variant.output_tokens == 10 * 2_000
    assert variant.seconds == 40


def test_estimates_no_longer_replies_than_the_limit_allows() -> None:
    (variant,) = estimate(board_of(variant_of(max_completion_tokens=7), cases=10)).variants

    assert variant.output_tokens == 70


def test_takes_as_long_as_the_known_rate_limits_require() -> None:
    headers = {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "60s",
    }
    board = board_of(variant_of(id="a"), cases=300)
    cells = cells_of(board, lambda _: run_of("Hi", headers=headers, total=0.1))

    assert estimate(board, cells).seconds == 300


def test_adds_up_the_time_of_variants_that_share_a_model_only() -> None:
    one = variant_of(id="a")

    alone = estimate(board_of(one)).seconds
    same = estimate(board_of(one, variant_of(id="b"))).seconds
    other = estimate(board_of(one, variant_of(id="b", model="gpt-4o"))).seconds

    assert same == pytest.approx(2 * alone, rel=0.05)
    assert other == pytest.approx(alone, rel=0.05)


@pytest.mark.parametrize(
    ("kind", "cost"), [("sandbox", Decimal(0)), ("local", None)], ids=["sandbox", "local"]
)
def test_compares_with_list_prices_where_nothing_is_charged(kind: Any, cost: Decimal | None) -> None:
    profile = OPENAI.model_copy(update={"kind": kind})

    result = estimate(board_of(variant_of()), profiles={"test": profile})

    assert result.cost == cost
    assert result.variants[0].list_cost


def test_takes_the_tokens_that_the_same_requests_had_before() -> None:
    board = board_of(variant_of(id="a"), cases=4)
    cells = cells_of(board, lambda _: run_of("Hi", usage=Usage(5_000, 2)))
    edited = board.with_variants([variant_of("Bye {{name}}.", id="a")])

    (same,), (other,) = estimate(board, cells).variants, estimate(edited, cells).variants

    assert same.input_tokens == 4 * 5_000
    assert 4 < other.input_tokens < 100

"""Statistics in words."""

from decimal import Decimal

import pytest

from core.compare.boards.board import CellKey
from core.compare.boards.cells import check_cells
from core.compare.boards.checks import Contains
from core.compare.statistics.summary import summarise
from core.compare.statistics.variant_statistics import Rate, board_statistics
from core.pricing.prices import Cost
from core.runs.run import Run, RunState
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of

BOARD = board_of(
    variant_of(id="a", name="Quick"),
    variant_of(id="b", name="Good"),
    cases=40,
    checks=(Contains(text="yes"),),
)


def summary(quick: Run, good: Run) -> list[str]:
    cells = cells_of(BOARD, lambda key: quick if key.variant_id == "a" else good)
    return summarise(board_statistics(BOARD, cells, check_cells(BOARD, cells)))


def test_says_who_is_best_fastest_and_cheapest_and_by_how_much() -> None:
    sentences = summary(
        run_of("no", total=1.0, cost=Cost(Decimal("0.0001"), "")),
        run_of("yes", total=4.0, cost=Cost(Decimal("0.002"), "")),
    )

    assert sentences == [
        "Good passes the largest share of checks: 100% (40 of 40, 95% interval 91% to 100%), "
        "before Quick with 0% (0 of 40).",
        "Quick is the fastest: 1.00 s, 75% less than Good with 4.00 s.",
        "Quick is the cheapest: $0.10 per 1,000 calls, 95% less than Good with $2.00.",
    ]


def test_names_no_winner_among_equals() -> None:
    assert summary(run_of("yes"), run_of("yes")) == [
        "Quick and Good pass the same share of checks: 100% (40 of 40, 95% interval 91% to 100%).",
        "Quick and Good are equally fast: 1.00 s.",
        "Quick and Good are equally cheap: $1.00 per 1,000 calls.",
    ]


@pytest.mark.parametrize(
    ("rates", "sentence"),
    [
        (
            {"A": Rate(4, 4), "B": Rate(8, 8), "C": Rate(4, 4)},
            "A, B and C win the same share of comparisons: 100% (4 of 4, 8 of 8).",
        ),
        (
            {"A": Rate(0, 90), "B": Rate(90, 90), "C": Rate(45, 90), "D": Rate(90, 90), "E": Rate(0, 80)},
            "B and D win the largest share of comparisons: 100% (90 of 90, 95% interval 96% to 100%), "
            "before C with 50% (45 of 90), then A and E with 0% (0 of 90, 0 of 80).",
        ),
        (
            {"A": Rate(7, 8), "B": Rate(4, 4), "C": Rate(0, 0)},
            "B wins the largest share of comparisons: 100% (4 of 4, 95% interval 51% to 100%), "
            "before A with 88% (7 of 8). Intervals overlap, so more cases may change the order.",
        ),
    ],
)
def test_names_all_variants_in_the_order_of_their_shares(rates: dict[str, Rate], sentence: str) -> None:
    board = board_of(*(variant_of(id=name, name=name) for name in rates), cases=1)
    cells = cells_of(board, lambda _: run_of("yes"))

    assert summarise(board_statistics(board, cells, {}), rates)[0] == sentence


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        (
            {"A": 9.0, "B": 1.0, "C": 4.0, "D": 4.0},
            "B is the fastest: 1.00 s, 75% less than C and D with 4.00 s, then A with 9.00 s.",
        ),
        (
            {"A": 1.001, "B": 2.0, "C": 1.004},
            "A and C are the fastest: 1.00 s, 50% less than B with 2.00 s.",
        ),
        ({"A": 1.0, "B": 1.0, "C": None}, "A and B are equally fast: 1.00 s. Not known for C."),
    ],
)
def test_compares_the_speed_of_all_variants(times: dict[str, float | None], sentence: str) -> None:
    board = board_of(*(variant_of(id=name, name=name) for name in times), cases=3)
    cells = cells_of(board, lambda key: run_of("yes", total=times[key.variant_id], cost=None))

    assert summarise(board_statistics(board, cells, {})) == [sentence]


def test_warns_that_few_cases_decide() -> None:
    cells = cells_of(BOARD, lambda key: run_of("no" if key == CellKey("a", "c0", 1) else "yes"))

    sentence = summarise(board_statistics(BOARD, cells, check_cells(BOARD, cells)))[0]

    assert sentence.endswith("Intervals overlap, so more cases may change the order.")


def test_counts_failed_calls() -> None:
    assert "Calls failed: Quick in 40 of 40." in summary(run_of(state=RunState.FAILED), run_of("yes"))


def test_says_first_who_wins_comparisons() -> None:
    cells = cells_of(BOARD, lambda _: run_of("yes"))
    statistics = board_statistics(BOARD, cells, {})

    assert summarise(statistics, {"a": Rate(30, 40), "b": Rate(10, 40)})[0] == (
        "Quick wins the largest share of comparisons: 75% (30 of 40, 95% interval 60% to 86%), "
        "before Good with 25% (10 of 40)."
    )
    assert summarise(statistics, {"a": Rate(2, 4)})[0] == (
        "Quick wins 50% (2 of 4, 95% interval 15% to 85%) of its comparisons."
    )


def test_has_nothing_to_say_without_results() -> None:
    assert summarise(board_statistics(BOARD, {}, {})) == []

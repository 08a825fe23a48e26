"""What stands out among the replies to one prompt."""

from decimal import Decimal

from core.compare.statistics.highlights import find_highlights, identical_replies
from core.pricing.prices import Cost
from core.runs.run import Run, RunState


def run_of(
    text: str = "text",
    *,
    first_token: float | None = 1.0,
    total: float = 2.0,
    cost: Cost | None = None,
    state: RunState = RunState.DONE,
) -> Run:
    params = {"model": "m", "stream": True}
    return Run(
        "compare", "e", params, text=text, first_token=first_token, total=total, cost=cost, state=state
    )


def test_finds_the_fastest_the_cheapest_and_the_shortest() -> None:
    runs = {
        "a": run_of("a longer text", first_token=0.2, cost=Cost(Decimal("0.02"), "")),
        "b": run_of("short", total=1.0, cost=Cost(Decimal("0.01"), "")),
    }

    found = {(highlight.kind, highlight.value, highlight.keys) for highlight in find_highlights(runs)}

    assert found == {
        ("first_token", 0.2, ("a",)),
        ("total", 1.0, ("b",)),
        ("cost", Decimal("0.01"), ("b",)),
        ("length", 5, ("b",)),
    }


def test_names_all_that_are_equally_good() -> None:
    runs = {"a": run_of("12345"), "b": run_of("12345"), "c": run_of("123456")}

    (length,) = find_highlights(runs)

    assert length.keys == ("a", "b")


def test_leaves_out_what_is_equal_for_all() -> None:
    assert find_highlights({"a": run_of(), "b": run_of()}) == []


def test_compares_list_prices_where_the_server_is_free() -> None:
    runs = {
        key: run_of(cost=Cost(Decimal(0), "", list_amount=Decimal(price)))
        for key, price in {"a": "0.3", "b": "0.1"}.items()
    }

    (cost,) = find_highlights(runs)

    assert (cost.kind, cost.keys) == ("cost", ("b",))


def test_compares_complete_replies_only() -> None:
    runs = {
        "a": run_of(total=1, state=RunState.STOPPED),
        "b": run_of(total=2),
        "c": run_of(total=3, first_token=None),
    }

    assert [highlight.keys for highlight in find_highlights(runs)] == [("b",)]


def test_groups_identical_replies_whatever_their_white_space() -> None:
    runs = {
        "a": run_of("one  two"),
        "b": run_of("one"),
        "c": run_of("one\ntwo "),
        "d": run_of(""),
        "e": run_of(""),
    }

    assert identical_replies(runs) == [("a", "c")]

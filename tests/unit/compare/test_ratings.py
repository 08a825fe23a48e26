"""Ratings by people, and blind orders."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.compare.boards.repository import BoardRepository
from core.compare.judging.ratings import Rating, RatingStatistics, blind_order, rating_statistics
from core.compare.judging.repository import JudgingRepository
from core.compare.statistics.variant_statistics import Rate
from core.storage.store import Store
from tests.unit.compare.conftest import board_of, cells_of, run_of, variant_of


@given(st.text(), st.text(), st.lists(st.text(), unique=True, max_size=6))
def test_shows_all_variants_in_the_same_order_whenever_it_is_asked(
    board_id: str, case_id: str, variants: list[str]
) -> None:
    order = blind_order(board_id, case_id, variants)

    assert sorted(order) == sorted(variants)
    assert blind_order(board_id, case_id, list(reversed(variants))) == order


def test_puts_every_variant_first_equally_often() -> None:
    first = Counter(blind_order("board", str(case), ["a", "b", "c"])[0] for case in range(3_000))

    assert all(900 < count < 1_100 for count in first.values())


def test_adds_up_the_ratings_of_each_variant() -> None:
    board = board_of(variant_of(id="a"), variant_of(id="b"), cases=3)
    cells = cells_of(board, lambda _: run_of("Hi"))
    ratings = [Rating(thumb="up", stars=5), Rating(thumb="down", stars=2), Rating(comment="Odd")]
    of_a = [cell.run.id for key, cell in cells.items() if key.variant_id == "a"]

    statistics = rating_statistics(cells, dict(zip(of_a, ratings, strict=True)))

    assert statistics["a"] == RatingStatistics(Rate(1, 2), 3.5, 2)
    assert statistics["b"] == RatingStatistics(Rate(0, 0), None, 0)


def test_refuses_six_stars() -> None:
    with pytest.raises(ValidationError):
        Rating(stars=6)


def test_saves_replaces_and_deletes_ratings_by_rater(store: Store) -> None:
    board, judging = board_of(variant_of()), JudgingRepository(store)
    BoardRepository(store).save(board)
    judging.rate(board.id, "run", Rating(stars=2))
    judging.rate(board.id, "run", Rating(stars=4, comment="좋아요"))
    judging.rate(board.id, "run", Rating(thumb="down"), rater="Ada")
    judging.rate(board.id, "other", Rating(thumb="up"))
    judging.rate(board.id, "other", Rating())

    assert judging.ratings(board.id) == {"run": Rating(stars=4, comment="좋아요")}
    assert judging.ratings(board.id, "Ada") == {"run": Rating(thumb="down")}


def test_neither_saves_nor_shows_ratings_on_a_board_of_another_owner(store: Store) -> None:
    board = board_of(variant_of())
    BoardRepository(store, "ada").save(board)
    JudgingRepository(store, "ada").rate(board.id, "run", Rating(stars=5))
    other = JudgingRepository(store, "bob")

    other.rate(board.id, "run", Rating(stars=1))

    assert other.ratings(board.id) == {}
    assert JudgingRepository(store, "ada").ratings(board.id) == {"run": Rating(stars=5)}

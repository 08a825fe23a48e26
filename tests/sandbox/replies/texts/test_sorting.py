"""Sorting of a list in a message."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.reply_text import reply_to


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Sort these alphabetically: pear, apple, fig, Banana", "apple, Banana, fig, pear"),
        ("Sort apple, Pear and fig alphabetically", "apple, fig, Pear"),
        ("Sort: 10, 9, 2", "2, 9, 10"),
        ("Sort 3, 1, 2", "1, 2, 3"),
        ("Sort this list of numbers from largest to smallest: 5, 20, 3", "20, 5, 3"),
        ("Can you sort these words by length? kiwi, fig, banana", "fig, kiwi, banana"),
        ("Please sort these names Z to A: Al, Bob", "Bob, Al"),
        ("다음을 가나다순으로 정렬해 줘: 포도, 사과, 배", "배, 사과, 포도"),
        ("sort the following list:\n- pear\n- apple", "1. apple\n2. pear"),
        ("Arrange in alphabetical order as a list: dog, cat", "- cat\n- dog"),
    ],
)
def test_sorts_a_list(question: str, expected: str) -> None:
    assert reply_to(question) == expected


def test_sorts_into_json() -> None:
    text = reply_to("Arrange in alphabetical order: dog, cat, bird. Return JSON.")
    assert json.loads(text)["answer"] == "bird, cat, dog"


@pytest.mark.parametrize(
    "question",
    [
        "Sort these planets by distance from the sun: Mars, Earth",
        "Order a pizza, a coke and fries",
        "Sort these cities from cold to hot: Oslo, Rome",
        "인기순으로 정렬해 줘: 사과, 배",
    ],
)
def test_refuses_an_order_by_meaning(question: str) -> None:
    assert "language model" in reply_to(question) or "언어 모델" in reply_to(question)


@given(st.lists(st.integers(-10_000, 10_000), min_size=2, max_size=30))
def test_sorts_numbers_by_value(numbers: list[int]) -> None:
    assert reply_to(f"Sort: {', '.join(map(str, numbers))}") == ", ".join(map(str, sorted(numbers)))

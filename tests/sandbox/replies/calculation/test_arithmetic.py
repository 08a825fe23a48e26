"""Arithmetic in questions."""

import ast
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.calculation.arithmetic import evaluate, find_expression, format_number
from tests.sandbox.reply_text import reply_to


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is 17.5% of 240?", "42"),
        ("2+3*4", "14"),
        ("what is (12 + 8) * 3 / 7", "8.571428571"),
        ("3 times 1,250", "3,750"),
        ("12 divided by 8", "1.5"),
        ("2 to the power of 10", "1,024"),
        ("0.1 + 0.2", "0.3"),
        ("240의 17.5%는?", "42"),
        ("12 곱하기 12는?", "144"),
        ("the average of 3, 5 and 10", "6"),
        ("sum of 1, 2, 3", "6"),
        ("18% tip on $64.50?", "$11.61"),
        ("Calculate a 15% tip on a $80 bill", "$12"),
        ("What's the total with a 20% tip on $50?", "$60"),
    ],
)
def test_calculates(question: str, value: str) -> None:
    assert f"= **{value}**" in reply_to(question)


def test_reports_a_division_by_zero() -> None:
    assert "divides by zero" in reply_to("10 / 0")


@pytest.mark.parametrize(
    "expression", ["9**9**9**9", "2**99999999", "(((((1+1)**999)**999)**999))", "1" * 390 + "**9"]
)
def test_does_not_compute_huge_powers(expression: str) -> None:
    assert "= **" not in reply_to(expression)


@pytest.mark.parametrize(
    "text", ["__import__('os')", "1 if 2 else 3", "[1]*9", "a+1", "", "1 +", "'a'*9", "1@2"]
)
def test_evaluates_only_arithmetic(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        evaluate(text)


def expressions() -> st.SearchStrategy[str]:
    numbers = st.integers(0, 999).map(str)
    return st.recursive(
        numbers,
        lambda part: st.tuples(part, st.sampled_from("+-*"), part).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        max_leaves=8,
    )


@given(text=expressions())
def test_evaluates_whole_numbers_like_python(text: str) -> None:
    assert evaluate(text) == eval(compile(ast.parse(text, mode="eval"), "", "eval"))


@given(value=st.decimals(-(10**6), 10**6, places=4, allow_nan=False))
def test_formats_short_decimals_exactly(value: object) -> None:
    exact = Fraction(str(value))
    assert Fraction(format_number(exact).replace(",", "")) == exact


def test_finds_no_expression_in_prose() -> None:
    assert find_expression("In 2024 we sold 40 cars, 12 of them red.") is None


@pytest.mark.parametrize("number", ["9" * 60, "9" * 300])
def test_refuses_sums_in_words_with_huge_numbers(number: str) -> None:
    question = f"{number} mugs at $12.55 each with 15% off, what is the total?"
    assert "requires a language model" in reply_to(question)
    earlier = (("user", "x"), ("assistant", f"= {number}"))
    assert "requires a language model" in reply_to("and 7% off that?", "", *earlier)


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("3 pens at $1.25 each, what is the total?", "$3.75"),
        ("7,777원을 4명이 나누면 1인당 얼마야?", "1,944원"),
        ("100 plus 8.125% tax = ?", "108.125"),
    ],
)
def test_formats_amounts_like_their_currency(question: str, value: str) -> None:
    assert f"**{value}**" in reply_to(question)

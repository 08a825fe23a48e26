"""Questions about dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.reply_text import reply_to


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How many days from 2026-01-15 to 2026-03-01?", "**45 days**"),
        ("What day of the week is 2026-11-22?", "Sunday, 2026-11-22"),
        ("30 days after January 5, 2026", "Wednesday, 2026-02-04"),
        ("2 weeks before 2026-03-01", "Sunday, 2026-02-15"),
        ("2026년 3월 1일은 무슨 요일?", "2026년 3월 1일(일)"),
        ("2026년 3월 1일부터 2026년 5월 5일까지 며칠이야?", "**65일**"),
        ("2026-03-01에서 100일 후는?", "2026년 6월 9일(화)"),
        ("From 3 March 2026 to 20 April, how many days?", "**48 days**"),
        ("2026년 3월 3일부터 4월 20일까지 며칠이야?", "**48일**"),
        ("What is two weeks after 3 March 2026?", "Tuesday, 2026-03-17"),
        ("How many days until 25 December 2026?", "does not contain the date"),
        ("2026년 12월 25일까지 며칠 남았어?", "날짜가 없습니다"),
        ("What time is it?", "does not contain the date"),
        ("오늘이 며칠이야?", "날짜가 없습니다"),
    ],
)
def test_answers_questions_about_dates(question: str, answer: str) -> None:
    assert answer in reply_to(question)


@given(start=st.dates(date(1900, 1, 1), date(2100, 1, 1)), days=st.integers(0, 9_999))
def test_adds_days_like_the_standard_library(start: date, days: int) -> None:
    assert (start + timedelta(days)).isoformat() in reply_to(f"{days} days after {start.isoformat()}")

"""Messages as values."""

from hypothesis import given
from hypothesis import strategies as st

from core.conversations.messages import title_from


@given(st.text())
def test_returns_a_title_of_one_short_line(text: str) -> None:
    title = title_from(text)

    assert len(title) <= 60
    assert title == " ".join(title.split())

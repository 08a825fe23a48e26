"""Splitting of text into blocks and sentences."""

import re

from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.language.sentences import split_blocks, split_sentences


@given(text=st.text(alphabet="ab.!? \n가나다\"'`|#-", max_size=300))
def test_keeps_every_letter(text: str) -> None:
    letters = re.sub(r"[^ab가나다]", "", text)
    assert re.sub(r"[^ab가나다]", "", "".join(split_sentences(text))) == letters
    assert re.sub(r"[^ab가나다]", "", "".join(split_blocks(text))) == letters


def test_does_not_end_a_sentence_at_an_abbreviation() -> None:
    assert split_sentences("Dr. Kim met J. Smith, e.g. Today. Then they left.") == [
        "Dr. Kim met J. Smith, e.g. Today.",
        "Then they left.",
    ]

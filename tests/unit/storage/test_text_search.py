"""Search for words of any script, also of two characters, and for their beginnings."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, true

from core.storage.engine import memory_engine, write_transaction
from core.storage.history_schema import history_texts
from core.storage.text_search import SearchText, add_texts, contains, delete_texts

Search = Callable[[str], list[int]]
TEXTS = {
    1: "서울의 날씨를 알려 주세요",
    2: "Explain the tool_call of GPT-5.4-mini, please",
    3: "한글API와 東京タワーの写真",
    4: "데이터베이스는 데이터를 저장합니다",
    5: "it's \"quoted\" AND (odd) * NEAR: text's",
}
HANGUL = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=12)


def add(engine: Engine, texts: dict[int, str]) -> None:
    with write_transaction(engine, 1) as connection:
        add_texts(connection, [SearchText.of(seq, text) for seq, text in texts.items()])


def search_in(engine: Engine) -> Search:
    def search(query: str) -> list[int]:
        condition = contains(history_texts.c.seq, query, engine.dialect)
        matches = select(history_texts.c.seq).where(true() if condition is None else condition)
        with engine.connect() as connection:
            return sorted(connection.scalars(matches))

    return search


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = memory_engine()
    yield engine
    engine.dispose()


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        pytest.param("날씨", [1], id="two characters"),
        pytest.param("이터", [4], id="two characters inside a word"),
        pytest.param("씨", [1], id="one character"),
        pytest.param("요", [1], id="the last character"),
        pytest.param("데이터베이스", [4], id="a long word"),
        pytest.param("데이스", [], id="the pairs of a word, but not in a row"),
        pytest.param("날씨 서울", [1], id="two words in any order"),
        pytest.param('"서울의 날씨"', [1], id="a phrase"),
        pytest.param('"날씨 서울"', [], id="a phrase in another order"),
        pytest.param("東京", [3], id="Han"),
        pytest.param("タワ", [3], id="Katakana"),
        pytest.param("한글api", [3], id="two scripts in one word"),
        pytest.param("expl", [2], id="the beginning of a word"),
        pytest.param("xplain", [], id="the end of a word"),
        pytest.param("tool_call", [2], id="an identifier"),
        pytest.param("gpt-5.4", [2], id="a model"),
        pytest.param("GPT please", [2], id="any case"),
        pytest.param("(odd) AND*", [5], id="what FTS5 would read as operators"),
        pytest.param('quoted"', [5], id="an open quotation mark"),
        pytest.param("-", [1, 2, 3, 4, 5], id="no word"),
    ],
)
def test_finds_the_texts_with_all_words(engine: Engine, query: str, seqs: list[int]) -> None:
    add(engine, TEXTS)

    assert search_in(engine)(query) == seqs


def test_no_longer_finds_a_deleted_text(engine: Engine) -> None:
    add(engine, TEXTS)

    with write_transaction(engine, 1) as connection:
        delete_texts(connection, [4, 1])

    search = search_in(engine)
    assert [search("데이터"), search("날씨"), search("東京")] == [[], [], [3]]


@settings(max_examples=25)
@given(before=HANGUL, word=HANGUL, after=HANGUL)
def test_finds_every_part_of_a_korean_word(before: str, word: str, after: str) -> None:
    engine = memory_engine()
    add(engine, {1: f"A {before}{word}{after}.", 2: "B"})

    assert search_in(engine)(word) == [1]
    engine.dispose()


@settings(max_examples=25)
@given(query=st.text(max_size=30))
def test_searches_for_anything(query: str) -> None:
    engine = memory_engine()
    add(engine, {1: query.replace("\x00", " ")})

    assert search_in(engine)(query) in ([1], [])
    engine.dispose()

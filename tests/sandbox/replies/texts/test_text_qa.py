"""Questions about a text in the request."""

import pytest

from core.sandbox.replies.language.sentences import split_sentences
from tests.sandbox.reply_text import GREAT_WALL_TEXT, reply_to

HANGEUL = (
    "한글은 1443년에 세종대왕이 창제하였다. 1446년에 훈민정음이라는 이름으로 반포되었다. "
    "처음에는 스물여덟 글자였으나 지금은 스물네 글자를 쓴다. 한글날은 10월 9일이며 국경일이다. "
    "유네스코는 훈민정음 해례본을 세계기록유산으로 등재하였다. "
    "한글의 모음은 하늘, 땅, 사람을 본떠 만들었다고 전해진다."
)


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        (f"{GREAT_WALL_TEXT}\n\nHow long is the wall?", "> The wall is about 21,196 kilometres long."),
        (
            f"Can it be seen from the Moon?\n\n{GREAT_WALL_TEXT}",
            "> It cannot be seen from the Moon with the naked eye.",
        ),
        (
            f'What did soldiers use to warn?\n"""{GREAT_WALL_TEXT}"""',
            "> Soldiers used smoke signals to warn of attacks.",
        ),
        (f"{HANGEUL}\n\n한글날은 언제인가요?", "> 한글날은 10월 9일이며 국경일이다."),
        (
            f"{HANGEUL}\n\n유네스코는 무엇을 등재했나요?",
            "> 유네스코는 훈민정음 해례본을 세계기록유산으로 등재하였다.",
        ),
    ],
    ids=["long", "moon", "quoted", "holiday", "unesco"],
)
def test_quotes_the_sentence_that_answers(question: str, quote: str) -> None:
    assert quote in reply_to(question)


def test_reports_that_the_text_has_no_answer() -> None:
    assert "does not seem to answer" in reply_to(f"{GREAT_WALL_TEXT}\n\nWhat colour is the president's car?")


def test_finds_the_text_in_an_earlier_message() -> None:
    answer = reply_to("How long is the wall?", "", ("user", GREAT_WALL_TEXT), ("assistant", "I see."))
    assert "21,196 kilometres" in answer


def test_finds_the_text_in_the_instructions() -> None:
    assert "21,196 kilometres" in reply_to("How long is the wall?", f"Answer from this.\n\n{GREAT_WALL_TEXT}")


def test_summarises_with_sentences_of_the_text() -> None:
    summary = split_sentences(reply_to(f"Summarize in two sentences:\n\n{GREAT_WALL_TEXT}"))
    assert len(summary) == 2
    assert all(sentence in GREAT_WALL_TEXT for sentence in summary)


def test_returns_the_keywords() -> None:
    assert {"**wall**", "**built**"} <= set(reply_to(f"Keywords, please:\n\n{GREAT_WALL_TEXT}").split(", "))


def test_gives_an_overview_if_there_is_no_question() -> None:
    assert "text of 6 sentences" in reply_to(GREAT_WALL_TEXT)


def test_does_not_mistake_a_long_question_for_a_text() -> None:
    question = (
        "I am building a chat app and would like to know what happens when many people use it at the same "
        "time, so what happens?"
    )
    assert "You gave me a text" not in reply_to(question)


def test_finds_the_question_at_the_end_of_the_text() -> None:
    assert "> The wall is about 21,196 kilometres long." in reply_to(
        f"{GREAT_WALL_TEXT} How long is the wall?"
    )

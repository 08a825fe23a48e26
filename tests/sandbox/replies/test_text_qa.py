"""What the sandbox finds in a text: sentences that answer, a summary, named fields."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.sentences import split_blocks, split_sentences
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


def test_says_when_the_text_does_not_answer() -> None:
    assert "does not seem to answer" in reply_to(f"{GREAT_WALL_TEXT}\n\nWhat colour is the president's car?")


def test_finds_the_text_in_an_earlier_message() -> None:
    answer = reply_to("How long is the wall?", "", ("user", GREAT_WALL_TEXT), ("assistant", "I see."))
    assert "21,196 kilometres" in answer


def test_finds_the_text_in_the_instructions() -> None:
    assert "21,196 kilometres" in reply_to("How long is the wall?", f"Answer from this.\n\n{GREAT_WALL_TEXT}")


def test_sums_up_in_sentences_of_the_text() -> None:
    said = split_sentences(reply_to(f"Summarize in two sentences:\n\n{GREAT_WALL_TEXT}"))
    assert len(said) == 2
    assert all(sentence in GREAT_WALL_TEXT for sentence in said)


def test_names_the_key_words() -> None:
    assert {"**wall**", "**built**"} <= set(reply_to(f"Keywords, please:\n\n{GREAT_WALL_TEXT}").split(", "))


def test_gives_an_overview_of_a_text_without_a_question() -> None:
    assert "text of 6 sentences" in reply_to(GREAT_WALL_TEXT)


@given(text=st.text(alphabet="ab.!? \n가나다\"'`|#-", max_size=300))
def test_loses_no_letter_when_it_cuts_text_into_sentences_or_blocks(text: str) -> None:
    letters = re.sub(r"[^ab가나다]", "", text)
    assert re.sub(r"[^ab가나다]", "", "".join(split_sentences(text))) == letters
    assert re.sub(r"[^ab가나다]", "", "".join(split_blocks(text))) == letters


def test_does_not_end_a_sentence_at_an_abbreviation() -> None:
    assert split_sentences("Dr. Kim met J. Smith, e.g. Today. Then they left.") == [
        "Dr. Kim met J. Smith, e.g. Today.",
        "Then they left.",
    ]


def test_takes_a_long_question_for_a_question() -> None:
    question = (
        "I am building a chat app and would like to know what happens when many people use it at the same "
        "time, so what happens?"
    )
    assert "You gave me a text" not in reply_to(question)


def test_reads_a_question_at_the_end_of_its_text() -> None:
    assert "> The wall is about 21,196 kilometres long." in reply_to(
        f"{GREAT_WALL_TEXT} How long is the wall?"
    )


INVOICE = (
    "Invoice 2026-0417 of 9 October 2026 from Harbour Coffee Ltd. 12 kg of beans at 18.50 EUR and delivery "
    "at 9.00 EUR come to 231.00 EUR. Please pay by 23 October 2026. Questions: ask@harbour.example"
)


def test_extracts_the_fields_that_were_named() -> None:
    fields = "sender, invoice_number, invoice_date, total, currency, due_date, email, phone"
    assert json.loads(reply_to(INVOICE, f"Answer in JSON with exactly these fields: {fields}.")) == {
        "sender": "Harbour Coffee Ltd",
        "invoice_number": "2026-0417",
        "invoice_date": "2026-10-09",
        "total": 231.0,
        "currency": "EUR",
        "due_date": "2026-10-23",
        "email": "ask@harbour.example",
        "phone": None,
    }


def test_extracts_fields_from_korean() -> None:
    question = (
        "가을 산책 모임을 2026년 11월 14일 오전 10시에 남산 안내소 앞에서 시작합니다. 회비는 8000원입니다."
    )
    answer = json.loads(
        reply_to(question, "다음 필드만 가진 JSON으로 답하세요: 날짜, 시작_시각, 장소, 회비, 이름.")
    )
    assert answer == {
        "날짜": "2026-11-14",
        "시작_시각": "오전 10시",
        "장소": "남산 안내소 앞",
        "회비": 8000,
        "이름": None,
    }

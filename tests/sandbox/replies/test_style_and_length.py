"""Replies of the sandbox follow instructions on language, style and length."""

import json
import re

import pytest

from core.sandbox.api.tokenizer import count_tokens
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.language.sentences import split_sentences
from tests.sandbox.reply_text import reply_to


def test_follows_instructions_on_language_and_bullets() -> None:
    lines = reply_to("tell me about back-off", "Reply in Korean, in three bullets.").splitlines()
    assert len(lines) == 3
    assert all(line.startswith("- ") and detect_language(line) is Language.KOREAN for line in lines)


def test_prefers_the_question_to_the_instructions() -> None:
    assert (
        detect_language(reply_to("Explain streaming in English", "Always answer in Korean."))
        is Language.ENGLISH
    )


@pytest.mark.parametrize("number", [5, 12, 20])
def test_limits_the_number_of_words(number: int) -> None:
    assert len(reply_to(f"Explain tokens in at most {number} words").split()) == number


@pytest.mark.parametrize(("limit", "number"), [("one sentence", 1), ("2 sentences", 2), ("세 문장", 3)])
def test_limits_the_number_of_sentences(limit: str, number: int) -> None:
    assert len(split_sentences(reply_to("Explain embeddings", f"Answer in {limit}."))) == number


def test_replies_in_json_that_names_the_sandbox() -> None:
    answer = json.loads(reply_to("2+3", "Answer in JSON."))
    assert answer == {"answer": "`2+3` = **5**", "language": "en", "sandbox": True}


def test_counts_to_the_requested_number() -> None:
    numbers = [int(number) for number in re.findall(r"\d+", reply_to("count to 500"))]
    assert numbers == list(range(1, 501))


@pytest.mark.parametrize("number", [1, 60, 2000])
def test_writes_the_requested_number_of_tokens(number: int) -> None:
    assert abs(count_tokens(reply_to(f"write {number} tokens"), "o200k_base") - number) <= 1


def test_writes_the_requested_number_of_words() -> None:
    assert len(reply_to("write 300 words please").split()) == 300


@pytest.mark.parametrize(
    ("question", "beginning"),
    [
        (
            "Write a long text about the sea, 2000 words",
            "**Writing about a subject requires a language model**",
        ),
        ("write a 2000 word essay", "**Writing about a subject requires a language model**"),
        ("바다에 대해 2000단어로 써 줘", "**주제에 대해 글을 쓰려면 언어 모델이 필요한데**"),
    ],
)
def test_says_first_that_a_long_text_is_not_about_its_subject(question: str, beginning: str) -> None:
    text = reply_to(question)
    assert text.startswith(beginning)
    assert len(text.split()) == 2000


def test_refuses_a_short_text_about_a_subject() -> None:
    assert "requires a language model" in reply_to("Write 50 words about the sea")


def test_does_not_take_the_name_of_an_item_for_a_wish_for_bullets() -> None:
    text = "책상은 이틀 만에 왔고 포장도 꼼꼼했어요. 설명서가 영어뿐이라 조립에 두 시간이 걸렸습니다."
    assert not reply_to(f"항목 1 요약: {text}").startswith("-")
    assert reply_to(f"항목 2개로 요약: {text}").startswith("-")

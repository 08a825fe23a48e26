"""The verdicts of the sandbox as a judge."""

import json

import pytest

from core.compare.boards.judge import Judge, JudgedPair, parse_verdict
from core.completions.request import ChatSettings
from core.sandbox.structured.verdict import judge_replies
from tests.sandbox.client import CHAT_MODEL, ChatHelper

QUESTION = "What is streaming, and when is it worth it? Show it with the OpenAI Python SDK."
GOOD = "Streaming sends the reply in pieces, worth it for a reader.\n\n```python\nprint('OpenAI SDK')\n```"
OFF_TOPIC = "Bananas are yellow."
PAIRS = [
    (QUESTION, GOOD, OFF_TOPIC, "", "first"),
    (QUESTION, GOOD, GOOD, "", "tie"),
    (QUESTION, GOOD, f"{GOOD} {'Streaming is nice. ' * 200}", "", "first"),
    (QUESTION, "", GOOD, "", "second"),
    ("Extract the email address.", "The address is a@b.org", "{}", "a@b.org", "first"),
    ("Extract the email address.", "The address is a@b.org", "- **a@b.org**", "a@b.org", "second"),
    ("Extract the email address.", "**This requires a language model**", "a@b.org", "", "second"),
    ("토큰이란 무엇인가요?", "토큰은 모델이 읽는 단위입니다.", "안녕하세요.", "", "first"),
]


def verdict_on(chat: ChatHelper, pair: JudgedPair) -> tuple[str | None, str]:
    request = Judge(profile_id="test", settings=ChatSettings(model=CHAT_MODEL)).request(pair)
    return parse_verdict(chat.text(**request))


@pytest.mark.parametrize(("question", "first", "second", "expected", "winner"), PAIRS)
def test_prefers_the_reply_that_fits_the_question_in_both_orders(
    chat: ChatHelper, question: str, first: str, second: str, expected: str, winner: str
) -> None:
    swapped = {"first": "second", "second": "first", "tie": "tie"}[winner]
    assert verdict_on(chat, JudgedPair(question, first, second, expected))[0] == winner
    assert verdict_on(chat, JudgedPair(question, second, first, expected))[0] == swapped


def test_gives_the_reason_in_the_language_of_the_question(chat: ChatHelper) -> None:
    assert verdict_on(chat, JudgedPair(QUESTION, GOOD, OFF_TOPIC))[1].startswith("The first reply")
    assert "첫째 답" in verdict_on(chat, JudgedPair("토큰이 뭐야?", "토큰은 단위입니다.", "글쎄요."))[1]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("First come, first served.", ["first", "second", "tie"]),
        (json.dumps({"first_reply": "a", "second_reply": "b"}), ["positive", "negative"]),
        (json.dumps({"first_reply": "a"}), ["first", "second"]),
        (json.dumps({"first_reply": 1, "second_reply": 2}), ["first", "second"]),
    ],
)
def test_is_no_verdict_without_two_replies_and_a_choice_between_them(text: str, options: list[str]) -> None:
    schema = {"type": "object", "properties": {"winner": {"type": "string", "enum": options}}}
    assert judge_replies(text, schema) is None


def test_fills_the_names_of_another_judge() -> None:
    schema = {
        "type": "object",
        "properties": {"better": {"enum": ["A", "B"]}, "why": {"type": "string"}},
    }
    text = json.dumps({"question": "Is tea hot?", "answer_a": "Cats sleep.", "answer_b": "Tea is hot."})
    verdict = judge_replies(text, schema)
    assert verdict is not None
    assert verdict["better"] == "B"
    assert verdict["why"]

"""Equivalent wordings of a reply, which the sampling parameters choose between."""

import re
from typing import Any

import pytest

from core.sandbox.replies.language import wording
from core.sandbox.replies.language.wording import vary_wording
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage
from tests.sandbox.client import ChatHelper

QUESTIONS = [
    "explain streaming",
    "what is a context window?",
    "how do I choose a model?",
    "write a poem about the sea",
    "who won the world cup in 1998?",
    "스트리밍을 설명해 줘",
    "컨텍스트 윈도가 뭐야?",
    "바다에 대한 시를 써 줘",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_has_other_words_for_another_seed_and_the_same_for_the_same(chat: ChatHelper, question: str) -> None:
    texts = [chat.text(question, seed=seed) for seed in range(6)]
    assert len(set(texts)) > 1
    assert texts == [chat.text(question, seed=seed) for seed in range(6)]


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize(
    "params",
    [
        [{"temperature": value} for value in (0, 0.4, 0.8, 1.5, 2)],
        [{"top_p": value} for value in (0.1, 0.3, 0.5, 0.9, 1)],
    ],
    ids=["temperature", "top_p"],
)
def test_has_other_words_for_other_parameters(
    chat: ChatHelper, question: str, params: list[dict[str, Any]]
) -> None:
    texts = [chat.text(question, **values) for values in params]
    assert len(set(texts)) > 1
    assert texts == [chat.text(question, **values) for values in params]


def test_has_other_words_in_another_choice(chat: ChatHelper) -> None:
    texts = [choice.message.content for choice in chat("explain streaming", n=4).choices]
    assert len(set(texts)) > 1


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("count to 5", "1, 2, 3, 4, 5"),
        ("what is 17.5% of 240?", "42"),
    ],
)
def test_does_not_change_an_exact_answer(chat: ChatHelper, question: str, answer: str) -> None:
    texts = {chat.text(question, seed=seed, temperature=2) for seed in range(4)}
    assert all(answer in text for text in texts)


def test_does_not_change_code(chat: ChatHelper) -> None:
    code = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
    plain = code.findall(chat.text("explain streaming"))
    assert plain
    for seed in range(6):
        assert code.findall(chat.text("explain streaming", seed=seed, temperature=2)) == plain


@pytest.mark.parametrize(
    "text", ["`by rules`", "```\nby rules\n```", '"by rules"', "*by rules*", "> by rules", "standby rules"]
)
def test_changes_no_literal_text(text: str) -> None:
    assert vary_wording(text, ChatPrompt("", (), wording_seed="1")) == text


def test_changes_no_words_of_the_user() -> None:
    messages = (ConversationMessage("user", "Does it stay small? It computes By rules."),)
    prompt = ChatPrompt("", messages, wording_seed="1", temperature=2)
    assert vary_wording("It computes by rules.", prompt) == "It computes by rules."
    assert vary_wording("It stays here.", prompt) == "It remains here."


def test_continues_a_truncated_reply_in_the_same_words(chat: ChatHelper) -> None:
    question = {"role": "user", "content": "explain streaming"}
    params: dict[str, Any] = {"seed": 3, "temperature": 1.8}
    whole = chat.text(messages=[question], **params)
    start = chat.text(messages=[question], **params, max_completion_tokens=60)
    messages = [question, {"role": "assistant", "content": start}, {"role": "user", "content": "continue"}]
    assert whole.startswith(start)
    assert start + chat.text(messages=messages, **params) == whole


def test_has_alternatives_with_as_many_words() -> None:
    _, alternatives = wording._load_alternatives()
    assert alternatives
    for phrase, others in alternatives.items():
        assert {len(other.split()) for other in others} == {len(phrase.split())}
        assert {other[0].isupper() for other in others} == {phrase[0].isupper()}
        assert phrase not in others

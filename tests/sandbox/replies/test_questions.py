"""Questions as a new user would ask them, written without looking at the rules of the replies.

A question expects the *right* answer, or the *honest* refusal: that it requires a language model, with what
the sandbox can do, in the language of the question. An answer that is off the topic is neither.
"""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage

_FILES = ("questions.json", "more_questions.json", "new_user_questions.json")
_REFUSALS = {
    "en": re.compile(r"requires a language model.*The sandbox can", re.DOTALL),
    "ko": re.compile(r"언어 모델이 필요한데.*할 수 있습니다", re.DOTALL),
}


def load_questions() -> list[dict[str, Any]]:
    folder = Path(__file__).parent
    return [
        question for name in _FILES for question in json.loads((folder / name).read_text(encoding="utf-8"))
    ]


def answer(question: dict[str, Any], seed: str = "") -> str:
    """Return the reply to the messages of *question*, as the sandbox computes it."""
    messages = [ConversationMessage(message["role"], message["content"]) for message in question["messages"]]
    instructions = "\n".join(message.text for message in messages if message.role == "system")
    conversation = tuple(message for message in messages if message.role != "system")
    return reply(ChatPrompt(instructions, conversation, model="gpt-4o-mini", random_seed=seed))


def question_params() -> list[Any]:
    """Return the questions as parameters; those that rules cannot tell from others are expected to fail."""
    params = []
    for question in load_questions():
        weakness = question.get("known_weakness")
        marks = [pytest.mark.xfail(reason=weakness, strict=True)] if weakness else []
        params.append(pytest.param(question, id=question["id"], marks=marks))
    return params


@pytest.mark.parametrize("question", question_params())
def test_answers_rightly_or_refuses_honestly(question: dict[str, Any]) -> None:
    text = answer(question)
    assert [pattern for pattern in question["must_match"] if not re.search(pattern, text, re.I)] == []
    assert [pattern for pattern in question["must_not_match"] if re.search(pattern, text, re.I)] == []
    is_refusal = _REFUSALS[question["language"]].search(text) is not None
    assert is_refusal == (question["expect"] == "honest") or "not-in-text" in question["id"]


@pytest.mark.parametrize("seed", ["a", "b", "c", "d"])
def test_refuses_with_examples_that_no_rule_takes_for_an_answer(seed: str) -> None:
    for question in load_questions():
        if question["expect"] == "honest" and "known_weakness" not in question:
            text = answer(question, seed)
            assert _REFUSALS[question["language"]].search(text), question["id"]


_TEXTS = [message["content"] for question in load_questions() for message in question["messages"]]


@given(data=st.data())
def test_replies_to_any_mixture_of_parts_and_in_json_if_requested(data: st.DataObject) -> None:
    text = st.sampled_from(_TEXTS)
    length = st.integers(0, 200)
    part = st.builds(
        lambda whole, start, end: whole[start:] if start % 2 else whole[:end], text, length, length
    )
    message = data.draw(st.builds("\n\n".join, st.lists(part, min_size=1, max_size=3)))
    earlier = data.draw(st.sampled_from([(), (("user", ""), ("assistant", "= 12"))]))
    messages = tuple(ConversationMessage(role, content) for role, content in (*earlier, ("user", message)))
    prompt = ChatPrompt(data.draw(st.one_of(st.just(""), text)), messages)
    assert reply(prompt).strip()
    assert isinstance(json.loads(reply(replace(prompt, as_json=True))), dict)


def test_covers_both_languages_alike() -> None:
    languages = [question["language"] for question in load_questions()]
    assert len(languages) >= 510
    assert abs(languages.count("en") - languages.count("ko")) <= 40

"""Follow-ups on replies written in advance: another one, shorter, simpler, in the other language."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.answer import Reply
from core.sandbox.replies.conversation.scripts import load_scripts
from core.sandbox.replies.dispatch import write_reply
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage, ModelSize
from tests.sandbox.client import CHAT_MODEL, ChatHelper


def converse(*questions: str, seed: str = "", size: ModelSize = "small") -> list[Reply]:
    """Return the replies of a conversation in which each question follows the reply before it."""
    messages: list[ConversationMessage] = []
    replies = []
    for number, question in enumerate(questions):
        messages.append(ConversationMessage("user", question))
        wording_seed = f"{seed}{number}" if seed else ""
        prompt = ChatPrompt("", tuple(messages), model="gpt-6-luna", size=size, wording_seed=wording_seed)
        replies.append(write_reply(prompt))
        messages.append(ConversationMessage("assistant", replies[-1].text))
    return replies


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("tell me a joke", ["another one", "one more please", "do you have another one?", "one more joke"]),
        ("농담 하나 해 줘", ["하나 더", "또", "다른 거", "농담 하나 더 해 줘"]),
        ("write a haiku", ["again", "a different one"]),
        ("explain recursion", ["explain it differently", "another way"]),
        ("재귀가 뭐야?", ["다른 방식으로 설명해 줘", "다시"]),
    ],
)
@given(seed=st.sampled_from(["", "a", "b", "c", "d"]))
def test_gives_a_wording_that_the_conversation_does_not_have(
    question: str, others: list[str], seed: str
) -> None:
    replies = converse(question, *others, seed=seed)
    assert [reply.origin for reply in replies] == ["script"] * len(replies)
    assert len({reply.text for reply in replies}) == len(replies)


@pytest.mark.parametrize(
    ("question", "request_"),
    [
        ("explain recursion", "shorter please"),
        ("what is docker", "tldr"),
        ("재귀가 뭐야?", "더 짧게"),
        ("write a story", "make it shorter"),
        ("이야기 하나 해 줘", "줄여 줘"),
        ("write a python function to reverse a string", "shorter"),
    ],
)
def test_shortens_the_last_reply(question: str, request_: str) -> None:
    for seed in ("", "a", "b", "c"):
        long, short = converse(question, request_, seed=seed)
        assert short.origin == "script"
        assert len(short.text) < len(long.text)
        assert detect_language(short.text) == detect_language(long.text)


def test_tells_the_same_story_shorter() -> None:
    names = {"Mara": "Mara", "The letter": "letter", "Ilse": "Ilse"}
    for seed in ("a", "b", "c", "d", "e", "f"):
        long, short = converse("write a story", "shorter", seed=seed)
        name = next(name for name in names if name in long.text)
        assert names[name] in short.text


def test_says_that_a_reply_is_short_already() -> None:
    assert "short version already" in converse("explain git", "shorter", "shorter")[-1].text
    assert "이미 짧은" in converse("깃이 뭐야?", "더 짧게", "더 짧게")[-1].text


@pytest.mark.parametrize(
    "question", ["explain recursion", "tell me a joke", "capital of france", "write a poem"]
)
def test_translates_its_reply_and_back(question: str) -> None:
    english, korean, again = converse(question, "in Korean", "translate this into English")
    assert re.search("[가-힣]", korean.text)
    assert again == english
    assert korean.origin == "script"


def test_requires_a_model_for_a_language_that_it_does_not_have() -> None:
    assert converse("explain recursion", "translate this into French")[-1].origin == "refusal"
    assert converse("write a limerick", "in Korean")[-1].origin != "script"


@pytest.mark.parametrize(
    ("question", "request_", "pattern"),
    [
        ("explain recursion", "give me an example", "```|\\| ---"),
        ("머신러닝이 뭐야?", "예시를 들어줘", "```|\\| ---"),
        ("explain recursion", "tell me more", "When to use it"),
        ("API가 뭐야?", "더 자세히 설명해 줘", "알아 두면"),
        ("explain gradient descent", "simpler", "hill in fog|step by step"),
    ],
)
def test_adds_what_is_asked_for(question: str, request_: str, pattern: str) -> None:
    first, second = converse(question, request_)
    assert second.origin == "script"
    assert second.text != first.text
    assert re.search(pattern, second.text)


def test_stays_at_the_subject_through_several_requests() -> None:
    replies = converse("explain recursion", "shorter", "in Korean", "더 쉽게", "예시를 들어줘", "another one")
    assert {reply.origin for reply in replies} == {"script"}
    assert all(re.search("recurs|재귀", reply.text, re.I) for reply in replies)
    assert all(a != b for a, b in pairwise(replies))


@pytest.mark.parametrize(
    "request_", ["shorter", "더 짧게", "in Korean", "예시를 들어줘", "tell me more", "simpler"]
)
def test_takes_no_follow_up_without_a_script_before_it(request_: str) -> None:
    assert converse(request_)[-1].origin != "script"
    assert converse("What is 2 + 2?", request_)[-1].origin != "script"
    assert converse("tell me a joke", "What is 2 + 2?", request_)[-1].origin != "script"


def test_gives_no_other_joke_for_a_shorter_one() -> None:
    assert converse("tell me a joke", "shorter")[-1].origin == "refusal"


def test_begins_with_the_wording_about_just_the_question() -> None:
    for question, pattern in {
        "what is a deadlock": "A \\*\\*deadlock",
        "explain async/await": "asyncio",
        "rock paper scissors": "scissors",
        "계산기 만들어줘": "calculate",
        "will ai take my job?": "take jobs",
        "what is tdd": "Test-driven",
    }.items():
        for seed in ("", "a", "b", "c"):
            assert re.search(pattern, converse(question, seed=seed)[0].text), question


@pytest.mark.parametrize("request_", ["another one", "shorter", "in Korean", "tell me more"])
def test_replies_alike_by_both_apis(chat: ChatHelper, request_: str) -> None:
    question = "Explain recursion"
    first = chat.client.responses.create(model=CHAT_MODEL, input=question)
    second = chat.client.responses.create(model=CHAT_MODEL, input=request_, previous_response_id=first.id)
    messages = [
        {"role": "user", "content": question},
        {"role": "assistant", "content": first.output_text},
        {"role": "user", "content": request_},
    ]
    assert chat.text(question) == first.output_text
    assert chat.text(messages=messages) == second.output_text
    assert second.output_text != first.output_text


def test_has_a_brief_version_of_each_work_or_of_none() -> None:
    for language in Language:
        for script in load_scripts(language):
            if script.is_work:
                assert len(script.briefs) in (0, len(script.wordings)), script.name


@pytest.mark.parametrize(
    ("question", "pattern"),
    [
        ("explain quantum computing simply", "coin"),
        ("explain relativity to a 10 year old", "marble"),
        ("explain black holes to me like I'm 5", "fish"),
        ("explain gradient descent in simple terms", "hill in fog"),
        ("explain blockchain to a beginner", "village"),
        ("explain like I'm five what DNA is", "cookbook"),
        ("양자 컴퓨터를 쉽게 설명해줘", "동전"),
        ("블랙홀을 초등학생에게 설명해줘", "물고기"),
        ("머신러닝을 초등학생에게 설명해줘", "고양이"),
        ("초등학생도 이해할 수 있게 경사하강법을 설명해 줘", "산"),
    ],
)
def test_explains_without_formulas_and_code_to_whom_it_is_asked(question: str, pattern: str) -> None:
    sizes: tuple[ModelSize, ...] = ("small", "medium", "large")
    for size in sizes:
        for seed in ("", "a", "b"):
            [written] = converse(question, seed=seed, size=size)
            assert re.search(pattern, written.text)
            assert not re.search(r"\$|```", written.text)


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("What's the capital of France?", {"and Germany?": "Berlin", "what about Japan": "Tokyo"}),
        ("프랑스 수도가 어디야?", {"그럼 독일은?": "베를린", "일본은?": "도쿄"}),
    ],
)
def test_continues_with_the_capital_of_another_country(question: str, others: dict[str, str]) -> None:
    _, *replies = converse(question, *others)
    assert [capital in reply.text for capital, reply in zip(others.values(), replies, strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize("questions", [("and Germany?",), ("tell me a joke", "and Germany?")])
def test_names_no_capital_when_none_was_asked_for(questions: tuple[str, ...]) -> None:
    assert "Berlin" not in converse(*questions)[-1].text
    assert converse("What's the capital of France?", "and Atlantis?")[-1].origin == "refusal"

"""Replies written in advance: what they answer, what they leave alone, and that they can be drawn."""

import ast
import json
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from core.compare.quick.start import EXAMPLE_PROMPTS
from core.prompts.prompts import presets
from core.sandbox.replies.conversation.scripted import find_script
from core.sandbox.replies.conversation.scripts import Script, load_library, load_scripts
from core.sandbox.replies.dispatch import write_reply
from core.sandbox.replies.language.detection import Language, detect_language
from core.sandbox.replies.prompt import ChatPrompt, ConversationMessage, ModelSize
from tests.sandbox.client import ChatHelper

QUESTIONS = json.loads((Path(__file__).parent / "first_questions.json").read_text(encoding="utf-8"))
# The part of their words that two wordings may have in common.
_MAX_COMMON = 0.6
SIZES: tuple[ModelSize, ...] = ("smallest", "small", "medium", "large")
ALL_SCRIPTS = [(language, script) for language in Language for script in load_scripts(language)]


def prompt_of(*texts: str, instructions: str = "", **fields: Any) -> ChatPrompt:
    """Return a prompt with user messages and, between them, replies."""
    messages = [ConversationMessage("user", texts[0])]
    for text in texts[1:]:
        messages += [ConversationMessage("assistant", "…"), ConversationMessage("user", text)]
    return ChatPrompt(instructions, tuple(messages), model="gpt-6-luna", **fields)


@pytest.mark.parametrize(
    ("name", "question"),
    [(name, each) for name in QUESTIONS["scripts"] for each in QUESTIONS["scripts"][name]],
)
def test_answers_what_people_ask_first(name: str, question: str) -> None:
    written = write_reply(prompt_of(question))

    assert find_script(question) == name
    assert written.origin == "script"
    assert (detect_language(question) is Language.KOREAN) == bool(re.search("[가-힣]", written.text))


@pytest.mark.parametrize("question", QUESTIONS["others"])
def test_leaves_other_questions_to_the_rules_or_refuses(question: str) -> None:
    assert find_script(question) == ""
    assert write_reply(prompt_of(question)).origin != "script"


@pytest.mark.parametrize(("question", "translation"), QUESTIONS["translations"].items())
def test_translates_a_common_phrase_and_no_other_text(question: str, translation: str) -> None:
    written = write_reply(prompt_of(question))
    assert (written.text, written.origin) == (translation, "script") or not translation
    assert translation or written.origin == "refusal"


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_answers_each_prompt_of_the_library(preset: Any) -> None:
    *instructions, question = (message["content"] for message in preset.render().messages)
    prompt = prompt_of(
        question, instructions="\n".join(instructions), as_json="response_format" in preset.params
    )
    written = write_reply(prompt)
    assert written.origin == "script"
    if "response_format" in preset.params:
        assert None not in json.loads(written.text).values()
    # With another text the prompt asks for something that was not written in advance.
    assert (
        write_reply(replace(prompt, messages=(ConversationMessage("user", f"{question}!"),))).origin
        != "script"
    )
    assert preset.name in load_library().values()


@pytest.mark.parametrize("question", EXAMPLE_PROMPTS.values())
def test_explains_more_for_a_larger_model(question: str) -> None:
    lengths = [len(write_reply(prompt_of(question, size=size)).text) for size in SIZES]
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == len(SIZES)


def test_writes_a_haiku_of_the_season_that_it_is_asked_for() -> None:
    words = {
        "spring": "petal|bloom|eaves",
        "summer": "shade|thunder|melon",
        "autumn": "maple|persimmon|geese",
        "winter": "snow|breath|winter",
        "봄": "벚꽃|꽃밭|처마",
        "여름": "그늘|천둥|수박",
        "가을": "단풍|감나무|기러기",
        "겨울": "눈|입김|난로",
    }
    for season, pattern in words.items():
        question = f"Write a haiku about {season}" if season.isascii() else f"{season} 하이쿠 써 줘"
        haikus = {write_reply(prompt_of(question, wording_seed=str(seed))).text for seed in range(8)}
        assert len(haikus) == 3
        assert all(re.search(pattern, haiku, re.IGNORECASE) for haiku in haikus)


def test_has_the_same_scripts_in_both_languages() -> None:
    english, korean = (
        {script.name for script in load_scripts(each) if not script.library} for each in Language
    )
    assert english == korean


# One content can be extracted from a text, and an order of its fields is no other wording.
_WITH_ONE_ANSWER = {"extract fields as JSON", "extract Korean JSON"}


def test_has_three_or_more_wordings_of_different_text() -> None:
    few, alike = [], []
    for language, script in ALL_SCRIPTS:
        name = f"{language} {script.name}"
        if len(script.wordings) < 3 and script.name.removeprefix("library: ") not in _WITH_ONE_ANSWER:
            few.append(name)
        if script.name.startswith(("capital of", "library: ")):
            continue
        words = [set(re.findall(r"[^\W\d_]{2,}", text.lower())) for text in script.wordings]
        alike += [name for a, b in combinations(words, 2) if a and len(a & b) > _MAX_COMMON * len(a | b)]
    assert few == []
    assert alike == []


def test_has_each_text_at_the_same_place_in_both_languages() -> None:
    english, korean = (
        {script.name: script for script in load_scripts(each) if not script.library} for each in Language
    )
    for name, script in english.items():
        if not script.is_untranslated:
            assert len(script.wordings) == len(korean[name].wordings), name
            assert len(script.briefs) == len(korean[name].briefs), name
            assert bool(script.more) == bool(korean[name].more), name


@pytest.mark.parametrize(
    ("language", "script"), ALL_SCRIPTS, ids=[f"{language}-{script.name}" for language, script in ALL_SCRIPTS]
)
def test_can_be_drawn(language: Language, script: Script) -> None:
    for text in script.texts:
        prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
        assert text.count("```") % 2 == 0
        assert "```" not in prose
        assert prose.count("$$") % 2 == 0
        formulas = re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", prose, flags=re.DOTALL)
        assert prose.count("$") == sum(4 if block else 2 for block, _ in formulas)
        for formula in (block or inline for block, inline in formulas):
            assert formula.count("{") == formula.count("}")
            assert formula.count(r"\left") == formula.count(r"\right")
            assert formula.count(r"\begin") == formula.count(r"\end")
        for table in re.findall(r"(?:^\|.*\|$\n?)+", prose, flags=re.MULTILINE):
            assert (
                len(
                    {len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`]*`", "", row))) for row in table.splitlines()}
                )
                == 1
            )
        for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
            assert ast.parse(code).body
        for json_text in re.findall(r"```json\n(.*?)```", text, flags=re.DOTALL):
            assert json.loads(json_text)
        if language is Language.KOREAN and script.library != "번역하기":
            assert re.search("[가-힣]", text)


@pytest.mark.parametrize(
    ("question", "has_table"),
    [
        ("Make a table", True),
        ("Create a markdown table", True),
        ("Draw me a table", True),
        ("표 만들어줘", True),
        ("표를 하나 만들어 주세요", True),
        ("마크다운 표 그려 줘", True),
        ("Create a table of my expenses", False),
        ("Book a table for two", False),
        ("우리 회사 조직표 만들어줘", False),
        ("기차표 하나 줘", False),
    ],
)
def test_shows_a_table_when_asked_for_any(question: str, has_table: bool) -> None:
    assert ("| ---: |" in write_reply(prompt_of(question)).text) == has_table


def test_tells_another_joke_when_asked_for_another_one() -> None:
    first = write_reply(prompt_of("Tell me a joke")).text
    second = write_reply(prompt_of("Tell me a joke", "another one")).text
    third = write_reply(prompt_of("Tell me a joke", "another one", "tell me a joke")).text
    assert len({first, second, third}) == 3
    assert write_reply(prompt_of("Who won the regatta?", "another one")).origin == "refusal"


def test_obeys_the_form_and_the_instructions() -> None:
    def text(question: str, instructions: str = "") -> str:
        return write_reply(prompt_of(question, instructions=instructions)).text

    assert text("What is the capital of France? Answer in one word.") == "Paris"
    assert (
        text("Give me the capital of Australia in upper case.") == "THE CAPITAL OF AUSTRALIA IS **CANBERRA**."
    )
    assert json.loads(text("What is the capital of Peru?", "Answer in JSON."))["answer"].endswith("**Lima**.")
    assert text("Explain recursion", "Answer in one sentence.").count(".") == 1
    assert "재귀" in text("Explain recursion in Korean")
    assert "requires a language model" in text("Tell me a joke", "You translate into Korean.")


def test_has_other_words_for_another_model_seed_or_choice(chat: ChatHelper) -> None:
    def text(**params: Any) -> str:
        return chat.text("Tell me a joke", **params)

    assert (
        len({text(model=model) for model in ("gpt-6-luna", "gpt-6.1-terra", "gpt-6-sol", "gpt-5.4-nano")})
        >= 3
    )
    assert len({text(seed=seed) for seed in range(8)}) >= 3
    assert text(seed=3) == text(seed=3)
    choices = chat("Tell me a joke", n=6).choices
    assert len({choice.message.content for choice in choices}) >= 2


def test_is_cut_and_continued_as_any_reply(chat: ChatHelper) -> None:
    completion = chat("Tell me a story", max_completion_tokens=40)
    part = completion.choices[0].message.content or ""
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 40
    messages = [
        {"role": "user", "content": "Tell me a story"},
        {"role": "assistant", "content": part},
        {"role": "user", "content": "continue"},
    ]
    assert part + chat.text(messages=messages) == chat.text("Tell me a story")


@pytest.mark.parametrize(
    ("question", "pattern"),
    [
        ("Give me a 7-day meal plan", r"\| Sunday \|"),
        ("일주일 식단 짜 줘", r"\| 일 \|"),
        ("5 day meal plan", "lunches and dinners"),
        ("4 day workout plan", r"\*\*Sunday:\*\*"),
        ("3 day workout plan", "Three days"),
    ],
)
def test_plans_as_many_days_as_it_is_asked_for(question: str, pattern: str) -> None:
    for seed in ("", "a", "b", "c"):
        assert re.search(pattern, write_reply(prompt_of(question, wording_seed=seed)).text)

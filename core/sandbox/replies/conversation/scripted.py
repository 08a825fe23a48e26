"""Replies written in advance, to what people ask first and to the prompts of the library."""

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.conversation.questions import normalise_question, normalise_request
from core.sandbox.replies.conversation.scripts import (
    Script,
    load_countries,
    load_library,
    load_questions,
    load_scripts,
    load_templates,
)
from core.sandbox.replies.conversation.unsupported import instructs_task
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_MAX_LENGTH = 160
# Requests about the reply before, which leave the subject as it is.
_FOLLOW_UPS = ("shorter", "longer", "simpler", "example", "translate", "another")


def answer_from_script(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Answer with the script for the question; the model, the seed and what came before select a wording."""
    if prompt.images:
        return None
    name = load_library().get((prompt.instructions, prompt.question))
    script = next(
        (script for each in Language for script in load_scripts(each) if name and script.library == name),
        None,
    )
    if script is not None:
        text = _select_wording(script, prompt, 0)
        return Answer(text, exact=True, is_scripted=True)
    if instructs_task(prompt):
        return None
    questions = [message.text for message in prompt.messages if message.role == "user"]
    if not questions or find_follow_up(questions[-1]) not in ("", "another"):
        return None
    asked = _asked_scripts(questions)
    if not asked[-1]:
        return None
    script = next((each for each in load_scripts(style.language) if each.name == asked[-1]), None)
    return _answer(script, prompt, style, asked.count(asked[-1]) - 1) if script else None


def _find_next_capital(question: str, asked: str) -> str:
    """Return the script of the country that *question* names after one about a capital was *asked* for."""
    if not asked.startswith("capital of ") or len(question) > _MAX_LENGTH:
        return ""
    for language in Language:
        words = normalise_question(question, language)
        match = re.fullmatch(load_templates(language)["country"], words)
        if match and (name := load_countries(language)[1].get(match["country"])):
            return name
    return ""


def _asked_scripts(questions: list[str]) -> list[str]:
    """Return the names of the scripts for *questions*; "another one" asks for that of the question before."""
    names: list[str] = []
    for question in questions:
        name = find_script(question)
        if not name and names and names[-1]:
            name = names[-1] if find_follow_up(question) else _find_next_capital(question, names[-1])
        names.append(name)
    return names


@lru_cache(maxsize=512)
def find_follow_up(question: str) -> str:
    """Return what *question* asks for about the reply before it, such as "shorter"; empty if nothing."""
    if len(question) > _MAX_LENGTH:
        return ""
    for language in Language:
        templates, words = load_templates(language), normalise_request(question, language)
        for name in _FOLLOW_UPS:
            if re.fullmatch(templates[name], words):
                return name
    return ""


@lru_cache(maxsize=512)
def asks_simply(question: str) -> bool:
    """Return whether *question* asks for an explanation in simple words, such as for a child."""
    return any(
        re.search(load_templates(language)["simply"], normalise_question(question, language))
        for language in Language
    )


def find_script(question: str) -> str:
    """Return the name of the script for *question*, in either language; empty if there is none."""
    return _find(question)[0]


@lru_cache(maxsize=512)
def _find(question: str) -> tuple[str, int]:
    """Return the name of the script, and the number of the wording that is about *question*; 0 for any."""
    if len(question) > _MAX_LENGTH or "\n" in question.strip():
        return "", 0
    # The form is not part of the question: "in one word".
    for text in dict.fromkeys((question, strip_form(question))):
        for language in Language:
            words = normalise_question(text, language)
            found = _find_by_words(words, language) if words else ("", 0)
            if found[0]:
                return found
    return "", 0


def _find_by_words(words: str, language: Language) -> tuple[str, int]:
    matches = (pattern.fullmatch(words) for pattern in load_questions(language))
    groups = [match.lastgroup for match in matches if match and match.lastgroup]
    if groups:
        index, wording = min(_parse_group(group) for group in groups)
        return load_scripts(language)[index].name, wording
    pattern, names = load_countries(language)
    match = pattern.fullmatch(words)
    return (names.get(next(filter(None, match.groups()), ""), "") if match else ""), 0


def _parse_group(name: str) -> tuple[int, int]:
    index, _, wording = name.removeprefix("s").partition("_")
    return int(index), int(wording or 0)


def _answer(script: Script, prompt: ChatPrompt, style: Style, times: int) -> Answer:
    wants_brief = prompt.verbosity == "low" or (prompt.size == "smallest" and not style.has_form)
    text = _select_wording(script, prompt, times)
    if wants_brief:
        text = script.brief_of(text) or text
    has_room = prompt.size == "large" and not style.has_form and prompt.verbosity != "low"
    if asks_simply(prompt.question) and re.search(r"\$|```", script.more):
        has_room = False
    if script.more and has_room and not any(script.more in reply for reply in prompt.replies):
        text = f"{text}\n\n{script.more}"
    answer = Answer(text, span=script.span, is_scripted=True, has_wordings=True)
    return replace(answer, exact=True) if script.is_fixed else answer


def _select_wording(script: Script, prompt: ChatPrompt, times: int) -> str:
    """Return the wording for the model and the seed, and the next one each *times* that it was asked for.

    One that the conversation has already is returned only when it has all of them.
    """
    seed = prompt.wording_seed if prompt.temperature else ""
    count = len(script.wordings)
    chosen = random.Random(f"{script.name}\n{seed}").randrange(count) if seed else 0
    wording = _find(prompt.question)[1]
    first = wording - 1 if wording else chosen + times + prompt.model_variant
    wordings = [script.wordings[(first + offset) % count] for offset in range(count)]
    if not wording and not script.is_work and asks_simply(prompt.question):
        # The first wording is the exact one, the second a comparison with something of everyday life.
        by_ease = [*script.wordings[1:], *script.briefs, script.wordings[0]]
        return find_simplest([text for text in by_ease if not prompt.has_replied(text)] or by_ease)
    return next((text for text in wordings if not prompt.has_replied(text)), wordings[0])


def find_simplest(texts: Sequence[str]) -> str:
    """Return the first of *texts* that is the easiest to read: without formulas and code, if there is one."""
    return min(texts, key=lambda text: ("$$" in text, "```" in text, "$" in text))

"""Replies written in advance, to what people ask first and to the prompts of the library."""

import random
import re
import unicodedata
from dataclasses import replace
from functools import lru_cache

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.conversation.scripts import (
    Script,
    load_countries,
    load_library,
    load_scripts,
    load_templates,
)
from core.sandbox.replies.conversation.unsupported import instructs_task
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_MAX_LENGTH = 160
_NOT_IN_QUESTIONS = re.compile(r"[^\w+#% ]|_")
_SPACES = re.compile(r"\s+")
_CONTRACTIONS = (("what's", "what is"), ("who's", "who is"), ("whats", "what is"), ("let's", "let us"))
_IN_PYTHON = re.compile(r" (?:in|using|with) python\b")


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
    asked = _asked_scripts(questions)
    if not asked or not asked[-1]:
        return None
    script = next((each for each in load_scripts(style.language) if each.name == asked[-1]), None)
    return _answer(script, prompt, style, asked.count(asked[-1]) - 1) if script else None


def _asked_scripts(questions: list[str]) -> list[str]:
    """Return the names of the scripts for *questions*; "another one" asks for that of the question before."""
    names: list[str] = []
    for question in questions:
        name = find_script(question)
        if not name and names and names[-1] and len(question) <= _MAX_LENGTH:
            is_another = any(
                re.fullmatch(load_templates(language)["another"], _normalise(question, language))
                for language in Language
            )
            name = names[-1] if is_another else ""
        names.append(name)
    return names


@lru_cache(maxsize=512)
def find_script(question: str) -> str:
    """Return the name of the script for *question*, in either language; empty if there is none."""
    if len(question) > _MAX_LENGTH or "\n" in question.strip():
        return ""
    # The form is not part of the question: "in one word".
    for text in dict.fromkeys((question, strip_form(question))):
        for language in Language:
            words = _normalise(text, language)
            if name := _find_by_words(words, language) if words else "":
                return name
    return ""


def _find_by_words(words: str, language: Language) -> str:
    for script in load_scripts(language):
        if script.questions and script.questions.fullmatch(words):
            return script.name
    pattern, names = load_countries(language)
    match = pattern.fullmatch(words)
    return names.get(next(filter(None, match.groups()), ""), "") if match else ""


def _normalise(question: str, language: Language) -> str:
    """Return the words of *question* that tell what it asks for.

    Korean is compared without spaces, which people set as they like.
    """
    text = unicodedata.normalize("NFC", question).lower().replace("’", "'")
    for short, long in _CONTRACTIONS:
        text = text.replace(short, long)
    text = _SPACES.sub(" ", _NOT_IN_QUESTIONS.sub(" ", text.replace("'", ""))).strip()
    templates = load_templates(language)
    text = re.sub(f"^(?:{templates['opening']})", "", _IN_PYTHON.sub("", text), count=1)
    ignored = templates["ignored"].split("|")
    return language.localise(" ", "").join(word for word in text.split() if word not in ignored)


def _answer(script: Script, prompt: ChatPrompt, style: Style, times: int) -> Answer:
    wants_brief = prompt.verbosity == "low" or (prompt.size == "smallest" and not style.has_form)
    text = script.brief if wants_brief and script.brief else _select_wording(script, prompt, times)
    if prompt.size == "large" and script.more and not style.has_form and prompt.verbosity != "low":
        text = f"{text}\n\n{script.more}"
    answer = Answer(text, span=script.span, is_scripted=True)
    return replace(answer, exact=True) if script.is_fixed else answer


def _select_wording(script: Script, prompt: ChatPrompt, times: int) -> str:
    """Return the wording for the model and the seed, and the next one each *times* that it was asked for."""
    seed = prompt.wording_seed if prompt.temperature else ""
    count = len(script.wordings)
    chosen = random.Random(f"{script.name}\n{seed}").randrange(count) if seed else 0
    return script.wordings[(chosen + times + prompt.model_variant) % count]

"""Translations of common phrases: a phrase that is not in the list requires a language model."""

import json
import re
from functools import lru_cache
from typing import Any

from core.paths import DATA
from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.style import Style
from core.sandbox.replies.prompt import ChatPrompt

_MAX_LENGTH = 200
_TO_ENGLISH_NAME = r"(?:in|into|to) (?P<language>[a-z]+)"
_TO_KOREAN_NAME = r"(?P<language>[가-힣]+어|우리말)로"
# With the phrase before the language, after it, and in a question.
_REQUESTS = (
    re.compile(rf"(?:please )?translate (?P<phrase>.+?) {_TO_ENGLISH_NAME}(?: please)?", re.DOTALL),
    re.compile(
        rf"(?:please )?translate (?:this |the following )?(?:sentence |phrase |text )?{_TO_ENGLISH_NAME}"
        r"\s*[:.,]?\s+(?P<phrase>.+)",
        re.DOTALL,
    ),
    re.compile(rf"(?:how (?:do|would) (?:you|i) say|what is|what's) (?P<phrase>.+) {_TO_ENGLISH_NAME}"),
    re.compile(rf"(?P<phrase>.+?)\s*(?:을|를|은|는)?\s*{_TO_KOREAN_NAME} 번역.*", re.DOTALL),
    re.compile(
        rf"(?:다음(?:을|\s*문장을)?\s*)?{_TO_KOREAN_NAME} 번역[^:：\n]*[:：\n]\s*(?P<phrase>.+)", re.DOTALL
    ),
    re.compile(
        rf"(?P<phrase>.+?)\s*(?:은|는|을|를|이|가)?\s*{_TO_KOREAN_NAME}(?: (?:뭐|어떻게|무엇).*|는|요)?"
    ),
)
_LETTERS = re.compile(r"[^\w]")
_BETWEEN_PHRASES = re.compile(r"[,.!?:;]\s*")


def translate_phrase(prompt: ChatPrompt, _style: Style) -> Answer | None:
    """Translate a phrase of the list, if the message asks for it and for nothing else."""
    question = prompt.question.strip().rstrip("?!.").lower()
    if len(question) > _MAX_LENGTH:
        return None
    for request in _REQUESTS:
        match = request.fullmatch(question)
        translation = _translate(match["phrase"], match["language"]) if match else None
        if translation:
            return Answer(translation, translation, translation, exact=True, is_scripted=True)
    return None


def _translate(phrase: str, language: str) -> str | None:
    languages, phrases = _load_phrases()
    code, phrase = languages.get(language), phrase.removeprefix("this:")
    if code is None:
        return None
    # "Good morning, how are you?" is two phrases.
    for parts in ([phrase], [part for part in _BETWEEN_PHRASES.split(phrase) if _key(part)]):
        entries = [phrases.get(_key(part)) for part in parts]
        if entries and None not in entries:
            return _join([entry[code][0] for entry in entries if entry], code)
    return None


def _join(translations: list[str], code: str) -> str:
    """Return *translations* as one text, in which each but the last ends with a punctuation mark."""
    end, space = ("。", "") if code == "ja" else (".", " ")
    *others, last = translations
    marked = [text if text.endswith(("?", "!", ".", "？", "。")) else f"{text}{end}" for text in others]
    return space.join([*marked, last])


def _key(phrase: str) -> str:
    return _LETTERS.sub("", phrase.lower())


@lru_cache(maxsize=1)
def _load_phrases() -> tuple[dict[str, str], dict[str, Any]]:
    """Return the codes of the languages by their names, and the entry of each phrase."""
    data = json.loads((DATA / "sandbox" / "scripts" / "phrases.json").read_text(encoding="utf-8"))
    languages = {name: code for code, names in data["languages"].items() for name in names}
    entries: dict[str, Any] = {}
    for entry in data["phrases"]:
        entries |= {_key(phrase): entry for phrases in entry.values() for phrase in phrases}
    return languages, entries

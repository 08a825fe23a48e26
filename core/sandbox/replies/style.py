"""The form that instructions ask for: language, list, length, JSON."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.replies.language import Language, detect_language, requested_language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.sentences import split_blocks, split_sentences

_NUMBER_WORDS = (
    "one/한",
    "two/두",
    "three/세",
    "four/네",
    "five/다섯",
    "six/여섯",
    "seven/일곱",
    "eight/여덟",
    "nine/아홉",
    "ten/열",
)
_NUMBERS = {
    **{word: n for n, words in enumerate(_NUMBER_WORDS, 1) for word in words.split("/")},
    "a": 1,
    "single": 1,
}
_NUMBER = rf"(\d{{1,4}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_BULLETS = re.compile(
    rf"(?:\b{_NUMBER}\s+)?(?:short\s+)?\b(?:bullets?|bullet points?)\b"
    rf"|(?:{_NUMBER}\s*)?(?:개의?\s*)?(?:불릿|글머리표?|항목)(?:\s*{_NUMBER}\s*개)?",
    re.I,
)
_SENTENCES = re.compile(rf"\b{_NUMBER}\s+(?:short\s+)?sentences?\b|{_NUMBER}\s*문장", re.I)
_WORDS = re.compile(
    rf"(?:at most|under|within|no more than|max(?:imum of)?|in|fewer than|less than)\s+{_NUMBER}\s+words\b"
    rf"|{_NUMBER}\s*단어\s*(?:이내|이하|로)",
    re.I,
)
_BRIEF = re.compile(
    r"\b(?:brief(?:ly)?|concise(?:ly)?|short answers?|be short|keep it short|terse)\b|짧게|간단히|간결", re.I
)
_JSON = re.compile(
    r"\b(?:in|as|only|valid|return|respond with|output)\s+(?:valid\s+)?json\b|json\s*(?:으?로|만|형식)", re.I
)


@dataclass(frozen=True, slots=True)
class Style:
    """How to answer; 0 means "as it comes"."""

    language: Language = Language.ENGLISH
    bullets: int = 0
    sentences: int = 0
    words: int = 0
    as_json: bool = False

    def bullets_or(self, other: int) -> int:
        """Return the number of bullets where one was named, else *other*."""
        return self.bullets if 0 < self.bullets < _UNLIMITED else other


_PART = re.compile(
    r"^\W*(?:first|then|next|finally|lastly|end with|start with|begin with|먼저|끝으로|마지막)", re.I
)
_UNLIMITED = 99


def parse_style(prompt: ChatPrompt) -> Style:
    """Read the form from the instructions and from the question, where the question wins."""
    question = _outside_text(prompt.question)
    wishes = f"{_on_the_whole(prompt.instructions)}\n{question}"
    language = (
        requested_language(question) or requested_language(prompt.instructions) or detect_language(question)
    )
    bullets = _last_number(_BULLETS, wishes)
    brief = 3 if _BRIEF.search(wishes) or prompt.verbosity == "low" else 0
    return Style(
        language=language,
        bullets=_UNLIMITED if bullets is None else bullets,
        sentences=0 if bullets != 0 else _last_number(_SENTENCES, wishes) or brief,
        words=_last_number(_WORDS, wishes) or 0,
        as_json=prompt.as_json or bool(_JSON.search(wishes)),
    )


def apply_style(text: str, style: Style) -> str:
    """Bring *text* into the form of *style*."""
    if style.as_json:
        answer = {"answer": _as_words(_plain(text), style.words), "language": style.language, "sandbox": True}
        return json.dumps(answer, ensure_ascii=False, indent=2)
    steps: tuple[tuple[int, Callable[[str, int], str]], ...] = (
        (style.bullets, _as_bullets),
        (0 if style.bullets else style.sentences, _as_sentences),
        (style.words, _as_words),
    )
    for number, step in steps:
        text = step(text, number) if number else text
    return text


def _on_the_whole(instructions: str) -> str:
    """Keep the sentences that speak of the whole answer, and not of one part of it."""
    return "\n".join(sentence for sentence in split_sentences(instructions) if not _PART.search(sentence))


def _outside_text(question: str) -> str:
    """Take the start and the end of a long question: what lies between is text to work on, not a wish."""
    return question if len(question) < 600 else f"{question[:300]}\n{question[-300:]}"


def _last_number(pattern: re.Pattern[str], text: str) -> int | None:
    """Read the number of the last match: 0 if there is no match, None if it names no number."""
    found = list(pattern.finditer(text))
    if not found:
        return 0
    word = next((group.lower() for group in found[-1].groups() if group), "")
    return int(word) if word.isdecimal() else _NUMBERS.get(word)


def _plain(text: str) -> str:
    """Keep the prose of *text*, without code, tables and marks."""
    prose = [block for block in split_blocks(text) if not block.startswith(("```", "|"))]
    lines = [re.sub(r"^\s*(?:[-*>]|\d+\.)\s+", "", line) for block in prose for line in block.splitlines()]
    return " ".join(line.strip() for line in lines if line.strip())


def _as_bullets(text: str, number: int) -> str:
    return "\n".join(f"- {sentence}" for sentence in split_sentences(_plain(text))[:number])


def _as_sentences(text: str, number: int) -> str:
    return " ".join(split_sentences(_plain(text))[:number])


def _as_words(text: str, number: int) -> str:
    words = text.split()
    if not number or len(words) <= number:
        return text
    return " ".join(words[:number]).rstrip(",;:") + "…"

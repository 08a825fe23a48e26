"""The requested form of a reply: language, list, length, JSON."""

import json
import re
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
_PART_OF_REPLY = re.compile(
    r"^\W*(?:first|then|next|finally|lastly|end with|start with|begin with|먼저|끝으로|마지막)", re.I
)
_UNLIMITED = 99


@dataclass(frozen=True, slots=True)
class Style:
    """The form of a reply. A count of 0 means that there is no limit."""

    language: Language = Language.ENGLISH
    bullets: int = 0
    sentences: int = 0
    words: int = 0
    as_json: bool = False

    def bullets_or(self, default: int) -> int:
        """Return the requested number of bullets, or *default* if no number was requested."""
        return self.bullets if 0 < self.bullets < _UNLIMITED else default


def parse_style(prompt: ChatPrompt) -> Style:
    """Parse the style from the instructions and the question; the question takes precedence."""
    question = prompt.question
    if len(question) >= 600:
        # A long question contains a text to work on, and requests are at its start or its end.
        question = f"{question[:300]}\n{question[-300:]}"
    # "Begin with one sentence" is about a part of the reply, not about all of it.
    instructions = "\n".join(
        sentence for sentence in split_sentences(prompt.instructions) if not _PART_OF_REPLY.search(sentence)
    )
    requests = f"{instructions}\n{question}"
    language = (
        requested_language(question) or requested_language(prompt.instructions) or detect_language(question)
    )
    bullets = _last_number(_BULLETS, requests)
    brief = 3 if _BRIEF.search(requests) or prompt.verbosity == "low" else 0
    return Style(
        language=language,
        bullets=_UNLIMITED if bullets is None else bullets,
        sentences=0 if bullets != 0 else _last_number(_SENTENCES, requests) or brief,
        words=_last_number(_WORDS, requests) or 0,
        as_json=prompt.as_json or bool(_JSON.search(requests)),
    )


def apply_style(text: str, style: Style) -> str:
    """Return *text* in the form of *style*."""
    if style.as_json:
        answer = _truncate_words(_strip_markdown(text), style.words)
        return json.dumps(
            {"answer": answer, "language": style.language, "sandbox": True}, ensure_ascii=False, indent=2
        )
    if style.bullets:
        sentences = split_sentences(_strip_markdown(text))[: style.bullets]
        text = "\n".join(f"- {sentence}" for sentence in sentences)
    elif style.sentences:
        text = " ".join(split_sentences(_strip_markdown(text))[: style.sentences])
    return _truncate_words(text, style.words)


def _last_number(pattern: re.Pattern[str], text: str) -> int | None:
    """Return the number in the last match: 0 without a match, None if the match has no number."""
    matches = list(pattern.finditer(text))
    if not matches:
        return 0
    word = next((group.lower() for group in matches[-1].groups() if group), "")
    return int(word) if word.isdecimal() else _NUMBERS.get(word)


def _strip_markdown(text: str) -> str:
    """Return the prose of *text* on one line, without code blocks, tables and list markers."""
    prose = [block for block in split_blocks(text) if not block.startswith(("```", "|"))]
    lines = [re.sub(r"^\s*(?:[-*>]|\d+\.)\s+", "", line) for block in prose for line in block.splitlines()]
    return " ".join(line.strip() for line in lines if line.strip())


def _truncate_words(text: str, limit: int) -> str:
    """Truncate *text* to *limit* words; 0 means no limit."""
    words = text.split()
    if not limit or len(words) <= limit:
        return text
    return " ".join(words[:limit]).rstrip(",;:") + "…"

"""Which language to answer in, and how to say a thing in it."""

import re
from enum import StrEnum

_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")


class Language(StrEnum):
    """A language that the sandbox can answer in."""

    ENGLISH = "en"
    KOREAN = "ko"

    def localise(self, english: str, korean: str) -> str:
        return korean if self is Language.KOREAN else english


_REQUESTED = (
    (
        Language.KOREAN,
        re.compile(r"\b(?:in|into|use|speak|only) korean\b|한국어로|한글로|우리말로", re.IGNORECASE),
    ),
    (Language.ENGLISH, re.compile(r"\b(?:in|into|use|speak|only) english\b|영어로", re.IGNORECASE)),
)


_UNSUPPORTED = re.compile(
    r"\b(?:in|into|use|speak|only)\s+(?P<name>french|german|spanish|italian|portuguese|dutch|japanese|chinese|russian|arabic"
    r"|hindi|vietnamese|thai|turkish|polish)\b",
    re.IGNORECASE,
)


def unsupported_language(text: str) -> str | None:
    """Name the language that *text* asks for, if it is one that the sandbox cannot answer in."""
    found = _UNSUPPORTED.search(text)
    return found["name"].capitalize() if found else None


def detect_language(text: str) -> Language:
    """Take Korean for a text of which a fifth of the letters or more, code aside, are Hangul."""
    text = _CODE.sub(" ", text)
    letters = len(_LETTER.findall(text))
    return Language.KOREAN if letters and len(_HANGUL.findall(text)) / letters >= 0.2 else Language.ENGLISH


def requested_language(text: str) -> Language | None:
    """Find the language that *text* asks for, as in "answer in Korean"; the last one wins."""
    found = [
        (match.start(), language) for language, pattern in _REQUESTED for match in pattern.finditer(text)
    ]
    return max(found)[1] if found else None

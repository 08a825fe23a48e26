"""Detection of the language to reply in."""

import re
from enum import StrEnum

# With single letters, of which people make short words: ㅋㅋ is laughter, ㅎㅇ a greeting.
_HANGUL = re.compile(r"[\uac00-\ud7a3\u3131-\u318e]")
_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")


class Language(StrEnum):
    """A language that the sandbox can reply in."""

    ENGLISH = "en"
    KOREAN = "ko"

    def localise(self, english: str, korean: str) -> str:
        """Return the text that is in this language."""
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
    """Return the name of the language that *text* asks for, if the sandbox cannot reply in it."""
    match = _UNSUPPORTED.search(text)
    return match["name"].capitalize() if match else None


def detect_language(text: str) -> Language:
    """Return Korean if at least a fifth of the letters outside code blocks are Hangul, else English."""
    text = _CODE.sub(" ", text)
    letters = len(_LETTER.findall(text))
    return Language.KOREAN if letters and len(_HANGUL.findall(text)) / letters >= 0.2 else Language.ENGLISH


def requested_language(text: str) -> Language | None:
    """Return the language that *text* asks for, as in "answer in Korean"; the last mention wins."""
    mentions = [
        (match.start(), language) for language, pattern in _REQUESTED for match in pattern.finditer(text)
    ]
    return max(mentions)[1] if mentions else None

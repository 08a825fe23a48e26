"""The words of a question that tell what it asks for."""

import re
import unicodedata
from collections.abc import Iterable

from core.sandbox.replies.conversation.scripts import load_spellings, load_templates
from core.sandbox.replies.language.detection import Language

_NOT_IN_QUESTIONS = re.compile(r"[^\w+#% ]|_")
_SPACES = re.compile(r"\s+")
_IN_PYTHON = re.compile(r" (?:in|using|with) python\b")


def normalise_question(question: str, language: Language) -> str:
    """Return the words of *question* that tell what it asks for.

    Korean is compared without spaces, which people set as they like.
    """
    templates = load_templates(language)
    text = re.sub(f"^(?:{templates['opening']})", "", _IN_PYTHON.sub("", _words(question)), count=1)
    ignored = templates["ignored"].split("|")
    return _join((word for word in text.split() if word not in ignored), language)


def normalise_request(question: str, language: Language) -> str:
    """Return all words of *question* but its opening: "short" is what a request for a short text is about."""
    text = re.sub(f"^(?:{load_templates(language)['opening']})", "", _words(question), count=1)
    return _join(text.split(), language)


def _join(words: Iterable[str], language: Language) -> str:
    return language.localise(" ", "").join(words)


def _words(question: str) -> str:
    """Return the words of *question* in lower case, with frequent misspellings corrected."""
    text = unicodedata.normalize("NFC", question).lower().replace("’", "'").replace("'", "")
    spellings = load_spellings()
    words = _SPACES.sub(" ", _NOT_IN_QUESTIONS.sub(" ", text)).split()
    return " ".join(spellings.get(word, word) for word in words)

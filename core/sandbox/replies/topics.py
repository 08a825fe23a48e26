"""Short explanations of the SDK, selected by keywords."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.paths import DATA
from core.sandbox.replies.language import Language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_HEADING = re.compile(r"^=== (?P<title>[^:\n]+): (?P<keywords>.+)$", re.MULTILINE)
_IS_QUESTION = re.compile(
    r"\?|\b(?:what|how|why|when|which|explain|tell|show|describe|teach|help|about|example)\b"
    r"|설명|알려|뭐|무엇|무슨|어떻게|왜|보여|가르쳐|예제|대해",
    re.I,
)
_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Topic:
    """An explanation and its keywords."""

    title: str
    keywords: tuple[str, ...]
    text: str

    def score(self, question: str) -> int:
        """Return the total length of the keywords in *question*, which is in lower case."""
        total = 0
        for keyword in self.keywords:
            pattern = re.escape(keyword)
            # Korean words end in particles, so there a keyword may be a part of a word.
            if keyword.isascii():
                pattern = rf"(?<![a-z0-9_]){pattern}s?(?![a-z0-9_])"
            if re.search(pattern, question):
                total += len(keyword)
        return total


@lru_cache(maxsize=2)
def load_topics(language: Language) -> tuple[Topic, ...]:
    """Load the explanations in *language*."""
    source = (DATA / "sandbox" / f"topics.{language}.md").read_text(encoding="utf-8")
    headings = list(_HEADING.finditer(source))
    ends = [heading.start() for heading in headings[1:]] + [len(source)]
    return tuple(
        Topic(heading["title"], tuple(heading["keywords"].split(", ")), source[heading.end() : end].strip())
        for heading, end in zip(headings, ends, strict=True)
    )


def explain_topic(prompt: ChatPrompt, style: Style) -> str | None:
    """Explain the topic of a short question, or return None if there is no explanation."""
    topic = find_topic(prompt.question, style.language)
    return topic.text if topic else None


def find_topic(question: str, language: Language) -> Topic | None:
    """Return the topic whose keywords, in either language, match *question* best."""
    question = question.lower()
    if len(question) > _MAX_LENGTH or "```" in question:
        return None
    if not _IS_QUESTION.search(question) and len(question.split()) > 4:
        return None
    scores = [(topic.score(question), topic.title) for each in Language for topic in load_topics(each)]
    score, title = max(scores)
    if not score:
        return None
    # Not every explanation exists in Korean.
    candidates = (*load_topics(language), *load_topics(Language.ENGLISH))
    return next(topic for topic in candidates if topic.title == title)

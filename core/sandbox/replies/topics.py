"""Short explanations of the SDK's subjects, found by their keywords."""

import re
from dataclasses import dataclass
from functools import lru_cache

from core.paths import DATA
from core.sandbox.replies.language import Language
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_HEAD = re.compile(r"^=== (?P<title>[^:\n]+): (?P<keywords>.+)$", re.MULTILINE)
_ASKING = re.compile(
    r"\?|\b(?:what|how|why|when|which|explain|tell|show|describe|teach|help|about|example)\b"
    r"|설명|알려|뭐|무엇|무슨|어떻게|왜|보여|가르쳐|예제|대해",
    re.I,
)
_MAX_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Topic:
    """One explanation and the words that ask for it."""

    title: str
    keywords: tuple[str, ...]
    text: str

    def score(self, question: str) -> int:
        """Count the letters of the keywords that *question*, in lower case, holds."""
        return sum(len(word) for word in self.keywords if _contains_word(question, word))


@lru_cache(maxsize=2)
def load_topics(language: Language) -> tuple[Topic, ...]:
    """Read the explanations in *language*, once."""
    source = (DATA / "sandbox" / f"topics.{language}.md").read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(source))
    ends = [head.start() for head in heads[1:]] + [len(source)]
    return tuple(
        Topic(head["title"], tuple(head["keywords"].split(", ")), source[head.end() : end].strip())
        for head, end in zip(heads, ends, strict=True)
    )


def explain_topic(prompt: ChatPrompt, style: Style) -> str | None:
    """Explain what a short question asks about, or None if it names no subject that we know."""
    topic = find_topic(prompt.question, style.language)
    return topic.text if topic else None


def find_topic(question: str, language: Language) -> Topic | None:
    """Find the topic whose keywords cover most of *question*, in either language's words."""
    lowered = question.lower()
    if (
        len(question) > _MAX_LENGTH
        or "```" in question
        or not (_ASKING.search(lowered) or len(lowered.split()) <= 4)
    ):
        return None
    best = max(
        ((topic.score(lowered), topic.title) for name in Language for topic in load_topics(name)),
        default=(0, ""),
    )
    if not best[0]:
        return None
    same = [topic for topic in load_topics(language) if topic.title == best[1]]
    return (same or [topic for topic in load_topics(Language.ENGLISH) if topic.title == best[1]])[0]


def _contains_word(question: str, word: str) -> bool:
    if not word.isascii():
        return word in question
    return re.search(rf"(?<![a-z0-9_]){re.escape(word)}s?(?![a-z0-9_])", question) is not None

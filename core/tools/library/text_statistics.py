"""Statistics of a text."""

import re
import unicodedata
from collections import Counter
from typing import Annotated, Any

from pydantic import Field

_SENTENCE_END = re.compile(r"[.!?。！？](?=\s|$)")


def analyse_text(text: Annotated[str, Field(max_length=100_000)]) -> dict[str, Any]:
    """Count the characters, words, sentences and lines of a text, and find its most frequent words."""
    words = re.findall(r"\w+", text.casefold())
    return {
        "characters": len(unicodedata.normalize("NFC", text)),
        "characters_without_spaces": len("".join(unicodedata.normalize("NFC", text).split())),
        "utf8_bytes": len(text.encode(errors="replace")),
        "words": len(words),
        "sentences": len(_SENTENCE_END.findall(text)) or min(len(words), 1),
        "lines": len(text.splitlines()),
        "most_frequent_words": dict(Counter(words).most_common(5)),
    }

"""A search in a few sample notes, in Korean and English."""

import json
import re
from typing import Annotated, Any

from pydantic import Field

from core.paths import DATA

NOTES: dict[str, Any] = json.loads((DATA / "tools" / "notes.json").read_text(encoding="utf-8"))


def search_notes(
    query: Annotated[str, Field(description="Words to look for, in Korean or English", max_length=300)],
    limit: Annotated[int, Field(ge=1, le=5)] = 3,
) -> dict[str, Any]:
    """Search the notes of a fictitious company: products, policies, people and projects."""
    terms = _note_terms(query)
    scored = [
        (len(terms & _note_terms(note["title"])) * 2 + len(terms & _note_terms(note["text"])), note)
        for note in NOTES["notes"]
    ]
    hits = sorted((pair for pair in scored if pair[0]), key=lambda pair: -pair[0])[:limit]
    return {"query": query, "notes": [note for _score, note in hits], "source": "sample notes"}


def _note_terms(text: str) -> set[str]:
    """Return the words of *text*, and pairs of syllables of Korean ones, whose endings vary."""
    words = re.findall(r"\w+", text.casefold())
    korean = [word for word in words if "가" <= word[0] <= "힣"]
    pairs = {word[start : start + 2] for word in korean for start in range(len(word) - 1)}
    return {word for word in words if word not in korean and len(word) > 2} | pairs

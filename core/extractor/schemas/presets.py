"""The example schemas of `data/extractor_presets.json`, each with a document in English and in Korean."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.json_schema.schema import SchemaDocument
from core.paths import DATA

LANGUAGES = {"ko": "한국어", "en": "English"}


@dataclass(frozen=True, slots=True)
class Preset:
    """A schema with an example document by language."""

    id: str
    title: str
    document: SchemaDocument
    texts: Mapping[str, str]


@cache
def presets() -> dict[str, Preset]:
    """Return the presets by id."""
    entries = json.loads((DATA / "extractor_presets.json").read_text(encoding="utf-8"))
    return {
        entry["id"]: Preset(
            entry["id"], entry["title"], SchemaDocument(entry["name"], entry["schema"]), entry["documents"]
        )
        for entry in entries
    }

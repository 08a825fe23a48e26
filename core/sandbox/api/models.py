"""The models that the sandbox plays, read from the model table."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.paths import DATA


@dataclass(frozen=True, slots=True)
class Family:
    """What one family accepts; the words of `sampling` and `tools` are the model table's."""

    id: str
    kind: str
    encoding: str
    context_window: int
    max_input: int
    max_output: int
    accepts_images: bool
    efforts: tuple[str, ...]
    default_effort: str | None
    sampling: str
    tools: str
    max_tokens: bool
    stop: bool
    n: bool
    seed: bool
    streaming: bool
    structured_output: bool
    cache_minimum: int | None
    cache_writes_billed: bool
    shutdown: str | None
    dimensions: int = 0
    adjustable_dimensions: bool = False


@dataclass(frozen=True, slots=True)
class ModelCatalog:
    """Every model id, snapshots included, with its family, in the table's order."""

    as_of: str
    models: dict[str, Family]

    def list_models(self) -> list[dict[str, Any]]:
        return [self.model_object(model_id) for model_id in self.models]

    def model_object(self, model_id: str) -> dict[str, Any]:
        """Describe *model_id* as `/v1/models/{id}` does. Raises KeyError."""
        return {
            "id": model_id,
            "object": "model",
            "created": _created(model_id, self.as_of),
            "owned_by": "sandbox",
            "shutdown_date": self.models[model_id].shutdown,
        }


@lru_cache(maxsize=4)
def load_models(path: Path = DATA / "models.json") -> ModelCatalog:
    """Read the model table at *path*, once."""
    table = json.loads(path.read_text(encoding="utf-8"))
    models: dict[str, Family] = {}
    for row in table["families"]:
        family = _family(row)
        models |= dict.fromkeys((family.id, *row.get("snapshots", ())), family)
    return ModelCatalog(table["as_of"], models)


def _family(row: dict[str, Any]) -> Family:
    reasoning = row.get("reasoning") or {}
    lengths = row.get("dimensions") or {}
    window = row["context_window"]
    return Family(
        id=row["id"],
        kind=row["kind"],
        encoding=row["encoding"],
        context_window=window,
        max_input=row.get("max_input") or window,
        max_output=row.get("max_output") or window,
        accepts_images="image" in row.get("input", ()),
        efforts=tuple(reasoning.get("efforts", ())),
        default_effort=reasoning.get("default"),
        cache_minimum=row.get("cache_minimum"),
        shutdown=row.get("shutdown"),
        dimensions=lengths.get("default", 0),
        adjustable_dimensions=bool(lengths.get("adjustable")),
        sampling=row.get("sampling", "always"),
        tools=row.get("tools", "always"),
        **{name: bool(row.get(name, True)) for name in _SWITCHES},
        cache_writes_billed=bool(row.get("cache_writes_billed")),
    )


_SWITCHES = ("max_tokens", "stop", "n", "seed", "streaming", "structured_output")


def _created(model_id: str, as_of: str) -> int:
    """Take the time from a dated id such as `gpt-4o-2024-08-06`, else from the table's date."""
    for text in (model_id[-10:], as_of):
        try:
            return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return 0

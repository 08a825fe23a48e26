"""The models that the sandbox offers, read from `data/models.json`."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.paths import DATA

_BOOLEAN_COLUMNS = ("max_tokens", "stop", "n", "seed", "streaming", "structured_output")


@dataclass(frozen=True, slots=True)
class Family:
    """What the models of one family accept. `sampling` and `tools` have the values of `data/models.json`."""

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
    tier: str = "small"
    dimensions: int = 0
    adjustable_dimensions: bool = False


@dataclass(frozen=True, slots=True)
class ModelCatalog:
    """The family of every model id, snapshots included, in the order of `data/models.json`.

    *responses_models* are those of `data/responses_models.json`, which are not listed.
    """

    as_of: str
    models: dict[str, Family]
    responses_models: dict[str, Family] = field(default_factory=dict)

    def list_models(self) -> list[dict[str, Any]]:
        return [self.model_object(model_id) for model_id in self.models]

    def model_object(self, model_id: str) -> dict[str, Any]:
        """Return the model object of `/v1/models/{id}`. Raises KeyError for an unknown id."""
        created = 0
        # The id of a snapshot ends with its date, such as `gpt-4o-2024-08-06`.
        for date in (model_id[-10:], self.as_of):
            try:
                created = int(datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
                break
            except ValueError:
                continue
        return {
            "id": model_id,
            "object": "model",
            "created": created,
            "owned_by": "sandbox",
            "shutdown_date": self.models[model_id].shutdown,
        }


@lru_cache(maxsize=4)
def load_models(path: Path = DATA / "models.json") -> ModelCatalog:
    table = json.loads(path.read_text(encoding="utf-8"))
    models: dict[str, Family] = {}
    for row in table["families"]:
        reasoning = row.get("reasoning") or {}
        dimensions = row.get("dimensions") or {}
        context_window = row["context_window"]
        family = Family(
            id=row["id"],
            kind=row["kind"],
            encoding=row["encoding"],
            context_window=context_window,
            max_input=row.get("max_input") or context_window,
            max_output=row.get("max_output") or context_window,
            accepts_images="image" in row.get("input", ()),
            efforts=tuple(reasoning.get("efforts", ())),
            default_effort=reasoning.get("default"),
            cache_minimum=row.get("cache_minimum"),
            shutdown=row.get("shutdown"),
            tier=row.get("tier") or "small",
            dimensions=dimensions.get("default", 0),
            adjustable_dimensions=bool(dimensions.get("adjustable")),
            sampling=row.get("sampling", "always"),
            tools=row.get("tools", "always"),
            **{name: bool(row.get(name, True)) for name in _BOOLEAN_COLUMNS},
            cache_writes_billed=bool(row.get("cache_writes_billed")),
        )
        models |= dict.fromkeys((family.id, *row.get("snapshots", ())), family)
    only_responses = json.loads((DATA / "responses_models.json").read_text(encoding="utf-8"))
    responses_models = {
        model: models[family] for model, family in only_responses["models"].items() if family in models
    }
    return ModelCatalog(table["as_of"], models, responses_models)

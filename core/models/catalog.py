"""The properties of each model, from the dated tables `data/models.json` and `data/responses_models.json`."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, Literal

from core.paths import DATA

ModelKind = Literal["chat", "embedding", "other"]
ModelTier = Literal["small", "medium", "large", "frontier"]

MODELS_FILE = DATA / "models.json"
_RESPONSES_MODELS_FILE = DATA / "responses_models.json"
REASONING_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
# gpt-4o-2024-05-13, or gpt-4-0613 as it was written earlier
_DATED = re.compile(r"(.+?)-(?:\d{4}-\d{2}-\d{2}|\d{4})")
# An id that is not in the catalog is classified by its name.
_EMBEDDING_KIND = re.compile(r"embed|(?:^|[-/_])(?:bge|e5|gte|minilm)(?:$|[-_:.])", re.IGNORECASE)
_OTHER_KIND = re.compile(
    r"audio|babbage|dall-e|davinci|deep-research|image|moderation|realtime|rerank|sora|transcribe|translate"
    r"|tts|turbo-instruct|whisper",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The efforts that a model supports, and the default (None if it is unknown)."""

    efforts: tuple[str, ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The length of an embedding, and the range of the `dimensions` parameter."""

    default: int
    min: int
    max: int
    adjustable: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A model id with the properties of its family; None where a property is unknown.

    `assumed` is true for an id that is not in the catalog: everything is enabled and the server decides.
    `sampling` applies to temperature, top_p, the penalties, the log-probabilities and logit_bias. Sizes are
    in tokens. `responses_only`: Chat Completions refuses it.
    """

    id: str
    family: str
    title: str
    kind: ModelKind
    context_window: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    encoding: str = "o200k_base"
    encoding_assumed: bool = True
    input: tuple[str, ...] = ("text", "image")
    output: tuple[str, ...] = ("text",)
    reasoning: Reasoning | None = None
    sampling: Literal["always", "never", "effort_none"] = "always"
    max_tokens: bool = True
    stop: bool = True
    n: bool = True
    seed: bool = True
    tools: Literal["always", "never", "effort_none", "effort_none_or_omitted"] = "always"
    structured_output: bool = True
    streaming: bool = True
    dimensions: Dimensions | None = None
    cache_minimum: int | None = None
    cache_writes_billed: bool = False
    tier: ModelTier | None = None
    snapshots: tuple[str, ...] = ()
    shutdown: date | None = None
    successor: str | None = None
    assumed: bool = False
    responses_only: bool = False
    sources: tuple[str, ...] = ()

    @property
    def supports_images(self) -> bool:
        return "image" in self.input

    @property
    def efforts(self) -> tuple[str, ...]:
        """The efforts to offer; all of them for an unknown model."""
        if self.assumed and self.kind == "chat":
            return REASONING_EFFORTS
        return self.reasoning.efforts if self.reasoning else ()


@dataclass(frozen=True, slots=True)
class _Catalog:
    families: tuple[Model, ...]
    by_id: Mapping[str, Model]
    shutdown_dates: Mapping[str, date]
    guide: tuple[Mapping[str, str], ...]
    responses_only: frozenset[str]


def responses_only_models() -> frozenset[str]:
    """Return the ids of the models that Chat Completions refuses, without their dated snapshots."""
    return _catalog().responses_only


def get_model(model_id: str) -> Model:
    """Return the properties of *model_id*: a family, a snapshot, a later dated id, or a fine-tuned model.

    An id that is not in the catalog gets a model that supports everything and is `assumed`.
    """
    base = base_id(model_id)
    catalog = _catalog()
    # A snapshot that is newer than the catalog has the properties of its family.
    dated = _DATED.fullmatch(base)
    known = catalog.by_id.get(base) or (dated and catalog.by_id.get(dated[1]))
    if not known:
        kind: ModelKind = "other" if _OTHER_KIND.search(base) else "chat"
        if _EMBEDDING_KIND.search(base):
            kind = "embedding"
        return Model(
            model_id,
            base,
            model_id,
            kind,
            shutdown=catalog.shutdown_dates.get(base),
            assumed=True,
            responses_only=base in catalog.responses_only
            or bool(dated and dated[1] in catalog.responses_only),
        )
    title = f"{known.title} (fine-tuned)" if model_id.startswith("ft:") else known.title
    return replace(known, id=model_id, title=title)


def base_id(model_id: str) -> str:
    """Remove the vendor of `openai/gpt-4o`, or the fine-tuning of `ft:gpt-4o:org::id`."""
    if model_id.startswith("ft:"):
        return model_id.split(":")[1]
    # Gateways put the vendor before the id, some of them a path.
    return model_id.rsplit("/", 1)[-1]


def model_families() -> tuple[Model, ...]:
    """Return one model per family, the newest first."""
    return _catalog().families


def guide_entries() -> tuple[Mapping[str, str], ...]:
    """Return the entries of the model guide: title, advice, and the tier that they recommend."""
    return _catalog().guide


@cache
def _catalog() -> _Catalog:
    raw = json.loads(MODELS_FILE.read_text(encoding="utf-8"))
    shutdown_dates = {name: date.fromisoformat(day) for name, day in raw["shutdown_dates"].items()}
    families = tuple(_parse_family(row) for row in raw["families"])
    # A snapshot can be shut down before its family.
    snapshots = {
        name: replace(family, id=name, shutdown=shutdown_dates.get(name, family.shutdown))
        for family in families
        for name in family.snapshots
    }
    by_id = {**snapshots, **{family.id: family for family in families}}
    responses_only = json.loads(_RESPONSES_MODELS_FILE.read_text(encoding="utf-8"))["models"]
    return _Catalog(families, by_id, shutdown_dates, tuple(raw["guide"]), frozenset(responses_only))


def _parse_family(row: dict[str, Any]) -> Model:
    # Not validated: a test checks the file against its schema, so that starting the app takes no time for it.
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    reasoning, dimensions, shutdown = row["reasoning"], row["dimensions"], row["shutdown"]
    facts |= {
        "family": row["id"],
        "assumed": False,
        "reasoning": reasoning and Reasoning(tuple(reasoning["efforts"]), reasoning["default"]),
        "dimensions": dimensions and Dimensions(**dimensions),
        "shutdown": shutdown and date.fromisoformat(shutdown),
    }
    return Model(**facts)

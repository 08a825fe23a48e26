"""What is known of each model, from the dated table in `data/models.json`."""

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
REASONING_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_DATED = re.compile(r"(.+?)-(?:\d{4}-\d{2}-\d{2}|\d{4})")
_EMBEDDING = re.compile(r"embed|(?:^|[-/_])(?:bge|e5|gte|minilm)(?:$|[-_:.])", re.IGNORECASE)
_NEITHER = re.compile(
    r"audio|babbage|dall-e|davinci|deep-research|image|moderation|realtime|rerank|sora|transcribe|translate"
    r"|tts|turbo-instruct|whisper",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reasoning:
    """The efforts a model takes, and the one that holds when none is sent (None: not known)."""

    efforts: tuple[str, ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Dimensions:
    """How long an embedding is, and what `dimensions` may make of it."""

    default: int
    min: int
    max: int
    adjustable: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A model id with the facts of its family; None where nothing is known.

    `assumed` marks an id that the table does not hold: it may do everything, and the server decides.
    `assumed_facts` names the facts of a known family that no good source states. `sampling` covers
    temperature, top_p, the penalties, the log-probabilities and logit_bias. Sizes are tokens.
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
    assumed_facts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def supports_images(self) -> bool:
        return "image" in self.input

    @property
    def efforts(self) -> tuple[str, ...]:
        """The efforts to offer: all of them for an unknown model, which may take any."""
        if self.assumed and self.kind == "chat":
            return REASONING_EFFORTS
        return self.reasoning.efforts if self.reasoning else ()


@dataclass(frozen=True, slots=True)
class _Catalog:
    families: tuple[Model, ...]
    by_id: Mapping[str, Model]
    shutdown_dates: Mapping[str, date]
    guide: tuple[Mapping[str, str], ...]


def get_model(model_id: str) -> Model:
    """Find the facts of *model_id*: a family, its snapshot, a later dated id, or a fine-tuned one.

    An id that the table does not hold gets a row that permits everything and says `assumed`.
    """
    base = base_id(model_id)
    dated = _DATED.fullmatch(base)
    known = _catalog().by_id.get(base) or (dated and _catalog().by_id.get(dated[1]))
    if not known:
        return _unknown(model_id)
    title = f"{known.title} (fine-tuned)" if model_id.startswith("ft:") else known.title
    return replace(known, id=model_id, title=title)


def base_id(model_id: str) -> str:
    """Strip the vendor of `openai/gpt-4o`, or the fine-tuning of `ft:gpt-4o:org::id`."""
    if model_id.startswith("ft:"):
        return model_id.split(":")[1]
    return model_id.rsplit("/", 1)[-1]


def model_families() -> tuple[Model, ...]:
    """Return one model a family, the newest first."""
    return _catalog().families


def guide_entries() -> tuple[Mapping[str, str], ...]:
    """Return the guide's entries: title, advice, and the tier of model it is about."""
    return _catalog().guide


def _unknown(model_id: str) -> Model:
    base = base_id(model_id)
    shutdown = _catalog().shutdown_dates.get(base)
    return Model(model_id, base, model_id, _guess_kind(base), shutdown=shutdown, assumed=True)


def _guess_kind(base: str) -> ModelKind:
    if _EMBEDDING.search(base):
        return "embedding"
    return "other" if _NEITHER.search(base) else "chat"


@cache
def _catalog() -> _Catalog:
    raw = json.loads(MODELS_FILE.read_text(encoding="utf-8"))
    closures = {name: date.fromisoformat(day) for name, day in raw["closures"].items()}
    families = tuple(_family(row) for row in raw["families"])
    by_id = {name: _snapshot(family, name, closures) for family in families for name in family.snapshots}
    return _Catalog(families, {**by_id, **{f.id: f for f in families}}, closures, tuple(raw["guide"]))


def _family(row: dict[str, Any]) -> Model:
    """Read a row as it stands: the tests hold the file to its schema, so that starting up need not."""
    facts: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
    }
    reasoning, dimensions, shutdown = row["reasoning"], row["dimensions"], row["shutdown"]
    facts |= {
        "family": row["id"],
        "assumed": False,
        "assumed_facts": tuple(row["assumed"]),
        "reasoning": reasoning and Reasoning(tuple(reasoning["efforts"]), reasoning["default"]),
        "dimensions": dimensions and Dimensions(**dimensions),
        "shutdown": shutdown and date.fromisoformat(shutdown),
    }
    return Model(**facts)


def _snapshot(family: Model, name: str, closures: Mapping[str, date]) -> Model:
    """A snapshot may close before its family does."""
    return replace(family, id=name, shutdown=closures.get(name, family.shutdown))

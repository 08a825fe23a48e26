"""The models to choose from, as the JSON that the list of models draws."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from core.models.availability import AvailableModel, available_models
from core.models.catalog import Model, ModelKind
from core.models.selection import badges
from core.pricing.prices import format_rate, price_of

if TYPE_CHECKING:
    from core.client.profile import Profile

_MARKS = ("vision", "tools", "reasoning")


def models_of_kind(
    listed: Mapping[str, date | None], kind: ModelKind, today: date
) -> dict[str, AvailableModel]:
    """Return the models of one kind by id: those that the server lists, or without a list, of the catalog."""
    models = available_models(listed or None, today)
    return {available.model.id: available for available in models if available.model.kind == kind}


def models_of_server(
    profile: "Profile", listed: Mapping[str, date | None], kind: ModelKind, today: date
) -> dict[str, AvailableModel]:
    """Return the models of one kind by id of a server that lists the models *listed*.

    The catalog has the models of OpenAI, so it says nothing about another server that lists none.
    """
    if not listed and profile.kind in ("local", "custom"):
        return {}
    return models_of_kind(listed, kind, today)


def model_options(models: Iterable[AvailableModel], now: datetime | None = None) -> list[dict[str, Any]]:
    """Return a row of the list for each model. Reads the price table, which takes time once."""
    return [_option(available, now or datetime.now(UTC)) for available in models]


def _option(available: AvailableModel, now: datetime) -> dict[str, Any]:
    model, price = available.model, price_of(available.model.id, now)
    row = {
        "id": model.id,
        "title": model.title,
        "input": format_rate(price.input) if price else "",
        "status": available.lifecycle.status,
        "note": sentence(available.lifecycle.text) or ("Not in the catalog" if model.assumed else ""),
    }
    if model.kind == "embedding":
        dimensions = model.dimensions
        return row | {
            "dimensions": f"{dimensions.default:,}" if dimensions else "",
            "maxInput": f"{model.max_input:,}" if model.max_input else "",
            "marks": ["fewerDimensions"] if dimensions and dimensions.adjustable else [],
        }
    return row | {
        "output": format_rate(price.output) if price and price.output else "",
        "context": _short_count(model.context_window) if model.context_window else "",
        "marks": _marks(model),
    }


def _marks(model: Model) -> list[str]:
    labels = [badge.label for badge in badges(model)]
    marks = [mark for mark in _MARKS if mark in labels]
    if "tools" in marks and model.tools == "never":
        marks[marks.index("tools")] = "toolsInResponses"
    return marks


def sentence(text: str) -> str:
    """Begin *text* with a capital; `str.capitalize` would write "14 jan"."""
    return text[:1].upper() + text[1:]


def _short_count(tokens: int) -> str:
    """Write 1,050,000 as "1.05M", and 128,000 as "128k"."""
    return f"{tokens / 1_000_000:.3g}M" if tokens >= 1_000_000 else f"{tokens / 1_000:.4g}k"

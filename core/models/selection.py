"""Help a person to choose a model: where to start, when to go up, what each can do."""

from collections.abc import Collection
from dataclasses import dataclass

from core.models.catalog import Model, ModelKind, get_model, guide_entries, model_families

_LONG_CONTEXT = 400_000


@dataclass(frozen=True, slots=True)
class Badge:
    """A capability in a word or two, and what it means."""

    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """When to take a model of some size, and which that is today."""

    title: str
    text: str
    model: Model


def default_model_id(kind: ModelKind, available: Collection[str]) -> str | None:
    """Pick the model to start with: a small one with no shutdown announced, else what there is."""
    found = [get_model(model_id) for model_id in available]
    fitting = [model for model in found if model.kind == kind]
    return min(fitting, key=_by_preference).id if fitting else None


def recommend_models(available: Collection[str] | None = None) -> tuple[Recommendation, ...]:
    """Say which model to take when, among the *available* ids, with nothing that is shutting down."""
    open_models = [
        model
        for model in model_families()
        if model.shutdown is None and (available is None or model.id in available)
    ]
    return tuple(
        Recommendation(entry["title"], entry["advice"], model)
        for entry in guide_entries()
        for model in [next((m for m in open_models if m.tier == entry["tier"]), None)]
        if model
    )


def badges(model: Model) -> tuple[Badge, ...]:
    """List what *model* can do; an unknown model gets the single badge that says so."""
    if model.assumed:
        return (Badge("unknown model", "Not in the table: every control is on, and the server decides."),)
    return tuple(badge for has_it, badge in _capabilities(model) if has_it)


def _capabilities(model: Model) -> tuple[tuple[bool, Badge], ...]:
    efforts = ", ".join(model.efforts)
    return (
        (model.supports_images, Badge("sees images", "Takes images beside text.")),
        (model.tools != "never" and model.kind == "chat", Badge("tools", "Calls the functions you offer.")),
        (model.reasoning is not None, Badge("reasoning", f"Thinks before it replies; efforts: {efforts}.")),
        (model.structured_output, Badge("structured", "Replies in the JSON schema you give.")),
        (
            (model.context_window or 0) >= _LONG_CONTEXT,
            Badge("long context", "Reads 400,000 tokens or more."),
        ),
    )


def _by_preference(model: Model) -> tuple[bool, bool, bool, int]:
    families = [row.id for row in model_families()]
    rank = families.index(model.family) if model.family in families else len(families)
    not_small = model.kind == "chat" and model.tier != "small"
    return (model.assumed, model.shutdown is not None, not_small, rank)

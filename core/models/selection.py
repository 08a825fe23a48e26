"""Help to choose a model: the default, recommendations by size, and what each can do."""

from collections.abc import Collection
from dataclasses import dataclass

from core.models.catalog import Model, ModelKind, get_model, guide_entries, model_families

_LONG_CONTEXT = 400_000


@dataclass(frozen=True, slots=True)
class Badge:
    """A capability in a word or two, with a description."""

    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """When to use a model of some size, and which one that currently is."""

    title: str
    text: str
    model: Model


def default_model_id(kind: ModelKind, available: Collection[str]) -> str | None:
    """Return the model to start with: a small one that is not deprecated, else the best there is."""
    models = [get_model(model_id) for model_id in available]
    candidates = [model for model in models if model.kind == kind]
    if not candidates:
        return None
    order = {model.id: index for index, model in enumerate(model_families())}
    best = min(
        candidates,
        key=lambda model: (  # False sorts before True
            model.assumed,
            model.shutdown is not None,
            model.kind == "chat" and model.tier != "small",
            order.get(model.family, len(order)),
        ),
    )
    return best.id


def recommend_models(available: Collection[str] | None = None) -> tuple[Recommendation, ...]:
    """Return a model for each tier, among the *available* ids and without deprecated ones."""
    newest_by_tier: dict[str | None, Model] = {}
    for model in model_families():
        if model.shutdown is None and (available is None or model.id in available):
            newest_by_tier.setdefault(model.tier, model)
    return tuple(
        Recommendation(entry["title"], entry["advice"], newest_by_tier[entry["tier"]])
        for entry in guide_entries()
        if entry["tier"] in newest_by_tier
    )


def _tools_condition(model: Model) -> str:
    return ", only by the Responses API" if model.tools == "never" else ""


def badges(model: Model) -> tuple[Badge, ...]:
    """Return what *model* can do; for an unknown model, the single badge that says so."""
    if model.assumed:
        return (
            Badge("unknown model", "Not in the catalog: every control is enabled and the server decides."),
        )
    efforts = ", ".join(model.efforts)
    capabilities = (
        (model.supports_images, Badge("vision", "Accepts images as input.")),
        (model.kind == "chat", Badge("tools", f"Calls the functions you define{_tools_condition(model)}.")),
        (model.reasoning is not None, Badge("reasoning", f"Reasons before it answers; efforts: {efforts}.")),
        (model.structured_output, Badge("structured outputs", "Answers in the JSON schema you define.")),
        (
            (model.context_window or 0) >= _LONG_CONTEXT,
            Badge("long context", f"Accepts {_LONG_CONTEXT:,} tokens or more."),
        ),
    )
    return tuple(badge for is_supported, badge in capabilities if is_supported)

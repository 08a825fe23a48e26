"""Take a variant or a prompt of a model that is shut down to its successor, and list what changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.compare.boards.board import Board
from core.compare.variants.requests import variant_request
from core.compare.variants.variant import Variant
from core.models.catalog import REASONING_EFFORTS, Model, get_model
from core.models.parameter_support import unsupported_parameters
from core.pricing.prices import price_summary
from core.prompts.prompts import Prompt


@dataclass(frozen=True, slots=True)
class Change:
    """What is not as before. *after* is empty for a parameter that is not sent any more, for the *reason*."""

    name: str
    before: str
    after: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Succession:
    """A board with further variants, on the successors of models, and by their id what changes."""

    board: Board
    changes: Mapping[str, tuple[Change, ...]]


def successor_of(model_id: str) -> str | None:
    """Return the model that OpenAI names for the users of one with a shutdown date; None for any other."""
    model = get_model(model_id)
    return model.successor if model.shutdown else None


def succeed_board(board: Board, when: datetime) -> Succession:
    """Replace the models of *board* that are shut down and run, at the prices of *when*.

    The new variants have their own ids, and the earlier ones are switched off: their results stay beside
    those of the new ones, to see what the change brings.
    """
    variants: list[Variant] = []
    changes = {}
    for variant in board.variants:
        if not variant.enabled or not successor_of(variant.model):
            variants.append(variant)
            continue
        following = succeed_variant(variant)
        variants += variant.model_copy(update={"enabled": False}), following
        changes[following.id] = variant_changes(variant, following, when)
    return Succession(board.with_variants(variants), changes)


def succeed_variant(variant: Variant) -> Variant:
    """Return a new variant like *variant* on the successor of its model."""
    successor = get_model(successor_of(variant.model) or variant.model)
    effort = _effort(get_model(variant.model), successor, variant.settings.reasoning_effort)
    settings = variant.settings.model_copy(update={"model": successor.id, "reasoning_effort": effort})
    name = variant.name.replace(variant.model, successor.id)
    name = f"{variant.name} on {successor.id}"[:100] if variant.name and name == variant.name else name
    return variant.duplicate().model_copy(update={"settings": settings, "name": name})


def succeed_prompt(prompt: Prompt, when: datetime) -> tuple[Prompt, tuple[Change, ...]]:
    """Return *prompt* for the successor of its model, with what changes; unchanged if there is none."""
    model_id = str(prompt.params.get("model", ""))
    successor_id = successor_of(model_id)
    if not successor_id:
        return prompt, ()
    before, after = get_model(model_id), get_model(successor_id)
    params = {**prompt.params, "model": successor_id}
    if effort := _effort(before, after, params.get("reasoning_effort")):
        params["reasoning_effort"] = effort
    unsupported = unsupported_parameters(after, params)
    params = {name: value for name, value in params.items() if name not in unsupported}
    changes = (*_changes(prompt.params, params), *_facts(before, after, when))
    return prompt.model_copy(update={"params": params}), changes


def variant_changes(before: Variant, after: Variant, when: datetime) -> tuple[Change, ...]:
    """Return how the requests of two variants differ, and the facts of their models at *when*."""
    requests = (variant_request(variant, {}).params for variant in (before, after))
    return (*_changes(*requests), *_facts(get_model(before.model), get_model(after.model), when))


def _effort(before: Model, after: Model, effort: str | None) -> str | None:
    """Return the effort of *after* that is nearest to *effort* of *before*; None for the default.

    A model that does not reason is followed without reasoning, if that is possible: it is as fast as before,
    and its temperature is still supported.
    """
    if effort is None and not before.reasoning and not before.assumed:
        return "none" if "none" in after.efforts else None
    if effort is None or not after.efforts or effort not in REASONING_EFFORTS:
        return effort
    place = REASONING_EFFORTS.index(effort)
    return min(after.efforts, key=lambda other: abs(REASONING_EFFORTS.index(other) - place))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    reasons = unsupported_parameters(get_model(str(after.get("model", ""))), before)
    return [
        Change(name, _text(before, name), _text(after, name), "" if name in after else reasons.get(name, ""))
        for name in dict.fromkeys((*before, *after))
        if name != "messages" and before.get(name) != after.get(name)
    ] + _role_changes(before, after)


def _role_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    roles = [
        (first["role"], second["role"])
        for first, second in zip(before.get("messages", ()), after.get("messages", ()), strict=False)
    ]
    return [Change("role of the instructions", *pair) for pair in dict.fromkeys(roles) if pair[0] != pair[1]]


def _facts(before: Model, after: Model, when: datetime) -> list[Change]:
    facts = [
        ("context window", _tokens(before.context_window), _tokens(after.context_window)),
        ("longest reply", _tokens(before.max_output), _tokens(after.max_output)),
        ("price", price_summary(before.id, when), price_summary(after.id, when)),
    ]
    return [Change(name, old, new) for name, old, new in facts if old != new]


def _text(params: Mapping[str, Any], name: str) -> str:
    return str(params[name]) if name in params else ""


def _tokens(count: int | None) -> str:
    return "" if count is None else f"{count:,} tokens"

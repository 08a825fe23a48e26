"""The choice of models: a field that opens a list with prices, sizes, capabilities and ends.

The list is a script of its own, and its rows come from the route `/live/models`, when it is opened: a page
does not wait for either.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from components.session import session
from components.ui.models.model_options import models_of_server
from components.ui.scripts.component_loader import component_loader
from core.models.catalog import ModelKind

_MAX_ID_LENGTH = 200
_MAX_IDS = 20
_EMPTY = "Choose a model"
SCRIPT = "ui/assets/model-picker.js"

_component = st.components.v2.component("models", html="<div></div>", js=component_loader(SCRIPT))


@dataclass(frozen=True, slots=True)
class ModelField:
    """What a field says, and which models its list has.

    *empty* is shown without a model; *none* is the choice of no model. *limit* is how many models can be
    selected; without it, it is one. *unavailable* maps models that cannot be chosen to the reason.
    """

    label: str = "Model"
    kind: ModelKind = "chat"
    empty: str = _EMPTY
    none: str = ""
    limit: int | None = None
    unavailable: Mapping[str, str] = field(default_factory=dict)


def model_picker(
    model_id: str,
    status: str = "",
    *,
    label: str = "Model",
    key: str = "sidebar.model_picker",
    server: str | None = None,
    on_choose: Callable[[str], None] | None = None,
) -> None:
    """Draw the field with a chat model; the choice of another applies from the next run on.

    *status* says in a word or two what concerns its use, such as "deprecated". The models are those of
    *server*, the id of a profile, or else of the active server. Without *on_choose* the model is that of the
    session.
    """
    choose = on_choose or _choose_for_session

    def choose_first(model_ids: Sequence[str]) -> None:
        if model_ids:
            choose(model_ids[0])

    data: dict[str, Any] = {"label": label, "models": [model_id] if model_id else [], "status": status}
    data["empty"] = _EMPTY
    _draw(key, data if server is None else data | {"server": server}, choose_first)


def selected_model(key: str, model_field: ModelField) -> str:
    """Draw a field for a model of the active server, stored in the session as *key*, and return the model."""

    def choose(model_ids: Sequence[str]) -> None:
        session.set_widget_value(key, model_ids[0] if model_ids else "")

    model_id = str(session.widget_value(key) or "")
    _draw_field(key, model_field, [model_id] if model_id else [], choose)
    return model_id


def selected_models(key: str, model_field: ModelField) -> list[str]:
    """Draw a field for several models, stored in the session as *key*, and return them."""
    model_ids: list[str] = session.widget_value(key) or []
    _draw_field(key, model_field, model_ids, lambda chosen: session.set_widget_value(key, [*chosen]))
    return [model_id for model_id in model_ids if model_id not in model_field.unavailable]


def server_model_ids(kind: ModelKind) -> list[str]:
    """Return the models of one kind of the active server, in the order of the list."""
    connection = session.connection()
    return list(models_of_server(connection.profile, connection.models, kind, datetime.now(UTC).date()))


def _draw_field(
    key: str, model_field: ModelField, model_ids: Sequence[str], on_choose: Callable[[Sequence[str]], None]
) -> None:
    data = {
        "label": model_field.label,
        "models": [*model_ids],
        "kind": model_field.kind,
        "empty": model_field.empty,
        "none": model_field.none,
        "limit": model_field.limit,
        "unavailable": dict(model_field.unavailable),
        "server": session.profile().id,
    }
    # Not a key below *key*: pages save the values of all their widgets.
    _draw(f"picker.{key}", data, on_choose)


def _draw(key: str, data: Mapping[str, Any], on_choose: Callable[[Sequence[str]], None]) -> None:
    live_session = session.live_session()
    if "server" in data:
        live_session.profiles = session.profiles()  # for the route of the list
    _component(
        key=key,
        data=json.dumps({"token": live_session.token, **data}).encode(),
        on_models_change=lambda: on_choose(_chosen(key)),
        on_changed_change=_rerun,
    )


def _chosen(key: str) -> list[str]:
    # The value comes from the browser: it may be anything.
    chosen = session.widget_value(key).get("models")
    ids = [str(text).strip()[:_MAX_ID_LENGTH] for text in chosen] if isinstance(chosen, list) else []
    return [*dict.fromkeys(filter(None, ids))][:_MAX_IDS]


def _choose_for_session(model_id: str) -> None:
    live_session = session.live_session()
    if model_id not in live_session.models:
        live_session.typed_models.add(model_id)
    session.choose_model(model_id)


def _rerun() -> None:
    """Make Streamlit rerun the page when the browser needs a new token."""

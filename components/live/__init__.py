"""The live component: it draws a conversation or one run while its text arrives, fed by `routes`."""

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.session import session
from components.session.capability_results import responses_problem
from components.ui.scripts.component_loader import component_loader
from core.apis import APIS
from core.chat.faults import SIMULATED_FAULTS
from core.models.catalog import get_model, responses_only_models
from core.tokens.context_window import TrimOptions

if TYPE_CHECKING:
    from core.compare.quick.start import Contrast
    from core.completions.request import ChatSettings


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """What was clicked in the component: the id of a run to inspect, or to open in another page.

    *contrast* is in what the variants of the comparison are to differ.
    """

    inspect: str | None = None
    compare: str | None = None
    contrast: "Contrast" = "model"
    tokens: str | None = None


_component = st.components.v2.component(
    "live", html="<div></div>", js=component_loader("live/assets/live.js")
)


def chat(settings: "ChatSettings", trim: TrimOptions, example_prompts: list[dict[str, str]]) -> ChatEvent:
    """Draw the open conversation with its composer; what is sent from it uses *settings* and *trim*."""
    live = session.live_session()
    live.profile, live.settings, live.trim = session.profile(), settings, trim
    live.conversation = session.conversation()
    model, problem = get_model(settings.model), responses_problem()
    is_sandbox = live.profile.kind == "sandbox"
    faults = [{"id": id, "label": label} for id, label in SIMULATED_FAULTS.items()] if is_sandbox else []
    data = {
        "mode": "chat",
        "token": live.token,
        "conversation": live.conversation,
        "settings": hashlib.sha256(f"{settings.model_dump_json()}{trim}".encode()).hexdigest()[:12],
        "streaming": settings.stream,
        "model": settings.model,
        "api": APIS[settings.api].label,
        "api_name": settings.api,
        "responses_only": sorted(responses_only_models()),
        "apis": {name: api.label for name, api in APIS.items() if name == settings.api or not problem},
        "faults": faults,
        "summarises": trim.strategy == "summarise_oldest",
        "supports_images": model.supports_images,
        "example_prompts": example_prompts,
        "draft": session.draft(),
        "readonly": not settings.model,
    }
    event = _mount("chat", data)
    compare = event.get("compare") or {}
    return ChatEvent(
        event.get("inspect"), compare.get("run"), compare.get("contrast", "model"), event.get("tokens")
    )


def run_view(run_id: str, key: str, is_ended: bool = False, scroll_into_view: bool = True) -> ChatEvent:
    """Draw one run. Its end reruns the page, unless the page knows that the run *is_ended*.

    Of several runs that start together, only the first should *scroll_into_view*.
    """
    data = {
        "mode": "run",
        "token": session.live_session().token,
        "run": run_id,
        "is_ended": is_ended,
        "scroll_into_view": scroll_into_view,
    }
    return ChatEvent(inspect=_mount(key, data).get("inspect"))


def _mount(key: str, data: dict[str, Any]) -> Any:
    # Bytes, because a dict would make Streamlit import pandas to see whether it is a data frame.
    return _component(
        key=key,
        data=json.dumps(data).encode(),
        on_ended_change=_rerun_event,
        on_changed_change=_rerun_event,
        on_inspect_change=_rerun_event,
        on_compare_change=_rerun_event,
        on_tokens_change=_rerun_event,
    )


def _rerun_event() -> None:
    """Make Streamlit rerun the page for a trigger, whose value is read where the component is drawn."""

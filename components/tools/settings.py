"""The settings of the loop, one click away from the question."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.session import session
from components.session.capability_results import responses_problem
from components.ui.api_control import api_control, selected_api, settings_popover
from components.ui.markdown_escape import escape_markdown
from components.ui.models.model_picker import ModelField, selected_model, server_model_ids
from core.generation.api_name import ApiName
from core.tools.loop.tool_loop import LoopLimits
from core.tools.requests.model_api import ToolChoice, ToolChoiceMode, ToolSettings
from core.tools.requests.support import ToolSupport, tool_support

_KEY = "tools.settings"
_API_KEY = f"{_KEY}.api"
_CHOICES: dict[ToolChoiceMode, str] = {
    "auto": "auto: the model decides",
    "none": "none: no tool",
    "required": "required: at least one",
    "named": "named: this one",
    "allowed_tools": "allowed_tools: only some of them",
}


@dataclass(frozen=True, slots=True)
class LoopOptions:
    """The settings of requests, the limits, and what the loop is compared with."""

    settings: ToolSettings
    limits: LoopLimits
    without_tools: bool = False
    other_model: str | None = None

    def problem(self, support: ToolSupport, tool_count: int) -> str:
        """Return why no request with so many tools can be sent; nothing if one can."""
        problem = support.problem(tool_count) or self.settings.choice.problem
        if not problem and support.needs_responses and (no_responses := responses_problem()):
            problem = f"{support.note} {escape_markdown(no_responses)}"
        return problem


def page_support(model: str) -> ToolSupport:
    """Return how tools can be sent to *model* by the API that is selected."""
    return tool_support(model, selected_api(_API_KEY))


def loop_options(model: str, support: ToolSupport, stream: bool, tool_names: Sequence[str]) -> LoopOptions:
    """Draw the button that opens the settings, and return them."""
    with settings_popover(f"{_KEY}.menu", support.api):
        if support.note:
            st.caption(f":material/info: {support.note}")
        if not support.needs_responses:
            api_control(_API_KEY)
        choice = _tool_choice(tool_names)
        with st.container(horizontal=True):
            parallel = st.toggle(
                "Parallel calls",
                key=session.with_default(f"{_KEY}.parallel", True),
                persist_state="session",
                help="Off: parallel_tool_calls=False, so the model requests one call at a time.",
            )
            strict = st.toggle(
                "Strict",
                key=session.with_default(f"{_KEY}.strict", True),
                persist_state="session",
                help="The arguments always match the schema. A schema that cannot be strict is sent without.",
            )
        instructions = st.text_area(
            "Instructions", height=68, max_chars=20_000, key=f"{_KEY}.instructions", persist_state="session"
        )
        limits = _limits()
        st.caption("Compare with")
        without_tools = st.toggle(
            "The same question without tools", key=f"{_KEY}.without", persist_state="session"
        )
        other = _other_model(model, support.api)
    settings = ToolSettings(
        model, instructions, stream, choice, parallel, strict, support.reasoning_effort, support.api
    )
    return LoopOptions(settings, limits, without_tools, other)


def _other_model(model: str, api: ApiName) -> str | None:
    """Draw the choice of another model for the same loop, and return it unless it takes no tools."""
    reasons = {name: tool_support(name, api).reason for name in server_model_ids("chat")}
    unavailable = {name: reason for name, reason in reasons.items() if reason} | {model: "Already selected"}
    field = ModelField("The same loop on another model", none="None", unavailable=unavailable)
    chosen = selected_model(f"{_KEY}.other", field)
    return chosen if chosen and chosen not in unavailable else None


def _tool_choice(tool_names: Sequence[str]) -> ToolChoice:
    mode = st.selectbox(
        "tool_choice",
        [*_CHOICES],
        format_func=_CHOICES.__getitem__,
        key=f"{_KEY}.choice",
        persist_state="session",
        help="required and named apply to the first round only: afterwards the model may answer.",
    )
    if mode == "named" and tool_names:
        name = st.selectbox("Tool", tool_names, key=f"{_KEY}.named", persist_state="session")
        return ToolChoice(mode, (name or tool_names[0],))
    if mode == "allowed_tools" and tool_names:
        names = st.multiselect("Allowed", tool_names, tool_names[:1], key=f"{_KEY}.allowed")
        required = st.toggle(
            "Required",
            key=f"{_KEY}.allowed_required",
            persist_state="session",
            help="The model must call one of them in the first round.",
        )
        return ToolChoice(mode, tuple(names), required)
    return ToolChoice(mode) if mode in ("none", "required") else ToolChoice()


def _limits() -> LoopLimits:
    defaults = LoopLimits()
    with st.container(horizontal=True):
        rounds = st.number_input(
            "Rounds",
            1,
            30,
            key=session.with_default(f"{_KEY}.rounds", defaults.rounds),
            persist_state="session",
        )
        tool_seconds = st.number_input(
            "Tool (s)",
            0.5,
            300.0,
            key=session.with_default(f"{_KEY}.tool_seconds", defaults.tool_seconds),
            persist_state="session",
        )
        seconds = st.number_input(
            "Loop (s)",
            1.0,
            1_800.0,
            key=session.with_default(f"{_KEY}.seconds", defaults.seconds),
            persist_state="session",
        )
    return LoopLimits(rounds, seconds, tool_seconds)

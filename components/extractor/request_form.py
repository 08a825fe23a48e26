"""The text, the method and the buttons that extract."""

from typing import get_args

import streamlit as st

from components.extractor.session import DEFAULT_LANGUAGE, DEFAULT_PRESET, TEXT_KEY, extractor_session
from components.session import session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.extractor.presets import presets
from core.extractor.request import INSTRUCTIONS, METHODS, Extraction, Method, method_problem
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters


def request_form(stream: bool) -> None:
    """Draw the form, and start what was clicked."""
    state = extractor_session()
    text = st.text_area(
        "Text",
        presets()[DEFAULT_PRESET].texts[DEFAULT_LANGUAGE],
        key=TEXT_KEY,
        persist_state="session",
        height=210,
        max_chars=400_000,
    )
    method: Method = st.segmented_control(
        "Method",
        list(get_args(Method)),
        default="parse",
        required=True,
        key="extractor.method",
        persist_state="session",
        help="  \n".join(f"**{name}**: {description}." for name, description in METHODS.items()),
    )
    buttons = st.container(horizontal=True, vertical_alignment="center", gap="small")
    with buttons:
        instructions, max_tokens, strict = _options()
    settings = ChatSettings(model=session.model() or "", stream=stream, max_completion_tokens=max_tokens)
    extraction = Extraction(state.document, text, method, strict, instructions)
    problem = method_problem(extraction, method) or _unsupported(method)
    if problem:
        st.caption(f":material/block: {escape_markdown(problem)}")
    with buttons:
        extract = st.button(
            "Extract",
            type="primary",
            icon=":material/data_object:",
            disabled=bool(problem) or not text.strip() or state.is_running(),
            shortcut="Ctrl+Enter",
            key="extractor.start",
        )
        usable = [name for name in METHODS if not (method_problem(extraction, name) or _unsupported(name))]
        compare = st.button(
            "Compare methods",
            icon=":material/compare:",
            disabled=len(usable) < 2 or not text.strip() or state.is_running(),
            help="Sends the text with each method at the same time.",
            key="extractor.compare",
        )
    if extract or compare:
        methods = usable if compare else [method]
        state.start(
            [Extraction(state.document, text, name, strict, instructions) for name in methods], settings
        )
        st.rerun()
    if state.error:
        error_card(explain(state.error), icon=":material/block:")


def _unsupported(method: Method) -> str:
    response_format = {"type": "json_object" if method == "json_object" else "json_schema"}
    reasons = unsupported_parameters(get_model(session.model() or ""), {"response_format": response_format})
    return reasons.get("response_format", "")


def _options() -> tuple[str, int | None, bool]:
    """Draw the instructions, the token limit and strict, and return them."""
    with st.popover("Options", icon=":material/tune:", key="extractor.options"):
        instructions = st.text_area(
            "Instructions", INSTRUCTIONS, key="extractor.instructions", persist_state="session", height=140
        )
        max_tokens = st.number_input(
            "Max completion tokens",
            1,
            1_000_000,
            None,
            key="extractor.max_tokens",
            persist_state="session",
            placeholder="Default of the model",
            help="With a low limit the reply is truncated, and its JSON incomplete.",
        )
        strict = st.toggle(
            "Strict",
            True,
            key="extractor.strict_toggle",
            persist_state="session",
            help="Applies to json_schema. Without it the schema guides the model but is not guaranteed.",
        )
    return instructions, max_tokens, strict

"""The method and options of an extraction, the text, and the buttons that extract."""

from dataclasses import dataclass
from typing import Literal, get_args

import streamlit as st

from components.extractor.session import (
    DEFAULT_LANGUAGE,
    DEFAULT_PRESET,
    INPUT_KEY,
    INSTRUCTIONS_KEY,
    MAX_TOKENS_KEY,
    METHOD_KEY,
    STRICT_KEY,
    TEXT_KEY,
    extractor_session,
)
from components.session import session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.extractor.request import INSTRUCTIONS, METHODS, Extraction, Method, method_problem
from core.extractor.schemas.presets import presets
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

InputKind = Literal["One text", "Documents"]


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """How to request an extraction. *problem* says why the method cannot be used; it is empty if it can."""

    method: Method
    instructions: str
    strict: bool
    settings: ChatSettings
    problem: str


def input_kind() -> InputKind:
    """Draw the choice between one text and many documents."""
    kind: InputKind = st.segmented_control(
        "Input",
        list(get_args(InputKind)),
        default="One text",
        required=True,
        key=INPUT_KEY,
        persist_state="session",
    )
    return kind


def request_options(stream: bool) -> RequestOptions:
    """Draw the method, and the options behind a button."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        method: Method = st.segmented_control(
            "Method",
            list(get_args(Method)),
            default="parse",
            required=True,
            key=METHOD_KEY,
            persist_state="session",
            help="  \n".join(f"**{name}**: {description}." for name, description in METHODS.items()),
        )
        instructions, max_tokens, strict = _more_options()
    settings = ChatSettings(model=session.model() or "", stream=stream, max_completion_tokens=max_tokens)
    problem = _method_problem(method)
    if problem:
        st.caption(f":material/block: {escape_markdown(problem)}")
    return RequestOptions(method, instructions, strict, settings, problem)


def _method_problem(method: Method) -> str:
    response_format = {"type": "json_object" if method == "json_object" else "json_schema"}
    reasons = unsupported_parameters(get_model(session.model() or ""), {"response_format": response_format})
    document, cache = extractor_session().document, extractor_session().cache
    return reasons.get("response_format", "") or cache.get_or_compute(
        method, document, None, lambda: method_problem(Extraction(document, ""), method)
    )


def _more_options() -> tuple[str, int | None, bool]:
    """Draw the instructions, the token limit and strict, and return them."""
    with st.popover("Options", icon=":material/tune:", key="extractor.options"):
        instructions = st.text_area(
            "Instructions", INSTRUCTIONS, key=INSTRUCTIONS_KEY, persist_state="session", height=140
        )
        max_tokens = st.number_input(
            "Max completion tokens",
            1,
            1_000_000,
            None,
            key=MAX_TOKENS_KEY,
            persist_state="session",
            placeholder="Default of the model",
            help="With a low limit the reply is truncated, and its JSON incomplete.",
        )
        strict = st.toggle(
            "Strict",
            True,
            key=STRICT_KEY,
            persist_state="session",
            help="Applies to json_schema. Without it the schema guides the model but is not guaranteed.",
        )
    return instructions, max_tokens, strict


def text_form(options: RequestOptions) -> None:
    """Draw the text, and start what was clicked."""
    state = extractor_session()
    text = st.text_area(
        "Text",
        presets()[DEFAULT_PRESET].texts[DEFAULT_LANGUAGE],
        key=TEXT_KEY,
        persist_state="session",
        height=210,
        max_chars=400_000,
    )
    is_blocked = not text.strip() or state.is_running()
    usable = [method for method in METHODS if not _method_problem(method)]
    with st.container(horizontal=True, vertical_alignment="center"):
        extract = st.button(
            "Extract",
            type="primary",
            icon=":material/data_object:",
            disabled=is_blocked or bool(options.problem),
            key="extractor.start",
        )
        compare = st.button(
            "Compare methods",
            icon=":material/compare:",
            disabled=is_blocked or len(usable) < 2,
            help="Sends the text with each method at the same time.",
            key="extractor.compare",
        )
        repeat = _repetition(options, disabled=is_blocked or bool(options.problem))
    if extract or compare or repeat:
        requests = repeat or [(options.method, options.settings)]
        if compare:
            requests = [(method, options.settings) for method in usable]
        state.start([(label, _extraction(options, text, label), settings) for label, settings in requests])
        st.rerun()
    if state.error:
        error_card(explain(state.error), icon=":material/block:")


def _extraction(options: RequestOptions, text: str, label: str) -> Extraction:
    """Return the extraction of a request, whose *label* is a method if methods are compared."""
    method = next((method for method in METHODS if method == label), options.method)
    return Extraction(extractor_session().document, text, method, options.strict, options.instructions)


def _repetition(options: RequestOptions, *, disabled: bool) -> list[tuple[str, ChatSettings]]:
    """Draw how often and with which models to repeat the request; return the labelled settings if clicked."""
    # Another key closes it.
    key = f"extractor.consistency.{extractor_session().starts}"
    with st.popover("Consistency", icon=":material/rule:", key=key):
        st.caption(
            "Sends the same request several times, and counts how often the values of a field agree. "
            "Up to 10 runs of up to 4 models, so 40 requests at most; all are sent at once."
        )
        runs = st.number_input("Runs per model", 1, 10, 3, key="extractor.runs", persist_state="session")
        own = options.settings.model
        others = [
            model for model in session.connection().models if get_model(model).kind == "chat" and model != own
        ]
        models = [own, *st.multiselect("Other models", others, max_selections=3, key="extractor.models")]
        total = runs * len(models)
        if not st.button(f"Send {total} requests", type="primary", disabled=disabled, key="extractor.repeat"):
            return []
    return [
        (f"{model} #{number}", options.settings.model_copy(update={"model": model}))
        for model in models
        for number in range(1, runs + 1)
    ]

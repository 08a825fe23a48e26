"""The method and options of an extraction, the text, and the buttons that extract."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import streamlit as st

from components.extractor.consistency import consistency_form
from components.extractor.session import (
    API_KEY,
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
from components.ui.api_control import api_control, selected_api, settings_popover
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.models.no_model import no_model_problem
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.extractor.request import INSTRUCTIONS, METHODS, Extraction, Method, method_problem
from core.extractor.schemas.presets import presets
from core.json_schema.schema import SchemaDocument
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters
from core.responses.request import MIN_OUTPUT_TOKENS

InputKind = Literal["One text", "Documents"]
_COMPARISON = "Sends the text with each method at the same time."


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """What the settings in the toolbar say, besides the API."""

    instructions: str
    max_tokens: int | None
    strict: bool


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """How to request an extraction. *problem* says why it cannot be; it is empty if it can."""

    method: Method
    instructions: str
    strict: bool
    settings: ChatSettings
    problem: str

    def extraction(self, document: SchemaDocument, text: str) -> Extraction:
        return Extraction(document, text, self.method, self.strict, self.instructions)


def input_kind() -> InputKind:
    """Draw the choice between one text and many documents."""
    kinds: list[InputKind] = list(get_args(InputKind))
    kind = st.segmented_control(
        "Input",
        kinds,
        required=True,
        key=session.with_default(INPUT_KEY, kinds[0]),
        persist_state="session",
    )
    return kind or kinds[0]


def request_options(stream: bool, chosen: RequestSettings) -> RequestOptions:
    """Draw the method, and return it with what is *chosen* in the toolbar."""
    method: Method = st.segmented_control(
        "Method",
        list(get_args(Method)),
        default="parse",
        required=True,
        key=METHOD_KEY,
        persist_state="session",
        help="  \n".join(f"**{name}**: {description}." for name, description in METHODS.items()),
    )
    api, max_tokens = selected_api(API_KEY), chosen.max_tokens
    settings = ChatSettings(
        model=session.model() or "", api=api, stream=stream, max_completion_tokens=max_tokens
    )
    if problem := no_model_problem(settings.model):
        st.warning(problem, icon=":material/block:")
    elif not settings.model:
        problem = "The server is connecting."  # the sidebar says so, too
    elif problem := _method_problem(method):
        _other_method(problem)
    elif api == "responses" and max_tokens is not None and max_tokens < MIN_OUTPUT_TOKENS:
        problem = f"The Responses API takes at least {MIN_OUTPUT_TOKENS} max_output_tokens."
    return RequestOptions(method, chosen.instructions, chosen.strict, settings, problem)


def _other_method(problem: str) -> None:
    """Draw why the chosen method cannot send the schema, with a button for one that can."""
    others = [method for method in METHODS if not _method_problem(method)]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        hint = "Edit the schema, or choose another method." if others else "Edit the schema."
        st.caption(f":material/block: {escape_markdown(problem)} {hint}", width="stretch")
        if others:
            st.button(
                f"Use {others[0]}",
                key="extractor.other_method",
                on_click=session.set_widget_value,
                args=(METHOD_KEY, others[0]),
            )


def _method_problem(method: Method) -> str:
    response_format = {"type": "json_object" if method == "json_object" else "json_schema"}
    reasons = unsupported_parameters(get_model(session.model() or ""), {"response_format": response_format})
    document, cache = extractor_session().document, extractor_session().cache
    return reasons.get("response_format", "") or cache.get_or_compute(
        method, document, None, lambda: method_problem(Extraction(document, ""), method)
    )


def request_settings() -> RequestSettings:
    """Draw the button that opens the API and what else requests have in common."""
    is_responses = selected_api(API_KEY) == "responses"
    with settings_popover("extractor.settings", selected_api(API_KEY)):
        api_control(API_KEY)
        instructions = st.text_area(
            "Instructions", INSTRUCTIONS, key=INSTRUCTIONS_KEY, persist_state="session", height=140
        )
        max_tokens = st.number_input(
            "Max output tokens" if is_responses else "Max completion tokens",
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
    return RequestSettings(instructions, max_tokens, strict)


def text_form(options: RequestOptions) -> str:
    """Draw the text, start what was clicked, and return what to do to extract, unless that is drawn here."""
    state = extractor_session()
    text = st.text_area(
        "Text",
        presets()[DEFAULT_PRESET].texts[DEFAULT_LANGUAGE],
        key=TEXT_KEY,
        persist_state="session",
        height=210,
        max_chars=400_000,
    )
    extraction = options.extraction(state.document, text)
    missing = "" if text.strip() else "Enter a text to extract from."
    wait = "Stop the extraction first, or wait until it has ended." if state.is_running() else ""
    reason = wait or missing or options.problem
    usable = [method for method in METHODS if not _method_problem(method)]
    with st.container(horizontal=True, vertical_alignment="center"):
        extract = st.button(
            "Extract",
            type="primary",
            icon=":material/data_object:",
            disabled=bool(reason),
            help=escape_markdown(reason) or None,
            key="extractor.start",
        )
        compare = st.button(
            "Compare methods",
            icon=":material/compare:",
            disabled=bool(wait or missing) or not options.settings.model or len(usable) < 2,
            help=_COMPARISON if len(usable) > 1 else "Fewer than two methods can send this schema.",
            key="extractor.compare",
        )
        consistency_form(extraction, options.settings, reason)
    if extract or compare:
        methods = usable if compare else [options.method]
        state.start([replace(extraction, method=method) for method in methods], options.settings)
        st.rerun()
    if state.error:
        error_card(explain(state.error), icon=":material/block:")
    return "" if options.problem else missing or "Press Extract to see the object that the model extracts."

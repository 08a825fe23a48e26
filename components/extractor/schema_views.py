"""The schema in three views that are always in step: Pydantic code, JSON Schema and a table of fields."""

from collections.abc import Callable
from typing import get_args

import streamlit as st

from components.extractor.field_table import field_table
from components.extractor.session import (
    DEFAULT_LANGUAGE,
    LANGUAGE_KEY,
    PRESET_KEY,
    TEXT_KEY,
    VIEW_KEY,
    ExtractorSession,
    SchemaView,
    extractor_session,
)
from components.session import session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.errors.explain import explain
from core.extractor.pydantic_code.writer import write_models
from core.extractor.schemas.presets import LANGUAGES, presets
from core.extractor.schemas.text_views import document_of_code, document_of_json
from core.json_schema.schema import NotRepresentable, SchemaDocument, schema_json


def preset_choice() -> None:
    """Draw the example and its language; choosing one replaces the schema and the text."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Example",
            list(presets()),
            format_func=lambda preset_id: presets()[preset_id].title,
            key=PRESET_KEY,
            persist_state="session",
            on_change=_use_preset,
            width=220,
        )
        st.segmented_control(
            "Language of the text",
            list(LANGUAGES),
            default=DEFAULT_LANGUAGE,
            required=True,
            format_func=LANGUAGES.__getitem__,
            key=LANGUAGE_KEY,
            persist_state="session",
            on_change=_use_example_text,
        )


def _use_preset() -> None:
    extractor_session().replace(presets()[session.widget_value(PRESET_KEY)].document)
    _use_example_text()


def _use_example_text() -> None:
    preset = presets()[session.widget_value(PRESET_KEY)]
    session.set_widget_value(TEXT_KEY, preset.texts[session.widget_value(LANGUAGE_KEY)])
    extractor_session().clear()


def schema_views() -> None:
    """Draw the schema in the chosen view, which edits it."""
    state = extractor_session()
    view: SchemaView = st.segmented_control(
        "Schema",
        list(get_args(SchemaView)),
        default="Pydantic",
        required=True,
        key=VIEW_KEY,
        persist_state="session",
    )
    try:
        if view == "Pydantic":
            _code_view(state, "Pydantic", write_models, document_of_code)
        elif view == "JSON Schema":
            _code_view(
                state,
                "JSON Schema",
                lambda document: schema_json(document.schema),
                document_of_json,
            )
        else:
            field_table(state)
    except NotRepresentable as error:
        message, hint = escape_markdown(str(error)), escape_markdown(error.hint)
        st.info(f"{message} {hint}", icon=":material/edit_off:")
        st.code(schema_json(state.document.schema), language="json", height=300)
    if problem := state.problem(view):
        error_card(explain(problem), prefix="Not applied:", icon=":material/edit_off:")


def _code_view(
    state: ExtractorSession,
    view: SchemaView,
    write: Callable[[SchemaDocument], str],
    parse: Callable[[str, SchemaDocument], SchemaDocument],
) -> None:
    key = f"extractor.code.{view}.{state.version}"
    st.text_area(
        f"{view} of the schema",
        state.text_of(view, write),
        key=key,
        height=340,
        label_visibility="collapsed",
        max_chars=200_000,
        on_change=lambda: state.edit(view, session.widget_value(key), parse),
    )

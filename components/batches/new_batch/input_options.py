"""The model and the parameters of the requests that a template makes."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from components.session import session
from components.ui.models.model_picker import ModelField, selected_model, server_model_ids
from core.batches.input.template import (
    ChatTemplate,
    CustomIds,
    EmbeddingTemplate,
    PromptTemplate,
    schema_format,
)
from core.batches.input.template_file import Template
from core.completions.request import ChatSettings, bounds
from core.files.source_rows import LINE_COLUMN
from core.generation.api_name import ApiName
from core.json_schema.schema import SchemaDocument, parse_schema
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

Endpoint = Literal["Chat Completions", "Responses", "Embeddings"]
_MODEL_KEY = "batches.new.model"
_APIS: Mapping[Endpoint, ApiName] = {"Chat Completions": "chat.completions", "Responses": "responses"}


def template_options(endpoint: Endpoint, prompt: PromptTemplate, columns: Sequence[str]) -> Template:
    """Draw the model of embeddings, and the options behind a button. Raises PlaygroundError."""
    if endpoint == "Embeddings":
        model = _embedding_model()
        with st.popover("Options", icon=":material/tune:", key="batches.new.options"):
            dimensions = st.number_input(
                "Dimensions",
                1,
                100_000,
                None,
                key="batches.new.dimensions",
                persist_state="session",
                placeholder="Default of the model",
            )
            ids = _custom_ids(columns)
        return EmbeddingTemplate(prompt, model, dimensions, ids)
    model, api = session.model() or "", _APIS[endpoint]
    with st.popover("Options", icon=":material/tune:", key="batches.new.options"):
        instructions = st.text_area(
            "Instructions",
            key=session.with_default("batches.new.instructions", ""),
            persist_state="session",
            height=90,
            help="The system message of each request. It can contain columns, too.",
        )
        max_tokens, temperature = _limits(model, api)
        ids = _custom_ids(columns)
        response_format = _response_format()
    settings = ChatSettings(
        model=model,
        stream=False,
        instructions=instructions,
        max_completion_tokens=max_tokens,
        temperature=temperature,
        api=api,
    )
    return ChatTemplate(prompt, settings, response_format, ids)


def _limits(model: str, api: ApiName) -> tuple[int | None, float | None]:
    reasons = unsupported_parameters(get_model(model), {}, api)
    max_tokens = st.number_input(
        "Max output tokens" if api == "responses" else "Max completion tokens",
        1,
        1_000_000,
        None,
        key="batches.new.max_tokens",
        persist_state="session",
        placeholder="Default of the model",
        help="Limits the cost of each reply. With a low limit the reply is truncated.",
    )
    temperature = st.number_input(
        "Temperature",
        *bounds("temperature"),
        None,
        0.1,
        key="batches.new.temperature",
        persist_state="session",
        placeholder="Default of the model",
        disabled="temperature" in reasons,
        help=reasons.get("temperature"),
    )
    return max_tokens, temperature


def _response_format() -> dict[str, Any] | None:
    """Draw a field for a schema. Raises PlaygroundError if it is not valid."""
    text = st.text_area(
        "JSON schema of the replies",
        key=session.with_default("batches.new.schema", ""),
        persist_state="session",
        height=90,
        placeholder='{"type": "object", "properties": …}',
        help="Optional. The fields of the replies become columns of the results.",
    )
    return schema_format(SchemaDocument("reply", parse_schema(text))) if text.strip() else None


def _custom_ids(columns: Sequence[str]) -> CustomIds:
    """Draw where the custom ids come from."""
    column = st.selectbox(
        "Custom ids",
        [name for name in columns if name != LINE_COLUMN],
        None,
        key="batches.new.ids",
        persist_state="session",
        placeholder="Numbered: row-000001",
        help="Results are matched to the rows by their custom_id. It must be unique.",
    )
    return CustomIds(column)


def _embedding_model() -> str:
    session.with_default(_MODEL_KEY, next(iter(server_model_ids("embedding")), None))
    return selected_model(_MODEL_KEY, ModelField("Embedding model", "embedding"))

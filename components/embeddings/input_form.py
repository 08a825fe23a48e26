"""The input form of the Embeddings page: texts, models, dimensions, and an estimate of the cost."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from components.embeddings.session import embedding_session
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_cost, format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.models.model_picker import ModelField, selected_models, server_model_ids
from components.ui.uploads import MAX_UPLOAD_MB
from core.embeddings.batching import (
    MAX_INPUT_TOKENS,
    EmbeddingBatch,
    LongTextPolicy,
    RequestLimits,
    prepare_batch,
    split_requests,
)
from core.embeddings.csv_input import column_names, from_csv
from core.embeddings.inputs import MAX_INPUTS, InputText, InputWarning, from_lines, summarise_warnings
from core.embeddings.request import EmbeddingSpec
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.models.catalog import get_model
from core.paths import DATA
from core.pricing.prices import BillingTerms, cost_of, total_cost
from core.pricing.usage import Usage
from core.tokens.encodings import encoding_for_model

_EXAMPLE = DATA / "embedding_example.txt"
_MODELS_KEY = "embeddings.models"
_DIMENSIONS = (256, 512, 1024)
_DEFAULT_DIMENSIONS = "default"
_MAX_SPECS = 4
_LONG_TEXT_LABELS: dict[LongTextPolicy, str] = {
    "truncate": "Truncate",
    "average": "Split into chunks and average their embeddings",
    "skip": "Skip",
}


def fill_form(lines: Sequence[str], spec: EmbeddingSpec) -> None:
    """Enter texts, a model and its dimensions. Call it before the form is drawn."""
    session.set_widget_value("embeddings.source", "Lines")
    session.set_widget_value("embeddings.text", "\n".join(lines))
    session.set_widget_value(_MODELS_KEY, [spec.model])
    session.set_widget_value("embeddings.dimensions", [str(spec.dimensions or _DEFAULT_DIMENSIONS)])


def input_form() -> None:
    """Draw texts, models and the button that embeds them."""
    texts, settings = st.columns([3, 2], gap="large")
    with texts:
        inputs, warnings = _text_input()
    with settings:
        specs = _spec_input()
        policy = st.selectbox(
            "If a text is too long",
            list(_LONG_TEXT_LABELS),
            format_func=_LONG_TEXT_LABELS.__getitem__,
            key="embeddings.long_text_policy",
            persist_state="session",
            help=f"Models accept up to {MAX_INPUT_TOKENS:,} tokens per text.",
        )
        batch = _prepared_batch(inputs, specs, policy)
        if warnings := [*warnings, *batch.warnings]:
            with st.expander(
                f"{len(warnings):,} warning{'s' if len(warnings) > 1 else ''}", icon=":material/info:"
            ):
                st.text("\n".join(summarise_warnings(warnings)))
        ready, state = bool(batch.inputs and specs), embedding_session()
        st.caption(_estimate(batch, specs) if ready else "Add at least one text and select a model.")
        clicked = st.button(
            "Embed",
            type="primary",
            icon=":material/scatter_plot:",
            disabled=not ready or state.busy,
            shortcut="Ctrl+Enter",
            key="embeddings.start",
        )
        if clicked:
            state.start(batch, specs)


def _text_input() -> tuple[list[InputText], list[InputWarning]]:
    source = st.segmented_control(
        "Source",
        ["Lines", "CSV file"],
        default="Lines",
        required=True,
        key="embeddings.source",
        persist_state="session",
    )
    if source != "CSV file":
        text = st.text_area(
            "Texts, one per line",
            _EXAMPLE.read_text(encoding="utf-8"),
            height=290,
            key="embeddings.text",
            persist_state="session",
            help=f"Up to {MAX_INPUTS:,} texts. A line like “# Weather” sets the group of the lines below it.",
        )
        return from_lines(text)
    label, types = "CSV file with a header", ["csv", "tsv", "txt"]
    file = st.file_uploader(label, types, max_upload_size=MAX_UPLOAD_MB, key="embeddings.file")
    if file is None:
        return [], []
    try:
        data = file.getvalue()
        names = column_names(data)
        # By index, as two columns may have the same name.
        indices, name_of = range(len(names)), names.__getitem__
        text_column, group_column = st.columns(2)
        column = text_column.selectbox("Text column", indices, format_func=name_of, key="embeddings.column")
        group = group_column.selectbox(
            "Group by", indices, index=None, format_func=name_of, placeholder="none", key="embeddings.group"
        )
        return from_csv(data, column, group)
    except PlaygroundError as error:
        error_card(explain(error))
        return [], []


def _spec_input() -> list[EmbeddingSpec]:
    """Draw models and dimensions, and return every combination that the models support."""
    models = server_model_ids("embedding")
    if not models and not session.connection().pending:
        st.warning("This server lists no embedding model. Type the ID of one, or choose another server.")
    session.with_default(_MODELS_KEY, models[:1] or None)
    selected = selected_models(_MODELS_KEY, ModelField("Models", "embedding", limit=_MAX_SPECS))
    st.caption("Embeddings are comparable only within one model. Select two to compare the models.")
    selected_dimensions = st.multiselect(
        "Dimensions",
        [_DEFAULT_DIMENSIONS, *map(str, _DIMENSIONS)],
        default=[_DEFAULT_DIMENSIONS],
        accept_new_options=True,
        key="embeddings.dimensions",
        persist_state="session",
        help="The `dimensions` of the request. To try fewer dimensions without another request, use the "
        "Dimensions tab.",
    )
    return _combine(selected, selected_dimensions)


def _combine(models: Sequence[str], dimensions: Sequence[str]) -> list[EmbeddingSpec]:
    """Return every model with all the dimensions that it supports."""
    invalid = [
        text
        for text in dimensions
        if text != _DEFAULT_DIMENSIONS and not (text.isdecimal() and 0 < int(text) < 100_000)
    ]
    if invalid:
        st.error(f"Not a number of dimensions: {escape_markdown(invalid[0][:40])}")
    valid = [text for text in dimensions if text not in invalid] or [_DEFAULT_DIMENSIONS]
    specs = []
    for model in models:
        supported = get_model(model).dimensions
        for text in valid:
            if text == _DEFAULT_DIMENSIONS:
                specs.append(EmbeddingSpec(model))
            elif supported is None or (supported.adjustable and int(text) <= supported.max):
                specs.append(EmbeddingSpec(model, int(text)))
    if len(specs) > _MAX_SPECS:
        st.caption(f"Only the first {_MAX_SPECS} of {len(specs)} combinations are embedded.")
    return specs[:_MAX_SPECS]


def _prepared_batch(
    inputs: list[InputText], specs: Sequence[EmbeddingSpec], policy: LongTextPolicy
) -> EmbeddingBatch:
    """Return the batch of the session, prepared again only after a change: 10,000 texts take seconds."""
    model = specs[0].model if specs else ""
    key = (tuple(inputs), model, policy)
    state = embedding_session()
    if state.batch is None or state.batch_key != key:
        # One batch for all specs: no text may be too long for any of the models.
        max_tokens = min(
            (get_model(spec.model).max_input or MAX_INPUT_TOKENS for spec in specs), default=MAX_INPUT_TOKENS
        )
        # OpenAI's embedding models share one encoding; for other models the count is an estimate.
        with st.spinner("Counting tokens…"):
            state.batch = prepare_batch(inputs, encoding_for_model(model).name, policy, max_tokens)
        state.batch_key = key
    return state.batch


def _estimate(batch: EmbeddingBatch, specs: Sequence[EmbeddingSpec]) -> str:
    usage, now = Usage(input_tokens=batch.tokens), datetime.now(UTC)
    terms = BillingTerms(session.profile().kind, billed=False)
    cost = total_cost([cost_of(usage, spec.model, now, terms) for spec in specs])
    requests = len(specs) * len(
        list(split_requests([chunk.tokens for chunk in batch.chunks], RequestLimits()))
    )
    parts = [
        format_count(len(batch.inputs), "text"),
        f"about {batch.tokens * len(specs):,} tokens",
        format_count(requests, "request"),
        f"{'estimated ' if cost.amount is not None else ''}{format_cost(cost)}" if cost else "",
    ]
    return escape_markdown(" · ".join(filter(None, parts)))

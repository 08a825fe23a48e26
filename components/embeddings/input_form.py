"""The Embeddings page: which texts, in which spaces, and what that will take."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from components.embeddings.run_status import cost_text
from components.embeddings.session import embedding_session, total_cost
from components.session import session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.embeddings.batching import (
    MAX_INPUT_TOKENS,
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
from core.models.availability import available_models
from core.models.catalog import get_model
from core.paths import DATA
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.tokens.encodings import encoding_for_model

_EXAMPLE = DATA / "embedding_example.txt"
_LENGTHS = (256, 512, 1024)
_OWN = "model's own"
_MOST_SPACES = 4
_TOO_LONG: dict[LongTextPolicy, str] = {
    "truncate": "Cut to its beginning",
    "average": "Embed in parts and take the mean",
    "leave out": "Leave out",
}


def input_form() -> None:
    """Draw texts, models and the button; what is to be sent is on the desk afterwards."""
    texts, how = st.columns([3, 2], gap="large")
    with texts:
        items, remarks = _texts()
    with how:
        spaces = _spaces()
        too_long = st.selectbox(
            "A text that is too long",
            list(_TOO_LONG),
            format_func=_TOO_LONG.__getitem__,
            key="embeddings.too_long",
            persist_state="session",
            help=f"The models read {MAX_INPUT_TOKENS:,} tokens a text.",
        )
        _prepare(items, remarks, spaces, too_long)
        _start(spaces)


def _texts() -> tuple[list[InputText], list[InputWarning]]:
    origin = st.segmented_control(
        "Texts from",
        ["Lines", "CSV file"],
        default="Lines",
        required=True,
        key="embeddings.origin",
        persist_state="session",
    )
    return _from_file() if origin == "CSV file" else _from_lines()


def _from_lines() -> tuple[list[InputText], list[InputWarning]]:
    text = st.text_area(
        "Texts, one a line",
        _EXAMPLE.read_text(encoding="utf-8"),
        height=290,
        key="embeddings.text",
        persist_state="session",
        help=f"Up to {MAX_INPUTS:,}. A line such as “# Weather” names the group of the lines below it.",
    )
    return from_lines(text)


def _from_file() -> tuple[list[InputText], list[InputWarning]]:
    file = st.file_uploader("CSV file with a header", type=["csv", "tsv", "txt"], key="embeddings.file")
    if file is None:
        return [], []
    try:
        data = file.getvalue()
        columns = column_names(data)
        text, group = st.columns(2)
        places, named = range(len(columns)), columns.__getitem__
        column = text.selectbox("Column of the texts", places, format_func=named, key="embeddings.column")
        label = group.selectbox(
            "Column of the groups",
            places,
            index=None,
            format_func=named,
            placeholder="none",
            key="embeddings.group",
        )
        return from_csv(data, column, label)
    except PlaygroundError as found:
        error_card(explain(found))
        return [], []


def _spaces() -> list[EmbeddingSpec]:
    """Draw models and lengths; every model is combined with every length that it takes."""
    models = _models()
    if not models:
        st.warning("This server lists no model that embeds. Type a model's name, or choose another server.")
    chosen = st.multiselect(
        "Models",
        models,
        default=models[:1],
        accept_new_options=True,
        key="embeddings.models",
        persist_state="session",
        help="Vectors can be compared within one model only; with two, you see where they disagree.",
    )
    lengths = st.multiselect(
        "Dimensions to ask for",
        [_OWN, *map(str, _LENGTHS)],
        default=[_OWN],
        accept_new_options=True,
        key="embeddings.lengths",
        persist_state="session",
        help="Only to compare what the server sends: the Dimensions tab shortens vectors here, for nothing.",
    )
    return _combined(chosen, lengths)


def _models() -> list[str]:
    live = session.connection().models or None
    found = available_models(live, datetime.now(UTC).date())
    return [one.model.id for one in found if one.model.kind == "embedding"]


def _combined(models: Sequence[str], lengths: Sequence[str]) -> list[EmbeddingSpec]:
    wrong = [text for text in lengths if text != _OWN and not (text.isdecimal() and 0 < int(text) < 100_000)]
    if wrong:
        st.error(f"Not a number of dimensions: {escape_markdown(wrong[0][:40])}")
    numbers = [None if text == _OWN else int(text) for text in lengths if text not in wrong]
    spaces = [
        EmbeddingSpec(model, number)
        for model in models
        for number in numbers or [None]
        if _takes(model, number)
    ]
    if len(spaces) > _MOST_SPACES:
        st.caption(f"The first {_MOST_SPACES} of {len(spaces)} combinations are compared.")
    return spaces[:_MOST_SPACES]


def _takes(model: str, number: int | None) -> bool:
    lengths = get_model(model).dimensions
    return number is None or lengths is None or (lengths.adjustable and number <= lengths.max)


def _prepare(
    items: list[InputText],
    remarks: list[InputWarning],
    spaces: Sequence[EmbeddingSpec],
    too_long: LongTextPolicy,
) -> None:
    """Count and cut anew only if something changed: 10,000 texts take a moment."""
    model = spaces[0].model if spaces else ""
    wanted = (tuple(items), model, too_long)
    found = embedding_session()
    if found.batch_key != wanted:
        longest = min(
            (get_model(space.model).max_input or MAX_INPUT_TOKENS for space in spaces),
            default=MAX_INPUT_TOKENS,
        )
        with st.spinner("Counting…"):
            found.batch = prepare_batch(items, encoding_for_model(model).name, too_long, longest)
        found.batch_key = wanted
    _remarks([*remarks, *(found.batch.warnings if found.batch else ())])


def _remarks(remarks: Sequence[InputWarning]) -> None:
    if not remarks:
        return
    told = summarise_warnings(remarks)
    with st.expander(f"{len(remarks):,} lines to know about", icon=":material/info:"):
        st.text("\n".join(told))


def _start(spaces: list[EmbeddingSpec]) -> None:
    here = embedding_session()
    prepared = here.batch
    assert prepared
    reason = "" if prepared.inputs and spaces else "Give at least one text and one model."
    st.caption(reason or _estimate(spaces))
    pressed = st.button(
        "Embed",
        type="primary",
        icon=":material/scatter_plot:",
        disabled=bool(reason) or here.busy,
        shortcut="Ctrl+Enter",
        key="embeddings.start",
    )
    if pressed:
        here.start(prepared, spaces)


def _estimate(spaces: Sequence[EmbeddingSpec]) -> str:
    """Say what it will take, before anything is sent."""
    prepared = embedding_session().batch
    assert prepared
    kind, now = session.profile().kind, datetime.now(UTC)
    usage = Usage(input_tokens=prepared.tokens)
    cost = total_cost(
        [cost_of(usage, space.model, now, BillingTerms(kind, billed=False)) for space in spaces]
    )
    requests = len(list(split_requests([piece.tokens for piece in prepared.chunks], RequestLimits()))) * len(
        spaces
    )
    said = [
        f"{len(prepared.inputs):,} texts",
        f"about {prepared.tokens * len(spaces):,} tokens",
        f"{requests} request{'s' if requests > 1 else ''}",
        f"{'estimated ' if cost.amount is not None else ''}{cost_text(cost)}" if cost else "",
    ]
    return escape_markdown(" · ".join(filter(None, said)))

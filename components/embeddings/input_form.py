"""The Embeddings page: which texts, in which spaces, and what that will take."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from components.embeddings.run_status import cost_text
from components.embeddings.session import desk, summed
from components.session import session
from components.ui.error_card import problem
from components.ui.markdown_escape import plain
from core.embeddings.batching import LONGEST, Limits, TooLong, pack, prepare
from core.embeddings.csv_input import columns_of, from_csv
from core.embeddings.inputs import MOST_ITEMS, Item, Remark, from_lines, summarised
from core.embeddings.request import Space
from core.errors.types import PlaygroundError, explain
from core.models.availability import offered
from core.models.catalog import find
from core.paths import DATA
from core.pricing.prices import Terms, cost_of
from core.pricing.usage import Usage
from core.tokens.encodings import encoding_for

_EXAMPLE = DATA / "embedding_example.txt"
_LENGTHS = (256, 512, 1024)
_OWN = "model's own"
_MOST_SPACES = 4
_TOO_LONG: dict[TooLong, str] = {
    "truncate": "Cut to its beginning",
    "average": "Embed in parts and take the mean",
    "leave out": "Leave out",
}


def sources() -> None:
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
            help=f"The models read {LONGEST:,} tokens a text.",
        )
        _prepare(items, remarks, spaces, too_long)
        _start(spaces)


def _texts() -> tuple[list[Item], list[Remark]]:
    origin = st.segmented_control(
        "Texts from",
        ["Lines", "CSV file"],
        default="Lines",
        required=True,
        key="embeddings.origin",
        persist_state="session",
    )
    return _from_file() if origin == "CSV file" else _from_lines()


def _from_lines() -> tuple[list[Item], list[Remark]]:
    text = st.text_area(
        "Texts, one a line",
        _EXAMPLE.read_text(encoding="utf-8"),
        height=290,
        key="embeddings.text",
        persist_state="session",
        help=f"Up to {MOST_ITEMS:,}. A line such as “# Weather” names the group of the lines below it.",
    )
    return from_lines(text)


def _from_file() -> tuple[list[Item], list[Remark]]:
    file = st.file_uploader("CSV file with a header", type=["csv", "tsv", "txt"], key="embeddings.file")
    if file is None:
        return [], []
    try:
        data = file.getvalue()
        columns = columns_of(data)
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
        problem(explain(found))
        return [], []


def _spaces() -> list[Space]:
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
    found = offered(live, datetime.now(UTC).date())
    return [one.model.id for one in found if one.model.kind == "embedding"]


def _combined(models: Sequence[str], lengths: Sequence[str]) -> list[Space]:
    wrong = [text for text in lengths if text != _OWN and not (text.isdecimal() and 0 < int(text) < 100_000)]
    if wrong:
        st.error(f"Not a number of dimensions: {plain(wrong[0][:40])}")
    numbers = [None if text == _OWN else int(text) for text in lengths if text not in wrong]
    spaces = [
        Space(model, number) for model in models for number in numbers or [None] if _takes(model, number)
    ]
    if len(spaces) > _MOST_SPACES:
        st.caption(f"The first {_MOST_SPACES} of {len(spaces)} combinations are compared.")
    return spaces[:_MOST_SPACES]


def _takes(model: str, number: int | None) -> bool:
    lengths = find(model).dimensions
    return number is None or lengths is None or (lengths.adjustable and number <= lengths.max)


def _prepare(items: list[Item], remarks: list[Remark], spaces: Sequence[Space], too_long: TooLong) -> None:
    """Count and cut anew only if something changed: 10,000 texts take a moment."""
    model = spaces[0].model if spaces else ""
    wanted = (tuple(items), model, too_long)
    found = desk()
    if found.prepared_for != wanted:
        longest = min((find(space.model).max_input or LONGEST for space in spaces), default=LONGEST)
        with st.spinner("Counting…"):
            found.prepared = prepare(items, encoding_for(model).name, too_long, longest)
        found.prepared_for = wanted
    _remarks([*remarks, *(found.prepared.remarks if found.prepared else ())])


def _remarks(remarks: Sequence[Remark]) -> None:
    if not remarks:
        return
    told = summarised(remarks)
    with st.expander(f"{len(remarks):,} lines to know about", icon=":material/info:"):
        st.text("\n".join(told))


def _start(spaces: list[Space]) -> None:
    here = desk()
    prepared = here.prepared
    assert prepared
    reason = "" if prepared.items and spaces else "Give at least one text and one model."
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
        here.begin(prepared, spaces)


def _estimate(spaces: Sequence[Space]) -> str:
    """Say what it will take, before anything is sent."""
    prepared = desk().prepared
    assert prepared
    kind, now = session.profile().kind, datetime.now(UTC)
    usage = Usage(input_tokens=prepared.tokens)
    cost = summed([cost_of(usage, space.model, now, Terms(kind, billed=False)) for space in spaces])
    requests = len(list(pack([piece.tokens for piece in prepared.pieces], Limits()))) * len(spaces)
    said = [
        f"{len(prepared.items):,} texts",
        f"about {prepared.tokens * len(spaces):,} tokens",
        f"{requests} request{'s' if requests > 1 else ''}",
        f"{'estimated ' if cost.amount is not None else ''}{cost_text(cost)}" if cost else "",
    ]
    return plain(" · ".join(filter(None, said)))

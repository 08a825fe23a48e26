"""The views of one space: similarity, neighbours, a query, the map, duplicates and outliers, the spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from components.embeddings import charts
from components.embeddings.export import table
from components.embeddings.session import EmbeddingDesk, desk
from components.ui.error_card import problem
from components.ui.markdown_escape import plain
from core.embeddings.batching import prepare
from core.embeddings.clustering import leaf_order, spread
from core.embeddings.inputs import Item
from core.embeddings.job import Embedded
from core.embeddings.projections import PACKAGES, available, most_rows, project
from core.embeddings.request import Space
from core.embeddings.similarity import Neighbours, histogram, loneliness, near_duplicates, ranking
from core.embeddings.vectors import Matrix, cosine
from core.tokens.encodings import encoding_for

T = TypeVar("T")

_MOST_CELLS = 50
_MOST_OPTIONS = 2_000
_QUERY = "Will I need an umbrella?"
_MEANING = (
    "**Cosine similarity** is 1 where two vectors point the same way and 0 where they have nothing in "
    "common. It ranks texts within one model; it is no probability, and the same score means something else "
    "in another model."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The space on show, row for row."""

    space: Space
    items: tuple[Item, ...]
    rows: Matrix
    near: Neighbours


def shown(found: Embedded, key: str, title: str = "Space", index: int = 0) -> Shown:
    """Draw which space is on show if there are several."""
    space = found.spaces[min(index, len(found.spaces) - 1)]
    if len(found.spaces) > 1:
        space = st.selectbox(
            title, found.spaces, index=index, format_func=lambda one: one.label, key=f"embeddings.{key}"
        )
    return Shown(space, found.items, found.vectors[space], found.near[space])


def once(here: EmbeddingDesk, key: object, make: Callable[[], T]) -> T:
    """Compute *make* once for the vectors on the desk."""
    if key not in here.views:
        here.views[key] = make()
    kept: T = here.views[key]
    return kept


def similarity_view(found: Embedded) -> None:
    """Draw the heatmap in clustered order, and the same as a table."""
    one = shown(found, "similarity")
    st.caption(_MEANING)
    items, similar = once(desk(), ("similarity", one.space), lambda: _clustered(one))
    if len(items) < len(one.items):
        st.caption(f"{len(items)} of {len(one.items):,} texts, taken evenly from the list.")
    charts.heatmap(items, similar)
    with st.expander("As a table", icon=":material/table:"):
        names = [charts.label(item) for item in items]
        rows = [
            {"text": name, **dict(zip(names, map(float, row), strict=True))}
            for name, row in zip(names, similar, strict=True)
        ]
        table(rows, "similarity", "Similarity matrix")


def _clustered(one: Shown) -> tuple[list[Item], Matrix]:
    chosen = spread(len(one.items), _MOST_CELLS)
    similar = cosine(one.rows[chosen])
    order = leaf_order(similar)
    return [one.items[chosen[place]] for place in order], similar[order][:, order]


def neighbours_view(found: Embedded) -> None:
    """Draw the nearest others of one text, measured in the space itself and not on a map."""
    one = shown(found, "neighbours")
    place = _choose_item(one.items)
    rows = [
        _row(one.items[other], score, rank)
        for rank, (other, score) in enumerate(
            zip(one.near.places[place].tolist(), one.near.scores[place].tolist(), strict=True), 1
        )
    ]
    table(rows, "neighbours", f"Nearest to line {one.items[place].line}")


def _choose_item(items: Sequence[Item]) -> int:
    if len(items) <= _MOST_OPTIONS:
        return st.selectbox(
            "Text", range(len(items)), format_func=lambda at: charts.label(items[at], 90), key="embeddings.of"
        )
    chosen = st.number_input("Number of the text", 1, len(items), key="embeddings.number") - 1
    st.markdown(plain(items[chosen].text[:300]))
    return chosen


def query_view(found: Embedded) -> None:
    """Take a question and rank the texts by it, in every space side by side."""
    here = desk()
    with st.form("embeddings.query", border=False):
        query = st.text_input("Query", _QUERY, key="embeddings.query.text", max_chars=8_000)
        asked = st.form_submit_button("Rank the texts", icon=":material/search:")
    if asked and query.strip():
        model = found.spaces[0].model
        prepared = prepare([Item(1, query.strip())], encoding_for(model).name)
        with st.spinner("Embedding the query…"):
            here.ask(prepared, found.spaces)
    if here.query is None:
        st.caption("The query is embedded like a text, and the texts are ordered by their similarity to it.")
    elif here.query.error:
        problem(here.query.error)
    elif here.query.result and here.query.result.items:
        _rankings(found, here.query.result)
    else:
        st.warning("The query has no direction: the server sent a vector of zeros or of no numbers for it.")


def _rankings(found: Embedded, query: Embedded, most: int = 50) -> None:
    orders = {space: ranking(query.vectors[space][0], found.vectors[space]) for space in found.spaces}
    first = found.spaces[0]
    ranks = {space: {int(at): rank for rank, at in enumerate(order[0], 1)} for space, order in orders.items()}
    scores = {
        space: dict(zip(order[0].tolist(), order[1].tolist(), strict=True)) for space, order in orders.items()
    }
    rows = []
    for at in orders[first][0][:most].tolist():
        row = _row(found.items[at], scores[first][at], ranks[first][at])
        for space in found.spaces[1:]:
            row |= {f"rank in {space.label}": ranks[space][at], space.label: scores[space][at]}
        rows.append(row)
    table(rows, "ranking", f"By likeness to “{query.items[0].text[:80]}”")


def map_view(found: Embedded) -> None:
    """Draw the texts in two dimensions."""
    one = shown(found, "map")
    names = available()
    name = names[0]
    if len(names) > 1:
        name = (
            st.segmented_control("Projection", names, default=name, required=True, key="embeddings.map")
            or name
        )
    else:
        st.caption(f"By principal components; {PACKAGES} would add curved maps, if installed.")
    chosen = spread(len(one.items), most_rows(name))
    drawn = once(desk(), ("map", one.space, name), lambda: project(one.rows[chosen], name))
    charts.scatter([one.items[at] for at in chosen], drawn)
    if sum(drawn.shares):
        st.caption(
            f"Two of {one.rows.shape[1]:,} dimensions keep {sum(drawn.shares):.0%} of the variance: what is "
            "near here need not be near there. Neighbours are found in all dimensions."
        )


def oddities_view(found: Embedded) -> None:
    """Draw near duplicates and outliers."""
    one = shown(found, "oddities")
    duplicates, outliers = st.columns(2, gap="large")
    with duplicates:
        st.subheader("Near duplicates", anchor=False)
        threshold = st.slider("At least this similar", 0.5, 1.0, 0.9, 0.01, key="embeddings.threshold")
        _duplicates(one, threshold)
    with outliers:
        st.subheader("Outliers", anchor=False)
        st.caption("Texts whose three nearest are the least alike.")
        lonely = loneliness(one.near)
        rows = [
            _row(one.items[at], float(lonely[at]), rank) for rank, at in enumerate(lonely.argsort()[:10], 1)
        ]
        table(rows, "outliers", "Outliers")


def _duplicates(one: Shown, threshold: float, most: int = 200) -> None:
    pairs = near_duplicates(one.near, threshold)
    if not pairs:
        st.caption(f"No two texts are {threshold:.2f} similar or more.")
        return
    st.caption(f"{len(pairs):,} pairs{f', the {most} most similar' if len(pairs) > most else ''}.")
    rows = [
        {
            "similarity": pair.score,
            "text": charts.label(one.items[pair.one], 80),
            "other": charts.label(one.items[pair.other], 80),
        }
        for pair in pairs[:most]
    ]
    table(rows, "duplicates", "Near duplicates")


def spread_view(found: Embedded) -> None:
    """Draw how similar any two texts are."""
    one = shown(found, "spread")
    counted = once(desk(), ("spread", one.space), lambda: histogram(one.rows))
    charts.bars(counted)
    pairs = sum(counted.counts)
    st.caption(
        f"{pairs:,} pairs{' of 640 drawn texts' if counted.sampled else ''}, mean {counted.mean:.3f}. "
        "What counts as similar depends on the model: look where the bulk of unrelated pairs is."
    )


def _row(item: Item, score: float, rank: int) -> dict[str, Any]:
    row = {"rank": rank, "similarity": score, "text": item.text, "line": item.line}
    return {**row, "group": item.group} if item.group else row

"""The views of one space: similarity, neighbours, a query, the map, duplicates and outliers, the spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from components.embeddings import charts
from components.embeddings.session import EmbeddingSession, embedding_session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.embeddings.batching import prepare_batch
from core.embeddings.clustering import even_sample, leaf_order
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingResult
from core.embeddings.projections import OPTIONAL_PACKAGES, available_methods, max_rows, project
from core.embeddings.request import EmbeddingSpec
from core.embeddings.similarity import Neighbours, histogram, mean_knn_similarity, near_duplicates, ranking
from core.embeddings.vectors import Matrix, cosine_similarity
from core.tokens.encodings import encoding_for_model

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
class SpecResult:
    """The space on show, row for row."""

    spec: EmbeddingSpec
    inputs: tuple[InputText, ...]
    vectors: Matrix
    neighbours: Neighbours


def select_spec(found: EmbeddingResult, key: str, title: str = "Space", index: int = 0) -> SpecResult:
    """Draw which space is on show if there are several."""
    space = found.specs[min(index, len(found.specs) - 1)]
    if len(found.specs) > 1:
        space = st.selectbox(
            title, found.specs, index=index, format_func=lambda one: one.label, key=f"embeddings.{key}"
        )
    return SpecResult(space, found.inputs, found.vectors[space], found.neighbours[space])


def memoised(here: EmbeddingSession, key: object, make: Callable[[], T]) -> T:
    """Compute *make* once for the vectors on the desk."""
    if key not in here.memo:
        here.memo[key] = make()
    kept: T = here.memo[key]
    return kept


def similarity_view(found: EmbeddingResult) -> None:
    """Draw the heatmap in clustered order, and the same as a table."""
    one = select_spec(found, "similarity")
    st.caption(_MEANING)
    items, similar = memoised(embedding_session(), ("similarity", one.spec), lambda: _clustered(one))
    if len(items) < len(one.inputs):
        st.caption(f"{len(items)} of {len(one.inputs):,} texts, taken evenly from the list.")
    charts.heatmap(items, similar)
    with st.expander("As a table", icon=":material/table:"):
        names = [charts.label(item) for item in items]
        rows = [
            {"text": name, **dict(zip(names, map(float, row), strict=True))}
            for name, row in zip(names, similar, strict=True)
        ]
        downloadable_table(rows, "similarity", "Similarity matrix")


def _clustered(one: SpecResult) -> tuple[list[InputText], Matrix]:
    chosen = even_sample(len(one.inputs), _MOST_CELLS)
    similar = cosine_similarity(one.vectors[chosen])
    order = leaf_order(similar)
    return [one.inputs[chosen[place]] for place in order], similar[order][:, order]


def neighbours_view(found: EmbeddingResult) -> None:
    """Draw the nearest others of one text, measured in the space itself and not on a map."""
    one = select_spec(found, "neighbours")
    place = _choose_item(one.inputs)
    rows = [
        _row(one.inputs[other], score, rank)
        for rank, (other, score) in enumerate(
            zip(one.neighbours.indices[place].tolist(), one.neighbours.scores[place].tolist(), strict=True), 1
        )
    ]
    downloadable_table(rows, "neighbours", f"Nearest to line {one.inputs[place].line}")


def _choose_item(items: Sequence[InputText]) -> int:
    if len(items) <= _MOST_OPTIONS:
        return st.selectbox(
            "Text", range(len(items)), format_func=lambda at: charts.label(items[at], 90), key="embeddings.of"
        )
    chosen = st.number_input("Number of the text", 1, len(items), key="embeddings.number") - 1
    st.markdown(escape_markdown(items[chosen].text[:300]))
    return chosen


def query_view(found: EmbeddingResult) -> None:
    """Take a question and rank the texts by it, in every space side by side."""
    here = embedding_session()
    with st.form("embeddings.query", border=False):
        query = st.text_input("Query", _QUERY, key="embeddings.query.text", max_chars=8_000)
        asked = st.form_submit_button("Rank the texts", icon=":material/search:")
    if asked and query.strip():
        model = found.specs[0].model
        prepared = prepare_batch([InputText(1, query.strip())], encoding_for_model(model).name)
        with st.spinner("Embedding the query…"):
            here.run_query(prepared, found.specs)
    if here.query_job is None:
        st.caption("The query is embedded like a text, and the texts are ordered by their similarity to it.")
    elif here.query_job.error:
        error_card(here.query_job.error)
    elif here.query_job.result and here.query_job.result.inputs:
        _rankings(found, here.query_job.result)
    else:
        st.warning("The query has no direction: the server sent a vector of zeros or of no numbers for it.")


def _rankings(found: EmbeddingResult, query: EmbeddingResult, most: int = 50) -> None:
    orders = {space: ranking(query.vectors[space][0], found.vectors[space]) for space in found.specs}
    first = found.specs[0]
    ranks = {space: {int(at): rank for rank, at in enumerate(order[0], 1)} for space, order in orders.items()}
    scores = {
        space: dict(zip(order[0].tolist(), order[1].tolist(), strict=True)) for space, order in orders.items()
    }
    rows = []
    for at in orders[first][0][:most].tolist():
        row = _row(found.inputs[at], scores[first][at], ranks[first][at])
        for space in found.specs[1:]:
            row |= {f"rank in {space.label}": ranks[space][at], space.label: scores[space][at]}
        rows.append(row)
    downloadable_table(rows, "ranking", f"By likeness to “{query.inputs[0].text[:80]}”")


def map_view(found: EmbeddingResult) -> None:
    """Draw the texts in two dimensions."""
    one = select_spec(found, "map")
    names = available_methods()
    name = names[0]
    if len(names) > 1:
        name = (
            st.segmented_control("Projection", names, default=name, required=True, key="embeddings.map")
            or name
        )
    else:
        st.caption(f"By principal components; {OPTIONAL_PACKAGES} would add curved maps, if installed.")
    chosen = even_sample(len(one.inputs), max_rows(name))
    drawn = memoised(embedding_session(), ("map", one.spec, name), lambda: project(one.vectors[chosen], name))
    charts.scatter([one.inputs[at] for at in chosen], drawn)
    if sum(drawn.explained_variance):
        variance = f"{sum(drawn.explained_variance):.0%}"
        st.caption(
            f"Two of {one.vectors.shape[1]:,} dimensions keep {variance} of the variance: "
            "what is near here need not be near there. Neighbours are found in all dimensions."
        )


def outliers_view(found: EmbeddingResult) -> None:
    """Draw near duplicates and outliers."""
    one = select_spec(found, "oddities")
    duplicates, outliers = st.columns(2, gap="large")
    with duplicates:
        st.subheader("Near duplicates", anchor=False)
        threshold = st.slider("At least this similar", 0.5, 1.0, 0.9, 0.01, key="embeddings.threshold")
        _duplicates(one, threshold)
    with outliers:
        st.subheader("Outliers", anchor=False)
        st.caption("Texts whose three nearest are the least alike.")
        lonely = mean_knn_similarity(one.neighbours)
        rows = [
            _row(one.inputs[at], float(lonely[at]), rank) for rank, at in enumerate(lonely.argsort()[:10], 1)
        ]
        downloadable_table(rows, "outliers", "Outliers")


def _duplicates(one: SpecResult, threshold: float, most: int = 200) -> None:
    pairs = near_duplicates(one.neighbours, threshold)
    if not pairs:
        st.caption(f"No two texts are {threshold:.2f} similar or more.")
        return
    st.caption(f"{len(pairs):,} pairs{f', the {most} most similar' if len(pairs) > most else ''}.")
    rows = [
        {
            "similarity": pair.score,
            "text": charts.label(one.inputs[pair.first], 80),
            "other": charts.label(one.inputs[pair.second], 80),
        }
        for pair in pairs[:most]
    ]
    downloadable_table(rows, "duplicates", "Near duplicates")


def histogram_view(found: EmbeddingResult) -> None:
    """Draw how similar any two texts are."""
    one = select_spec(found, "spread")
    counted = memoised(embedding_session(), ("spread", one.spec), lambda: histogram(one.vectors))
    charts.histogram(counted)
    pairs = sum(counted.counts)
    st.caption(
        f"{pairs:,} pairs{' of 640 drawn texts' if counted.sampled else ''}, mean {counted.mean:.3f}. "
        "What counts as similar depends on the model: look where the bulk of unrelated pairs is."
    )


def _row(item: InputText, score: float, rank: int) -> dict[str, Any]:
    row = {"rank": rank, "similarity": score, "text": item.text, "line": item.line}
    return {**row, "group": item.group} if item.group else row

"""The panels that analyse the embeddings of one spec."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from components.embeddings import charts
from components.embeddings.session import embedding_session
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.embeddings.batching import prepare_batch
from core.embeddings.clustering import even_sample, leaf_order
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingResult
from core.embeddings.request import EmbeddingSpec
from core.embeddings.similarity import (
    MAX_SAMPLED_ROWS,
    Neighbours,
    histogram,
    mean_knn_similarity,
    near_duplicates,
    nearest_neighbours,
    ranking,
)
from core.embeddings.vectors import Matrix, cosine_similarity, project_pca
from core.tokens.encodings import encoding_for_model

T = TypeVar("T")

# Clustering is cubic, and the labels of more rows are not readable.
_MAX_HEATMAP_ROWS = 50
_MAX_NARROW_LABEL = 12
_MAX_RANKED = 50
_MAX_PAIRS = 200
# A selectbox sends all its options to the browser.
_MAX_OPTIONS = 2_000
_EXAMPLE_QUERY = "Will I need an umbrella?"
_EXPLANATION = (
    "**Cosine similarity** is 1 for vectors of the same direction and 0 for orthogonal ones. Use it to rank "
    "texts within one model: it is not a probability, and scores of different models are not comparable."
)


@dataclass(frozen=True, slots=True)
class SpecResult:
    """The result of one spec, row for row."""

    spec: EmbeddingSpec
    inputs: tuple[InputText, ...]
    vectors: Matrix
    neighbours: Neighbours

    def sample(self, max_count: int) -> "SpecResult":
        """Return at most *max_count* texts, with their nearest neighbours among themselves."""
        if len(self.inputs) <= max_count:
            return self
        rows = even_sample(len(self.inputs), max_count)
        vectors = self.vectors[rows]
        inputs = tuple(self.inputs[row] for row in rows)
        return SpecResult(self.spec, inputs, vectors, nearest_neighbours(vectors))


def select_spec(result: EmbeddingResult, key: str, title: str = "Model", index: int = 0) -> SpecResult:
    """Draw a selectbox if there are several specs, and return the result of the selected one."""
    spec = result.specs[min(index, len(result.specs) - 1)]
    if len(result.specs) > 1:
        spec = st.selectbox(
            title,
            result.specs,
            index=index,
            format_func=lambda spec: spec.label,
            key=f"embeddings.spec.{key}",
        )
    return SpecResult(spec, result.inputs, result.vectors[spec], result.neighbours[spec])


def memoised(key: Hashable, compute: Callable[[], T]) -> T:
    """Return what *compute* returns, computed once for each result and *key*."""
    session = embedding_session()
    return session.panel_cache.get_or_compute(key, session.result, None, compute)


def similarity_view(result: EmbeddingResult) -> None:
    """Draw the similarity matrix in clustered order as a heatmap and as a table."""
    selected = select_spec(result, "similarity")
    st.caption(_EXPLANATION)

    def clustered() -> tuple[list[InputText], Matrix]:
        rows = even_sample(len(selected.inputs), _MAX_HEATMAP_ROWS)
        similarity = cosine_similarity(selected.vectors[rows])
        order = leaf_order(similarity)
        return [selected.inputs[rows[index]] for index in order], similarity[order][:, order]

    inputs, similarity = memoised(("similarity", selected.spec), clustered)
    if len(inputs) < len(selected.inputs):
        st.caption(f"{len(inputs)} of {len(selected.inputs):,} texts, evenly sampled.")
    # style.css shows one of the two: a heatmap does not fit on a narrow screen.
    with st.container(key="embeddings-matrix-wide"):
        charts.heatmap(inputs, similarity)
        with st.expander("Show as table", icon=":material/table:"):
            labels = [charts.label(item) for item in inputs]
            table = _matrix(labels, labels, similarity)
            downloadable_table(table, "similarity", "Similarity matrix", pinned=["text"])
    with st.container(key="embeddings-matrix-narrow"):
        labels = [charts.label(item, _MAX_NARROW_LABEL) for item in inputs]
        lines = [str(item.line) for item in inputs]
        st.caption("Columns are the numbers of the texts. Scroll to the side to see all.")
        table = _matrix(labels, lines, similarity)
        downloadable_table(table, "similarity-lines", "Similarity matrix", pinned=["text"])


def _matrix(labels: Sequence[str], columns: Sequence[str], similarity: Matrix) -> list[dict[str, Any]]:
    return [
        {"text": label, **dict(zip(columns, map(float, scores), strict=True))}
        for label, scores in zip(labels, similarity, strict=True)
    ]


def neighbours_view(result: EmbeddingResult) -> None:
    """Draw the nearest neighbours of one text."""
    selected = select_spec(result, "neighbours")
    inputs = selected.inputs
    if len(inputs) <= _MAX_OPTIONS:
        row = st.selectbox(
            "Text",
            range(len(inputs)),
            format_func=lambda row: charts.label(inputs[row], 90),
            key="embeddings.selected_text",
        )
    else:
        row = st.number_input("Text number", 1, len(inputs), key="embeddings.number") - 1
        st.markdown(escape_markdown(inputs[row].text[:300]))
    neighbours, scores = selected.neighbours.indices[row], selected.neighbours.scores[row]
    table = [
        _table_row(inputs[neighbour], score, rank)
        for rank, (neighbour, score) in enumerate(zip(neighbours.tolist(), scores.tolist(), strict=True), 1)
    ]
    downloadable_table(table, "neighbours", f"Nearest neighbours of line {inputs[row].line}")


def query_view(result: EmbeddingResult) -> None:
    """Draw a query field, and the texts ranked by their similarity to the query."""
    session = embedding_session()
    with st.form("embeddings.query", border=False):
        query = st.text_input("Query", _EXAMPLE_QUERY, key="embeddings.query.text", max_chars=8_000)
        submitted = st.form_submit_button("Rank texts", icon=":material/search:")
    if submitted and query.strip():
        batch = prepare_batch([InputText(1, query.strip())], encoding_for_model(result.specs[0].model).name)
        with st.spinner("Embedding the query…"):
            session.run_query(batch, result.specs)
    job = session.query_job
    if job is None:
        st.caption("The query is embedded like the texts, which are ranked by their similarity to it.")
    elif job.error:
        error_card(job.error)
    elif job.result and job.result.inputs:
        title = f"Similarity to “{job.result.inputs[0].text[:80]}”"
        downloadable_table(_rank_texts(result, job.result), "ranking", title)
    else:
        st.warning("The server returned zeros or invalid numbers for the query, so it has no similarity.")


def _rank_texts(result: EmbeddingResult, query: EmbeddingResult) -> list[dict[str, Any]]:
    """Rank by the first spec; every other spec adds its rank and score as columns."""
    first, *others = result.specs
    orders = {spec: ranking(query.vectors[spec][0], result.vectors[spec]) for spec in result.specs}
    ranks = {
        spec: {
            row: (rank, score)
            for rank, (row, score) in enumerate(zip(order.tolist(), scores.tolist(), strict=True), 1)
        }
        for spec, (order, scores) in orders.items()
    }
    table = []
    for row in orders[first][0][:_MAX_RANKED].tolist():
        rank, score = ranks[first][row]
        columns = _table_row(result.inputs[row], score, rank)
        for spec in others:
            columns[f"rank in {spec.label}"], columns[spec.label] = ranks[spec][row]
        table.append(columns)
    return table


def map_view(result: EmbeddingResult) -> None:
    """Draw the texts on a map of two dimensions."""
    selected = select_spec(result, "map")
    projection = memoised(("map", selected.spec), lambda: project_pca(selected.vectors))
    charts.scatter(selected.inputs, projection)
    if explained := sum(projection.explained_variance):
        st.caption(
            f"Principal component analysis: two of {selected.vectors.shape[1]:,} dimensions explain "
            f"{explained:.0%} of the variance, so texts that are close on the map can be dissimilar. "
            "Nearest neighbours use all dimensions."
        )


def outliers_view(result: EmbeddingResult) -> None:
    """Draw near duplicates and outliers."""
    selected = select_spec(result, "outliers")
    inputs = selected.inputs
    duplicates, outliers = st.columns(2, gap="large")
    with duplicates:
        st.subheader("Near duplicates", anchor=False)
        threshold = st.slider("Similarity threshold", 0.5, 1.0, 0.9, 0.01, key="embeddings.threshold")
        pairs = near_duplicates(selected.neighbours, threshold)
        if pairs:
            limit = f", the {_MAX_PAIRS} most similar" if len(pairs) > _MAX_PAIRS else ""
            st.caption(f"{format_count(len(pairs), 'pair')}{limit}.")
            table = [
                {
                    "similarity": pair.score,
                    "text": charts.label(inputs[pair.first], 80),
                    "other": charts.label(inputs[pair.second], 80),
                }
                for pair in pairs[:_MAX_PAIRS]
            ]
            downloadable_table(table, "duplicates", "Near duplicates")
        else:
            st.caption(f"No pair has a similarity of {threshold:.2f} or more.")
    with outliers:
        st.subheader("Outliers", anchor=False)
        st.caption("Texts with the lowest mean similarity to their three nearest neighbours.")
        means = mean_knn_similarity(selected.neighbours)
        table = [
            _table_row(inputs[row], float(means[row]), rank)
            for rank, row in enumerate(means.argsort()[:10], 1)
        ]
        downloadable_table(table, "outliers", "Outliers")


def histogram_view(result: EmbeddingResult) -> None:
    """Draw the distribution of the similarities of all pairs."""
    selected = select_spec(result, "histogram")
    distribution = memoised(("histogram", selected.spec), lambda: histogram(selected.vectors))
    charts.histogram(distribution)
    pairs = sum(distribution.counts)
    sample = f" of {MAX_SAMPLED_ROWS} sampled texts" if distribution.sampled else ""
    st.caption(
        f"{format_count(pairs, 'pair')}{sample}, mean {distribution.mean:.3f}. What counts as similar "
        "depends on the model: most pairs are unrelated, and most of the distribution shows how similar "
        "those are."
    )


def _table_row(item: InputText, score: float, rank: int) -> dict[str, Any]:
    row = {"rank": rank, "similarity": score, "text": item.text, "line": item.line}
    return {**row, "group": item.group} if item.group else row

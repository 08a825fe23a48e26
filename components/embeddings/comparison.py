"""The panels that compare two embeddings of the same texts: truncated with full, model with model."""

from collections.abc import Sequence

import streamlit as st

from components.embeddings import charts
from components.embeddings.analysis import SpecResult, memoised, select_spec
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.embeddings.clustering import even_sample
from core.embeddings.comparison import Comparison, compare, compare_neighbours
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingResult
from core.embeddings.similarity import nearest_neighbours
from core.embeddings.vectors import storage_gb_per_million, truncate_dimensions

# More texts take too long to compare while the slider is dragged.
_MAX_COMPARED = 2_000
_MAX_ON_CURVE = 400
_CURVE = "embeddings.curve"
_CURVE_DIMENSIONS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)


def dimensions_view(result: EmbeddingResult) -> None:
    """Draw what changes if the embeddings are truncated; sends no request."""
    selected = select_spec(result, "dimensions")
    full = selected.vectors.shape[1]
    if full < 3:
        st.info("These embeddings have too few dimensions to truncate.")
        return
    st.caption(
        "Embeddings are truncated locally and scaled to length 1, as the API does for `dimensions`. "
        "Models that are not trained for it lose more quality."
    )
    # A key for each range: the value of one model may be outside the range of another.
    dimensions = st.slider("Dimensions", 2, full, min(256, full // 2), key=f"embeddings.truncate.{full}")
    sample = _sample(selected)
    _sample_note(sample, selected)

    def compare_truncated() -> Comparison:
        vectors = truncate_dimensions(sample.vectors, dimensions)
        return compare_neighbours((sample.vectors, sample.neighbours), (vectors, nearest_neighbours(vectors)))

    comparison = memoised(("truncated", selected.spec, dimensions), compare_truncated)
    st.caption(
        f"One million embeddings take **{storage_gb_per_million(dimensions):.2f} GB** as 32-bit floats "
        f"instead of {storage_gb_per_million(full):.2f} GB."
    )
    _verdict(f"{dimensions:,} dimensions keep", comparison)
    _metrics(comparison)
    _neighbour_changes(sample.inputs, comparison, f"nearest at {full:,}", f"nearest at {dimensions:,}")
    expander = st.expander(
        "Similarity by dimensions", icon=":material/show_chart:", on_change="rerun", key=_CURVE
    )
    # Computed only while it is open: every point is a comparison of its own.
    if expander.open:
        with expander:
            charts.line(memoised(("curve", selected.spec), lambda: _curve(selected)))


def _sample(selected: SpecResult) -> SpecResult:
    return memoised(("sample", selected.spec), lambda: selected.sample(_MAX_COMPARED))


def _sample_note(sample: SpecResult, selected: SpecResult) -> None:
    if len(sample.inputs) < len(selected.inputs):
        st.caption(f"Compared on {len(sample.inputs):,} of {len(selected.inputs):,} texts, evenly sampled.")


def _curve(selected: SpecResult) -> list[dict[str, float | str]]:
    vectors = selected.vectors[even_sample(len(selected.inputs), _MAX_ON_CURVE)]
    full = vectors.shape[1]
    points: list[dict[str, float | str]] = []
    for dimensions in (*(step for step in _CURVE_DIMENSIONS if step < full), full):
        comparison = compare(vectors, truncate_dimensions(vectors, dimensions))
        overlap = f"overlap@{comparison.k}"
        points.append({"dimensions": dimensions, "share": comparison.overlap, "measure": overlap})
        points.append({"dimensions": dimensions, "share": comparison.spearman, "measure": "Spearman"})
    return points


def models_view(result: EmbeddingResult) -> None:
    """Draw how two specs differ: nearest neighbours and the ranking of pairs."""
    if len(result.specs) < 2:
        st.info(
            "Select a second model or number of dimensions and embed again to compare them.",
            icon=":material/compare:",
        )
        return
    left, right = st.columns(2)
    with left:
        before = select_spec(result, "before")
    with right:
        after = select_spec(result, "after", "Compare with", 1)
    sample, other = _sample(before), _sample(after)
    _sample_note(sample, before)
    comparison = memoised(
        ("models", before.spec, after.spec),
        lambda: compare_neighbours((sample.vectors, sample.neighbours), (other.vectors, other.neighbours)),
    )
    labels = before.spec.label, after.spec.label
    _verdict(f"{labels[1]} and {labels[0]} agree on", comparison)
    _metrics(comparison)
    _neighbour_changes(sample.inputs, comparison, *(f"nearest by {label}" for label in labels))
    if not comparison.pair_changes:
        return
    st.subheader("Pairs with the largest rank changes", anchor=False)
    st.caption("By percentile among all pairs: 0% is the least similar, 100% the most similar pair.")
    table = [
        {
            "text": charts.label(sample.inputs[pair.first], 60),
            "other": charts.label(sample.inputs[pair.second], 60),
            labels[0]: f"{pair.percentile_before:.0%} ({pair.score_before:.3f})",
            labels[1]: f"{pair.percentile_after:.0%} ({pair.score_after:.3f})",
        }
        for pair in comparison.pair_changes
    ]
    downloadable_table(table, "pair-changes", "Pairs with the largest rank changes")


def _verdict(subject: str, comparison: Comparison) -> None:
    """Draw in one sentence what the numbers below it mean."""
    st.markdown(f"**{escape_markdown(subject)} {comparison.overlap:.0%} of the nearest neighbours.**")


def _metrics(comparison: Comparison) -> None:
    overlap, rank_correlation, nearest = st.columns(3)
    k = comparison.k
    overlap.metric(
        f"Overlap@{k}",
        f"{comparison.overlap:.0%}",
        help=f"Share of the {k} nearest neighbours that are the same",
    )
    rank_correlation.metric(
        "Spearman",
        f"{comparison.spearman:.3f}",
        help="Rank correlation of the similarities of all pairs: 1 means the same order"
        + (", computed on a sample of pairs" if comparison.sampled else ""),
    )
    nearest.metric(
        "Same nearest neighbour",
        f"{comparison.same_nearest:.0%}",
        help="Share of texts whose nearest neighbour is the same",
    )


def _neighbour_changes(inputs: Sequence[InputText], comparison: Comparison, before: str, after: str) -> None:
    if not comparison.neighbour_changes:
        st.caption("Every text has the same nearest neighbour.")
        return
    table = [
        {
            "text": charts.label(inputs[change.row], 60),
            before: charts.label(inputs[change.before], 60),
            after: charts.label(inputs[change.after], 60),
            "previous neighbour's rank": f"{change.rank_after}" if change.rank_after else "beyond 10",
        }
        for change in comparison.neighbour_changes
    ]
    st.subheader("Changed nearest neighbours", anchor=False)
    downloadable_table(table, "neighbour-changes", "Texts whose nearest neighbour changed")

"""Two embeddings of the same texts: shortened against whole, model against model."""

from collections.abc import Sequence

import streamlit as st

from components.embeddings import charts
from components.embeddings.analysis import SpecResult, memoised, select_spec
from components.embeddings.session import embedding_session
from components.ui.table import downloadable_table
from core.embeddings.clustering import even_sample
from core.embeddings.comparison import Comparison, compare, compare_neighbours
from core.embeddings.inputs import InputText
from core.embeddings.job import EmbeddingResult
from core.embeddings.similarity import nearest_neighbours
from core.embeddings.vectors import storage_gb_per_million, truncate_dimensions

# To compare more texts takes longer than anybody wants to drag a slider.
_MOST_COMPARED = 2_000
_MOST_ON_CURVE = 400
_CURVE = "embeddings.curve"
_STEPS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)


def dimensions_view(found: EmbeddingResult) -> None:
    """Shorten the vectors here, and say what that changes; nothing is sent."""
    one = select_spec(found, "shortened")
    full = one.vectors.shape[1]
    if full < 3:
        st.info("These vectors are too short to be shortened.")
        return
    st.caption(
        "The first numbers of a vector, scaled to length 1 again: what the API's `dimensions` does. "
        "Models that were not trained for it lose more."
    )
    length = st.slider("Dimensions", 2, full, min(256, full // 2), key=f"embeddings.length.{full}")
    few = _few(one)
    _sampled(few, one)
    comparison = memoised(
        embedding_session(), ("shortened", one.spec, length), lambda: _against_shortened(few, length)
    )
    _storage(full, length)
    _figures(comparison)
    _flips(few.inputs, comparison, f"nearest at {full:,}", f"nearest at {length:,}")
    more = st.expander("At every length", icon=":material/show_chart:", on_change="rerun", key=_CURVE)
    if more.open:
        with more:
            charts.line(memoised(embedding_session(), ("curve", one.spec), lambda: _curve(one)))


def _few(one: SpecResult) -> SpecResult:
    """Take no more texts than can be compared while a slider is dragged."""
    return (
        one
        if len(one.inputs) <= _MOST_COMPARED
        else memoised(embedding_session(), ("few", one.spec), lambda: _fewer(one))
    )


def _fewer(one: SpecResult) -> SpecResult:
    chosen = even_sample(len(one.inputs), _MOST_COMPARED)
    rows = one.vectors[chosen]
    return SpecResult(one.spec, tuple(one.inputs[at] for at in chosen), rows, nearest_neighbours(rows))


def _against_shortened(one: SpecResult, length: int) -> Comparison:
    rows = truncate_dimensions(one.vectors, length)
    return compare_neighbours((one.vectors, one.neighbours), (rows, nearest_neighbours(rows)))


def _curve(one: SpecResult) -> list[dict[str, float | str]]:
    rows = one.vectors[even_sample(len(one.inputs), _MOST_ON_CURVE)]
    points: list[dict[str, float | str]] = []
    for length in (*(step for step in _STEPS if step < rows.shape[1]), rows.shape[1]):
        found = compare(rows, truncate_dimensions(rows, length))
        points.append({"dimensions": length, "share": found.overlap, "measure": f"overlap@{found.k}"})
        points.append({"dimensions": length, "share": found.spearman, "measure": "Spearman"})
    return points


def models_view(found: EmbeddingResult) -> None:
    """Set two spaces side by side: who keeps the nearest, and which pairs they see differently."""
    if len(found.specs) < 2:
        st.info(
            "Choose a second model or length above and embed again to compare them.",
            icon=":material/compare:",
        )
        return
    first, second = st.columns(2)
    with first:
        one = select_spec(found, "one", "Space")
    with second:
        other = select_spec(found, "other", "Against", 1)
    few, against = _few(one), _few(other)
    _sampled(few, one)
    comparison = memoised(
        embedding_session(),
        ("models", one.spec, other.spec),
        lambda: compare_neighbours((few.vectors, few.neighbours), (against.vectors, against.neighbours)),
    )
    _figures(comparison)
    _flips(few.inputs, comparison, f"nearest by {one.spec.label}", f"nearest by {other.spec.label}")
    _moved(few.inputs, comparison, one.spec.label, other.spec.label)


def _sampled(few: SpecResult, one: SpecResult) -> None:
    if few is not one:
        st.caption(
            f"Compared are {len(few.inputs):,} of {len(one.inputs):,} texts, taken evenly from the list."
        )


def _storage(full: int, length: int) -> None:
    whole, short = storage_gb_per_million(full), storage_gb_per_million(length)
    st.caption(f"A million vectors take **{short:.2f} GB** as 32-bit floats instead of {whole:.2f} GB.")


def _figures(found: Comparison) -> None:
    overlap, order, nearest = st.columns(3)
    overlap.metric(
        f"Overlap@{found.k}", f"{found.overlap:.0%}", help=f"Share of the {found.k} nearest that are the same"
    )
    order.metric(
        "Spearman",
        f"{found.spearman:.3f}",
        help="Rank correlation of the similarities of all pairs: 1 means the same order"
        + (", by a sample of pairs" if found.sampled else ""),
    )
    nearest.metric(
        "Same nearest", f"{found.same_nearest:.0%}", help="Texts that keep their nearest neighbour"
    )


def _flips(items: Sequence[InputText], found: Comparison, before: str, after: str) -> None:
    if not found.neighbour_changes:
        st.caption("Every text keeps its nearest neighbour.")
        return
    rows = [
        {
            "text": charts.label(items[flip.row], 60),
            before: charts.label(items[flip.before], 60),
            after: charts.label(items[flip.after], 60),
            "old one is now": f"number {flip.rank_after}" if flip.rank_after else "beyond 10",
        }
        for flip in found.neighbour_changes
    ]
    st.subheader("Rank flips", anchor=False)
    downloadable_table(rows, "flips", "Texts with another nearest neighbour")


def _moved(items: Sequence[InputText], found: Comparison, before: str, after: str) -> None:
    if not found.pair_changes:
        return
    st.subheader("Pairs that changed most", anchor=False)
    st.caption("By their place among all pairs, 0% the least and 100% the most similar.")
    rows = [
        {
            "text": charts.label(items[pair.first], 60),
            "other": charts.label(items[pair.second], 60),
            before: f"{pair.percentile_before:.0%} ({pair.score_before:.3f})",
            after: f"{pair.percentile_after:.0%} ({pair.score_after:.3f})",
        }
        for pair in found.pair_changes
    ]
    downloadable_table(rows, "moved", "Pairs that changed most")

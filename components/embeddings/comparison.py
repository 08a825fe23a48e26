"""Two embeddings of the same texts: shortened against whole, model against model."""

from collections.abc import Sequence

import streamlit as st

from components.embeddings import charts
from components.embeddings.analysis import Shown, once, shown
from components.embeddings.export import table
from components.embeddings.session import desk
from core.embeddings.clustering import spread
from core.embeddings.comparison import Comparison, compare, compare_neighbours
from core.embeddings.inputs import Item
from core.embeddings.job import Embedded
from core.embeddings.similarity import neighbours
from core.embeddings.vectors import gigabytes_a_million, shortened

# To compare more texts takes longer than anybody wants to drag a slider.
_MOST_COMPARED = 2_000
_MOST_ON_CURVE = 400
_CURVE = "embeddings.curve"
_STEPS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)


def dimensions_view(found: Embedded) -> None:
    """Shorten the vectors here, and say what that changes; nothing is sent."""
    one = shown(found, "shortened")
    full = one.rows.shape[1]
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
    comparison = once(desk(), ("shortened", one.space, length), lambda: _against_shortened(few, length))
    _storage(full, length)
    _figures(comparison)
    _flips(few.items, comparison, f"nearest at {full:,}", f"nearest at {length:,}")
    more = st.expander("At every length", icon=":material/show_chart:", on_change="rerun", key=_CURVE)
    if more.open:
        with more:
            charts.curve(once(desk(), ("curve", one.space), lambda: _curve(one)))


def _few(one: Shown) -> Shown:
    """Take no more texts than can be compared while a slider is dragged."""
    return one if len(one.items) <= _MOST_COMPARED else once(desk(), ("few", one.space), lambda: _fewer(one))


def _fewer(one: Shown) -> Shown:
    chosen = spread(len(one.items), _MOST_COMPARED)
    rows = one.rows[chosen]
    return Shown(one.space, tuple(one.items[at] for at in chosen), rows, neighbours(rows))


def _against_shortened(one: Shown, length: int) -> Comparison:
    rows = shortened(one.rows, length)
    return compare_neighbours((one.rows, one.near), (rows, neighbours(rows)))


def _curve(one: Shown) -> list[dict[str, float | str]]:
    rows = one.rows[spread(len(one.items), _MOST_ON_CURVE)]
    points: list[dict[str, float | str]] = []
    for length in (*(step for step in _STEPS if step < rows.shape[1]), rows.shape[1]):
        found = compare(rows, shortened(rows, length))
        points.append({"dimensions": length, "share": found.overlap, "measure": f"overlap@{found.k}"})
        points.append({"dimensions": length, "share": found.spearman, "measure": "Spearman"})
    return points


def models_view(found: Embedded) -> None:
    """Set two spaces side by side: who keeps the nearest, and which pairs they see differently."""
    if len(found.spaces) < 2:
        st.info(
            "Choose a second model or length above and embed again to compare them.",
            icon=":material/compare:",
        )
        return
    first, second = st.columns(2)
    with first:
        one = shown(found, "one", "Space")
    with second:
        other = shown(found, "other", "Against", 1)
    few, against = _few(one), _few(other)
    _sampled(few, one)
    comparison = once(
        desk(),
        ("models", one.space, other.space),
        lambda: compare_neighbours((few.rows, few.near), (against.rows, against.near)),
    )
    _figures(comparison)
    _flips(few.items, comparison, f"nearest by {one.space.label}", f"nearest by {other.space.label}")
    _moved(few.items, comparison, one.space.label, other.space.label)


def _sampled(few: Shown, one: Shown) -> None:
    if few is not one:
        st.caption(
            f"Compared are {len(few.items):,} of {len(one.items):,} texts, taken evenly from the list."
        )


def _storage(full: int, length: int) -> None:
    whole, short = gigabytes_a_million(full), gigabytes_a_million(length)
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


def _flips(items: Sequence[Item], found: Comparison, before: str, after: str) -> None:
    if not found.flips:
        st.caption("Every text keeps its nearest neighbour.")
        return
    rows = [
        {
            "text": charts.label(items[flip.row], 60),
            before: charts.label(items[flip.was], 60),
            after: charts.label(items[flip.now], 60),
            "old one is now": f"number {flip.now_at}" if flip.now_at else "beyond 10",
        }
        for flip in found.flips
    ]
    st.subheader("Rank flips", anchor=False)
    table(rows, "flips", "Texts with another nearest neighbour")


def _moved(items: Sequence[Item], found: Comparison, before: str, after: str) -> None:
    if not found.moved:
        return
    st.subheader("Pairs that changed most", anchor=False)
    st.caption("By their place among all pairs, 0% the least and 100% the most similar.")
    rows = [
        {
            "text": charts.label(items[pair.one], 60),
            "other": charts.label(items[pair.other], 60),
            before: f"{pair.before:.0%} ({pair.score_before:.3f})",
            after: f"{pair.after:.0%} ({pair.score_after:.3f})",
        }
        for pair in found.moved
    ]
    table(rows, "moved", "Pairs that changed most")

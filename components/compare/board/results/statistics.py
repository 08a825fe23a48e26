"""What the results say about each variant: in words, as a table, and as a chart."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.compare.board.judging.judge import wins
from components.compare.board.labels import variant_labels
from components.compare.board.repositories import judging_repository
from components.compare.board.session import board_session
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.compare.boards.board import Board

if TYPE_CHECKING:
    from core.compare.judging.ratings import RatingStatistics
    from core.compare.statistics.variant_statistics import Rate, VariantStatistics

_ENCODING: Mapping[str, Mapping[str, Any]] = {
    "x": {"field": "seconds", "type": "quantitative", "title": "Median seconds"},
    "y": {
        "field": "checks",
        "type": "quantitative",
        "title": "Checks passed",
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    },
    "size": {
        "field": "cost",
        "type": "quantitative",
        "legend": None,
        "scale": {"range": [120, 900]},
        "title": "$ per 1,000 calls",
    },
    "color": {
        "field": "variant",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "bottom", "labelLimit": 400, "columns": 2},
    },
}


def statistics(board: Board) -> None:
    """Draw the statistics of the results that are neither missing nor outdated."""
    from core.compare.judging.ratings import rating_statistics
    from core.compare.statistics.summary import summarise
    from core.compare.statistics.variant_statistics import board_statistics

    results = board_session().results(board)
    current = results.current
    if not current:
        st.caption("Run the board to see which variant is the best, the fastest and the cheapest.")
        return
    variants = board_statistics(board, current, results.checks)
    won = wins(board, results)
    sentences = summarise(variants, won)
    st.markdown("\n".join(f"- {escape_markdown(sentence)}" for sentence in sentences))
    labels = variant_labels(board)
    _chart(variants, labels)
    ratings = rating_statistics(current, judging_repository().ratings(board.id))
    rows = [
        _row(labels[each.variant_id], each, ratings.get(each.variant_id), won.get(each.variant_id))
        for each in variants
    ]
    used = [name for name in rows[0] if any(row[name] not in (None, "") for row in rows)]
    downloadable_table(
        [{name: row[name] for name in used} for row in rows],
        f"board-{board.id[:8]}-statistics",
        "The statistics of each variant",
        pinned=["variant"],
    )
    st.caption(
        "Times are medians of complete replies, in seconds; the spread is between the quartiles. "
        "Costs are at OpenAI's list price where the server charges nothing."
    )


def _row(
    label: str, each: "VariantStatistics", ratings: "RatingStatistics | None", won: "Rate | None"
) -> dict[str, Any]:
    from core.compare.statistics.summary import percent

    first, total, speed = each.first_token, each.total, each.tokens_per_second
    return {
        "variant": label,
        "results": each.cells,
        "failed": each.failures,
        "checks passed": percent(each.checks) if each.checks.total else "",
        "comparisons won": percent(won) if won else "",
        "thumbs up": percent(ratings.thumbs) if ratings and ratings.thumbs.total else "",
        "stars": ratings.stars if ratings else None,
        "first token": first.median if first else None,
        "total": total.median if total else None,
        "total spread": total.interquartile_range if total else None,
        "total p95": total.p95 if total else None,
        "tokens/s": round(speed.median) if speed else None,
        "output tokens": round(each.output_tokens.median) if each.output_tokens else None,
        "cost per 1,000": float(each.cost_per_1000) if each.cost_per_1000 is not None else None,
        "agreement": f"{each.agreement:.0%}" if each.agreement is not None else "",
    }


def _chart(variants: "Sequence[VariantStatistics]", labels: Mapping[str, str]) -> None:
    """Draw quality against latency, a circle for each variant whose size is its cost."""
    points = [
        {
            "variant": labels[each.variant_id],
            "seconds": each.total.median,
            "checks": each.checks.share,
            "cost": float(each.cost_per_1000 or 0),
        }
        for each in variants
        if each.total and each.checks.total
    ]
    if len(points) < 2:
        return
    st.caption("Checks passed against median time. A larger circle costs more.")
    st.vega_lite_chart(
        {
            "data": {"values": points},
            "height": 240,
            "mark": {"type": "circle", "opacity": 0.8, "tooltip": True},
            "encoding": _ENCODING,
        },
        alt="; ".join(
            f"{point['variant']}: {point['checks']:.0%} of checks, {point['seconds']:.2f} s"
            for point in points
        ),
        key="board.chart",
    )

"""Bars of one measure for all variants, as SVG inside a page."""

from collections.abc import Sequence
from html import escape

_WIDTH, _ROW, _BAR, _LABEL_CHARACTERS = 320, 44, 12, 44


def bar_chart(title: str, bars: Sequence[tuple[str, float, str]], maximum: float | None = None) -> str:
    """Draw a bar for each title, value and text of the value; *maximum* or the longest fills the width."""
    largest = maximum or max((value for _, value, _ in bars), default=0) or 1
    parts = []
    for number, (name, value, text) in enumerate(bars):
        top = number * _ROW
        shown = (
            name
            if len(name) <= _LABEL_CHARACTERS - len(text)
            else name[: _LABEL_CHARACTERS - len(text)] + "…"
        )
        width = max(2, round(_WIDTH * value / largest, 1))
        parts.append(
            f'<text x="0" y="{top + 14}">{escape(shown)}</text>'
            f'<text x="{_WIDTH}" y="{top + 14}" text-anchor="end">{escape(text)}</text>'
            f'<rect x="0" y="{top + 20}" width="{width}" height="{_BAR}" rx="2"/>'
        )
    described = "; ".join(f"{name}: {text}" for name, _, text in bars)
    return (
        f'<div class="chart"><h3>{escape(title)}</h3>'
        f'<svg viewBox="0 0 {_WIDTH} {len(bars) * _ROW}" role="img" '
        f'aria-label="{escape(f"{title}. {described}")}">{"".join(parts)}</svg></div>'
    )

"""Numbers, durations, amounts and times as text."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from components.ui.markdown_escape import escape_markdown

if TYPE_CHECKING:
    from core.pricing.prices import Cost


def plural(noun: str, count: int) -> str:
    """Return *noun* as it stands after *count*; it is regular."""
    if count == 1:
        return noun
    if noun[-1] == "y" and noun[-2] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith(("ch", "sh", "s", "x")) else f"{noun}s"


def format_count(count: int, noun: str) -> str:
    return f"{count:,} {plural(noun, count)}"


def format_seconds(value: float) -> str:
    # What rounds to 1,000 ms is a second.
    return f"{value * 1000:.0f} ms" if value < 0.9995 else f"{value:.1f} s"


def format_duration(value: timedelta) -> str:
    """Format *value* with its two largest units."""
    seconds = value.total_seconds()
    if seconds < 60:
        return format_seconds(seconds) if seconds < 10 else f"{seconds:.0f} s"
    for limit, size, unit, rest_unit in ((3600, 60, "min", "s"), (86_400, 3600, "h", "min")):
        if seconds < limit:
            return _with_rest(int(seconds), size, unit, size // 60, rest_unit)
    return _with_rest(int(seconds), 86_400, "d", 3600, "h")


def _with_rest(seconds: int, size: int, unit: str, rest_size: int, rest_unit: str) -> str:
    rest = seconds % size // rest_size
    return f"{seconds // size} {unit} {rest} {rest_unit}" if rest else f"{seconds // size} {unit}"


def format_bytes(size: int) -> str:
    """Format *size* in units of 1,024, in which the API gives its limits."""
    if size < 1024:
        return format_count(size, "byte")
    value, unit = next(
        (size / factor, unit)
        for factor, unit in ((1024**3, "GB"), (1024**2, "MB"), (1024, "KB"))
        if size >= factor
    )
    return f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def format_dollars(amount: Decimal) -> str:
    """Format *amount* with at least two significant digits, however small it is."""
    if not amount:
        return "$0"
    digits = 2 if amount >= 1 else min(8, 1 - amount.adjusted())
    return f"${amount:,.{digits}f}"


def format_cost(cost: "Cost") -> str:
    """Format a cost, and OpenAI's list price if the server charges nothing or its price is unknown."""
    list_price = f"{format_dollars(cost.list_amount)} at OpenAI's list price" if cost.list_amount else ""
    if cost.amount is None:
        return f"cost not available, {list_price}" if list_price else "cost not available"
    amount = format_dollars(cost.amount)
    return f"{amount} ({list_price})" if list_price else amount


def relative_time(moment: datetime, now: datetime) -> str:
    """Format the time since *moment* in at most three words; the date after a week."""
    seconds = (now - moment).total_seconds()
    if seconds < 60:
        return "now"
    for limit, size, unit in ((3600, 60, "min"), (86_400, 3600, "h"), (7 * 86_400, 86_400, "d")):
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    day = f"{moment.day} {moment:%b}"
    return day if moment.year == now.year else f"{day} {moment.year}"


def metric_line(metrics: Mapping[str, str]) -> None:
    """Draw *metrics*, a value by its label, on one line: each value before its label."""
    st.markdown(
        " · ".join(
            f"**{escape_markdown(value)}** {escape_markdown(label)}" for label, value in metrics.items()
        )
    )

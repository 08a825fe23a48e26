"""The current time in a time zone, and arithmetic with dates."""

import calendar
from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

_DAY = Field(description="Date as YYYY-MM-DD")
_Amount = Annotated[int, Field(ge=-100_000, le=100_000)]


def get_current_time(
    timezone: Annotated[
        str, Field(description="IANA time zone, for example Asia/Seoul or UTC", max_length=60)
    ] = "UTC",
) -> dict[str, str]:
    """Get the current date, time and weekday in a time zone."""
    try:
        now = datetime.now(ZoneInfo(timezone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"Unknown time zone {timezone!r}. Use a name such as Asia/Seoul.") from None
    return {
        "timezone": timezone,
        "date": f"{now:%Y-%m-%d}",
        "time": f"{now:%H:%M:%S}",
        "weekday": f"{now:%A}",
        "utc_offset": now.isoformat()[-6:],
    }


def add_to_date(
    start: Annotated[date, _DAY],
    days: _Amount = 0,
    weeks: _Amount = 0,
    months: _Amount = 0,
    years: Annotated[int, Field(ge=-5_000, le=5_000)] = 0,
) -> dict[str, str]:
    """Add days, weeks, months and years to a date, or subtract negative ones."""
    month = start.month - 1 + months
    year = start.year + years + month // 12
    month = month % 12 + 1
    try:
        # 31 January plus a month is the last day of February.
        day = min(start.day, calendar.monthrange(year, month)[1])
        result = date(year, month, day) + timedelta(days=days, weeks=weeks)
    except (ValueError, OverflowError):
        raise ValueError("The result is outside the years 1 to 9999.") from None
    return {"start": start.isoformat(), "result": result.isoformat(), "weekday": f"{result:%A}"}


def count_days(start: Annotated[date, _DAY], end: Annotated[date, _DAY]) -> dict[str, int | str]:
    """Count the days, and the working days (Monday to Friday), from one date up to the day before another."""
    days = (end - start).days
    first, last = min(start, end), max(start, end)
    weeks, rest = divmod((last - first).days, 7)
    working_days = weeks * 5 + sum((first + timedelta(days=day)).weekday() < 5 for day in range(rest))
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "days": days,
        "working_days": working_days if days >= 0 else -working_days,
    }

"""The groups of a list of conversations: pinned ones, and the others by the day of their last use."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.conversations.messages import Conversation

PINNED = "Pinned"


def time_zone(name: str | None) -> tzinfo:
    """Return the time zone that a browser reports; UTC if this system does not know it."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the name is the browser's, such as "../UTC"
        return UTC


def group_by_date(
    conversations: Sequence[Conversation], now: datetime, zone: tzinfo
) -> dict[str, list[Conversation]]:
    """Return *conversations* by the title of their group, in their order. Days are those of *zone*."""
    groups: dict[str, list[Conversation]] = {}
    for conversation in conversations:
        title = PINNED if conversation.pinned else date_group(conversation.used_at, now, zone)
        groups.setdefault(title, []).append(conversation)
    return groups


def date_group(moment: datetime, now: datetime, zone: tzinfo) -> str:
    day, today = moment.astimezone(zone).date(), now.astimezone(zone).date()
    days = (today - day).days  # of the calendar, as the day on which clocks change has 23 or 25 hours
    if days < 1:
        return "Today"  # also a time in the future, by a clock that was set back
    if days == 1:
        return "Yesterday"
    for limit in (7, 30):
        if days <= limit:
            return f"Previous {limit} days"
    return f"{day:%B}" if day.year == today.year else f"{day:%B %Y}"

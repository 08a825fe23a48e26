"""The groups of conversations by the day of their last use, in the time zone of the person."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversations.date_groups import PINNED, date_group, group_by_date, time_zone
from core.conversations.messages import Conversation

SEOUL = ZoneInfo("Asia/Seoul")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZONES = (
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "Australia/Lord_Howe",
)


def conversation(used_at: datetime, title: str = "", *, pinned: bool = False) -> Conversation:
    return Conversation(title, title, used_at, used_at, pinned=pinned)


@pytest.mark.parametrize(
    ("days", "group"),
    [
        (0, "Today"),
        (1, "Yesterday"),
        (2, "Previous 7 days"),
        (7, "Previous 7 days"),
        (8, "Previous 30 days"),
        (30, "Previous 30 days"),
        (31, "October"),
        (325, "January"),
        (326, "December 2025"),
    ],
)
def test_names_the_group_by_the_age_in_days(days: int, group: str) -> None:
    assert date_group(NOW - timedelta(days=days), NOW, UTC) == group


def test_begins_a_day_at_midnight_of_the_time_zone() -> None:
    now = datetime(2026, 11, 23, 0, 10, tzinfo=SEOUL)

    assert date_group(now - timedelta(minutes=10), now, SEOUL) == "Today"
    assert date_group(now - timedelta(minutes=11), now, SEOUL) == "Yesterday"
    assert date_group(now - timedelta(minutes=11), now, UTC) == "Today"


def test_counts_days_of_the_calendar_where_clocks_change() -> None:
    # On 1 November 2026 the day has 25 hours in New York.
    now = datetime(2026, 11, 2, 0, 30, tzinfo=NEW_YORK)

    assert date_group(datetime(2026, 11, 1, 0, 0, tzinfo=NEW_YORK), now, NEW_YORK) == "Yesterday"
    assert date_group(datetime(2026, 10, 31, 23, 59, tzinfo=NEW_YORK), now, NEW_YORK) == "Previous 7 days"


def test_takes_a_time_in_the_future_as_today() -> None:
    assert date_group(NOW + timedelta(days=3), NOW, UTC) == "Today"


@given(
    st.lists(st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)), max_size=20),
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.sampled_from(ZONES).map(ZoneInfo),
)
def test_keeps_the_order_and_has_each_title_once(
    moments: list[datetime], now: datetime, zone: ZoneInfo
) -> None:
    conversations = [conversation(moment) for moment in sorted(moments, reverse=True)]

    groups = group_by_date(conversations, now, zone)

    assert [item for members in groups.values() for item in members] == conversations
    for newer, older in pairwise(groups.values()):
        days = [item[0].used_at.astimezone(zone).date() for item in (newer, older)]
        assert days[0] > days[1]


def test_has_pinned_conversations_in_a_group_of_their_own() -> None:
    old, new = conversation(NOW - timedelta(days=90), "old", pinned=True), conversation(NOW, "new")

    assert group_by_date([old, new], NOW, UTC) == {PINNED: [old], "Today": [new]}


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Olympus_Mons", "../../etc/passwd", "/etc/localtime", "Asia"]
)
def test_takes_an_unknown_time_zone_as_utc(name: str | None) -> None:
    assert time_zone(name) is UTC


def test_knows_the_time_zones_of_browsers() -> None:
    assert time_zone("Asia/Seoul") == SEOUL

"""Questions about dates, by the calendar alone: the sandbox has no clock."""

import calendar
import re
from datetime import date, timedelta

from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.replies.style import Style

_MONTHS = [calendar.month_name[number].lower() for number in range(1, 13)]
_MAX_LENGTH = 160
_DAYS = list(calendar.day_name)
_DAYS_KO = "월화수목금토일"
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)
_DATE = re.compile(
    r"(?P<y>\d{4})(?:-|/|\.|년)\s*(?P<m>\d{1,2})(?:-|/|\.|월)\s*(?P<d>\d{1,2})일?"
    rf"|(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month2>{_MONTH})\.?,?\s+(?P<year2>\d{{4}})",
    re.I,
)
_SHIFT = re.compile(
    r"(?P<n>\d{1,5})\s*(?P<unit>days?|weeks?|일|주)\s*"
    r"(?P<way>after|from|later than|before|prior to|후|뒤|전|이전)",
    re.I,
)
_NOW = re.compile(
    r"\b(?:what(?:'s| is)? (?:the )?(?:date|day|time)|today'?s date|what time is it)\b"
    r"|오늘.*(?:며칠|날짜|요일)|지금.*몇\s*시",
    re.I,
)


def answer_dates(prompt: ChatPrompt, style: Style) -> str | None:
    """Answer a question about dates, or None if it is not one."""
    question = prompt.question
    if len(question) > _MAX_LENGTH:
        return None
    found = find_dates(question)
    rest = _DATE.sub(" ", question)
    if len(found) >= 2:
        return _between(found[0], found[1], style)
    if not found:
        return _no_clock(style) if _NOW.search(question) else None
    shift = _SHIFT.search(rest)
    return _shifted(found[0], shift, style) if shift else _weekday(found[0], style)


def find_dates(text: str) -> list[date]:
    """List the dates written in *text*, in its order."""
    return [day for match in _DATE.finditer(text) if (day := _read(match)) is not None]


def _read(match: re.Match[str]) -> date | None:
    month = match["month"] or match["month2"]
    try:
        if month is None:
            return date(int(match["y"]), int(match["m"]), int(match["d"]))
        number = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(month[:3].lower()))
        return date(int(match["year"] or match["year2"]), number, int(match["day"] or match["day2"]))
    except ValueError:
        return None


def _named(day: date, style: Style) -> str:
    korean = f"{day.year}년 {day.month}월 {day.day}일({_DAYS_KO[day.weekday()]})"
    return style.language.localise(f"{_DAYS[day.weekday()]}, {day.isoformat()}", korean)


def _between(first: date, second: date, style: Style) -> str:
    days = abs((second - first).days)
    weeks, rest = divmod(days, 7)
    start, end = _named(min(first, second), style), _named(max(first, second), style)
    return style.language.localise(
        f"From {start} to {end} it is **{days:,} days**: {weeks:,} weeks and {rest} days.",
        f"{start}부터 {end}까지는 **{days:,}일**, 곧 {weeks:,}주 {rest}일입니다.",
    )


def _shifted(day: date, shift: re.Match[str], style: Style) -> str | None:
    days = int(shift["n"]) * (7 if shift["unit"].lower().startswith(("week", "주")) else 1)
    back = shift["way"].lower() in ("before", "prior to", "전", "이전")
    try:
        moved = day + timedelta(days=-days if back else days)
    except OverflowError:
        return None
    return f"**{_named(moved, style)}**"


def _weekday(day: date, style: Style) -> str | None:
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    number = day.timetuple().tm_yday
    return style.language.localise(
        f"**{_named(day, style)}** is day {number} of {366 if leap else 365}.",
        f"**{_named(day, style)}** 은 그해의 {number}번째 날입니다(전체 {366 if leap else 365}일).",
    )


def _no_clock(style: Style) -> str:
    return style.language.localise(
        "I cannot know: a model sees only what the request holds, and there is no clock in it. Put the date "
        "into the instructions, or offer a tool that tells the time.",
        "알 수 없습니다. 모델은 요청에 담긴 것만 보는데, 거기에는 시계가 없습니다. "
        "지시문에 날짜를 넣거나 시각을 알려 주는 도구를 주세요.",
    )

"""Dates, times and durations in a text, in the formats of JSON Schema."""

import calendar
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = [calendar.month_name[number].lower() for number in range(1, 13)]
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else "may" for name in _MONTHS)
_DATE = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s?(?:[-/.]|년)\s?(?P<m>\d{1,2})\s?(?:[-/.]|월)\s?(?P<d>\d{1,2})(?!\d)(?:\s?일)?"
    r"|(?<!\d)(?P<km>\d{1,2})\s?월\s?(?P<kd>\d{1,2})\s?일"
    rf"|\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?"
    rf"|\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)?\s+(?P<month2>{_MONTH})\b\.?(?:,?\s+(?P<year2>\d{{4}}))?"
    r"|(?<![\d/])(?P<um>\d{1,2})/(?P<ud>\d{1,2})/(?P<uy>\d{4})(?!\d)",
    re.I,
)
_RELATIVE = re.compile(
    r"\b(?:the day after tomorrow|today|tonight|tomorrow|yesterday)\b|\b(?:(?:next|this|coming) )?"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\bnext (?:week|month|year)\b"
    r"|오늘|내일|모레|글피|어제|(?:다음 ?주|이번 ?주|차주|금주)(?: ?[월화수목금토일]요일)?"
    r"|[월화수목금토일]요일",
    re.I,
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<h>[01]?\d|2[0-3]):(?P<m>[0-5]\d)(?::[0-5]\d)?(?!\d)\s?(?P<half>[ap]\.?m\b)?"
    r"|\b(?P<h2>\d{1,2})\s?(?P<half2>[ap]\.?m\b)"
    r"|(?:(?P<part>오전|오후|아침|저녁|밤|낮"
    r"|새벽)\s?)?(?<!\d)(?P<kh>\d{1,2})\s?시(?!간)(?:\s?(?P<km>\d{1,2})\s?분|\s?(?P<khalf>반))?"
    r"|\b(?P<noon>noon|midnight)\b|(?P<knoon>정오|자정)",
    re.I,
)
_DURATION = re.compile(
    r"(?P<n>\d+(?:\.\d+)?)\s?-?(?P<unit>hours?|hrs?|minutes?|mins?|seconds?|secs?|days?|weeks?|months?|years?"
    r"|시간|분|초|일간|일|주일|주|개월|년)(?![A-Za-z])",
    re.I,
)
_UNIT_CODES = (
    (r"hours?|hrs?|시간", "T{}H"),
    (r"minutes?|mins?|분", "T{}M"),
    (r"seconds?|secs?|초", "T{}S"),
    (r"weeks?|주일?", "{}W"),
    (r"months?|개월", "{}M"),
    (r"years?|년", "{}Y"),
    (r"days?|일간?", "{}D"),
)
_RELATIVE_DAYS = {
    "the day after tomorrow": 2,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "yesterday": -1,
    "오늘": 0,
    "내일": 1,
    "모레": 2,
    "글피": 3,
    "어제": -1,
}


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date as the text has it; *day* is None if its year is unknown, or if it depends on today."""

    text: str
    day: date | None
    start: int

    @property
    def value(self) -> str:
        return self.day.isoformat() if self.day else self.text


def find_date_mentions(text: str) -> list[DateMention]:
    """Return the dates in *text*. A date without a year gets that of the date before it."""
    mentions: list[DateMention] = []
    year: int | None = None
    for match in sorted((*_DATE.finditer(text), *_RELATIVE.finditer(text)), key=lambda match: match.start()):
        if mentions and match.start() < mentions[-1].start + len(mentions[-1].text):
            continue
        day = _parse_date(match, year) if match.re is _DATE else None
        has_year = any(match.groupdict().get(name) for name in ("y", "year", "year2", "uy"))
        if day is None and has_year:
            continue
        year = day.year if day else year
        mentions.append(DateMention(match.group().strip(), day, match.start()))
    return mentions


def resolve_relative(text: str, today: date) -> date | None:
    """Return the day that *text*, such as "tomorrow", means on *today*."""
    days = _RELATIVE_DAYS.get(text.lower())
    return today + timedelta(days=days) if days is not None else None


def find_clock_times(text: str) -> list[str]:
    """Return the times of day in *text* as `HH:MM`."""
    return list(dict.fromkeys(filter(None, map(_parse_time, _TIME.finditer(text)))))


def find_durations(text: str) -> list[tuple[float, str, str]]:
    """Return number, unit and ISO 8601 form of each duration."""
    result = []
    for match in _DURATION.finditer(text):
        code = next(code for pattern, code in _UNIT_CODES if re.fullmatch(pattern, match["unit"], re.I))
        number = float(match["n"])
        result.append((number, match["unit"], f"P{code.format(f'{number:g}'.split('.')[0])}"))
    return result


def _parse_date(match: re.Match[str], year: int | None) -> date | None:
    number = {name: int(value) for name, value in match.groupdict().items() if value and value.isdecimal()}
    month_name = match["month"] or match["month2"]
    months = {name[:3]: index for index, name in enumerate(_MONTHS, 1)}
    month = (
        months[month_name[:3].lower()]
        if month_name
        else number.get("m", number.get("km", number.get("um", 0)))
    )
    day = next((number[name] for name in ("d", "kd", "day", "day2", "ud") if name in number), 0)
    year = next((number[name] for name in ("y", "year", "year2", "uy") if name in number), year)
    with suppress(ValueError):
        return date(year, month, day) if year else None
    return None


def _parse_time(match: re.Match[str]) -> str | None:
    if match["noon"] or match["knoon"]:
        return "12:00" if (match["noon"] or match["knoon"]).lower() in ("noon", "정오") else "00:00"
    hour = int(match["h"] or match["h2"] or match["kh"])
    minute = int(match["m"] or match["km"] or (30 if match["khalf"] else 0))
    half = (match["half"] or match["half2"] or "").lower()[:1]
    if half == "p" or match["part"] in ("오후", "저녁", "밤", "낮"):
        hour += 12 if hour < 12 else 0
    elif hour == 12 and (half == "a" or match["part"] in ("오전", "새벽")):
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 else None

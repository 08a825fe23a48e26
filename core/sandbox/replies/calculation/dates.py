"""Answers about dates from the calendar alone, as the sandbox has no clock."""

import calendar
import re
from contextlib import suppress
from datetime import date, timedelta

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.language.number_words import ENGLISH_NUMBERS, KOREAN_NUMBERS
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_MONTHS = [calendar.month_name[number].lower() for number in range(1, 13)]
_MAX_LENGTH = 160
_WEEKDAYS = list(calendar.day_name)
_KOREAN_WEEKDAYS = "월화수목금토일"
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTHS)
_DATE = re.compile(
    r"(?P<y>\d{4})(?:-|/|\.|년)\s*(?P<m>\d{1,2})(?:-|/|\.|월)\s*(?P<d>\d{1,2})일?"
    r"|(?P<m2>\d{1,2})월\s*(?P<d2>\d{1,2})일"
    rf"|(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month2>{_MONTH})\b(?:\.?,?\s+(?P<year2>\d{{4}}))?",
    re.I,
)
_NUMBERS = {"a": 1, **ENGLISH_NUMBERS, **KOREAN_NUMBERS}
_OFFSET = re.compile(
    rf"(?P<n>\d{{1,5}}|(?<![a-z가-힣])(?:{'|'.join(_NUMBERS)}))\s*(?P<unit>days?|weeks?|일|주)\s*"
    r"(?P<direction>after|from|later than|before|prior to|후|뒤|전|이전)",
    re.I,
)
_ABOUT_ONE_DAY = re.compile(r"\bday\b|weekday|요일|번째|며칠째|몇 ?주차|\bweek of\b", re.I)
_NOW = re.compile(
    r"\bwhat(?:'s| is)? (?:the )?(?:current )?(?:date|day|time)(?: is it)?(?: today| now| right now)?\W*$"
    r"|\bwhat time is it\W*(?:now\W*)?$|\btoday'?s date\b"
    r"|오늘\S*\s*(?:이\s*)?(?:며칠|날짜|(?:무슨\s*)?요일)|지금\S*\s*(?:은\s*)?몇\s*시(?!간)",
    re.I,
)
_FROM_NOW = re.compile(r"\b(?:until|till|since|ago|left|how old)\b|남았|남은|지났|된 ?지|며칠 ?전", re.I)
_ABOUT_DAYS = re.compile(
    r"\b(?:days?|weeks?|weekday|how long|between|until|after|before)\b|요일|며칠|몇 ?일|몇 ?주"
    r"|일 ?(?:후|뒤|전)|사이",
    re.I,
)


def answer_dates(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Answer a question about dates, or return None if it is not about dates."""
    question = strip_form(prompt.question)
    dates = find_dates(question)
    if dates:
        dates = find_dates(question, dates[0].year)
    if len(question) > _MAX_LENGTH or (dates and not _ABOUT_DAYS.search(question)):
        return None
    if len(dates) >= 2:
        return _answer_interval(min(dates[:2]), max(dates[:2]), style)
    if dates and (offset := _OFFSET.search(_DATE.sub(" ", question))):
        # Without the date, whose day could be read as the number of days in "1 January 2026 days after".
        return _answer_offset(dates[0], offset, style)
    if dates and _ABOUT_ONE_DAY.search(question):
        day = dates[0]
        number, length = day.timetuple().tm_yday, 366 if calendar.isleap(day.year) else 365
        shown, weekday = _format_date(day, style), day.weekday()
        return Answer(
            style.language.localise(
                f"**{shown}** is day {number} of {length}.",
                f"**{shown}** 은 그해의 {number}번째 날입니다(전체 {length}일).",
            ),
            span=style.language.localise(_WEEKDAYS[weekday], f"{_KOREAN_WEEKDAYS[weekday]}요일"),
        )
    if not (_FROM_NOW if dates else _NOW).search(question):
        return None
    return Answer(
        style.language.localise(
            "I cannot know: a model receives only the request, and the request does not contain the date. "
            "Put the date into the instructions, or provide a tool that returns the time.",
            "알 수 없습니다. 모델은 요청만 받는데, 요청에는 날짜가 없습니다. "
            "지시문에 날짜를 넣거나 시각을 반환하는 도구를 제공하세요.",
        )
    )


def find_dates(text: str, default_year: int | None = None) -> list[date]:
    """Return the valid dates in *text*, in their order; those without a year only with a *default_year*."""
    dates = []
    for match in _DATE.finditer(text):
        month_name = (match["month"] or match["month2"] or "")[:3].lower()
        month = match["m"] or match["m2"]
        if not month:
            month = next(n for n, name in enumerate(_MONTHS, 1) if name.startswith(month_name))
        year = match["y"] or match["year"] or match["year2"] or default_year
        day = match["d"] or match["d2"] or match["day"] or match["day2"]
        # The pattern also matches days and months that do not exist.
        with suppress(ValueError):
            dates += [date(int(year), int(month), int(day))] if year else []
    return dates


def _answer_interval(start: date, end: date, style: Style) -> Answer:
    days = (end - start).days
    weeks, rest = divmod(days, 7)
    first, last = _format_date(start, style), _format_date(end, style)
    return Answer(
        style.language.localise(
            f"From {first} to {last} it is **{days:,} days**: {weeks:,} weeks and {rest} days.",
            f"{first}부터 {last}까지는 **{days:,}일**, 곧 {weeks:,}주 {rest}일입니다.",
        ),
        span=str(days),
    )


def _answer_offset(day: date, offset: re.Match[str], style: Style) -> Answer | None:
    number, unit = offset["n"].lower(), offset["unit"].lower()
    days = (_NUMBERS.get(number) or int(number)) * (7 if unit.startswith(("week", "주")) else 1)
    is_before = offset["direction"].lower() in ("before", "prior to", "전", "이전")
    try:
        result = day + timedelta(days=-days if is_before else days)
    except OverflowError:
        return None
    shown = _format_date(result, style)
    return Answer(f"**{shown}**", shown, result.isoformat())


def _format_date(day: date, style: Style) -> str:
    korean = f"{day.year}년 {day.month}월 {day.day}일({_KOREAN_WEEKDAYS[day.weekday()]})"
    return style.language.localise(f"{_WEEKDAYS[day.weekday()]}, {day.isoformat()}", korean)

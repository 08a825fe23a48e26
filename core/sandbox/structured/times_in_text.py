"""Dates, times of day and durations for the fields of a schema."""

import re

from core.sandbox.structured.dates import DateMention, find_clock_times, find_durations
from core.sandbox.structured.document import Document
from core.sandbox.structured.kinds import find_kind
from core.sandbox.structured.question import FieldQuestion

_DUE = re.compile(
    r"(?:\b(?:due|by|until|before|deadline|expires?)\b[^.\n]{0,20}|마감[^.\n]{0,10}|기한[^.\n]{0,10})$", re.I
)
_DUE_AFTER = re.compile(r"^[^.\n]{0,2}(?:까지|마감|만료)")


def find_dates(question: FieldQuestion, document: Document) -> list[str]:
    text = document.text
    is_due = {
        mention: bool(
            _DUE.search(text[max(0, mention.start - 30) : mention.start])
            or _DUE_AFTER.match(text[mention.start + len(mention.text) :][:12])
        )
        for mention in document.dates
    }
    if question.kind == "due_date":
        mentions = [mention for mention, due in is_due.items() if due]
    elif question.kind == "birth_date":
        mentions = [
            mention
            for mention in document.dates
            if find_kind(text[max(0, mention.start - 20) : mention.start + len(mention.text) + 8].lower())
            == "birth_date"
        ]
    else:
        mentions = [mention for mention, due in is_due.items() if not due] or document.dates
        # A full date before a weekday or "tomorrow".
        mentions = sorted(mentions, key=lambda mention: mention.day is None)
    return [format_date(question, mention, text[mention.start :]) for mention in mentions]


def format_date(question: FieldQuestion, mention: DateMention, after: str) -> str:
    if question.format != "date-time" or mention.day is None:
        return mention.value
    times = find_clock_times(after[:60])
    return f"{mention.value}T{times[0] if times else '00:00'}:00Z"


def find_times(question: FieldQuestion, document: Document) -> list[str]:
    suffix = ":00Z" if question.format == "time" else ""
    return [f"{time}{suffix}" for time in find_clock_times(document.text)]


def find_durations_in(question: FieldQuestion, document: Document) -> list[str]:
    durations = find_durations(document.text)
    if question.format == "duration":
        return [code for _, _, code in durations]
    return [f"{number:g}{'' if unit[0] > 'z' else ' '}{unit}" for number, unit, _ in durations]

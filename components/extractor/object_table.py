"""The values of extracted objects, how far several extractions agree, and where the text has each value."""

import json
from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.extractor.session import ExtractionAttempt
from components.ui.markdown_escape import escape_markdown
from core.extractor.results.consistency import FieldAgreement, ValueCount, field_agreement
from core.extractor.results.outcome import Outcome
from core.extractor.results.sources import ValueSource, find_sources
from core.json_schema.validation import value_path

_MAX_ROWS = 200  # each is Markdown, and drawn again while a reply arrives
_MAX_OTHERS = 5


def object_table(
    attempts: Sequence[ExtractionAttempt], outcomes: Sequence[Outcome], *, are_repetitions: bool
) -> None:
    """Draw a row for each value: those of each attempt side by side, or of repetitions the majority."""
    pairs = zip(attempts, outcomes, strict=True)
    shown = [
        (attempt.label, outcome.value) for attempt, outcome in pairs if isinstance(outcome.value, dict | list)
    ]
    if not shown:
        return
    fields = field_agreement([value for _label, value in shown])
    text = attempts[0].extraction.text
    if are_repetitions:
        rows = _majority_rows(fields[:_MAX_ROWS], text)
    else:
        # One of several attempts has a column with its name also while it is the only one with a value.
        labelled = shown if len(attempts) > 1 else [("Value", value) for _label, value in shown]
        rows = _attempt_rows(labelled, fields[:_MAX_ROWS], text, is_compared=len(attempts) > 1)
    st.table(rows, hide_index=True)
    if len(fields) > _MAX_ROWS:
        st.caption(f"The first {_MAX_ROWS:,} of {len(fields):,} values. A saved row has all of them.")
    st.caption("A value without a sentence does not occur literally in the text: it is derived, or made up.")


def _majority_rows(fields: Sequence[FieldAgreement], text: str) -> list[dict[str, str]]:
    # Each of them is a single value, so it has one source.
    sources = find_sources([field.majority.value for field in fields], text)
    return [
        {
            "Field": _field(field),
            "Majority": _value(field.majority),
            "Agreement": _agreement(field),
            "Other values": _other_values(field),
            "In the text": _quote(source),
        }
        for field, source in zip(fields, sources, strict=True)
    ]


def _other_values(field: FieldAgreement) -> str:
    others = field.values[1:]
    parts = [f"{_value(other)} ({other.count})" for other in others[:_MAX_OTHERS]]
    if len(others) > _MAX_OTHERS:
        parts.append(f"{len(others) - _MAX_OTHERS} more")
    return " · ".join(parts)


def _attempt_rows(
    shown: Sequence[tuple[str, Any]], fields: Sequence[FieldAgreement], text: str, *, is_compared: bool
) -> list[dict[str, str]]:
    columns = {label: {source.path: source for source in find_sources(value, text)} for label, value in shown}
    rows = []
    for field in fields:
        located = {label: cells.get(field.path) for label, cells in columns.items()}
        rows.append(
            {
                "Field": _field(field),
                **{
                    label: _value(ValueCount(source.value, 1)) if source else "—"
                    for label, source in located.items()
                },
                **({"Agreement": _agreement(field)} if is_compared else {}),
                "In the text": _quote(
                    next((source for source in located.values() if source and source.sentence), None)
                ),
            }
        )
    return rows


def _field(field: FieldAgreement) -> str:
    return f"`{value_path(field.path).replace('`', '')}`"


def _agreement(field: FieldAgreement) -> str:
    icon = ":green[:material/check:]" if field.is_unanimous else ":orange[:material/difference:]"
    return f"{icon} {field.majority.count} of {field.total}"


def _value(value: ValueCount) -> str:
    if value.is_missing:
        return "—"
    text = value.value if isinstance(value.value, str) else json.dumps(value.value, ensure_ascii=False)
    return escape_markdown(text) or "(empty)"


def _quote(source: ValueSource | None) -> str:
    """Return the sentence of *source* with its value marked."""
    if source is None or not source.sentence:
        return "—"
    sentence, start, end = source.sentence, source.start, source.end
    before, match, after = (_escape(part) for part in (sentence[:start], sentence[start:end], sentence[end:]))
    return f"{before}:primary-background[{match}]{after}"


def _escape(text: str) -> str:
    """Escape a part of a sentence, with the spaces at its ends."""
    spaces = [" " if edge.isspace() else "" for edge in (text[:1], text[-1:])]
    return f"{spaces[0]}{escape_markdown(text)}{spaces[1]}" if text.strip() else text

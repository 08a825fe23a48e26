"""Answers from the rows of a table, or of lines with labels and values."""

import re
from dataclasses import dataclass
from fractions import Fraction

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.extraction.answer_types import ANSWER_TYPES, find_answer_type
from core.sandbox.replies.language.matching import match_weight

_RULE = re.compile(r"^[\s|:=-]+$")
_LEAST = re.compile(
    r"\b(?:lightest|cheapest|lowest|smallest|shortest|least|fewest|fastest|minimum|youngest)\b|낮은|적은|작은"
    r"|가벼운|싼|저렴|짧은",
    re.I,
)
_MOST = re.compile(
    r"\b(?:heaviest|dearest|highest|largest|biggest|longest|most|maximum|tallest|oldest|priciest)\b|높은"
    r"|많은|큰|무거운|비싼|긴",
    re.I,
)
_KOREAN_MOST = re.compile(r"가장|제일|최고|최저|최대|최소")
# What a superlative compares, if the question does not name it.
_COMPARED = (
    (re.compile(r"lightest|heaviest|가벼운|무거운", re.I), "weight"),
    (re.compile(r"cheapest|priciest|most expensive|dearest|싼|비싼|저렴", re.I), "money"),
    (re.compile(r"tallest|longest|shortest|highest", re.I), "length"),
)
_UNITS = ((re.compile(r"calorie|칼로리|열량", re.I), re.compile(r"\d\s?k?cal", re.I)),)
_HEADERS = (
    (
        re.compile(r"\bsender\b|\bwho sent\b|\bfrom whom\b|보낸 ?(?:사람|이|분)|발신", re.I),
        r"from|보낸 ?사람|발신(?:자|인)?",
    ),
    (
        re.compile(r"\brecipient|\baddressee|\bto whom\b|받는 ?(?:사람|이|분)|받은 ?사람|수신", re.I),
        r"to|받는 ?사람|수신(?:자|인)?",
    ),
    (re.compile(r"\bsubject\b|제목", re.I), r"subject|제목"),
)
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])?\s*(?P<name>[^:：|]{2,40}?)\s*[:：]\s*(?P<value>\S.*)$")


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name, and its cells by the name of their column (empty for a line with a label)."""

    name: str
    cells: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The row on one line."""
        return f"{self.name}: " + ", ".join(f"{name} {value}".strip() for name, value in self.cells)


def parse_rows(text: str) -> list[Row]:
    """Return the rows of the table in *text*, or its lines of the form `name: value, value`."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    grid = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    grid = [row for row in grid if not _RULE.match("|".join(row))]
    if len(grid) > 1:
        header = grid[0]
        return [Row(row[0], tuple(zip(header[1:], row[1:], strict=False))) for row in grid[1:]]
    items = [match for line in lines if (match := _ITEM.match(line))]
    return [
        Row(item["name"], tuple(("", value.strip()) for value in re.split(r",\s+", item["value"])))
        for item in items
    ]


def answer_from_rows(question: str, text: str) -> Answer | None:
    """Answer which row has a value or the most of something, or which value a row has."""
    rows = parse_rows(text)
    if len(rows) < 2:
        return None
    least, most = _LEAST.search(question), _MOST.search(question)
    if (least or most) and (
        _KOREAN_MOST.search(question) or re.search(r"est\b|\b(?:most|least)\b", question)
    ):
        return _superlative(question, rows, largest=most is not None)
    is_table = any(name for row in rows for name, _ in row.cells)
    return _cell(question, rows) if is_table else None


def answer_from_headers(question: str, text: str) -> Answer | None:
    """Answer from the header of a message: who sent it, to whom, with which subject."""
    label = next((label for pattern, label in _HEADERS if pattern.search(question)), None)
    match = re.search(rf"(?mi)^(?:{label})\s*[:：]\s*(?P<value>\S.*)$", text) if label else None
    if match is None:
        return None
    kind = find_answer_type(question)
    spans = kind.find(match["value"]) if kind else []
    value = spans[0] if spans else match["value"].strip()
    return Answer(f"**{value}**", value, value)


def _superlative(question: str, rows: list[Row], *, largest: bool) -> Answer | None:
    values = [(value, row) for row in rows if (value := _compared_value(question, row)) is not None]
    if len(values) < 2:
        return None
    best = (max if largest else min)(value for value, _ in values)
    winners = [row for value, row in values if value == best]
    if len(winners) > 1:
        return None
    return Answer(
        f"**{winners[0].name}** ({', '.join(value for _, value in winners[0].cells)})",
        winners[0].name,
        winners[0].name,
    )


def _compared_value(question: str, row: Row) -> Fraction | None:
    """Return the number in the column that the question names, else the one that a superlative compares."""
    scores = [(match_weight(question, name), value) for name, value in row.cells if name]
    score, value = max(scores, default=(0.0, ""), key=lambda pair: pair[0])
    unit = next((unit for pattern, unit in _UNITS if pattern.search(question)), None)
    if score < 0.3 and unit:
        value = next((value for _, value in row.cells if unit.search(value)), "")
    elif score < 0.3:
        kind_name = next((kind for pattern, kind in _COMPARED if pattern.search(question)), None)
        kind = next((kind for kind in ANSWER_TYPES if kind.name == kind_name), find_answer_type(question))
        spans = [span for _, cell in row.cells if kind for span in kind.find(cell)]
        value = spans[0] if spans else ""
    number = _NUMBER.search(value)
    return Fraction(number.group().replace(",", "")) if number else None


def _cell(question: str, rows: list[Row]) -> Answer | None:
    """Return the row whose cell the question quotes, or the cell of the row that it names."""
    squeezed = re.sub(r"\s", "", question.lower())
    quoted = []
    for row in rows:
        values = [re.sub(r"\s", "", value.lower()) for _, value in row.cells]
        if any(len(value) > 1 and any(map(str.isdigit, value)) and value in squeezed for value in values):
            quoted.append(row)
    named = [row for row in rows if re.sub(r"\s", "", row.name.lower()) in squeezed]
    if len(quoted) == 1 and not named:
        return Answer(
            f"**{quoted[0].name}** ({', '.join(value for _, value in quoted[0].cells)})",
            quoted[0].name,
            quoted[0].name,
        )
    if len(named) != 1 or not named[0].cells:
        return None
    row = named[0]
    scores = [(match_weight(question, name), name, value) for name, value in row.cells]
    score, name, value = max(scores, key=lambda cell: cell[0])
    if score < 0.3:
        kind = find_answer_type(question)
        cells = [(name, value) for name, value in row.cells if kind and kind.find(value)]
        if not cells:
            return None
        name, value = cells[0]
    return Answer(f"{row.name}, {name}: **{value}**", f"{row.name}: {value}", value)

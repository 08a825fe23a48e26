"""Numbers for the fields of a schema."""

import re
from collections.abc import Callable
from fractions import Fraction

from core.sandbox.replies.language.number_words import ENGLISH_NUMBERS
from core.sandbox.structured.dates import find_durations
from core.sandbox.structured.document import Amount, Document, find_numbers, parse_amount
from core.sandbox.structured.kinds import MONEY_KINDS
from core.sandbox.structured.question import FieldQuestion, find_labels, relevant_sentences

_AGE = re.compile(
    r"\b(?P<en>\d{1,3})[- ](?:years?[- ]old|yrs? old)\b|\bage[d:]?\s+(?P<aged>\d{1,3})\b"
    r"|(?<!\d)(?P<ko>\d{1,3})\s?(?:세|살)(?![가-힣]기)"
)
_PERCENT = re.compile(r"(?P<value>-?\d+(?:\.\d+)?)\s?(?:%|percent\b|퍼센트|프로(?![가-힣]))")
_RATING = re.compile(
    r"(?P<of>\d+(?:\.\d+)?)\s?(?:/|out of)\s?(?:5|10|100)\b|(?P<stars>\d+(?:\.\d+)?)[- ]?stars?\b"
    r"|(?:별점|평점|rating|score)\W{0,4}(?P<ko>\d+(?:\.\d+)?)"
    r"|(?P<points>\d+(?:\.\d+)?)\s?점",
    re.I,
)
_RATING_OF = re.compile(r"\d+\s?점 만점에\s?(?P<value>\d+(?:\.\d+)?)\s?점")
_EXPERIENCE = re.compile(
    (
        r"(?P<en>\d{1,2})\+?\s*(?:years?|yrs?)\b(?!\s*old)|경력\s*(?P<ko>\d{1,2})\s*년"
        r"|(?<!\d)(?P<before>\d{1,2})\s*년\s*(?:경력|의|차|간)"
    ),
    re.I,
)
_STARS = re.compile(r"★+")
_YEAR = re.compile(r"(?<![\d.,-])(?:1[5-9]|20)\d{2}(?![\d.,]*\d)")
_COUNTED = (
    r"(?P<value>\d{{1,3}}(?:,\d{{3}})+|\d+)\s*(?:명|개|건|대|장|권|people|persons|items|units|pieces"
    r"|pcs)?\s*(?:{name})"
)
_NAMES_OF_MONEY = {
    "tax": r"\b(?:tax|vat|gst)\b|세금|부가세|부가가치세|세액",
    "subtotal": r"\bsub-?total\b|소계|공급가",
    "discount": r"\bdiscount\b|할인",
    "unit_price": r"\b(?:unit price|each|per (?:unit|piece|item))\b|단가|개당",
    "total": r"(?<!sub)(?<!sub-)\btotal\b|\bamount due\b|합계|총액|총 ?금액|총계",
}
_UNIT_OF_DURATION = (
    ("minute", 60),
    ("분", 60),
    ("hour", 3600),
    ("시간", 3600),
    ("second", 1),
    ("초", 1),
    ("week", 604_800),
    ("주", 604_800),
    ("day", 86_400),
    ("일", 86_400),
)


def find_number(question: FieldQuestion, document: Document) -> Fraction | None:
    """Return the number that *question* asks for."""
    is_money = question.kind in MONEY_KINDS
    for label in find_labels(question, document):
        if is_money and re.search(r"\d", label.value):
            return parse_amount(label.value)
        if (
            question.kind == "duration"
            and (seconds := _duration(question, Document(label.value))) is not None
        ):
            return seconds
        if question.kind == "rating" and (rating := _rating(question, Document(label.value))) is not None:
            return rating
        if numbers := find_numbers(label.value):
            return numbers[0]
    finder = _FINDERS.get(question.kind, _next_to_name)
    return finder(question, document)


def _first_group(pattern: re.Pattern[str], text: str) -> Fraction | None:
    match = pattern.search(text)
    return Fraction(next(filter(None, match.groups()))) if match else None


def _percent(question: FieldQuestion, document: Document) -> Fraction | None:
    for text in (*relevant_sentences(question, document), document.text):
        if match := _PERCENT.search(text):
            return Fraction(match["value"])
    return None


def _money(question: FieldQuestion, document: Document) -> Fraction | None:
    amounts = document.amounts
    if name := _NAMES_OF_MONEY.get(question.kind):
        named = _nearest_amount(name, document.text, amounts)
        if named is not None or question.kind != "total":
            return named
        return max((amount.value for amount in amounts), default=None)
    nearest = _nearest_amount("|".join(map(re.escape, question.name_words)) or "$^", document.text, amounts)
    if nearest is not None:
        return nearest
    return amounts[question.rank].value if len(amounts) > question.rank else None


def _nearest_amount(name: str, text: str, amounts: list[Amount]) -> Fraction | None:
    """Return the amount that is nearest to *name*, on the same line and at most 40 characters away."""
    for match in re.finditer(name, text, re.I):
        end = text.find("\n", match.end())
        line_end = len(text) if end < 0 else end
        after = [
            amount for amount in amounts if match.end() <= amount.start < min(line_end, match.end() + 40)
        ]
        if after:
            return after[0].value
    return None


def _duration(question: FieldQuestion, document: Document) -> Fraction | None:
    durations = find_durations(document.text)
    if not durations:
        return None
    seconds = dict(_UNIT_OF_DURATION)
    wanted = next((size for name, size in _UNIT_OF_DURATION if name in question.words), None)
    number, unit, _ = durations[0]
    size = next((size for name, size in seconds.items() if unit.lower().startswith(name[: len(unit)])), None)
    if wanted and size:
        return Fraction(str(number)) * size / wanted
    return Fraction(str(number))


def _next_to_name(question: FieldQuestion, document: Document) -> Fraction | None:
    """Return the number beside the name of the field, else the only number of its sentence."""
    name = "|".join(re.escape(word.rstrip("s")) for word in question.name_words if len(word) > 1)
    if name and (match := re.search(_COUNTED.format(name=name), document.text, re.I)):
        return Fraction(match["value"].replace(",", ""))
    if name and (
        match := re.search(rf"\b(?P<value>{'|'.join(ENGLISH_NUMBERS)})\s+(?:{name})", document.text, re.I)
    ):
        return Fraction(ENGLISH_NUMBERS[match["value"].lower()])
    if name and (
        match := re.search(
            rf"(?:{name})\w*\W{{1,4}}(?:\w+\W+)?(?P<value>-?\d[\d,]*(?:\.\d+)?)", document.text, re.I
        )
    ):
        return Fraction(match["value"].replace(",", "").rstrip("."))
    for sentence in relevant_sentences(question, document)[:3]:
        numbers = find_numbers(sentence)
        if len(numbers) == 1:
            return numbers[0]
    return None


def _rating(_question: FieldQuestion, document: Document) -> Fraction | None:
    for pattern in (_RATING_OF, _RATING):
        if (rating := _first_group(pattern, document.text)) is not None:
            return rating
    stars = _STARS.search(document.text)
    return Fraction(len(stars.group())) if stars else None


def _year(question: FieldQuestion, document: Document) -> Fraction | None:
    years = [Fraction(match.group()) for match in _YEAR.finditer(document.text)]
    return years[question.rank] if question.rank < len(years) else None


_FINDERS: dict[str, Callable[[FieldQuestion, Document], Fraction | None]] = {
    "age": lambda _question, document: _first_group(_AGE, document.text),
    "percent": _percent,
    "rating": _rating,
    "year": _year,
    "answer": lambda _question, document: next(iter(find_numbers(document.answer)[-1:]), None),
    "experience": lambda _question, document: _first_group(_EXPERIENCE, document.text),
    "duration": _duration,
    **dict.fromkeys(MONEY_KINDS, _money),
}

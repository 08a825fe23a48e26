"""Numbers with their units in a question, in English and Korean."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from core.sandbox.replies.language.number_words import ENGLISH_NUMBERS, KOREAN_NUMBERS

_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# Without "one", which rarely counts something.
_WORDS = {word: number for word, number in ENGLISH_NUMBERS.items() if number > 1}
_KOREAN_WORDS = {**KOREAN_NUMBERS, "둘": 2, "셋": 3, "넷": 4}
_MULTIPLES = {"억": 10**8, "만": 10**4, "천": 1000, "백": 100}
# Kind, multiple of the base unit (gram, millilitre, metre, minute) and spelling.
_UNITS: tuple[tuple[str, str, str], ...] = (
    ("mass", "1000", r"kgs?|kilograms?|kilos?|킬로그램|킬로"),
    ("mass", "1", r"g|grams?|그램"),
    ("volume", "1000", r"l|lit(?:re|er)s?|리터"),
    ("volume", "1", r"ml|millilit(?:re|er)s?|밀리리터"),
    ("length", "1000", r"km|kilomet(?:re|er)s?|킬로미터"),
    ("length", "1/100", r"cm|centimet(?:re|er)s?|센티미터|센티"),
    ("length", "1", r"m|met(?:re|er)s?|미터"),
    ("duration", "60", r"hours?|hrs?|h|시간"),
    ("duration", "1", r"minutes?|mins?|분"),
)
UNIT_NAMES: dict[str, tuple[tuple[str, Fraction], ...]] = {
    "mass": (("kg", Fraction(1000)), ("g", Fraction(1))),
    "volume": (("l", Fraction(1000)), ("ml", Fraction(1))),
    "length": (("km", Fraction(1000)), ("m", Fraction(1)), ("cm", Fraction(1, 100))),
    "duration": (("hours", Fraction(60)), ("minutes", Fraction(1))),
}
_KOREAN_AMOUNT = r"(?:\d[\d,]{0,12}(?:\.\d{1,6})?\s?[억만천백]\s?){1,4}(?:\d[\d,]{0,12})?|(?:" + _DIGITS + ")"
_COUNTERS = (
    r"명|개|권|벌|잔|병|켤레|마리|장|대|봉지|상자|박스|인분|줄|송이|그릇|자루|판|캔|팩|통|곳"
    r"|사람|살|점|번|회|쌍|모|알|조각|컵"
)
_UNIT_PATTERN = "|".join(spelling for _, _, spelling in _UNITS)
_QUANTITY = re.compile(
    rf"(?P<clock>(?<![\d.,:])(?:[01]?\d|2[0-3]):[0-5]\d(?!\d)(?:\s?[ap]m\b)?|\b\d{{1,2}}\s?[ap]m\b"
    r"|(?:(?:오전|오후|아침|저녁|밤|낮|새벽)\s?)?\d{1,2}\s?시(?!간)(?:\s?\d{1,2}\s?분|\s?반)?)"
    rf"|(?P<percent>{_DIGITS})\s?(?:%|percent\b|퍼센트|프로(?![가-힣]{{2}}))"
    rf"|[$€£¥₩]\s?(?P<money>{_DIGITS})"
    rf"|(?P<money2>{_DIGITS})\s?(?:€|£|\$|(?:euros?|dollars?|pounds|won|bucks|USD|EUR|GBP|KRW)\b)"
    rf"|(?P<money3>{_KOREAN_AMOUNT})\s?원"
    rf"|(?P<per>(?:1|한)\s?(?:인|명|사람|개|잔|권|병|벌)\s?당|\bper (?:person|head|item)\b)"
    rf"|(?P<measure>{_DIGITS})\s?(?P<unit>{_UNIT_PATTERN})(?![A-Za-z])"
    rf"|(?P<count>{_DIGITS}|(?<![가-힣])(?:{'|'.join(_KOREAN_WORDS)}))\s?(?P<counter>{_COUNTERS})"
    r"|(?P<together>[둘셋넷]|다섯|여섯|\d+명)이서"
    rf"|(?P<number>(?<![A-Za-z0-9_.])(?:{_DIGITS})(?![A-Za-z0-9_])|\b(?:{'|'.join(_WORDS)})\b)",
    re.I,
)
_HUGE = re.compile(r"\d[\d,]{18}")
_CURRENCY = re.compile(r"[$€£¥₩]|euros?|dollars?|pounds|won\b|bucks|USD|EUR|GBP|KRW|원", re.I)
_SYMBOLS = {
    "euro": "€",
    "eur": "€",
    "doll": "$",
    "usd": "$",
    "buck": "$",
    "poun": "£",
    "gbp": "£",
    "won": "₩",
    "krw": "₩",
    "원": "원",
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, what it measures, its currency if it is money, and where it stands."""

    value: Fraction
    kind: str
    text: str
    start: int
    end: int
    currency: str = ""


def find_quantities(text: str) -> list[Quantity]:
    """Return the quantities in *text*, in base units; none if a number is huge. "1인당" is no quantity."""
    if _HUGE.search(text):
        return []
    result = []
    for match in _QUANTITY.finditer(text):
        kind = match.lastgroup or ""
        if kind == "per":
            continue
        for name, parse in _PARSERS:
            if match[name] is not None:
                value, label = parse(match)
                currency = _currency(match.group()) if label == "money" else ""
                result.append(
                    Quantity(value, label, match.group().strip(), match.start(), match.end(), currency)
                )
                break
    return result


def parse_number(text: str) -> Fraction:
    """Parse digits with separators, and Korean amounts such as `3만 5천`."""
    total, text = Fraction(0), text.replace(",", "").replace(" ", "")
    for digits, multiple in re.findall(r"(\d+(?:\.\d+)?)([억만천백])?", text):
        total += Fraction(digits) * _MULTIPLES.get(multiple, 1)
    return total


def _currency(text: str) -> str:
    match = _CURRENCY.search(text)
    if match is None:
        return ""
    name = match.group().lower()
    return name if name in "$€£¥₩" else _SYMBOLS.get(name[:4], _SYMBOLS.get(name[:3], name))


def _parse_clock(match: re.Match[str]) -> tuple[Fraction, str]:
    """Return the minutes since midnight."""
    text = match["clock"].lower()
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 30 if "반" in text else 0
    if re.search(r"pm|오후|저녁|밤|낮", text) and hour < 12:
        hour += 12
    if re.search(r"am|오전|새벽", text) and hour == 12:
        hour = 0
    return Fraction(hour * 60 + minute), "clock"


def _parse_measure(match: re.Match[str]) -> tuple[Fraction, str]:
    unit = match["unit"].lower()
    kind, multiple = next(
        (kind, multiple) for kind, multiple, spelling in _UNITS if re.fullmatch(spelling, unit, re.I)
    )
    return parse_number(match["measure"]) * Fraction(multiple), kind


def _parse_count(match: re.Match[str]) -> tuple[Fraction, str]:
    text = match["count"]
    value = Fraction(_KOREAN_WORDS[text]) if text in _KOREAN_WORDS else parse_number(text)
    return value, "people" if match["counter"] in ("명", "사람") else "count"


def _parse_together(match: re.Match[str]) -> tuple[Fraction, str]:
    text = match["together"]
    return Fraction(_KOREAN_WORDS.get(text) or int(text.removesuffix("명"))), "people"


def _parse_plain(match: re.Match[str]) -> tuple[Fraction, str]:
    text = match["number"].lower()
    return Fraction(_WORDS[text]) if text in _WORDS else parse_number(text), "number"


def _parser(group: str, kind: str) -> Callable[[re.Match[str]], tuple[Fraction, str]]:
    return lambda match: (parse_number(match[group]), kind)


_PARSERS: tuple[tuple[str, Callable[[re.Match[str]], tuple[Fraction, str]]], ...] = (
    ("clock", _parse_clock),
    ("percent", _parser("percent", "percent")),
    ("money", _parser("money", "money")),
    ("money2", _parser("money2", "money")),
    ("money3", _parser("money3", "money")),
    ("measure", _parse_measure),
    ("count", _parse_count),
    ("together", _parse_together),
    ("number", _parse_plain),
)

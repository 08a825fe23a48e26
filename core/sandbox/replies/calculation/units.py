"""Conversions of one amount into another unit: lengths, masses, volumes and temperatures."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.calculation.arithmetic import format_number
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_MAX_LENGTH = 120


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of a *kind*: an amount of the base unit is *scale* times its number, plus *offset*."""

    kind: str
    scale: Fraction
    english: str
    korean: str
    spelling: str
    offset: Fraction = Fraction(0)


def _unit(kind: str, scale: str, english: str, korean: str, spelling: str, offset: str = "0") -> _Unit:
    return _Unit(kind, Fraction(scale), english, korean, spelling, Fraction(offset))


# Base units are metre, gram, litre and degree Celsius.
_UNITS = (
    _unit("length", "1000", " km", " km", r"km|kms|kilomet(?:er|re)s?|킬로미터"),
    _unit("length", "1", " m", " m", r"m|met(?:er|re)s?|미터"),
    _unit("length", "0.01", " cm", " cm", r"cm|cms|centimet(?:er|re)s?|센티미터|센티|센치"),
    _unit("length", "0.001", " mm", " mm", r"mm|millimet(?:er|re)s?|밀리미터"),
    _unit("length", "1609.344", " mi", "마일", r"mi|miles?|마일"),
    _unit("length", "0.9144", " yd", "야드", r"yd|yards?|야드"),
    _unit("length", "0.3048", " ft", "피트", r"ft|foot|feet|피트"),
    _unit("length", "0.0254", " in", "인치", r"in|inch|inches|인치"),
    _unit("mass", "1000", " kg", " kg", r"kg|kgs|kilos?|kilograms?|킬로그램|킬로"),
    _unit("mass", "1", " g", " g", r"g|grams?|그램"),
    _unit("mass", "453.59237", " lb", "파운드", r"lb|lbs|pounds?|파운드"),
    _unit("mass", "28.349523125", " oz", "온스", r"oz|ounces?|온스"),
    _unit("volume", "1", " L", " L", r"l|lit(?:er|re)s?|리터"),
    _unit("volume", "0.001", " mL", " mL", r"ml|millilit(?:er|re)s?|밀리리터"),
    _unit("volume", "3.785411784", " US gal", "갤런(미국)", r"gal|(?:us )?gallons?|갤런"),
    _unit("temperature", "1", " °C", " °C", r"(?:° ?)?c|celsius|centigrade|섭씨(?: ?도)?"),
    _unit("temperature", "5/9", " °F", " °F", r"(?:° ?)?f|fahrenheit|화씨(?: ?도)?", "-160/9"),
)
_ANY = "|".join(unit.spelling for unit in _UNITS)
_NUMBER = r"(?P<number>[-−]?\d[\d,]*(?:\.\d+)?|one|an?|한)"
_FROM, _TO = rf"(?:degrees? )?(?P<source>{_ANY})", rf"(?:degrees? )?(?P<target>{_ANY})"
_ENDING = r"(?:야|이야|예요|이에요|인가요|인가|이지|지|죠|일까|일까요|이니|니)?"
_REQUESTS = (
    rf"(?:please )?(?:(?:convert|change|turn|express|what is|what's|how much is|how many is) )?"
    rf"{_NUMBER} ?{_FROM} (?:in|into|to|as|is how many|equals how many|=) {_TO}(?: please)?",
    rf"how many {_TO} (?:are |is )?(?:there )?(?:(?:in|make|equals?) )?{_NUMBER} ?{_FROM}",
    rf"{_NUMBER} ?{_FROM} ?(?:은|는|이|가|을|를)? ?몇 ?{_TO} ?{_ENDING}",
    rf"{_NUMBER} ?{_FROM} ?(?:은|는|이|가|을|를)? ?{_TO} ?(?:으로|로)(?:는)? ?(?:몇 ?도|몇|얼마)? ?{_ENDING}"
    r"(?:(?:변환|환산|계산|바꿔|바꾸면|알려)\S*(?: ?(?:몇 ?도|얼마)\S*)?(?: ?(?:줘|주세요)\S*)?)?",
)
# "섭씨 30도" has its unit around the number.
_AROUND = re.compile(r"(섭씨|화씨) ?([-−]?\d[\d,]*(?:\.\d+)?) ?도?")


def convert_units(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Convert an amount into another unit of its kind, if the question asks for it and for nothing else."""
    question = strip_form(prompt.question).strip().rstrip("?!. ").lower()
    if len(question) > _MAX_LENGTH:
        return None
    question = _AROUND.sub(r"\2\1", " ".join(question.split()))
    match = next((match for request in _patterns() if (match := request.fullmatch(question))), None)
    if match is None:
        return None
    source, target = _find_unit(match["source"]), _find_unit(match["target"])
    if source.kind != target.kind or source is target:
        return None
    digits = match["number"].replace(",", "").replace("−", "-")
    number = Fraction(digits) if digits[-1].isdigit() else Fraction(1)
    if number < 0 and source.kind != "temperature":
        return None
    value = (number * source.scale + source.offset - target.offset) / target.scale
    shown, is_exact = _round(value)
    amount = f"{format_number(number)}{_name(source, style)}"
    span = f"{shown}{_name(target, style)}"
    rule = _rule(source, target, style)
    return Answer(f"{amount} {'=' if is_exact else '≈'} **{span}**\n\n{rule}", span, span)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(request) for request in _REQUESTS)


def _find_unit(spelling: str) -> _Unit:
    return next(unit for unit in _UNITS if re.fullmatch(unit.spelling, spelling))


def _name(unit: _Unit, style: Style) -> str:
    return style.language.localise(unit.english, unit.korean)


def _round(value: Fraction) -> tuple[str, bool]:
    """Return *value* with two decimals, or four digits if it is less than one, and whether that is exact."""
    rounded = round(value, 2) if abs(value) >= 1 or not value else Fraction(f"{float(value):.4g}")
    return format_number(rounded), rounded == value


def _rule(source: _Unit, target: _Unit, style: Style) -> str:
    """Return how the number is computed."""
    if source.kind == "temperature":
        to_celsius, to_fahrenheit = "°C = (°F − 32) × 5 ÷ 9", "°F = °C × 9 ÷ 5 + 32"
        return f"`{to_celsius if target.scale == 1 else to_fahrenheit}`"
    larger, smaller = sorted((source, target), key=lambda unit: unit.scale, reverse=True)
    shown, is_exact = _round(larger.scale / smaller.scale)
    if not is_exact:
        shown = f"{float(larger.scale / smaller.scale):,.7g}"
    equals = "=" if Fraction(shown.replace(",", "")) == larger.scale / smaller.scale else "≈"
    return f"`1{_name(larger, style)} {equals} {shown}{_name(smaller, style)}`"

"""Amounts of money, and percentages that are added to them or taken off."""

import re
from fractions import Fraction

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.calculation.arithmetic import format_number

_OFF = re.compile(
    r"\b(?:off|discount(?:ed)?|reduced|cheaper|sale|deduct\w*|minus|less|drops?|falls?|decreas\w*)\b"
    r"|할인|세일|싸게|깎|빼|공제|떼",
    re.I,
)
_ADDED = re.compile(
    r"\b(?:plus|add(?:ed)?|VAT|tax|increase\w*|surcharge|rises?|service)\b|부가세|붙|더하|인상|오르|봉사료",
    re.I,
)
# "After tax" and "including tax" may mean either direction.
_EITHER = re.compile(r"\b(?:after|before|incl\w*|net|without|excl\w*|left|remain\w*)\b|포함|제외|남", re.I)
# "18% tip on $64.50" asks for the tip, unless the question asks for the total as well.
_PORTION_ON = re.compile(
    r"(?:%|percent) (?:tip|gratuity|tax|vat|deposit|commission|fee|service charge) (?:on|of|for|from)\b"
    r"|(?:%|퍼센트)\s?(?:팁|세금|부가세|수수료|계약금)(?:은|는)?\W*$",
    re.I,
)
_WITH_PORTION = re.compile(
    r"\b(?:total|altogether|in all|with|including|plus|add\w*|pay|owe)\b|총|합계|모두|포함", re.I
)
_PORTION = re.compile(
    r"\bhow much (?:is|was|would be|will be|should) (?:the|that|my|a)? ?(?:tip|tax|vat|discount|deposit|fee"
    r"|commission|we tip|i tip)\b|(?:팁|세금|부가세|할인액|수수료|계약금)(?:은|는|이"
    r"|가)?\s*얼마",
    re.I,
)


def money_answer(calculation: str, value: Fraction, currency: str) -> Answer:
    """Return an amount, with the calculation that led to it."""
    text = format_money(value, currency)
    return Answer(f"`{calculation}` = **{text}**", text, text)


def format_money(value: Fraction, currency: str) -> str:
    """Format an amount with two decimals where it has any."""
    if not currency:
        return format_number(value)
    if currency == "원":
        return f"{round(value):,}원"
    return f"{currency}{value.numerator:,}" if value.denominator == 1 else f"{currency}{float(value):,.2f}"


def apply_percent(question: str, amount: Fraction, percent: Fraction) -> tuple[str, Fraction] | None:
    """Return sign and result of a percentage that the question adds, takes off or asks for."""
    is_portion = _PORTION_ON.search(question) is not None
    if _PORTION.search(question) or (is_portion and not _WITH_PORTION.search(question)):
        return f"× {format_number(percent)}%", amount * percent / 100
    if _EITHER.search(question):
        return None
    if _OFF.search(question):
        return f"− {format_number(percent)}%", amount * (100 - percent) / 100
    if _ADDED.search(question) or is_portion:
        return f"+ {format_number(percent)}%", amount * (100 + percent) / 100
    return None

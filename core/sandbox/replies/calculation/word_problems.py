"""Sums in words: prices, shares, percentages, durations, weights and averages.

A rule answers only if it uses every number of the question, so that no number is left unexplained.
"""

import re
from collections.abc import Callable
from fractions import Fraction

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.calculation.arithmetic import format_number
from core.sandbox.replies.calculation.money import apply_percent, money_answer
from core.sandbox.replies.calculation.quantities import UNIT_NAMES, Quantity, find_quantities
from core.sandbox.replies.conversation.topics import unknown_words
from core.sandbox.replies.language.detection import Language
from core.sandbox.replies.language.sentences import split_sentences
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_MAX_LENGTH = 400
# What the last sentence must ask for, and what no sum answers.
_ASKS = re.compile(
    r"=\s*\??\s*$|\b(?:how much|how many|what time|when|total|each|altogether|calculate|work out"
    r"|compute|owe|pay"
    r"|costs?|price|percent\w*|average|mean|in all|together|plus|add|tip|what would|what will)\b"
    r"|얼마|몇|합계|총|평균|계산|모두|합치|어떻게 되|언제|퍼센트",
    re.I,
)
_NO_SUM = re.compile(
    r"\b(?:which|better|best|should i|worth|enough|why|who|recommend|or|a lot|too (?:much|many)|interest|fair"
    r"|normal|healthy|ok|rude|polite|appropriate)\b"
    r"|나을까|나아|좋을까|어느|적당|괜찮|왜|추천|충분|이자|비싼 ?(?:편|거)|될까",
    re.I,
)
_TOTAL = re.compile(
    r"\b(?:total|altogether|in all|sum|combined|owe|together|overall)\b|합치|더하|더한|합하|합계|총"
    r"|모두|전부|다 합",
    re.I,
)
_EACH = re.compile(r"\b(?:each|apiece|per|at|a piece)\b|씩|짜리|당\s", re.I)
_SPLIT = re.compile(
    r"\b(?:split|shar(?:e|ed|ing)|divided?|evenly|equally|per (?:person|head))\b|더치|나눠|나누"
    r"|[인명]당|똑같이",
    re.I,
)
_PERCENT_OF = re.compile(r"\b(?:percent|percentage|%|share)\b(?! off)|퍼센트|몇 ?%|비율|몇 ?프로", re.I)
_AVERAGE = re.compile(r"\b(?:average|mean)\b|평균", re.I)
_ARRIVAL = re.compile(
    r"\b(?:arriv\w*|end\w*|finish\w*|over|done|ready|what time|be back|get there)\b|몇 ?시|끝나|도착|언제",
    re.I,
)
_MEASURED = re.compile(
    r"\b(?:weight|length|cost|price|amount|distance|time|score|grade|mark|bill|sum|them|altogether|kg"
    r"|km|hours|minutes"
    r"|g|m|cm|l|ml|litres|euros?|dollars?|pounds?)(?![a-z])"
)
_COUNTABLE = ("count", "mass", "volume", "length")
_EARLIER = re.compile(
    r"\b(?:leave|start|set off|depart) (?:at the latest|home|by)|\bshould i (?:leave|start)\b"
    r"|\b(?:before|earlier)\b|출발해야|전에|일찍",
    re.I,
)
_SAME_PRICE = re.compile(r"\b(?:how much|what)\b.*\b(?:is|are|do|does|would|will|for|cost)\b|얼마", re.I)


def solve_word_problem(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Solve a sum in words, or return None if no rule uses all its numbers."""
    question = strip_form(prompt.question)
    last_sentence = (split_sentences(question) or [""])[-1]
    if len(question) > _MAX_LENGTH or not _ASKS.search(last_sentence) or _NO_SUM.search(question):
        return None
    quantities = find_quantities(question)
    currencies = {quantity.currency for quantity in quantities if quantity.kind == "money"}
    if not 2 <= len(quantities) <= 12 or len(currencies) > 1:
        return None
    return next((answer for rule in _RULES if (answer := rule(question, quantities, style.language))), None)


def _kinds(quantities: list[Quantity]) -> list[str]:
    return [
        "count" if quantity.kind in ("count", "people", "number") else quantity.kind
        for quantity in quantities
    ]


def _arrival(question: str, quantities: list[Quantity], language: Language) -> Answer | None:
    """A time of day and how long something takes."""
    clocks = [quantity for quantity in quantities if quantity.kind == "clock"]
    durations = [quantity for quantity in quantities if quantity.kind == "duration"]
    if len(clocks) != 1 or not durations or len(clocks) + len(durations) != len(quantities):
        return None
    if not _ARRIVAL.search(question) or _EARLIER.search(question):
        return None
    minutes = int(clocks[0].value + sum(duration.value for duration in durations)) % 1440
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    steps = " + ".join(quantity.text for quantity in [*clocks, *durations])
    spoken = text
    if language is Language.KOREAN:
        hour = minutes // 60
        half = "오전" if hour < 12 else "오후"
        spoken = f"{half} {hour % 12 or 12}시" + (f" {minutes % 60}분" if minutes % 60 else "")
    return Answer(f"`{steps}` = **{spoken}**", spoken, spoken)


def _line_items(question: str, quantities: list[Quantity], _language: Language) -> Answer | None:
    """Numbers of things with a price each, and perhaps a percentage on the total."""
    percents = [quantity for quantity in quantities if quantity.kind == "percent"]
    others = [quantity for quantity in quantities if quantity.kind != "percent"]
    pairs = _pair_counts_with_prices(question, others)
    if not pairs or len(percents) > 1 or not _EACH.search(question):
        return None
    total = sum((count.value / _per_unit(count) * price.value for count, price in pairs), Fraction())
    calculation = " + ".join(
        f"{format_number(count.value / _per_unit(count))} × {price.text}" for count, price in pairs
    )
    if percents:
        applied = apply_percent(question, total, percents[0].value)
        if applied is None:
            return None
        sign, total = applied
        calculation = f"({calculation}) {sign}"
    return money_answer(calculation, total, pairs[0][1].currency)


def _per_unit(quantity: Quantity) -> int:
    """Return the base units of the unit of a price: "리터당", "per kg"."""
    return 1000 if re.search(r"(?:kg|리터|\dl|\d l|킬로|litres?|liters?|km)", quantity.text, re.I) else 1


def _pair_counts_with_prices(question: str, quantities: list[Quantity]) -> list[tuple[Quantity, Quantity]]:
    """Return each count with its price; nothing unless they alternate."""
    kinds = [
        "count" if kind in ("mass", "volume", "length", "duration") else kind for kind in _kinds(quantities)
    ]
    if len(kinds) % 2 or kinds[0] == kinds[-1] or kinds != kinds[:2] * (len(kinds) // 2):
        return []
    if set(kinds) != {"count", "money"}:
        return []
    pairs = list(zip(quantities[::2], quantities[1::2], strict=True))
    pairs = [(one, other) if one.kind != "money" else (other, one) for one, other in pairs]
    if any(count.kind in ("mass", "volume", "duration", "length") for count, _ in pairs):
        is_rate = re.search(
            r"\b(?:per|a|each|an)\s+(?:kg|kilo|lit|hour|g\b|km|met)|(?:리터|kg|킬로|시간|미터|km)\s?당",
            question,
            re.I,
        )
        return pairs if is_rate and len(pairs) == 1 else []
    return pairs


def _same_price(question: str, quantities: list[Quantity], _language: Language) -> Answer | None:
    """The price of one number of things, from the price of another number of them."""
    kinds = _kinds(quantities)
    if len(kinds) != 3 or kinds[1] != "money" or kinds[0] != kinds[2] or kinds[0] not in _COUNTABLE:
        return None
    if _EACH.search(question.replace("at the same", "")):
        return None
    first, price, second = quantities
    if not first.value or not _SAME_PRICE.search(question[price.end :]):
        return None
    calculation = f"{price.text} ÷ {first.text} × {second.text}"
    return money_answer(calculation, price.value / first.value * second.value, price.currency)


def _share(question: str, quantities: list[Quantity], _language: Language) -> Answer | None:
    """An amount that people share."""
    kinds = _kinds(quantities)
    if sorted(kinds) != ["count", "money"] or not _SPLIT.search(question):
        return None
    money = quantities[kinds.index("money")]
    count = quantities[kinds.index("count")]
    if not count.value or re.search(r"씩|짜리|\bat [$€£]|\beach (?:cost|for)", question):
        return None
    return money_answer(
        f"{money.text} ÷ {format_number(count.value)}", money.value / count.value, money.currency
    )


def _percent_on_amount(question: str, quantities: list[Quantity], _language: Language) -> Answer | None:
    """A percentage that is added to an amount, taken off it, or asked for."""
    kinds = [quantity.kind for quantity in quantities]
    if sorted(kinds) not in (["money", "percent"], ["number", "percent"]):
        return None
    percent = quantities[kinds.index("percent")]
    amount = quantities[1 - kinds.index("percent")]
    applied = apply_percent(question, amount.value, percent.value)
    if applied is None:
        return None
    return money_answer(f"{amount.text} {applied[0]}", applied[1], amount.currency)


def _same_kind(question: str, quantities: list[Quantity], language: Language) -> Answer | None:
    """The sum or the average of quantities of one kind."""
    kinds = set(_kinds(quantities))
    if len(kinds) != 1 or kinds & {"percent", "clock"}:
        return None
    if _asks_about_others(question):
        return None
    kind = kinds.pop()
    total = sum((quantity.value for quantity in quantities), Fraction())
    joined = " + ".join(quantity.text for quantity in quantities)
    if _AVERAGE.search(question):
        total, joined = total / len(quantities), f"({joined}) ÷ {len(quantities)}"
    elif not _TOTAL.search(question) or kind == "count":
        return None
    if kind in UNIT_NAMES:
        text = _format_measure(question, total, kind, language)
        return Answer(f"`{joined}` = **{text}**", text, text)
    return money_answer(joined, total, quantities[0].currency)


def _asks_about_others(question: str) -> bool:
    """Return whether the words after "average" or "total" name what was not counted: "for Germans"."""
    match = _AVERAGE.search(question) or _TOTAL.search(question)
    if match is None:
        return False
    before = set(unknown_words(question[: match.start()].lower()))
    after = unknown_words(_MEASURED.sub(" ", question[match.end() :].lower()))
    return any(word not in before and word.isascii() and not word[0].isdigit() for word in after)


def _format_measure(question: str, value: Fraction, kind: str, language: Language) -> str:
    """Format a measure in the unit that the question asks for, else in the largest that it uses."""
    asked = re.search(
        r"(?:how many|in|몇)\s?(kg|g|km|m|cm|l|ml|litres|hours|minutes|시간|분)\b", question, re.I
    )
    names = {"시간": "hours", "분": "minutes", "litres": "l"}
    unit = names.get(asked[1].lower(), asked[1].lower()) if asked else ""
    sizes = dict(UNIT_NAMES[kind])
    if unit not in sizes:
        unit = next((name for name, size in UNIT_NAMES[kind] if value >= size), UNIT_NAMES[kind][-1][0])
    shown = {"hours": language.localise("hours", "시간"), "minutes": language.localise("minutes", "분")}
    return f"{format_number(value / sizes[unit])} {shown.get(unit, unit)}"


def _ratio(question: str, quantities: list[Quantity], _language: Language) -> Answer | None:
    """What percentage a part is of a whole."""
    kinds = set(_kinds(quantities))
    if (
        len(quantities) != 2
        or len(kinds) != 1
        or kinds & {"clock", "percent"}
        or not _PERCENT_OF.search(question)
    ):
        return None
    part, whole = quantities
    if (
        re.search(r"중에?|가운데|전체|\bof (?:our|the|these|all)?\s*\d+[^.?]*,", question)
        and part.value > whole.value
    ):
        part, whole = whole, part
    if not whole.value or part.value > whole.value:
        return None
    text = f"{format_number(part.value / whole.value * 100)}%"
    return Answer(f"`{part.text} ÷ {whole.text}` = **{text}**", text, text)


_RULES: tuple[Callable[[str, list[Quantity], Language], Answer | None], ...] = (
    _arrival,
    _ratio,
    _share,
    _line_items,
    _same_price,
    _percent_on_amount,
    _same_kind,
)

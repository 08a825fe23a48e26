"""Sums with the result of the reply before."""

import re
from fractions import Fraction

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.calculation.arithmetic import format_number
from core.sandbox.replies.calculation.money import apply_percent, money_answer
from core.sandbox.replies.calculation.quantities import Quantity, find_quantities
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_REFERENCE = re.compile(
    r"\b(?:that|this|it|the (?:result|total|answer|sum|number|price))\b|그거|그걸|그게|그것|거기|여기서"
    r"|그 ?(?:값|금액|결과"
    r"|숫자|수)|결과|방금|^(?:그럼|그러면)|^\W*(?:and |then |now |ok(?:ay)? )*(?:times|plus|minus|divided by"
    r"|multiplied by|add|subtract|half|double)\b|^\W*(?:and|now|then|so)\b(?=(?:\W+\w+){1,5}\W*$)",
    re.I,
)
_CHANGES: tuple[tuple[re.Pattern[str], str, Fraction], ...] = (
    (re.compile(r"\bhalf\b|\bhalve\b|절반|반(?:으로|은|이면)", re.I), "÷", Fraction(2)),
    (re.compile(r"\b(?:double|twice)\b|두 ?배|2 ?배", re.I), "×", Fraction(2)),
    (re.compile(r"\b(?:triple|three times)\b|세 ?배|3 ?배", re.I), "×", Fraction(3)),
    (re.compile(r"\ba (?:third)\b", re.I), "÷", Fraction(3)),
    (re.compile(r"\ba quarter\b", re.I), "÷", Fraction(4)),
)
_OPERATIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:divide|split|shared?)\b|나누|나눠|나눈", re.I), "÷"),
    (re.compile(r"\b(?:times|multipl\w+)\b|곱하|곱한|배(?:는|면|로)", re.I), "×"),
    (re.compile(r"\b(?:minus|subtract|take away|less)\b|빼", re.I), "−"),
    (re.compile(r"\b(?:plus|add)\b|더하|더한", re.I), "+"),
)
_MAX_REPLY_LENGTH = 600
_KINDS_OF_RESULT = ("money", "number", "count", "people")
_RESULT = re.compile(r"\*\*(?P<bold>[^*]*\d[^*]*)\*\*|=\s*`?(?P<equals>[^=\n]*\d[^=\n]*)")


def continue_calculation(prompt: ChatPrompt, _style: Style) -> Answer | None:
    """Calculate with the result of the reply before: "and half of that?"."""
    question = strip_form(prompt.question)
    if len(question) > 120 or not _REFERENCE.search(question):
        return None
    replies = [message.text for message in prompt.messages if message.role == "assistant"]
    quantities = find_quantities(question)
    if not replies or len(replies[-1]) > _MAX_REPLY_LENGTH or len(quantities) > 1:
        return None
    # The result of the last reply: in bold, after the last equals sign, or its last number.
    matches = list(_RESULT.finditer(replies[-1]))
    bold = [match["bold"] for match in matches if match["bold"]]
    text = bold[0] if bold else matches[-1]["equals"] if matches else replies[-1]
    results = [item for item in find_quantities(text) if item.kind in _KINDS_OF_RESULT]
    if not results:
        return None
    base = results[-1]
    if quantities and quantities[0].kind == "percent":
        percent = quantities[0].value
        applied = apply_percent(question, base.value, percent)
        if applied is None and re.search(r"%\s*(?:of|는|은)|퍼센트(?:는|은)", question):
            applied = f"× {format_number(percent)}%", base.value * percent / 100
        if applied is None:
            return None
        return money_answer(f"{base.text.strip()} {applied[0]}", applied[1], base.currency)
    operation = next((symbol for pattern, symbol in _OPERATIONS if pattern.search(question)), None)
    if quantities and operation:
        return _operate(base, operation, quantities[0].value)
    change = next((change for change in _CHANGES if change[0].search(question)), None)
    is_used = not quantities or (quantities[0].kind == "number" and change is not None)
    return _operate(base, change[1], change[2]) if change and is_used else None


def _operate(base: Quantity, operation: str, number: Fraction) -> Answer | None:
    if operation == "÷" and not number:
        return None
    results = {
        "÷": lambda: base.value / number,
        "×": lambda: base.value * number,
        "−": lambda: base.value - number,
        "+": lambda: base.value + number,
    }
    return money_answer(
        f"{base.text.strip()} {operation} {format_number(number)}", results[operation](), base.currency
    )

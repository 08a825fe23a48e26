"""Exact arithmetic, with the steps of the calculation."""

import ast
import math
import operator
import re
from collections.abc import Callable
from fractions import Fraction

from core.sandbox.replies.answer import Answer
from core.sandbox.replies.conversation.topics import unknown_words
from core.sandbox.replies.language.style import Style, strip_form
from core.sandbox.replies.prompt import ChatPrompt

_OPERATOR_WORDS = (
    (r"(\d)\s*,\s*(?=\d{3}(?!\d))", r"\1"),
    (r"(?i)\b(?:plus|added to)\b|더하기", "+"),
    (r"(?i)\bminus\b|빼기", "-"),
    (r"(?i)\b(?:times|multiplied by)\b|곱하기|[×·]|(?<=\d)\s*x\s*(?=\d)", "*"),
    (r"(?i)\b(?:divided by|over)\b|나누기|÷", "/"),
    (r"(?i)\b(?:to the power of)\b|\^", "**"),
    (r"(?i)\bsquared\b|의?\s*제곱(?!근)", "**2"),
    (r"(?i)(\d+(?:\.\d+)?)\s*(?:%|percent)\s+of\s+(\d+(?:\.\d+)?)", r"(\1/100*\2)"),
    (r"(\d+(?:\.\d+)?)\s*의\s*(\d+(?:\.\d+)?)\s*(?:%|퍼센트)", r"(\1*\2/100)"),
    # 80 + 10% is 88, as on a calculator.
    (r"(\d+(?:\.\d+)?)\s*([+-])\s*(\d+(?:\.\d+)?)\s*%(?!\s*[\d(])", r"\1*(1\2\3/100)"),
)
_EXPRESSION = re.compile(r"[-+(\s]*\d[\d\s.+\-*/%()]*[\d)]")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{3}-\d{4}")
_SERIES = re.compile(
    r"\b(?P<what>sum|total|average|mean|max(?:imum)?|min(?:imum)?|largest|smallest)\b|(?P<ko>합계|합"
    r"|평균|최댓값"
    r"|최솟값)",
    re.I,
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w])")
_PRIME = re.compile(r"\bis\s+(?P<en>\d{1,10})\s+(?:a\s+)?prime\b|(?P<ko>\d{1,10})[은는이가]*\s*소수", re.I)
_ARITHMETIC_WORDS = re.compile(
    r"\b(?:sum|total|average|mean|max(?:imum)?|min(?:imum)?|largest|smallest|prime|number|numbers"
    r"|calculat\w+|comput\w+"
    r"|equals?|result|percent|solve|add|added|together|evaluate|work out|square root)\b"
    r"|합계|합|평균|최댓값|최솟값|소수\S*|계산\S*|얼마\S*|몇\S*|결과\S*|(?<=[\d\s)])(?:은|는|이야"
    r"|인가요|인가|이|의|와|과)(?=[\s?]|$)"
)
_MAX_LENGTH = 400
_MAX_BITS = 4_000

# Symbol and function of each operator. Powers are separate, because their size is limited.
_OPERATIONS: dict[type[ast.operator], tuple[str, Callable[[Fraction, Fraction], Fraction]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("−", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
    ast.Mod: ("mod", operator.mod),
}


def solve(prompt: ChatPrompt, style: Style) -> Answer | None:
    """Answer a question with an expression, a series of numbers, or about a prime; else None."""
    question = strip_form(prompt.question)
    if len(question) > _MAX_LENGTH or _DATE.search(question):
        return None
    rest = question
    for pattern, _ in _OPERATOR_WORDS:
        rest = re.sub(pattern, " ", rest)
    rest = re.sub(r"\d[\d.,]*", " ", _ARITHMETIC_WORDS.sub(" ", rest.lower()))
    # With other words than those of arithmetic, the question is not about the numbers alone.
    if unknown_words(rest):
        return None
    expression = find_expression(question)
    if expression is None:
        return _solve_series(question) or _check_prime(question, style)
    steps: list[str] = []
    try:
        value = evaluate(expression, steps)
    except ZeroDivisionError:
        return Answer(
            style.language.localise(
                "That divides by zero, which has no value.", "0으로 나누는 식이라 값이 없습니다."
            )
        )
    except ValueError:
        return None
    number = format_number(value)
    result = f"`{expression}` = **{number}**"
    if len(steps) < 2:
        return Answer(result, result if style.as_json else number, number)
    shown = "\n".join(f"{place}. {step}" for place, step in enumerate(steps, 1))
    return Answer(f"{result}\n\n{shown}", result if style.as_json else number, number)


def find_expression(question: str) -> str | None:
    """Return the longest expression in *question*, with operator words replaced by symbols."""
    for pattern, symbol in _OPERATOR_WORDS:
        question = re.sub(pattern, symbol, question)
    candidates = [" ".join(match.group().split()) for match in _EXPRESSION.finditer(question)]
    expressions = [text for text in candidates if re.search(r"[\d)]\s*(?:\*\*|[-+*/%])\s*[-(\d]", text)]
    return max(expressions, key=len) if expressions else None


def evaluate(expression: str, steps: list[str] | None = None) -> Fraction:
    """Evaluate *expression* exactly, and append each step to *steps*.

    Raises ValueError for anything but arithmetic of limited size, and ZeroDivisionError.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("not arithmetic") from error
    return _evaluate_node(tree.body, [] if steps is None else steps)


def format_number(value: Fraction) -> str:
    """Format *value* exactly if it is a short decimal, else with ten significant digits."""
    if value.denominator == 1:
        return f"{value.numerator:,}"
    if 10**9 % value.denominator == 0:
        return f"{float(value):,.9f}".rstrip("0")
    return f"{float(value):,.10g}"


def _evaluate_node(node: ast.expr, steps: list[str]) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return Fraction(str(node.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate_node(node.operand, steps)
    if not isinstance(node, ast.BinOp):
        raise ValueError("not arithmetic")
    left, right = _evaluate_node(node.left, steps), _evaluate_node(node.right, steps)
    if isinstance(node.op, ast.Pow):
        # Checked before the power is computed: 9**9**9 would take hours.
        bits = max(1, left.numerator.bit_length(), left.denominator.bit_length())
        if right.denominator != 1 or abs(right) * bits > _MAX_BITS:
            raise ValueError("too large")
        symbol, value = "^", Fraction(left ** int(right))
    elif type(node.op) in _OPERATIONS:
        symbol, function = _OPERATIONS[type(node.op)]
        value = function(left, right)
    else:
        raise ValueError("not arithmetic")
    if value.numerator.bit_length() > _MAX_BITS or value.denominator.bit_length() > 1_000:
        raise ValueError("too large")
    steps.append(f"{format_number(left)} {symbol} {format_number(right)} = {format_number(value)}")
    return value


def _solve_series(question: str) -> Answer | None:
    match = _SERIES.search(question)
    numbers = [Fraction(text) for text in _NUMBER.findall(question)]
    # A percentage and an amount have no sum.
    if match is None or len(numbers) < 2 or re.search(r"%|percent", question, re.I):
        return None
    function = (match["what"] or match["ko"]).lower()
    if function in ("average", "mean", "평균"):
        value = sum(numbers, Fraction()) / len(numbers)
    elif function.startswith(("max", "largest", "최댓")):
        value = max(numbers)
    elif function.startswith(("min", "smallest", "최솟")):
        value = min(numbers)
    else:
        value = sum(numbers, Fraction())
    arguments = ", ".join(format_number(number) for number in numbers)
    result = format_number(value)
    return Answer(f"{function}({arguments}) = **{result}**", result, result)


def _check_prime(question: str, style: Style) -> Answer | None:
    match = _PRIME.search(question)
    if match is None:
        return None
    number = int(match["en"] or match["ko"])
    divisor = next((n for n in range(2, math.isqrt(number) + 1) if number % n == 0), None)
    if number > 1 and divisor is None:
        return Answer(
            style.language.localise(f"Yes, **{number} is prime**.", f"네, **{number}은(는) 소수입니다**.")
        )
    factors = f": {number} = {divisor} × {number // divisor}" if divisor else ""
    return Answer(
        style.language.localise(
            f"No, {number} is not prime{factors}.", f"아니요, {number}은(는) 소수가 아닙니다{factors}."
        )
    )

"""Exact arithmetic on an expression that a model writes, with a limit on the size of every number."""

import ast
import math
import operator
import re
from collections.abc import Callable
from decimal import Context, Decimal, Overflow, Underflow
from fractions import Fraction
from typing import Annotated

from pydantic import Field

_MAX_BITS = 4_096  # of a numerator or a denominator: about 1,200 digits
_MAX_EXPONENT = 1_000  # of a number such as 1e6
# Any fraction of that many bits can be converted to a decimal of this context.
_DIGITS = Context(prec=40, Emax=1_300, Emin=-1_300, traps=[Overflow, Underflow])
_SYMBOLS = str.maketrans({"×": "*", "÷": "/", "−": "-", "^": "**", "％": "%", "π": "pi"})
_CONSTANTS = {
    "pi": "3.141592653589793238462643383279502884197",
    "e": "2.718281828459045235360287471352662497757",
}
# As in 15% of 80, (20%), 5% * 3 and 10% + 2. Any other sign is that of a remainder, as in 7 % 3.
_PERCENT = re.compile(r"(?<=[\d.)])\s*%\s*(?:(of\b)|(?=$|[)*/,]))|(?<=[\d.)])%\s*(?=[+-]\s)", re.IGNORECASE)
_UNCLEAR_PERCENT = re.compile(r"(?<!\s)%\s*[+-]|%\s*[+-]\s")
_BRACKET_OR_THOUSANDS = re.compile(r"[A-Za-z]\s*\(|[()]|(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!,?\d)")


def calculate(
    expression: Annotated[
        str,
        Field(
            description="For example: (1250 - 3.5) * 12, 15% of 80, 80 + 10%, 7 % 3, 2**10, round(10/3, 2)",
            max_length=500,
        ),
    ],
) -> dict[str, str]:
    """Calculate an arithmetic expression exactly, with + - * / // % **, sqrt, abs, round, min and max."""
    text = _to_python(expression.translate(_SYMBOLS))
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError("This is not an arithmetic expression.") from None
    try:
        value = _evaluate(tree.body, text)
    except ZeroDivisionError:
        raise ValueError("Division by zero.") from None
    except Overflow:
        raise ValueError("The result is too large.") from None
    except Underflow:
        raise ValueError("The result is too small.") from None
    result, is_exact = _format_number(value)
    # A root has no exact fraction, only a long approximation.
    exact = {} if is_exact or value.denominator > 10**12 else {"exact_fraction": str(value)}
    return {"expression": expression, "result": result, **exact}


def _to_python(text: str) -> str:
    """Write percentages as an attribute, which binds as tightly, and numbers without separators."""
    text = _PERCENT.sub(lambda match: " .percent" + (" *" if match[1] else ""), text.strip())
    if _UNCLEAR_PERCENT.search(text):
        raise ValueError("Write (10%) - 3 for a percentage, or 10 % (-3) for a remainder.")
    open_brackets: list[bool] = []  # whether each is that of a function, whose arguments have commas, too

    def replace(match: re.Match[str]) -> str:
        token = match[0]
        if token.endswith("("):
            open_brackets.append(token != "(")
        elif token == ")":
            del open_brackets[-1:]
        elif not any(open_brackets):
            return token.replace(",", "")
        return token

    text = _BRACKET_OR_THOUSANDS.sub(replace, text)
    return re.sub(r"√\s*(\d+(?:\.\d+)?)", r"sqrt(\1)", text).replace("√", "sqrt")


def _evaluate(node: ast.expr, text: str) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            # What is written: as a float, it would be rounded.
            return _bounded(_read_number(ast.get_source_segment(text, node) or repr(value)))
        case ast.Name(id=name) if name in _CONSTANTS:
            return Fraction(_CONSTANTS[name])
        case ast.Attribute(value=whole, attr="percent"):
            return _evaluate(whole, text) / 100
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            return _evaluate(operand, text) * (-1 if isinstance(sign, ast.USub) else 1)
        case ast.BinOp(op=symbol) if type(symbol) in _OPERATORS:
            return _combine(node, text)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in _FUNCTIONS:
            return _call(name, [_evaluate(argument, text) for argument in arguments])
        case ast.Tuple():
            raise ValueError("Commas separate thousands, as in 1,200, and the arguments of a function.")
    raise ValueError("Only numbers, + - * / // % **, sqrt, abs, round, min and max are supported.")


def _combine(node: ast.BinOp, text: str) -> Fraction:
    left, right = _evaluate(node.left, text), _evaluate(node.right, text)
    # 80 + 10% is 88, as on a calculator. A percentage is an attribute.
    is_part = isinstance(node.right, ast.Attribute) and not isinstance(node.left, ast.Attribute)
    if is_part and isinstance(node.op, ast.Add | ast.Sub):
        right *= left
    return _bounded(_OPERATORS[type(node.op)](left, right))


def _read_number(text: str) -> Fraction:
    if text[:2].lower() in ("0x", "0o", "0b"):
        return Fraction(int(text, 0))
    exponent = int(text.lower().partition("e")[2] or 0)
    if abs(exponent) > _MAX_EXPONENT:
        raise ValueError(f"The number is too {'large' if exponent > 0 else 'small'}.")
    return Fraction(text)


def _call(name: str, values: list[Fraction]) -> Fraction:
    function, maximum, arguments = _FUNCTIONS[name]
    if not values or (maximum and len(values) > maximum):
        hint = " Write its numbers without separators of thousands." if values else ""
        raise ValueError(f"{name} takes {arguments}, not {len(values)}.{hint}")
    return _bounded(function(*values))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise ValueError(f"The result is too {'large' if abs(value) > 1 else 'small'}.")
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits > 1 and bits * abs(exponent.numerator) > 2 * _MAX_BITS:
            raise ValueError("The result is too large or too small.")
        if abs(base) <= 1 and base.denominator == 1:  # 1, 0 and -1 with any exponent
            exponent = Fraction(exponent.numerator % 2 if base < 0 else min(exponent.numerator, 1))
        return Fraction(base**exponent.numerator)
    if base < 0:
        raise ValueError("A root of a negative number is not real.")
    if base == 0 and exponent < 0:
        raise ZeroDivisionError
    return Fraction(_DIGITS.power(_to_decimal(base), _to_decimal(exponent)))


def _square_root(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError("The square root of a negative number is not real.")
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return root if root * root == value else Fraction(_DIGITS.sqrt(_to_decimal(value)))


def _round(value: Fraction, digits: Fraction = Fraction(0)) -> Fraction:
    if digits.denominator != 1 or abs(digits) > 100:
        raise ValueError("The number of digits must be a whole number up to 100.")
    return Fraction(round(value, int(digits)))


def _to_decimal(value: Fraction) -> Decimal:
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def _format_number(value: Fraction) -> tuple[str, bool]:
    """Return *value* as a decimal, and whether that is exact; else it has 28 significant digits."""
    if value.denominator == 1:
        return str(value.numerator), True
    text = format(Context(prec=28).divide(Decimal(value.numerator), Decimal(value.denominator)), "f")
    return text, Fraction(text) == value


_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
# Each with the number of arguments that it takes at most, if there is one, and in words.
_FUNCTIONS: dict[str, tuple[Callable[..., Fraction], int | None, str]] = {
    "sqrt": (_square_root, 1, "one number"),
    "abs": (abs, 1, "one number"),
    "round": (_round, 2, "a number and perhaps its digits"),
    "min": (lambda *values: min(values), None, "at least one number"),
    "max": (lambda *values: max(values), None, "at least one number"),
}

"""Exact arithmetic on an expression that a model writes, with a limit on the size of every number."""

import ast
import math
import operator
from collections.abc import Callable
from decimal import Context, Decimal, Overflow
from fractions import Fraction
from typing import Annotated

from pydantic import Field

_MAX_BITS = 4_096  # of a numerator or a denominator: about 1,200 digits
_MAX_EXPONENT = 1_000  # of a number such as 1e6
_DIGITS = Context(prec=40, Emax=_MAX_EXPONENT, Emin=-_MAX_EXPONENT, traps=[Overflow])
_SYMBOLS = str.maketrans({"×": "*", "÷": "/", "−": "-", "^": "**", "√": "sqrt"})
_CONSTANTS = {
    "pi": "3.141592653589793238462643383279502884197",
    "e": "2.718281828459045235360287471352662497757",
}


def calculate(
    expression: Annotated[
        str,
        Field(description="For example: (1250 - 3.5%2) * 12, 2**10, sqrt(2), round(10/3, 2)", max_length=500),
    ],
) -> dict[str, str]:
    """Calculate an arithmetic expression exactly, with + - * / // % **, sqrt, abs, round, min and max."""
    try:
        tree = ast.parse(expression.translate(_SYMBOLS).strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError("This is not an arithmetic expression.") from None
    try:
        value = _evaluate(tree.body)
    except ZeroDivisionError:
        raise ValueError("Division by zero.") from None
    result, is_exact = _format_number(value)
    # A root has no exact fraction, only a long approximation.
    exact = {} if is_exact or value.denominator > 10**12 else {"exact_fraction": str(value)}
    return {"expression": expression, "result": result, **exact}


def _evaluate(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _bounded(_literal_value(value))
        case ast.Name(id=name) if name in _CONSTANTS:
            return Fraction(_CONSTANTS[name])
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluate(operand)
        case ast.BinOp(left=left, op=symbol, right=right) if type(symbol) in _OPERATORS:
            return _bounded(_OPERATORS[type(symbol)](_evaluate(left), _evaluate(right)))
        case ast.Call(func=ast.Name(id=name), args=[_, *_] as values, keywords=[]) if name in _FUNCTIONS:
            return _bounded(_FUNCTIONS[name](*map(_evaluate, values)))
    raise ValueError("Only numbers, + - * / // % **, sqrt, abs, round, min and max are supported.")


def _literal_value(value: int | float) -> Fraction:
    if isinstance(value, int):
        return Fraction(value)
    if not math.isfinite(value):
        raise ValueError("The number is too large.")
    return Fraction(repr(value))  # the decimal that was written: 0.1 is 1/10


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS:
        raise ValueError("The result is too large.")
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits > 1 and bits * abs(exponent.numerator) > 2 * _MAX_BITS:
            raise ValueError("The result is too large.")
        if abs(base) <= 1 and base.denominator == 1:  # 1, 0 and -1 with any exponent
            exponent = Fraction(exponent.numerator % 2 if base < 0 else min(exponent.numerator, 1))
        return Fraction(base**exponent.numerator)
    if base < 0:
        raise ValueError("A root of a negative number is not real.")
    try:
        return Fraction(_DIGITS.power(_to_decimal(base), _to_decimal(exponent)))
    except Overflow:
        raise ValueError("The result is too large.") from None


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
_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "sqrt": _square_root,
    "abs": abs,
    "round": _round,
    "min": min,
    "max": max,
}

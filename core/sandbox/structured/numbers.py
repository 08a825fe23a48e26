"""Numbers within the constraints of a schema: bounds and multiples."""

import itertools
import math
import sys
from collections.abc import Iterator
from fractions import Fraction

from core.sandbox.json_schema.strict import Schema

_MAX_STEPS = 200


def fit_number(value: Fraction | None, schema: Schema, *, is_integer: bool) -> tuple[int | float, bool]:
    """Return the number in the bounds of *schema* that is nearest to *value*, and whether it is *value*.

    Without a value, zero or the number nearest to it. If no number fits, the result does not fit either.
    """
    target = value if value is not None else Fraction(0)
    low, high = _bounds(schema)
    if low is not None:
        target = max(target, low)
    if high is not None:
        target = min(target, high)
    step = Fraction(str(schema["multipleOf"])) if "multipleOf" in schema else None
    if is_integer:
        # The integers that are multiples of p/q in lowest terms are the multiples of p.
        step = Fraction(step.numerator if step else 1)
    if step is None:
        step = Fraction(1) if target.denominator == 1 else None
    numbers = (_to_number(candidate, is_integer) for candidate in _candidates(target, step, schema))
    first = next(numbers)
    number = next((each for each in itertools.chain([first], numbers) if fits_number(each, schema)), first)
    return number, value is not None and abs(Fraction(str(number)) - value) < Fraction(1, 10**9)


def fits_number(number: int | float, schema: Schema) -> bool:
    """Return whether *number* is within the bounds of *schema*, and a multiple in floating point as well."""
    is_above = number >= schema.get("minimum", number) and (
        "exclusiveMinimum" not in schema or number > schema["exclusiveMinimum"]
    )
    is_below = number <= schema.get("maximum", number) and (
        "exclusiveMaximum" not in schema or number < schema["exclusiveMaximum"]
    )
    if not (is_above and is_below) or "multipleOf" not in schema:
        return is_above and is_below
    try:
        quotient = number / schema["multipleOf"]
    except OverflowError:
        return Fraction(number) % Fraction(str(schema["multipleOf"])) == 0
    return math.isfinite(quotient) and int(quotient) == quotient


def _bounds(schema: Schema) -> tuple[Fraction | None, Fraction | None]:
    lows = [Fraction(str(schema[name])) for name in ("minimum", "exclusiveMinimum") if name in schema]
    highs = [Fraction(str(schema[name])) for name in ("maximum", "exclusiveMaximum") if name in schema]
    return max(lows, default=None), min(highs, default=None)


def _candidates(target: Fraction, step: Fraction | None, schema: Schema) -> Iterator[Fraction]:
    """Yield *target* or the multiples of *step* on both sides of it, then numbers between the bounds."""
    if step is None:
        yield target
    else:
        nearest = round(target / step)
        for offset in range(_MAX_STEPS):
            yield (nearest + offset) * step
            yield (nearest - offset) * step
    low, high = _bounds(schema)
    if low is not None and high is not None:
        yield (low + high) / 2
    elif low is not None or high is not None:
        # Beside an exclusive bound.
        margin = max(Fraction(1), abs(target) / 2**20)
        yield target + margin if low is not None else target - margin


def _to_number(value: Fraction, is_integer: bool) -> int | float:
    if is_integer or value.denominator == 1:
        return int(value)
    try:
        return float(value)
    except OverflowError:
        return math.copysign(sys.float_info.max, value)

"""Conversion between units of the same quantity."""

import math
from decimal import Decimal
from typing import Annotated

from pydantic import Field

# The size of each unit in the first unit of its quantity, with other names of the unit.
_QUANTITIES: dict[str, dict[str, tuple[str, str]]] = {
    "length": {
        "m": ("1", "meter metre 미터"),
        "km": ("1000", "kilometer kilometre 킬로미터"),
        "cm": ("0.01", "centimeter centimetre 센티미터"),
        "mm": ("0.001", "millimeter millimetre 밀리미터"),
        "mi": ("1609.344", "mile 마일"),
        "yd": ("0.9144", "yard 야드"),
        "ft": ("0.3048", "foot feet 피트"),
        "in": ("0.0254", "inch inche 인치"),
    },
    "mass": {
        "kg": ("1", "kilogram 킬로그램"),
        "g": ("0.001", "gram 그램"),
        "t": ("1000", "tonne 톤"),
        "lb": ("0.45359237", "pound 파운드"),
        "oz": ("0.028349523125", "ounce 온스"),
        "geun": ("0.6", "근"),
    },
    "area": {
        "m2": ("1", "m² 제곱미터"),
        "km2": ("1000000", "km² 제곱킬로미터"),
        "ha": ("10000", "hectare 헥타르"),
        "acre": ("4046.8564224", "에이커"),
        "ft2": ("0.09290304", "ft² sqft"),
        "pyeong": ("3.305785", "평"),
    },
    "volume": {
        "l": ("1", "liter litre 리터"),
        "ml": ("0.001", "milliliter millilitre 밀리리터"),
        "m3": ("1000", "m³"),
        "gal": ("3.785411784", "gallon 갤런"),
        "cup": ("0.2365882365", "컵"),
    },
    "time": {
        "s": ("1", "sec second 초"),
        "min": ("60", "minute 분"),
        "h": ("3600", "hour 시간"),
        "d": ("86400", "day 일"),
        "week": ("604800", "주"),
    },
    "speed": {
        "m/s": ("1", "mps"),
        "km/h": ("0.2777777777777777777777777778", "kmh kph 시속"),
        "mph": ("0.44704", ""),
        "kn": ("0.5144444444444444444444444444", "knot 노트"),
    },
    "data": {
        "b": ("1", "byte 바이트"),
        "kb": ("1000", "kilobyte"),
        "mb": ("1000000", "megabyte 메가바이트"),
        "gb": ("1000000000", "gigabyte 기가바이트"),
        "kib": ("1024", ""),
        "mib": ("1048576", ""),
        "gib": ("1073741824", ""),
    },
}
_TEMPERATURES = ("c", "f", "k")
_TEMPERATURE_NAMES = {
    "celsius": "c",
    "fahrenheit": "f",
    "kelvin": "k",
    "섭씨": "c",
    "화씨": "f",
    "°c": "c",
    "°f": "f",
}
_UNITS = {
    name: (quantity, Decimal(size))
    for quantity, units in _QUANTITIES.items()
    for unit, (size, names) in units.items()
    for name in (unit, *names.split())
}


def convert_units(
    value: Annotated[float, Field(allow_inf_nan=False)],
    from_unit: Annotated[str, Field(description="For example: km, mile, kg, lb, °C, 평", max_length=40)],
    to_unit: Annotated[str, Field(description="A unit of the same quantity", max_length=40)],
) -> dict[str, str | float]:
    """Convert a value between units of length, mass, area, volume, time, speed, data or temperature."""
    amount = Decimal(repr(value))
    source, target = _unit_name(from_unit), _unit_name(to_unit)
    if source in _TEMPERATURES and target in _TEMPERATURES:
        result = _convert_temperature(amount, source, target)
    else:
        for unit, name in ((from_unit, source), (to_unit, target)):
            if name not in _UNITS:
                raise ValueError(f"Unknown unit {unit!r}.")
        (quantity, size), (other_quantity, other_size) = _UNITS[source], _UNITS[target]
        if quantity != other_quantity:
            raise ValueError(f"{from_unit} is a unit of {quantity}, {to_unit} of {other_quantity}.")
        result = amount * size / other_size
    rounded = float(f"{result:.10g}")
    if math.isinf(rounded):
        raise ValueError("The result is too large.")
    return {"value": value, "from": from_unit, "to": to_unit, "result": rounded}


def _unit_name(text: str) -> str:
    name = text.strip().lower().removeprefix("degrees ")
    name = _TEMPERATURE_NAMES.get(name, name)
    singular = name.removesuffix("s")
    return singular if name not in _UNITS and name not in _TEMPERATURES and singular else name


def _convert_temperature(value: Decimal, source: str, target: str) -> Decimal:
    if source == target:
        return value
    if (source, target) == ("c", "f"):
        return value * 9 / 5 + 32
    if (source, target) == ("f", "c"):
        return (value - 32) * 5 / 9
    celsius = value - Decimal("273.15") if source == "k" else _convert_temperature(value, source, "c")
    return celsius + Decimal("273.15") if target == "k" else _convert_temperature(celsius, "c", target)

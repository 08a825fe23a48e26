"""Costs as whole numbers, which a database can add exactly."""

from decimal import Decimal

# A token of the cheapest embedding costs ten billionths of a dollar.
UNITS_PER_DOLLAR = 10**9


def cost_units(amount: Decimal | None) -> int:
    """Return dollars as billionths of a dollar, rounded; 0 for an unknown amount."""
    return round((amount or Decimal(0)) * UNITS_PER_DOLLAR)


def from_cost_units(units: int) -> Decimal:
    return Decimal(units) / UNITS_PER_DOLLAR

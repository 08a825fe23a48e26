"""What tokens cost, with the basis of the figure."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars for a usage; `amount` is None when unknown, and then `basis` says why."""

    amount: Decimal | None
    basis: str
    cache_savings: Decimal = Decimal(0)

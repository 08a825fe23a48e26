"""How a batch is simulated: its pace, its outcome and the limit of enqueued tokens."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import invalid_request

OUTCOMES = ("", "expire", "fail-validation", "lines-fail", "all-fail")
INSTANT = 1_000_000.0


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """*speed* multiplies the pace: at 1, a batch of a hundred lines takes about 17 seconds.

    *outcome* is one of `OUTCOMES`. *token_limit* is that of the enqueued tokens of each model; 0: none.
    """

    speed: float = 1.0
    outcome: str = ""
    token_limit: int = 0

    def with_headers(self, headers: Mapping[str, str]) -> "BatchOptions":
        """Return the options with those of the `x-sandbox-batch-` headers. Raises ApiError."""
        speed = headers.get("x-sandbox-batch-speed", str(self.speed))
        outcome = headers.get("x-sandbox-batch-outcome", self.outcome)
        limit = headers.get("x-sandbox-batch-token-limit", str(self.token_limit))
        try:
            number = float(speed)
        except ValueError:
            number = math.nan
        if not 0.001 <= number <= INSTANT:
            raise _invalid_header("x-sandbox-batch-speed", f"a number from 0.001 to {INSTANT:.0f}")
        if outcome not in OUTCOMES:
            raise _invalid_header("x-sandbox-batch-outcome", ", ".join(filter(None, OUTCOMES)))
        if not (limit.isdecimal() and len(limit) < 13):
            raise _invalid_header("x-sandbox-batch-token-limit", "an integer")
        return BatchOptions(number, outcome, int(limit))

    def to_dict(self) -> dict[str, Any]:
        return {"speed": self.speed, "outcome": self.outcome, "token_limit": self.token_limit}


def _invalid_header(name: str, expected: str) -> Exception:
    param = name.removeprefix("x-sandbox-").replace("-", "_")
    return invalid_request(f"Invalid {name}: expected {expected}.", param, "invalid_sandbox_header")

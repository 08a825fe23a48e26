"""The rate limits that a server reports with each response."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

_DURATION_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class RateLimit:
    """What is left of *limit* requests or tokens, and the seconds until all of it is available again."""

    limit: float
    remaining: float
    reset: float

    @property
    def refill_rate(self) -> float:
        """What becomes available in a second: OpenAI's limits are refilled continuously. 0 if unknown."""
        return (self.limit - self.remaining) / self.reset if self.reset else 0.0

    def available_after(self, seconds: float) -> float:
        """Return what is available *seconds* later, if nothing is used."""
        return min(self.limit, self.remaining + self.refill_rate * seconds)


def rate_limit(headers: Mapping[str, str], unit: str) -> RateLimit | None:
    """Read `x-ratelimit-*-requests` or `-tokens`; None unless limit, remaining and reset are valid."""
    limit = _number(headers.get(f"x-ratelimit-limit-{unit}"))
    remaining = _number(headers.get(f"x-ratelimit-remaining-{unit}"))
    reset = parse_duration(headers.get(f"x-ratelimit-reset-{unit}", ""))
    if limit is None or remaining is None or reset is None or remaining > limit:
        return None
    return RateLimit(limit, remaining, reset)


def parse_duration(text: str) -> float | None:
    """Parse a duration like `6m0s`, `12ms` or plain seconds; None if it is not one."""
    text = text.strip()[:40]
    if (seconds := _number(text)) is not None:
        return seconds
    parts = _DURATION_PART.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None

"""Rate limits of each client and model: reported in the headers, and enforced if the client has set them."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from core.sandbox.api.errors import ApiError

MAX_CONCURRENT_REQUESTS = 100
"""Of all clients together. A request beyond it is refused with status 503."""

_MAX_BUCKETS = 2_000
_ABBREVIATIONS = {"requests": "RPM", "tokens": "TPM"}


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Limits per minute that are enforced; None for one that is only reported, with the default number."""

    requests: int | None = None
    tokens: int | None = None


_REPORTED_LIMITS = {"requests": 10_000, "tokens": 2_000_000}


@dataclass(slots=True)
class _Bucket:
    """What is left of a limit. It is refilled continuously, so that a minute fills an empty one."""

    level: float
    limit: int
    updated: float

    def refill(self, limit: int, now: float) -> None:
        if limit != self.limit:  # changed by the client, which begins with a full minute
            self.level, self.limit = float(limit), limit
        self.level = min(float(limit), self.level + (now - self.updated) * limit / 60)
        self.updated = now

    def seconds_until(self, level: float) -> float:
        return max(0.0, level - self.level) * 60 / self.limit


class RateLimiter:
    """Counts the requests and tokens of each client and model. Its methods run on one thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str, str], _Bucket] = OrderedDict()

    def admit(self, client: str, model: str, tokens: int, limits: RateLimits) -> dict[str, str]:
        """Count a request of about *tokens* tokens and return its `x-ratelimit-*` headers.

        Raises ApiError with status 429 if it exceeds one of *limits*; it is not counted then.
        """
        enforced = {"requests": limits.requests, "tokens": limits.tokens}
        needs = {"requests": 1, "tokens": tokens}
        buckets = {
            unit: self._bucket(client, model, unit, enforced[unit] or reported)
            for unit, reported in _REPORTED_LIMITS.items()
        }
        for unit, bucket in buckets.items():
            if enforced[unit] and needs[unit] > bucket.level:
                raise _rate_limit_error(model, unit, needs[unit], bucket, _headers(buckets))
        for unit, bucket in buckets.items():
            bucket.level -= needs[unit]
        return _headers(buckets)

    def add_tokens(self, client: str, model: str, tokens: int, limits: RateLimits) -> None:
        """Count tokens that a request took beyond those with which it was admitted."""
        limit = limits.tokens or _REPORTED_LIMITS["tokens"]
        self._bucket(client, model, "tokens", limit).level -= tokens

    def clear(self) -> None:
        """Fill all limits."""
        self._buckets.clear()

    def _bucket(self, client: str, model: str, unit: str, limit: int) -> _Bucket:
        key = client, model, unit
        now = self._clock()
        bucket = self._buckets.pop(key, None) or _Bucket(float(limit), limit, now)
        # Removed and added again, so that the first one is the least recently used.
        self._buckets[key] = bucket
        if len(self._buckets) > _MAX_BUCKETS:
            self._buckets.popitem(last=False)
        bucket.refill(limit, now)
        return bucket


def _headers(buckets: dict[str, _Bucket]) -> dict[str, str]:
    headers = {}
    for unit, bucket in buckets.items():
        headers[f"x-ratelimit-limit-{unit}"] = str(bucket.limit)
        headers[f"x-ratelimit-remaining-{unit}"] = str(max(0, math.floor(bucket.level)))
        headers[f"x-ratelimit-reset-{unit}"] = format_duration(bucket.seconds_until(bucket.limit))
    return headers


def _rate_limit_error(model: str, unit: str, need: int, bucket: _Bucket, headers: dict[str, str]) -> ApiError:
    where = (
        f"{model} in organization sandbox on {unit} per min ({_ABBREVIATIONS[unit]}): Limit {bucket.limit}"
    )
    if need > bucket.limit:
        message = (
            f"Request too large for {where}, Requested {need}. "
            "The input or output tokens must be reduced in order to run successfully."
        )
    else:
        seconds = bucket.seconds_until(need)
        used = math.ceil(bucket.limit - bucket.level)
        message = (
            f"Rate limit reached for {where}, Used {used}, Requested {need}. "
            f"Please try again in {format_duration(seconds)}."
        )
        # Rounded up, because a client that waits for whole seconds would be refused again.
        headers = headers | {
            "retry-after": str(math.ceil(seconds)),
            "retry-after-ms": str(math.ceil(seconds * 1000)),
        }
    return ApiError(429, message, error_type=unit, code="rate_limit_exceeded", headers=headers)


def format_duration(seconds: float) -> str:
    """Return a duration as the API writes it: `12ms`, `1.5s`, `6m0s`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes}m{rest / 1000:g}s" if minutes else f"{rest / 1000:g}s"

"""How many calls the rate limits of a server allow at this moment, estimated between its responses."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.runner.rate_limit_headers import RateLimit, rate_limit

# The part of a limit that is left unused, 0.6 seconds of a limit per minute: calls do not arrive as regularly
# as they are sent.
_RESERVE = 0.01
# Seconds for which a response is believed. A server that names a longer time is asked again after this one.
_MAX_AGE = 60.0


@dataclass(frozen=True, slots=True)
class CallStart:
    """When a call started: its *number*, counted from 1, and how many were *in_flight* with it."""

    number: int
    time: float
    in_flight: int


@dataclass(frozen=True, slots=True)
class _Report:
    """A limit as it was at *start*, by a response that arrived at the time *received*."""

    limit: RateLimit
    start: CallStart
    received: float


class RateLimitBudget:
    """What the latest call has reported, less the calls since then, plus the refill since then.

    *calls* is the number of calls that have been started. Other *processes* use the limit at the same time:
    their calls since then are unknown here, so each process uses an equal part of what is left.
    """

    def __init__(self) -> None:
        self.processes = 1
        self._reports: dict[str, _Report] = {}
        self._tokens_per_call = 0.0

    def record_tokens(self, tokens: int) -> None:
        """Note what a call has used: an average of the latest calls estimates the need of the next ones."""
        self._tokens_per_call += (tokens - self._tokens_per_call) / (8 if self._tokens_per_call else 1)

    def record_headers(self, headers: Mapping[str, str], start: CallStart, now: float) -> None:
        """Note the limits that the response to a call has reported."""
        for unit in ("requests", "tokens"):
            latest = self._reports.get(unit)
            # A call that started earlier and took longer has older news.
            is_news = latest is None or latest.start.number < start.number
            if is_news and (limit := rate_limit(headers, unit)):
                self._reports[unit] = _Report(limit, start, now)

    def calls_left(self, calls: int, now: float) -> float:
        """Return how many more calls may start now. Below 1, none may."""
        return min((left for left, _ in self._estimates(calls, now)), default=math.inf)

    def delay(self, calls: int, now: float) -> float:
        """Return the seconds until the next call may start."""
        return max((delay for _, delay in self._estimates(calls, now)), default=0.0)

    def _estimates(self, calls: int, now: float) -> Iterator[tuple[float, float]]:
        """Yield, for each limit, the calls that are left, and the seconds until there is one."""
        for unit, per_call in (("requests", 1.0), ("tokens", self._tokens_per_call)):
            report = self._reports.get(unit)
            if not per_call or report is None or now >= report.received + _MAX_AGE:
                continue
            limit, part = report.limit, 1 / self.processes
            usable = part * (limit.available_after(now - report.start.time) - _RESERVE * limit.limit)
            need = min(per_call, part * (1 - _RESERVE) * limit.limit)
            missing = need * (calls - report.start.number + 1) - usable
            if not limit.refill_rate:
                continue  # nothing is used, or all is available at once
            delay = max(0.0, missing / (part * limit.refill_rate))
            delay = min(delay, report.received + _MAX_AGE - now)
            yield 1 - missing / need, delay

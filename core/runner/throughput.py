"""Whether more calls at once bring more throughput, or only a longer queue at the server."""

from dataclasses import dataclass
from math import sqrt

# Calls that are averaged at least: the latency of a reply varies with its length.
_MIN_CALLS = 12
# Concurrency is compared with one that differs by this factor at least.
_MIN_GROWTH = 1.25
# The limit grows by this factor in a round at most, so that it is judged before it grows further.
_MAX_GROWTH = 2.0
# The share of the growth in concurrency that throughput must gain, 1 being a server that never queues.
_MIN_GAIN = 0.35
# Latencies differ by chance: a gain is judged when it differs from the needed one by more than its standard
# error, and after this many rounds at the latest. Until then the limit does not grow.
_MAX_ROUNDS_UNDECIDED = 4
# A server whose latency has risen by this factor at the same concurrency has other work to do.
_SLOWDOWN = 2.0
_SLOWDOWN_DECREASE = 0.75
# After growth has brought nothing, the limit does not grow for this many rounds, for at most these seconds
# or two replies: a round of few slow calls takes minutes, and the cause may have been gone for long.
_ROUNDS_WITHOUT_GROWTH = 8
_SECONDS_WITHOUT_GROWTH = 20.0
_LATENCIES_WITHOUT_GROWTH = 2.0


@dataclass(frozen=True, slots=True)
class LoadAverage:
    """Sums over *calls* calls. By Little's law they give the throughput, whatever the pauses between."""

    calls: int = 0
    total_concurrency: float = 0.0
    total_latency: float = 0.0
    total_squared_latency: float = 0.0

    def __add__(self, other: "LoadAverage") -> "LoadAverage":
        return LoadAverage(
            self.calls + other.calls,
            self.total_concurrency + other.total_concurrency,
            self.total_latency + other.total_latency,
            self.total_squared_latency + other.total_squared_latency,
        )

    @property
    def concurrency(self) -> float:
        return self.total_concurrency / self.calls

    @property
    def latency(self) -> float:
        return self.total_latency / self.calls

    @property
    def throughput(self) -> float:
        return self.total_concurrency / self.total_latency

    @property
    def relative_variance(self) -> float:
        """The variance of the average latency, relative to its square."""
        squares = self.calls * self.total_squared_latency / self.total_latency**2
        return max(0.0, squares - 1) / self.calls


class ThroughputMonitor:
    """Compares the averages of each round of calls with those of earlier rounds."""

    def __init__(self) -> None:
        self._round = LoadAverage()
        self._reference: LoadAverage | None = None
        self._rounds_without_growth = 0
        self._growth_time = float("-inf")  # at which the limit may grow again, whatever the rounds
        self._reduced_at = float("-inf")
        self._highest_limit = float("inf")  # of this round

    def allows_growth(self, limit: float, now: float) -> bool:
        may_grow = self._rounds_without_growth == 0 or now >= self._growth_time
        return may_grow and limit < self._highest_limit

    def add(self, concurrency: float, latency: float, limit: float, now: float) -> float:
        """Add a call of *latency* seconds with the number of calls under way at its start, itself included.

        Returns *limit*, reduced if need be.
        """
        if now - latency < self._reduced_at:  # it has waited behind the calls that were too many
            return limit
        if not self._round.calls:
            self._highest_limit = limit * _MAX_GROWTH
        self._round += LoadAverage(1, concurrency, latency, latency**2)
        if self._round.calls < max(_MIN_CALLS, limit):
            return limit
        return self._judge(limit, now)

    def reset(self) -> None:
        """Forget the earlier rounds, because the limit was changed for another reason."""
        self._round, self._reference = LoadAverage(), None

    def _judge(self, limit: float, now: float) -> float:
        average, reference = self._round, self._reference
        if reference is None:
            return self._next_round(limit, reference=average)
        growth = average.concurrency / reference.concurrency
        if growth >= _MIN_GROWTH:
            return self._judge_growth(limit, now, average, reference)
        if growth <= 1 / _MIN_GROWTH:
            return self._next_round(limit, reference)
        if average.latency > _SLOWDOWN * reference.latency:
            self._reduced_at = now
            return self._next_round(max(1.0, limit * _SLOWDOWN_DECREASE), reference=None)
        return self._next_round(limit, reference + average)

    def _judge_growth(self, limit: float, now: float, average: LoadAverage, reference: LoadAverage) -> float:
        gain = average.throughput / reference.throughput
        needed = 1 + _MIN_GAIN * (average.concurrency / reference.concurrency - 1)
        error = gain * sqrt(average.relative_variance + reference.relative_variance)
        is_significant = abs(gain - needed) > error
        if not is_significant and average.calls < _MAX_ROUNDS_UNDECIDED * max(_MIN_CALLS, limit):
            self._highest_limit = limit
            return limit
        if gain >= needed:
            return self._next_round(limit, reference=average)
        self._next_round(limit, reference)
        self._rounds_without_growth = _ROUNDS_WITHOUT_GROWTH
        seconds = max(_SECONDS_WITHOUT_GROWTH, _LATENCIES_WITHOUT_GROWTH * reference.latency)
        self._reduced_at, self._growth_time = now, now + seconds
        return min(limit, max(1.0, reference.concurrency))

    def _next_round(self, limit: float, reference: LoadAverage | None) -> float:
        self._round, self._reference = LoadAverage(), reference
        self._rounds_without_growth = max(0, self._rounds_without_growth - 1)
        return limit

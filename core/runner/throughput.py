"""Whether more calls at once bring more throughput, or only a longer queue at the server."""

from dataclasses import dataclass

# Calls that are averaged at least: the latency of a reply varies with its length.
_MIN_CALLS = 12
# Concurrency is compared with one that differs by this factor at least.
_MIN_GROWTH = 1.25
# The limit grows by this factor in a round at most, so that it is judged before it grows further.
_MAX_GROWTH = 2.0
# The share of the growth in concurrency that throughput must gain, 1 being a server that never queues.
_MIN_GAIN = 0.35
# A server whose latency has risen by this factor at the same concurrency has other work to do.
_SLOWDOWN = 2.0
_SLOWDOWN_DECREASE = 0.75
# Averages for which the limit does not grow after growth has brought nothing.
_ROUNDS_WITHOUT_GROWTH = 8


@dataclass(frozen=True, slots=True)
class LoadAverage:
    """Averages of a round of calls. By Little's law they give the throughput, whatever the pauses between."""

    concurrency: float
    latency: float

    @property
    def throughput(self) -> float:
        return self.concurrency / self.latency


class ThroughputMonitor:
    """Compares the averages of each round of calls with those of an earlier round."""

    def __init__(self) -> None:
        self._calls = 0
        self._concurrency = 0.0
        self._latency = 0.0
        self._reference: LoadAverage | None = None
        self._rounds_without_growth = 0
        self._highest_limit = float("inf")  # of this round

    def allows_growth(self, limit: float) -> bool:
        return self._rounds_without_growth == 0 and limit < self._highest_limit

    def add(self, concurrency: float, latency: float, limit: float) -> float:
        """Add a call of *latency* seconds with the average number of calls under way, itself included.

        Returns *limit*, reduced if need be.
        """
        if not self._calls:
            self._highest_limit = limit * _MAX_GROWTH
        self._calls += 1
        self._concurrency += concurrency
        self._latency += latency
        if self._calls < max(_MIN_CALLS, limit):
            return limit
        average = LoadAverage(self._concurrency / self._calls, self._latency / self._calls)
        self._calls, self._concurrency, self._latency = 0, 0.0, 0.0
        self._rounds_without_growth = max(0, self._rounds_without_growth - 1)
        return min(limit, self._judge(average, limit))

    def reset(self) -> None:
        """Forget the earlier rounds, because the limit was changed for another reason."""
        self._calls, self._concurrency, self._latency = 0, 0.0, 0.0
        self._reference = None

    def _judge(self, average: LoadAverage, limit: float) -> float:
        reference = self._reference
        if reference is None:
            self._reference = average
            return limit
        growth = average.concurrency / reference.concurrency
        if growth >= _MIN_GROWTH:
            if average.throughput < reference.throughput * (1 + _MIN_GAIN * (growth - 1)):
                self._rounds_without_growth = _ROUNDS_WITHOUT_GROWTH
                return max(1.0, reference.concurrency)
            self._reference = average
        elif growth >= 1 / _MIN_GROWTH and average.latency > _SLOWDOWN * reference.latency:
            self._reference = None
            return max(1.0, limit * _SLOWDOWN_DECREASE)
        return limit

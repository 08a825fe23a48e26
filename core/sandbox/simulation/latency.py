"""Response latency: the time to the first token, and the rate of the tokens after it."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace

ScheduledBytes = tuple[float, bytes]
"""When to send, in seconds after the start of the request, and the bytes to send."""

_MAX_WRITE_BYTES = 16_384
# Below 1, so that no token comes before the one ahead of it.
_MAX_JITTER = 0.7
# The part of the time to the first token that a cached prompt saves: "up to 80%" by OpenAI's guide to prompt
# caching.
_CACHE_SAVING = 0.8


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds to the first token, tokens per second (0: no delay), and jitter.

    Jitter is the standard deviation of the time between two tokens, as a fraction of that time.
    """

    ttft: float = 0.0
    tps: float = 0.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.ttft <= 600 and 0 <= self.tps <= 100_000 and 0 <= self.jitter <= 1):
            raise ValueError("ttft must be within 0 to 600, tps within 0 to 100000, jitter within 0 to 1")

    def with_cached_share(self, share: float) -> "Latency":
        """Return the latency of a prompt of which *share*, from 0 to 1, is cached."""
        return replace(self, ttft=self.ttft * (1 - _CACHE_SAVING * share))

    def token_times(self, seed: str = "") -> Iterator[float]:
        """Yield the time of each token, without end. The same *seed* gives the same times."""
        rng = random.Random(seed)
        time = self.ttft
        gap = 1 / self.tps if self.tps else 0.0
        while True:
            yield time
            jitter = rng.gauss(0, self.jitter) if self.jitter and gap else 0.0
            time += gap * (1 + min(_MAX_JITTER, max(-_MAX_JITTER, jitter)))


PRESETS = {
    "instant": Latency(),
    "fast": Latency(0.2, 100, 0.2),
    "standard": Latency(0.5, 60, 0.2),
    "reasoning": Latency(5, 80, 0.2),
    "overloaded": Latency(3, 15, 0.5),
}


def parse_latency(text: str) -> Latency:
    """Parse the name of a preset, or `ttft=0.2,tps=100,jitter=0.3`. Raises ValueError."""
    if text.strip() in PRESETS:
        return PRESETS[text.strip()]
    values = {}
    for item in text.split(","):
        name, _, number = item.partition("=")
        if name.strip() not in {field.name for field in fields(Latency)}:
            raise ValueError(f"unknown latency '{name.strip()[:40]}'; presets are {', '.join(PRESETS)}")
        values[name.strip()] = float(number)
    return Latency(**values)


def format_latency(latency: Latency) -> str:
    """Return the name of the preset, or the values, in the format of `parse_latency`."""
    for name, preset in PRESETS.items():
        if preset == latency:
            return name
    return ",".join(f"{name}={value:g}" for name, value in asdict(latency).items())


async def iterate_on_schedule(
    parts: Iterable[ScheduledBytes], started: float, clock: Callable[[], float] | None = None
) -> AsyncIterator[bytes]:
    """Yield each part at its time after *started*. Parts that are due at the same time are joined."""
    now = clock or asyncio.get_running_loop().time
    pending = bytearray()
    for offset, part in parts:
        # Each part has its own deadline, so that a late wake-up does not delay the parts after it.
        wait = started + offset - now()
        if pending and (wait > 0 or len(pending) > _MAX_WRITE_BYTES):
            yield bytes(pending)
            pending.clear()
            await asyncio.sleep(max(0.0, started + offset - now()))
        elif wait > 0:
            await asyncio.sleep(wait)
        pending += part
    yield bytes(pending)

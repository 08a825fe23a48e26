"""How fast replies arrive: the time to the first token, then a steady rate with some jitter."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields

ScheduledBytes = tuple[float, bytes]
"""Bytes to send, and when: seconds after the request came."""

_MOST_AT_ONCE = 16_384
_JITTER_BOUND = 0.7


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds to the first token, tokens per second (0: all at once), jitter as a share of the gap."""

    ttft: float = 0.0
    tps: float = 0.0
    jitter: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.ttft <= 600 and 0 <= self.tps <= 100_000 and 0 <= self.jitter <= 1):
            raise ValueError("ttft must be within 0 to 600, tps within 0 to 100000, jitter within 0 to 1")

    def token_times(self, seed: str = "") -> Iterator[float]:
        """Yield when each token is due, without end: the same for the same *seed*."""
        chance = random.Random(seed)
        due = self.ttft
        gap = 1 / self.tps if self.tps else 0.0
        while True:
            yield due
            wobble = chance.gauss(0, self.jitter) if self.jitter and gap else 0.0
            due += gap * (1 + min(_JITTER_BOUND, max(-_JITTER_BOUND, wobble)))


PRESETS = {
    "instant": Latency(),
    "fast": Latency(0.2, 100, 0.2),
    "standard": Latency(0.5, 60, 0.2),
    "reasoning": Latency(5, 80, 0.2),
    "overloaded": Latency(3, 15, 0.5),
}


def parse_latency(text: str) -> Latency:
    """Read a preset's name or `ttft=0.2,tps=100,jitter=0.3`. Raises ValueError."""
    if text.strip() in PRESETS:
        return PRESETS[text.strip()]
    values = {}
    for item in text.split(","):
        name, _, number = item.partition("=")
        if name.strip() not in {field.name for field in fields(Latency)}:
            raise ValueError(f"unknown pace '{name.strip()[:40]}'; presets are {', '.join(PRESETS)}")
        values[name.strip()] = float(number)
    return Latency(**values)


def format_latency(pace: Latency) -> str:
    """Write *pace* so that `parse` reads it back: a preset's name where there is one."""
    for name, preset in PRESETS.items():
        if preset == pace:
            return name
    return ",".join(f"{name}={value:g}" for name, value in asdict(pace).items())


async def iterate_on_schedule(
    steps: Iterable[ScheduledBytes], started: float, clock: Callable[[], float] | None = None
) -> AsyncIterator[bytes]:
    """Yield *steps* on the schedule that began at *started*, those already due together.

    Each step has its own deadline, so a late wake-up is made up for by the next one.
    """
    now = clock or asyncio.get_running_loop().time
    due_now = bytearray()
    for offset, event in steps:
        wait = started + offset - now()
        if due_now and (wait > 0 or len(due_now) > _MOST_AT_ONCE):
            yield bytes(due_now)
            due_now.clear()
            await asyncio.sleep(max(0.0, started + offset - now()))
        elif wait > 0:
            await asyncio.sleep(wait)
        due_now += event
    yield bytes(due_now)

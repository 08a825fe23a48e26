"""What can be changed while the sandbox runs: pace, faults to come, seed."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.sandbox.api.errors import invalid_request, invalid_type, unknown_parameter
from core.sandbox.simulation import faults, latency
from core.sandbox.simulation.faults import ALWAYS, Fault
from core.sandbox.simulation.latency import Latency

_MOST_SCENARIOS = 1_000


class SandboxSettings:
    """The sandbox's settings; every method may be called from any thread."""

    def __init__(self, latency: str = "instant", seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._pace = _pace_of(latency)
        self._seed = seed
        self._queue: list[Fault] = []
        self._scenarios: dict[tuple[str, str], int] = {}
        self._drawn = 0

    @property
    def latency(self) -> Latency:
        return self._pace

    @property
    def seed(self) -> int:
        return self._seed

    def to_dict(self) -> dict[str, Any]:
        """Describe the settings as `GET /sandbox/controls` does."""
        with self._lock:
            waiting = [faults.format_fault(fault) for fault in self._queue]
            return {"pace": latency.format_latency(self._pace), "faults": waiting, "seed": self._seed}

    def update(self, values: Mapping[str, Any]) -> None:
        """Set `pace` (text), `faults` (list of texts; replaces those waiting), `seed`. Raises ApiProblem."""
        for name in values:
            if name not in ("pace", "faults", "seed"):
                raise unknown_parameter(name)
        chosen_pace = _pace_of(values["pace"]) if "pace" in values else self._pace
        queue = _queue_of(values["faults"]) if "faults" in values else None
        seed = _seed_of(values.get("seed", self._seed))
        with self._lock:
            self._pace, self._seed = chosen_pace, seed
            self._queue = self._queue if queue is None else queue

    def reset(self) -> None:
        """Forget pace, faults, counts and seed."""
        with self._lock:
            self._pace, self._seed, self._drawn = Latency(), 0, 0
            self._queue.clear()
            self._scenarios.clear()

    def next_fault(self) -> Fault | None:
        """Take the fault that the queue has for this request."""
        with self._lock:
            if not self._queue:
                return None
            fault = self._queue[0]
            if fault.percent is None and fault.times < ALWAYS:
                self._queue[:1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
            return self._drawn_or_none(fault)

    def requested_fault(self, fault: Fault, scenario: str, attempt: int) -> Fault | None:
        """Decide whether *fault*, asked for by a header, strikes this request.

        "The first N fail" counts the requests of *scenario*; without one it counts the SDK's own *attempt*.
        """
        with self._lock:
            if fault.percent is not None or fault.times == 1:
                return self._drawn_or_none(fault)
            before = self._counted(fault, scenario) if scenario else attempt
            return fault if before < fault.times else None

    def _drawn_or_none(self, fault: Fault) -> Fault | None:
        self._drawn += 1
        return fault if fault.applies(f"{self._seed}:{self._drawn}") else None

    def _counted(self, fault: Fault, scenario: str) -> int:
        key = (scenario[:200], fault.fault_type.name)
        before = self._scenarios.pop(key, 0)
        self._scenarios[key] = before + 1
        if len(self._scenarios) > _MOST_SCENARIOS:
            del self._scenarios[next(iter(self._scenarios))]
        return before


def _pace_of(value: object) -> Latency:
    if not isinstance(value, str):
        raise invalid_type("pace", "a string", value)
    try:
        return latency.parse_latency(value)
    except ValueError as error:
        raise invalid_request(f"Invalid 'pace': {error}.", "pace", "invalid_value") from error


def _queue_of(value: object) -> list[Fault]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid_type("faults", "an array of strings", value)
    try:
        return [faults.parse_fault(item) for item in value]
    except ValueError as error:
        raise invalid_request(f"Invalid 'faults': {error}.", "faults", "invalid_value") from error


def _seed_of(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_type("seed", "an integer", value)
    return value

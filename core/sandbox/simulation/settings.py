"""Settings that can be changed while the sandbox runs: latency, seed and the faults of each client."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.sandbox.api.errors import invalid_request, invalid_type, unknown_parameter
from core.sandbox.simulation.faults import ALWAYS, Fault, format_fault, parse_fault
from core.sandbox.simulation.latency import Latency, format_latency, parse_latency

_MAX_SCENARIOS = 1_000
_MAX_CLIENTS = 1_000


class SandboxSettings:
    """The settings of a sandbox. Thread-safe.

    A client is an API key, or "" for all clients. Each has a queue of faults of its own, so that the faults
    which one user requests do not affect another.
    """

    def __init__(self, latency: str = "instant", seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._latency = _validate_latency(latency)
        self._seed = seed
        self._fault_queues: dict[str, list[Fault]] = {}
        self._scenario_requests: dict[tuple[str, str], int] = {}
        self._draws = 0

    @property
    def latency(self) -> Latency:
        return self._latency

    @property
    def seed(self) -> int:
        return self._seed

    def to_dict(self, client: str = "") -> dict[str, Any]:
        """Return the settings as `GET /sandbox/settings` does, with the faults of *client*."""
        with self._lock:
            queue = [format_fault(fault) for fault in self._fault_queues.get(client, ())]
            return {"latency": format_latency(self._latency), "faults": queue, "seed": self._seed}

    def queued_faults(self, client: str = "") -> int:
        """Return the number of requests of *client* that are going to fail; `ALWAYS` or more if all are."""
        with self._lock:
            return sum(fault.times for fault in self._fault_queues.get(client, ()))

    def update(self, values: Mapping[str, Any], client: str = "") -> None:
        """Set `latency` (a string), `faults` (a list of strings that replaces *client*'s queue) and `seed`.

        Raises ApiError, and then changes nothing.
        """
        for name in values:
            if name not in ("latency", "faults", "seed"):
                raise unknown_parameter(name)
        latency = _validate_latency(values["latency"]) if "latency" in values else self._latency
        fault_queue: list[Fault] | None = None
        if "faults" in values:
            texts = values["faults"]
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise invalid_type("faults", "an array of strings", texts)
            try:
                fault_queue = [parse_fault(text) for text in texts]
            except ValueError as error:
                raise invalid_request(f"Invalid 'faults': {error}.", "faults", "invalid_value") from error
        seed = values.get("seed", self._seed)
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise invalid_type("seed", "an integer", seed)
        with self._lock:
            self._latency, self._seed = latency, seed
            if fault_queue is not None:
                self._replace_queue(client, fault_queue)

    def reset(self) -> None:
        """Restore the defaults: no latency, no faults, seed 0."""
        with self._lock:
            self._latency, self._seed, self._draws = Latency(), 0, 0
            self._fault_queues.clear()
            self._scenario_requests.clear()

    def next_fault(self, client: str = "") -> Fault | None:
        """Take the next fault from *client*'s queue, else from that of all, if it applies to this request."""
        with self._lock:
            queue = self._fault_queues.get(client) or self._fault_queues.get("")
            if not queue:
                return None
            fault = queue[0]
            if fault.percent is None and fault.times < ALWAYS:
                queue[:1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
            return self._draw(fault)

    def requested_fault(self, fault: Fault, scenario: str, attempt: int) -> Fault | None:
        """Return *fault*, which a header requests, if it applies to this request.

        A fault of the first N requests counts the requests of *scenario*; without one, it compares *attempt*,
        the retry count of the SDK.
        """
        with self._lock:
            if fault.percent is not None or fault.times == 1:
                return self._draw(fault)
            if not scenario:
                return fault if attempt < fault.times else None
            key = (scenario[:200], fault.fault_type.name)
            # Removed and added again, so that the first key is the least recently used.
            requests = self._scenario_requests.pop(key, 0)
            self._scenario_requests[key] = requests + 1
            if len(self._scenario_requests) > _MAX_SCENARIOS:
                del self._scenario_requests[next(iter(self._scenario_requests))]
            return fault if requests < fault.times else None

    def _replace_queue(self, client: str, queue: list[Fault]) -> None:
        # Removed and added again, so that the first client is the one whose queue was set first.
        self._fault_queues.pop(client, None)
        if queue:
            self._fault_queues[client] = queue
        if len(self._fault_queues) > _MAX_CLIENTS:
            del self._fault_queues[next(iter(self._fault_queues))]

    def _draw(self, fault: Fault) -> Fault | None:
        self._draws += 1
        return fault if fault.applies(f"{self._seed}:{self._draws}") else None


def _validate_latency(value: object) -> Latency:
    if not isinstance(value, str):
        raise invalid_type("latency", "a string", value)
    try:
        return parse_latency(value)
    except ValueError as error:
        raise invalid_request(f"Invalid 'latency': {error}.", "latency", "invalid_value") from error

"""Settings of each client that can be changed while the sandbox runs."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.sandbox.api.errors import invalid_request, invalid_type, unknown_parameter
from core.sandbox.batches.options import BatchOptions
from core.sandbox.simulation.faults import ALWAYS, Fault, format_fault, parse_fault
from core.sandbox.simulation.latency import Latency, format_latency, parse_latency
from core.sandbox.simulation.rate_limits import RateLimits

_MAX_SCENARIOS = 1_000
_MAX_CLIENTS = 1_000
_LIMIT_NAMES = {"requests_per_minute": "requests", "tokens_per_minute": "tokens"}
_MAX_LIMIT = 10**9
_BATCH_NAMES = ("batch_speed", "batch_outcome", "batch_token_limit")


@dataclass(slots=True)
class _ClientSettings:
    """What one client has set (None: the default), and how many faults chance has decided on."""

    latency: Latency | None = None
    seed: int | None = None
    faults: list[Fault] = field(default_factory=list)
    rate_limits: RateLimits | None = None
    batch_headers: dict[str, str] = field(default_factory=dict)
    draws: int = 0


@dataclass(slots=True)
class _Scenario:
    """How many requests of a scenario have failed, and until when it refuses all of them."""

    requests: int = 0
    refused_until: float = float("-inf")


class SandboxSettings:
    """The settings of a sandbox. Thread-safe.

    A client is an API key. What it sets applies to its own requests only, so that it does not affect other
    users. The client "" stands for the sandbox itself: its settings are the default of all clients.
    """

    def __init__(
        self, latency: str = "instant", seed: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._clients = {"": _ClientSettings(_validate_latency(latency), seed)}
        self._scenarios: dict[tuple[str, str, str], _Scenario] = {}

    def latency(self, client: str = "") -> Latency:
        values = (self._clients[name].latency for name in (client, "") if name in self._clients)
        return next(value for value in values if value is not None)

    def seed(self, client: str = "") -> int:
        values = (self._clients[name].seed for name in (client, "") if name in self._clients)
        return next(value for value in values if value is not None)

    def rate_limits(self, client: str = "") -> RateLimits:
        values = (self._clients[name].rate_limits for name in (client, "") if name in self._clients)
        return next((value for value in values if value is not None), RateLimits())

    def batch_headers(self, client: str = "") -> Mapping[str, str]:
        """Return the headers of a batch with which *client* creates each one that has none of its own."""
        values = (self._clients[name].batch_headers for name in (client, "") if name in self._clients)
        return next((headers for headers in values if headers), {})

    def to_dict(self, client: str = "") -> dict[str, Any]:
        """Return the settings of *client* as `GET /sandbox/settings` does."""
        with self._lock:
            settings = self._clients.get(client, _ClientSettings())
            return {
                "latency": format_latency(self.latency(client)),
                "faults": [format_fault(fault) for fault in settings.faults],
                "seed": self.seed(client),
                "requests_per_minute": self.rate_limits(client).requests,
                "tokens_per_minute": self.rate_limits(client).tokens,
                **{name: self.batch_headers(client).get(_header(name)) for name in _BATCH_NAMES},
            }

    def queued_faults(self, client: str = "") -> int:
        """Return the number of requests of *client* that are going to fail; `ALWAYS` or more if all are."""
        with self._lock:
            return sum(fault.times for fault in self._clients.get(client, _ClientSettings()).faults)

    def update(self, values: Mapping[str, Any], client: str = "") -> None:
        """Set `latency` (a string), `seed`, `faults` (a list of strings: the new queue) of *client*, and its
        limits `requests_per_minute` and `tokens_per_minute` (null: not enforced).

        `batch_speed`, `batch_outcome` and `batch_token_limit` are strings as in the headers of a batch (null:
        the default). Raises ApiError, and then changes nothing.
        """
        for name in values:
            if name not in ("latency", "faults", "seed", *_LIMIT_NAMES, *_BATCH_NAMES):
                raise unknown_parameter(name)
        latency = _validate_latency(values["latency"]) if "latency" in values else None
        faults = _validate_faults(values["faults"]) if "faults" in values else None
        seed = values.get("seed")
        if "seed" in values and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise invalid_type("seed", "an integer", seed)
        limits = {
            unit: _validate_limit(name, values[name]) for name, unit in _LIMIT_NAMES.items() if name in values
        }
        batch_headers = _validate_batch_headers(values)
        with self._lock:
            settings = self._client_settings(client)
            merged = {**settings.batch_headers, **batch_headers}
            settings.batch_headers = {name: value for name, value in merged.items() if value is not None}
            if limits:
                settings.rate_limits = replace(self.rate_limits(client), **limits)
            settings.latency = latency or settings.latency
            settings.seed = settings.seed if seed is None else seed
            settings.faults = settings.faults if faults is None else faults

    def reset(self) -> None:
        """Restore the defaults for every client: no latency, no faults, seed 0."""
        with self._lock:
            self._clients = {"": _ClientSettings(Latency(), 0)}
            self._scenarios.clear()

    def next_fault(self, client: str = "") -> Fault | None:
        """Take the next fault from *client*'s queue, else from that of all, if it applies to this request."""
        with self._lock:
            queues = [self._clients[name].faults for name in (client, "") if name in self._clients]
            queue = next((queue for queue in queues if queue), None)
            if not queue:
                return None
            fault = queue[0]
            if fault.percent is None and fault.times < ALWAYS:
                queue[:1] = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
            return self._draw(fault, client)

    def requested_fault(self, fault: Fault, scenario: str, attempt: int, client: str = "") -> Fault | None:
        """Return *fault*, which a header requests, if it applies to this request.

        A fault of the first N requests counts the requests of *scenario*; without one, it compares *attempt*,
        the retry count of the SDK. As the API does, a scenario refuses a request that comes before the
        Retry-After of a 429 has passed once more, without counting it.
        """
        with self._lock:
            if fault.percent is not None or fault.times == 1:
                return self._draw(fault, client)
            if not scenario:
                return fault if attempt < fault.times else None
            key = (client, scenario[:200], fault.fault_type.name)
            # Removed and added again, so that the first key is the least recently used.
            state = self._scenarios.pop(key, None) or _Scenario()
            self._scenarios[key] = state
            if len(self._scenarios) > _MAX_SCENARIOS:
                del self._scenarios[next(iter(self._scenarios))]
            now = self._clock()
            if now < state.refused_until:
                return replace(fault, value=round(state.refused_until - now, 3))
            state.requests += 1
            if state.requests > fault.times:
                return None
            if fault.fault_type.name == "429":
                state.refused_until = now + fault.value
            return fault

    def _draw(self, fault: Fault, client: str) -> Fault | None:
        """Return *fault* if it applies to this request: by chance if it has a percentage, else always."""
        if fault.percent is None:
            return fault
        settings = self._client_settings(client)
        settings.draws += 1
        return fault if fault.applies(f"{self.seed(client)}:{settings.draws}") else None

    def _client_settings(self, client: str) -> _ClientSettings:
        """Return the settings of *client*, to be changed. The least recently changed are discarded."""
        settings = self._clients.pop(client, None) or _ClientSettings()
        self._clients[client] = settings
        if len(self._clients) > _MAX_CLIENTS:
            del self._clients[next(name for name in self._clients if name)]
        return settings


def _header(name: str) -> str:
    return f"x-sandbox-{name.replace('_', '-')}"


def _validate_batch_headers(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the headers for those of *values* that are about batches."""
    headers: dict[str, str | None] = {}
    for name in _BATCH_NAMES:
        if name in values:
            value = headers[_header(name)] = values[name]
            if not isinstance(value, str | None):
                raise invalid_type(name, "a string", value)
            if value is not None:
                BatchOptions().with_headers({_header(name): value})
    return headers


def _validate_faults(texts: object) -> list[Fault]:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise invalid_type("faults", "an array of strings", texts)
    try:
        return [parse_fault(text) for text in texts]
    except ValueError as error:
        raise invalid_request(f"Invalid 'faults': {error}.", "faults", "invalid_value") from error


def _validate_limit(name: str, value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise invalid_type(name, "an integer", value)
    if not 1 <= value <= _MAX_LIMIT:
        raise invalid_request(f"Invalid '{name}': must be between 1 and {_MAX_LIMIT}.", name, "invalid_value")
    return value


def _validate_latency(value: object) -> Latency:
    if not isinstance(value, str):
        raise invalid_type("latency", "a string", value)
    try:
        return parse_latency(value)
    except ValueError as error:
        raise invalid_request(f"Invalid 'latency': {error}.", "latency", "invalid_value") from error

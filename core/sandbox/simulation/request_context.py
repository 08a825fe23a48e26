"""What the middleware passes to the routes about a request."""

import asyncio
from dataclasses import dataclass, field

from starlette.datastructures import Headers

from core.sandbox.simulation.faults import Fault
from core.sandbox.simulation.latency import Latency
from core.sandbox.simulation.rate_limits import RateLimiter, RateLimits
from core.sandbox.simulation.request_log import RequestLogEntry


def request_key(headers: Headers) -> str:
    """Return the API key of a request; empty without one."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


@dataclass(slots=True)
class RequestContext:
    """The log entry of one request, the client that sent it, and how the response is to be simulated."""

    log_entry: RequestLogEntry
    client: str
    latency: Latency
    seed: int
    rate_limits: RateLimits
    fault: Fault | None = None
    rate_limit_headers: dict[str, str] = field(default_factory=dict)
    data_owner: str = ""
    reply_origin: str = ""
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def admit(self, limiter: RateLimiter, model: str, tokens: int) -> None:
        """Count the request of *model* against its limits. Raises ApiError if it exceeds one."""
        self.rate_limit_headers = limiter.admit(self.client, model, tokens, self.rate_limits)

    def add_tokens(self, limiter: RateLimiter, model: str, tokens: int) -> None:
        """Count the tokens that the request took beyond those with which it was admitted."""
        limiter.add_tokens(self.client, model, tokens, self.rate_limits)

    def media_type(self, default: str) -> str:
        """Return *default*, or the wrong content type that a fault asks for."""
        wrong = self.fault is not None and self.fault.fault_type.name == "content-type"
        return "text/plain" if wrong else default

"""What the middleware passes to the routes about a request."""

import asyncio
from dataclasses import dataclass, field

from starlette.datastructures import Headers

from core.sandbox.simulation.faults import Fault
from core.sandbox.simulation.latency import Latency
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
    fault: Fault | None = None
    file_owner: str = ""
    started: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    def media_type(self, default: str) -> str:
        """Return *default*, or the wrong content type that a fault asks for."""
        wrong = self.fault is not None and self.fault.fault_type.name == "content-type"
        return "text/plain" if wrong else default

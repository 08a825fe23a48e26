"""The log of recent requests, without prompts, replies or keys."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

_MAX_ENTRIES = 200


@dataclass(slots=True)
class RequestLogEntry:
    """One request. The fields are those of `GET /sandbox/requests`.

    Times are Unix timestamps, `attempt` is the retry count of the SDK, `writes` the number of body messages.
    """

    id: str
    method: str
    path: str
    attempt: int
    started: float = field(default_factory=time.time)
    status: int | None = None
    fault: str | None = None
    ended: float | None = None
    disconnected: bool = False
    writes: int = 0


class RequestLog:
    """The most recent requests, oldest first. A client has only those it sent; "" has all of them."""

    def __init__(self, max_entries: int = _MAX_ENTRIES) -> None:
        self._max_entries = max_entries
        self._entries: deque[tuple[str, RequestLogEntry]] = deque(maxlen=max_entries)

    def add(self, entry: RequestLogEntry, client: str) -> None:
        self._entries.append((client, entry))

    def to_list(self, client: str = "") -> list[dict[str, Any]]:
        return [asdict(entry) for sender, entry in self._entries if client in ("", sender)]

    def clear(self, client: str = "") -> None:
        others = [item for item in self._entries if client not in ("", item[0])]
        self._entries = deque(others, self._max_entries)

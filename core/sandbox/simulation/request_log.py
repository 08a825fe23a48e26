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
    """The most recent requests, oldest first."""

    def __init__(self, max_entries: int = _MAX_ENTRIES) -> None:
        self._entries: deque[RequestLogEntry] = deque(maxlen=max_entries)

    def add(self, entry: RequestLogEntry) -> RequestLogEntry:
        self._entries.append(entry)
        return entry

    def to_list(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self._entries]

    def clear(self) -> None:
        self._entries.clear()

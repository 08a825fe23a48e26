"""What the sandbox was asked, without a word of what was said."""

import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

_KEPT = 200


@dataclass(slots=True)
class RequestLogEntry:
    """One request. Times are Unix seconds; `attempt` is the SDK's retry count, `events` what was written."""

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
    """The last requests, oldest first."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._entries: deque[RequestLogEntry] = deque(maxlen=kept)

    def add(self, entry: RequestLogEntry) -> RequestLogEntry:
        self._entries.append(entry)
        return entry

    def to_list(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self._entries]

    def clear(self) -> None:
        self._entries.clear()

"""Server-sent events, read from lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of the stream: the joined `data:` lines, and the `event:` name if there was one."""

    data: str
    name: str = ""


@dataclass(slots=True)
class SSEDecoder:
    """Feed it lines without their ends; it yields whole events and keeps the open one.

    By the WHATWG rules (comments skipped, data lines joined by a line feed), except that an event with an
    empty `data:` is yielded too: for this app that is a fault of the server to report, not to skip.
    """

    _data: list[str] = field(default_factory=list)
    _name: str = ""

    def feed(self, line: str) -> Iterator[ServerSentEvent]:
        if not line:
            yield from self.close()
        elif not line.startswith(":"):
            self._field(*line.partition(":")[::2])

    def close(self) -> Iterator[ServerSentEvent]:
        """Yield the open event, if any, and begin a new one."""
        data, name = self._data, self._name
        self._data, self._name = [], ""
        if data:
            yield ServerSentEvent("\n".join(data), name)

    @property
    def has_pending_data(self) -> bool:
        """Whether data has come for which the closing blank line has not."""
        return bool(self._data)

    def _field(self, name: str, value: str) -> None:
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value

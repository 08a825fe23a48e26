"""Decode server-sent events from lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of a stream: its joined `data:` lines, and its `event:` name if it has one."""

    data: str
    name: str = ""


@dataclass(slots=True)
class SSEDecoder:
    """Collects lines, without their line ends, into events.

    Follows the WHATWG rules (comments are skipped, data lines joined by a line feed), except that an event
    with an empty `data:` is yielded too, so that the caller can report it as malformed.
    """

    _data: list[str] = field(default_factory=list)
    _name: str = ""

    def feed(self, line: str) -> Iterator[ServerSentEvent]:
        """Yield the event that *line* completes, if any."""
        if not line:
            yield from self.close()
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data.append(value)
            elif name == "event":
                self._name = value

    def close(self) -> Iterator[ServerSentEvent]:
        """Yield the incomplete event, if any, and start a new one."""
        data, name = self._data, self._name
        self._data, self._name = [], ""
        if data:
            yield ServerSentEvent("\n".join(data), name)

    @property
    def has_pending_data(self) -> bool:
        """Whether an event has data but no closing blank line yet."""
        return bool(self._data)

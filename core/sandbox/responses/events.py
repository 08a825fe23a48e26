"""The events of a stream, each with its time."""

import secrets
from collections.abc import Iterator

from core.sandbox.responses.output import Event
from core.sandbox.responses.response import Response, to_json
from core.sandbox.simulation.latency import Latency, ScheduledBytes

_OBFUSCATED_LENGTH = 16


class EventWriter:
    """Writes the events of *response*: the same ones whenever the stream is read."""

    def __init__(self, response: Response, latency: Latency, seed: str) -> None:
        self.response, self._latency, self._seed = response, latency, seed
        self._options = response.request.params.get("stream_options", {})
        # One random text, of which each event gets a part.
        self._padding = secrets.token_urlsafe(1024)

    def events(self, obfuscates: bool | None = None) -> Iterator[ScheduledBytes]:
        """Yield the events with their times, at which Chat Completions would send the same tokens.

        *obfuscates* is whether deltas are padded; None as the request says.
        """
        if obfuscates is None:
            obfuscates = self._options.get("include_obfuscation") is not False
        for number, (time, event) in enumerate(self._scheduled()):
            if obfuscates and "delta" in event:
                event = {**event, "obfuscation": self._obfuscation(event["delta"], number)}
            yield time, to_sse(event, number)

    @property
    def start(self) -> float:
        """The time at which the response is in progress."""
        return self._latency.ttft / 2 if self.response.request.is_background else 0.0

    @property
    def first_index(self) -> int:
        """The index of the first item after the reasoning."""
        return int(self.response.generation.usage.reasoning_tokens > 0)

    def _scheduled(self) -> Iterator[tuple[float, Event]]:
        yield from self.lead()
        times = self._latency.token_times(self._seed)
        for group, time in zip(self._groups(), times, strict=False):
            for event in group:
                yield time, event

    def lead(self) -> Iterator[tuple[float, Event]]:
        """Yield what comes before the first token: the state of the response, and its reasoning."""
        response = self.response
        initial = "queued" if response.request.is_background else "in_progress"
        yield 0.0, self._lifecycle("created", initial)
        if response.request.is_background:
            yield 0.0, self._lifecycle("queued", initial)
        yield self.start, self._lifecycle("in_progress", "in_progress")
        if not self.first_index:
            return
        reasoning = response.output[0]
        events = [*reasoning.opening(), *reasoning.deltas(), *reasoning.closing()]
        step = (self._latency.ttft - self.start) / len(events)
        for number, event in enumerate(events):
            yield self.start + step * number, event

    def _groups(self) -> Iterator[list[Event]]:
        """Yield the events to send together with each token, and the last ones."""
        pending: list[Event] = []
        for item in self.response.output[self.first_index :]:
            opening = item.opening()
            # A call begins with a token of its own: its name.
            if len(opening) == 1:
                yield [*pending, *opening]
                pending, opening = [], []
            pending += opening
            for event in item.deltas():
                yield [*pending, event]
                pending = []
            pending += item.closing()
        status = self.response.status
        yield [*pending, self._lifecycle(status, status)]

    def _lifecycle(self, name: str, status: str) -> Event:
        return {"type": f"response.{name}", "response": self.response.to_dict(status, is_stream=True)}

    def _obfuscation(self, delta: str, number: int) -> str:
        start = number * _OBFUSCATED_LENGTH % (len(self._padding) - _OBFUSCATED_LENGTH)
        return self._padding[start : start + _OBFUSCATED_LENGTH - len(delta) % _OBFUSCATED_LENGTH]


def to_sse(event: Event, number: int) -> bytes:
    fields = {"type": event["type"], "sequence_number": number, **event}
    return b"event: %s\ndata: %s\n\n" % (event["type"].encode(), to_json(fields))

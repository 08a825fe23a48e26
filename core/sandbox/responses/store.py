"""Responses that can be retrieved and continued: in memory, as all of a client's state in the sandbox."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.sandbox.api.errors import invalid_request
from core.sandbox.api.owned_store import MAX_BYTES, MAX_VALUES, OwnedStore
from core.sandbox.responses.input_items import Item
from core.sandbox.simulation.latency import ScheduledBytes

if TYPE_CHECKING:
    from core.sandbox.responses.events import EventWriter
    from core.sandbox.responses.response import Response

UNFINISHED = ("queued", "in_progress", "cancelled")
"""The states in which a response has neither output nor usage."""
# What the tokens of a response in the background take, whose events can be sent again.
_BYTES_PER_TOKEN = 200


@dataclass(slots=True)
class BackgroundRun:
    """A response that takes its time after *started*, whoever waits for it."""

    response: "Response"
    writer: "EventWriter"
    started: float
    clock: Callable[[], float]
    cancelled_at: float | None = None

    @property
    def elapsed(self) -> float:
        return self.clock() - self.started

    @property
    def status(self) -> str:
        if self.cancelled_at is not None:
            return "cancelled"
        elapsed = self.elapsed
        if elapsed >= self.response.seconds:
            return self.response.status
        return "in_progress" if elapsed >= self.writer.start else "queued"

    def cancel(self) -> None:
        """Cancel the response; once more without effect. Raises ApiError if it is complete."""
        status = self.status
        if status in ("queued", "in_progress"):
            self.cancelled_at = self.clock()
        elif status != "cancelled":
            raise invalid_request(f"Cannot cancel a {status} response.")

    def events(self, obfuscates: bool | None = None) -> Iterator[ScheduledBytes]:
        """Yield the events until the response is cancelled, with their times after *started*."""
        for offset, event in self.writer.events(obfuscates):
            if self.cancelled_at is not None and self.started + offset > self.cancelled_at:
                return
            yield offset, event


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response in its final state, the items of its request, and its run if it is in the background."""

    body: Mapping[str, Any]
    input_items: tuple[Item, ...]
    run: BackgroundRun | None = None

    @property
    def id(self) -> str:
        return str(self.body["id"])

    @property
    def status(self) -> str:
        return self.run.status if self.run else str(self.body["status"])

    @property
    def conversation(self) -> tuple[Item, ...]:
        """The items that a request which continues this response begins with."""
        return (*self.input_items, *self.body["output"])

    def to_dict(self) -> Mapping[str, Any]:
        """Return the response in its present state."""
        if self.run is not None and (status := self.run.status) in UNFINISHED:
            return self.run.response.to_dict(status)
        return self.body


class ResponseStore:
    """The stored responses of all owners."""

    def __init__(
        self,
        max_responses: int = MAX_VALUES,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._responses: OwnedStore[StoredResponse] = OwnedStore(max_responses, max_bytes)
        self._clock = clock

    def add(self, owner: str, response: "Response", writer: "EventWriter", elapsed: float) -> StoredResponse:
        """Store *response*, whose request was received *elapsed* seconds ago."""
        request, run = response.request, None
        # The items before those of this request are stored with the responses that it continues.
        size = len(json.dumps([response.to_dict(), request.items[request.own_start :]]))
        if request.is_background:
            run = BackgroundRun(response, writer, self._clock() - elapsed, self._clock)
            size += _BYTES_PER_TOKEN * response.generation.event_count
        stored = StoredResponse(response.to_dict(), request.items, run)
        self._responses.add(owner, response.id, stored, size)
        return stored

    def get(self, owner: str, response_id: str) -> StoredResponse | None:
        return self._responses.get(owner, response_id)

    def find_item(self, owner: str, item_id: str) -> Item | None:
        """Return the item with *item_id* of the latest response of *owner* that has it."""
        for stored in reversed(self._responses.list(owner)):
            for item in stored.conversation:
                if item["id"] == item_id:
                    return item
        return None

    def reasoning_of_items(self, owner: str) -> dict[str, str]:
        """Return the id of the reasoning that each stored output item of *owner* comes with."""
        outputs = [stored.body["output"] for stored in self._responses.list(owner)]
        return {
            item["id"]: output[0]["id"]
            for output in outputs
            if output and output[0]["type"] == "reasoning"
            for item in output[1:]
        }

    def delete(self, owner: str, response_id: str) -> None:
        self._responses.delete(owner, response_id)

    def clear(self) -> None:
        self._responses.clear()

"""Many texts in several spaces: concurrent requests, progress, Stop, and going on where it ended."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from core.client.retry import RetryPolicy
from core.embeddings.batching import Limits, Piece, Prepared, pack
from core.embeddings.cache import VectorCache
from core.embeddings.inputs import Item, Remark
from core.embeddings.request import ENDPOINT, Space, embed
from core.embeddings.response import Received
from core.embeddings.similarity import Neighbours, neighbours
from core.embeddings.vectors import Matrix, make_unit, usable
from core.errors.types import Explanation, PlaygroundError, explain
from core.runs.log import RunLog
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

AT_ONCE = 4

Conduct = Callable[[RunLog, Coroutine[Any, Any, None]], Awaitable[None]]


async def _just_do(_log: RunLog, work: Coroutine[Any, Any, None]) -> None:
    await work


@dataclass(frozen=True, slots=True)
class Manner:
    """How the requests are made: limits of one, retries, what a run is called, and who sees it through."""

    limits: Limits = field(default_factory=Limits)
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    profile: str = ""
    conduct: Conduct = _just_do


@dataclass(frozen=True, slots=True)
class Embedded:
    """Unit vectors of *items* by space, row for row, without those that a space has no direction for.

    `near` holds the ten nearest of each: finding them among 10,000 takes seconds.
    """

    items: tuple[Item, ...]
    vectors: Mapping[Space, Matrix]
    near: Mapping[Space, Neighbours]
    remarks: tuple[Remark, ...]

    @property
    def spaces(self) -> tuple[Space, ...]:
        return tuple(self.vectors)


class Work:
    """The embedding of *prepared* in *spaces*. `done`, `runs` and `state` may be read from any thread.

    What has arrived is in the cache as far as it has room, so the same work begun again asks for the rest.
    """

    def __init__(self, prepared: Prepared, spaces: Sequence[Space], cache: VectorCache) -> None:
        self.prepared = prepared
        self.spaces = tuple(dict.fromkeys(spaces))
        self.total = len(prepared.pieces) * len(self.spaces)
        self.state = RunState.RUNNING
        self.error: Explanation | None = None
        self.runs: list[RunLog] = []
        self.done = 0
        self.from_cache = 0
        self.result: Embedded | None = None
        self._cache = cache
        self._rows: dict[Space, dict[int, Matrix]] = {space: {} for space in self.spaces}
        self._server = ""
        self._lock = Lock()

    def kept(self) -> int:
        """Count the vectors that need not be asked for again: the cache may have forgotten some."""
        pieces = self.prepared.pieces
        held = self._cache.holds
        return sum(held(self._server, space, piece.text) for space in self.spaces for piece in pieces)

    async def run(self, client: "AsyncOpenAI", manner: Manner = Manner()) -> None:
        """Get every vector; failures end in `state` and `error`, cancellation in `state` and as raised."""
        try:
            self._server = str(client.base_url)
            await asyncio.to_thread(self._look_up)
            await self._ask_for_the_rest(client, manner)
            if not self.error:
                self.result = await asyncio.to_thread(self._assembled)
        except asyncio.CancelledError:
            self.state = RunState.STOPPED
            raise
        except Exception as bug:  # noqa: BLE001 - nobody awaits this; `explain` logs it, and the page ends
            self.fail(bug)
        finally:
            self._rows = {space: {} for space in self.spaces}
        self.state = RunState.FAILED if self.error else RunState.DONE

    async def _ask_for_the_rest(self, client: "AsyncOpenAI", manner: Manner) -> None:
        waiting = [(space, part) for space in self.spaces for part in self._requests(space, manner.limits)]
        waiting.reverse()

        async def worker() -> None:
            while waiting and not self.error:
                await self._request(client, *waiting.pop(), manner)

        await _all_of(worker() for _ in range(min(AT_ONCE, len(waiting))))

    def fail(self, problem: Exception) -> None:
        """End it with *problem*, which may come before the first request."""
        self.error = explain(problem)
        self.state = RunState.FAILED

    def _look_up(self) -> None:
        for space in self.spaces:
            for place, piece in enumerate(self.prepared.pieces):
                if (row := self._cache.get(self._server, space, piece.text)) is not None:
                    self._rows[space][place] = row
        self.from_cache = self.done = sum(len(rows) for rows in self._rows.values())

    def _requests(self, space: Space, limits: Limits) -> list[list[int]]:
        missing = [place for place in range(len(self.prepared.pieces)) if place not in self._rows[space]]
        sizes = [self.prepared.pieces[place].tokens for place in missing]
        return [[missing[at] for at in part] for part in pack(sizes, limits)]

    async def _request(self, client: "AsyncOpenAI", space: Space, places: list[int], manner: Manner) -> None:
        pieces = [self.prepared.pieces[place] for place in places]
        params = space.params([piece.text for piece in pieces])
        server = self._server.rstrip("/")
        log = RunLog(Run("embeddings", ENDPOINT, params, profile=manner.profile, base_url=server))
        self.runs.append(log)

        def take(found: Received) -> None:
            self._take(space, list(zip(places, pieces, strict=True)), found.vectors)

        await manner.conduct(log, embed(client, params, log, manner.policy, take))
        self.error = self.error or log.snapshot().error

    def _take(self, space: Space, asked: list[tuple[int, Piece]], vectors: Matrix) -> None:
        with self._lock:
            known = self._rows[space]
            lengths = {vectors.shape[1], *(len(row) for row in islice(known.values(), 1))}
            if len(lengths) > 1:
                told = ", ".join(map(str, sorted(lengths)))
                raise PlaygroundError(
                    f"{space.model} sent vectors of different lengths: {told}",
                    "The model behind this name may have changed. Reload the page and embed again.",
                )
            known.update({place: row for (place, _), row in zip(asked, vectors, strict=True)})
            self.done += len(asked)
        for (_, piece), row in zip(asked, vectors, strict=True):
            self._cache.put(self._server, space, piece.text, row)

    def _assembled(self) -> Embedded:
        """Put items together from their pieces, and leave out those without a direction in any space.

        A space's pieces are let go as soon as its matrix is there: all at once would take gigabytes.
        """
        raw = {space: self._matrix(self._rows.pop(space)) for space in self.spaces}
        good = np.ones(len(self.prepared.items), bool)
        for rows in raw.values():
            good &= usable(rows)
        kept = np.flatnonzero(good)
        odd = [self.prepared.items[at] for at in np.flatnonzero(~good).tolist()]
        remarks = [*self.prepared.remarks, *(_odd(item) for item in odd), *self._length_remarks(raw)]
        if not good.all():
            for space in raw:
                raw[space] = raw[space][kept]
        for rows in raw.values():
            make_unit(rows)
        near = {space: neighbours(rows) for space, rows in raw.items()}
        return Embedded(tuple(self.prepared.items[at] for at in kept), raw, near, tuple(remarks))

    def _matrix(self, rows: Mapping[int, Matrix]) -> Matrix:
        parts = self.prepared.parts
        found = np.empty((len(parts), len(next(iter(rows.values()), ()))), np.float32)
        for at, places in enumerate(parts):
            found[at] = rows[places[0]] if len(places) == 1 else self._mean(rows, places)
        return found

    def _mean(self, rows: Mapping[int, Matrix], places: Sequence[int]) -> Matrix:
        """Average the parts of a long text by their tokens, as OpenAI's Cookbook does for long inputs."""
        weights = [self.prepared.pieces[place].tokens for place in places]
        return np.average(np.stack([rows[place] for place in places]), axis=0, weights=weights)

    def _length_remarks(self, raw: Mapping[Space, Matrix]) -> list[Remark]:
        return [
            Remark(
                0,
                "odd vector",
                f"{space.model} sent {rows.shape[1]:,} numbers where {space.dimensions:,} were asked for.",
            )
            for space, rows in raw.items()
            if space.dimensions and rows.shape[1] != space.dimensions
        ]


async def _all_of(work: Any) -> None:
    """Run all at once; when one is cancelled or fails, so are the others, and they have ended."""
    async with asyncio.TaskGroup() as group:
        for one in work:
            group.create_task(one)


def _odd(item: Item) -> Remark:
    said = "Its vector is all zero or not made of numbers, so its similarity is undefined: left out."
    return Remark(item.line, "odd vector", said)

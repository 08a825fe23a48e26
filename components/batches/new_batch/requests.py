"""Requests about single batches and files, which the page does not wait for."""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from components.session import session
from core.errors.explain import explain
from core.runs import event_loop

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile
    from core.errors.types import Explanation

# Seconds that a page waits for a fast server, so that the result is drawn at once.
_SHORT_WAIT = 0.25


@dataclass(slots=True, eq=False)
class BatchRequests:
    """The requests of this browser session, the last of each key, and the errors of those that failed."""

    _tasks: "dict[str, Future[None]]" = field(default_factory=dict)
    errors: "dict[str, Explanation]" = field(default_factory=dict)
    succeeded: set[str] = field(default_factory=set)

    def start(self, key: str, request: "Callable[[AsyncOpenAI], Awaitable[object]]") -> None:
        """Send *request* with a client of the active server, unless that of *key* is still under way."""
        if self.is_running(key):
            return
        self.errors.pop(key, None)
        self.succeeded.discard(key)
        self._tasks[key] = task = event_loop.submit(self._run(key, session.profile(), request))
        wait([task], _SHORT_WAIT)

    def is_running(self, key: str) -> bool:
        task = self._tasks.get(key)
        if task is not None and task.done():
            self._tasks.pop(key).result()  # raises what nobody expected
            return False
        return task is not None

    async def _run(
        self, key: str, profile: "Profile", request: "Callable[[AsyncOpenAI], Awaitable[object]]"
    ) -> None:
        from core.client.client import create_client_async
        from core.errors.groups import EXPECTED_ERRORS

        try:
            await request(await create_client_async(profile))
        except EXPECTED_ERRORS as error:
            self.errors[key] = explain(error, base_url=profile.base_url)
        else:
            self.succeeded.add(key)


def batch_requests() -> BatchRequests:
    """Return the requests of this browser session."""
    return session.session_object(BatchRequests)

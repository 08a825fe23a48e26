"""What the caller of a runner decides."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.runner.work import WorkItem, WorkRequest
from core.runs.log import RunLog
from core.runs.run import Run
from core.server_kind import ServerKind

MAX_CONCURRENCY = 50
# A model on this machine computes one request after the other, and the last ones would time out.
MAX_LOCAL_CONCURRENCY = 4

Prepare = Callable[[WorkItem], WorkRequest]
OnEnd = Callable[[WorkItem, Run], Iterable[WorkItem] | None]


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """*max_concurrency* is `default_concurrency` if it is None.

    *stop_on_failure* starts no more requests after the first one that fails. With *in_background*, the calls
    continue when the tab that started them is closed. Runners of a higher *priority* get the slots of their
    model first. *on_start* receives the log of each call.
    """

    max_concurrency: int | None = None
    stop_on_failure: bool = False
    in_background: bool = True
    priority: int = 0
    on_start: Callable[[RunLog], object] | None = None


DEFAULT_OPTIONS = RunnerOptions()
# Of requests whose results somebody waits for, beside jobs of thousands that run in the background.
INTERACTIVE_OPTIONS = RunnerOptions(priority=1)


def default_concurrency(kind: ServerKind) -> int:
    """Return how many calls at once a server of *kind* gets at most."""
    return MAX_LOCAL_CONCURRENCY if kind == "local" else MAX_CONCURRENCY

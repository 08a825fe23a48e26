"""The state of the Tools page: the loops that run without it, and what has been set for each tool."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from components.session import session
from core.runs import event_loop
from core.tools.library.csv_database import CsvDatabase
from core.tools.loop import ToolLoop
from core.tools.result import ToolResult
from core.tools.tool_call import Decision

_QUERY_PARAMETER = "loop"
_MAX_EXPERIMENTS = 100


@dataclass(frozen=True, slots=True)
class Experiment:
    """A question with its loops: the first, and those to compare it with, by label."""

    loops: dict[str, ToolLoop]
    id: str = field(default_factory=lambda: uuid4().hex)


# The loops of this process, so that a page that is loaded again still has its own. The id is not guessable.
_experiments: OrderedDict[str, Experiment] = OrderedDict()


@dataclass(slots=True, eq=False)
class ToolsSession:
    """The open experiment, what is drawn of it, and what has been set for the tools.

    *inspected* is the run whose details are open, *drawn* are those whose reply is on the page.
    """

    experiment: Experiment | None = None
    inspected: str | None = None
    drawn: set[str] = field(default_factory=set)
    always_allowed: set[str] = field(default_factory=set)
    chosen: list[str] | None = None
    newly_added: set[str] = field(default_factory=set)
    csv_name: str = ""
    csv_file_id: str = ""
    csv_text: str = ""
    csv_database: CsvDatabase | None = None

    @property
    def loops(self) -> list[ToolLoop]:
        return [*self.experiment.loops.values()] if self.experiment else []

    @property
    def is_running(self) -> bool:
        return any(loop.is_running for loop in self.loops)

    def start(self, loops: dict[str, ToolLoop]) -> None:
        """Stop the open experiment, and start another."""
        self.stop()
        for loop in loops.values():
            self.resume(loop)
        self.experiment, self.inspected, self.drawn = Experiment(loops), None, set()
        _experiments[self.experiment.id] = self.experiment
        while len(_experiments) > _MAX_EXPERIMENTS:
            _experiments.popitem(last=False)
        st.query_params[_QUERY_PARAMETER] = self.experiment.id

    def resume(self, loop: ToolLoop) -> None:
        """Start a loop, or continue it."""
        calls, profile = session.live_session().calls, session.profile()

        async def start() -> None:
            loop.start(calls, profile)

        event_loop.run_until_complete(start())

    def stop(self) -> None:
        """Stop what is running. What has arrived stays."""

        async def stop_all(loops: Sequence[ToolLoop]) -> None:
            for loop in loops:
                await loop.stop()

        event_loop.run_until_complete(stop_all(self.loops))

    def clear(self) -> None:
        """Stop and close the experiment."""
        self.stop()
        self.experiment = None
        st.query_params.pop(_QUERY_PARAMETER, None)

    def inspect(self, run_id: str | None) -> None:
        """Open the details of a run, or close them."""
        self.inspected = run_id

    def decide(self, loop: ToolLoop, key: str, decision: Decision | ToolResult) -> None:
        """Approve, decline or answer the call *key* of *loop*."""

        async def decide_call() -> None:
            loop.decide(key, decision)

        event_loop.run_until_complete(decide_call())


def tools_session() -> ToolsSession:
    """Return the state of this browser session; after a reload, with the experiment in the URL."""
    state = session.session_object(ToolsSession)
    if state.experiment is None:
        state.experiment = _experiments.get(str(st.query_params.get(_QUERY_PARAMETER, "")))
        for loop in state.loops:
            loop.attach(session.live_session().calls)
            state.drawn |= {round_.log.id for round_ in loop.rounds}
    elif _QUERY_PARAMETER not in st.query_params:
        st.query_params[_QUERY_PARAMETER] = state.experiment.id
    return state

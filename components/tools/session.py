"""The state of the Tools page: the loops that run without it, and what has been set for each tool."""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import streamlit as st

from components.runtime import resources
from components.session import repositories, session
from core.runs import event_loop
from core.tools.library.csv_database import CsvDatabase
from core.tools.loop.modes import ToolSetup
from core.tools.loop.result import ToolResult
from core.tools.loop.saved_state import SavedState, UnfinishedQuestion
from core.tools.loop.tool_call import Decision
from core.tools.loop.tool_loop import LoopLimits, LoopState, ToolLoop, derived_id

QUESTION_KEY = "tools.question.text"
# The labels of loops; another model's is its name.
MAIN, WITHOUT_TOOLS = "With tools", "Without tools"
_QUERY_PARAMETER = "loop"
_VALID_ID = re.compile(r"[0-9a-f]{32}")
_MAX_LOOPS = 3
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
    is_code_open: bool = False
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
        self.experiment, self.inspected, self.drawn = Experiment(loops), None, set()
        for position, loop in enumerate(loops.values()):
            loop.id = derived_id(self.experiment.id, position)
            self.resume(loop)
        st.query_params[_QUERY_PARAMETER] = self.experiment.id

    def open(self, experiment_id: str) -> None:
        """Open an experiment of this or of an earlier process, if there is one with this id."""
        experiment = open_experiment(experiment_id)
        if experiment is None:
            return
        self.experiment, self.inspected = experiment, None
        for loop in self.loops:
            loop.attach(session.live_session().calls)
            self.drawn |= {round_.log.id for round_ in loop.rounds}
        session.set_widget_value(QUESTION_KEY, self.loops[0].question)

    def resume_restored(self, loop: ToolLoop, setups: Sequence[ToolSetup], limits: LoopLimits) -> None:
        """Continue a loop of an earlier process, with the tools of the page in their modes."""
        loop.use(setups, limits, self.always_allowed)
        self.resume(loop)

    def resume(self, loop: ToolLoop) -> None:
        """Start a loop, or continue it."""
        assert self.experiment
        experiment, saved = self.experiment, saved_state()
        _experiments[experiment.id] = experiment
        while len(_experiments) > _MAX_EXPERIMENTS:
            _experiments.popitem(last=False)
        draft_id = str(st.query_params.get("draft", ""))
        model = self.loops[0].settings.model
        saved.save_question(UnfinishedQuestion(experiment.id, loop.question, model, draft_id))
        calls, profile = session.live_session().calls, session.profile()

        async def start() -> None:
            loop.start(calls, profile)

        event_loop.run_until_complete(start())
        event_loop.submit(_delete_when_done(experiment, saved))

    def stop(self) -> None:
        """Stop what is running. What has arrived stays."""

        async def stop_all(loops: Sequence[ToolLoop]) -> None:
            for loop in loops:
                await loop.stop()

        event_loop.run_until_complete(stop_all(self.loops))
        if self.experiment:
            saved_state().delete_question(self.experiment.id)

    def clear(self) -> None:
        """Stop and close the experiment."""
        self.stop()
        self.experiment = None
        st.query_params.pop(_QUERY_PARAMETER, None)

    def inspect(self, run_id: str | None) -> None:
        """Open the details of a run, or close them."""
        self.inspected = run_id

    def show_code(self, is_open: bool) -> None:
        """Open the script of the loop, or close it."""
        self.is_code_open = is_open

    def open_csv(self, name: str, text: str) -> None:
        """Let the model query a CSV file. Raises ValueError if it cannot be read."""
        self.csv_database = CsvDatabase(text)
        self.csv_name, self.csv_text = name, text

    def decide(self, loop: ToolLoop, key: str, decision: Decision | ToolResult) -> None:
        """Approve, decline or answer the call *key* of *loop*."""

        async def decide_call() -> None:
            loop.decide(key, decision)

        event_loop.run_until_complete(decide_call())


def saved_state() -> SavedState:
    """Return the unfinished questions, which are saved beside the runs."""
    return SavedState(resources.store(), session.OWNER)


def open_experiment(experiment_id: str) -> Experiment | None:
    """Return an experiment of this process, or of an earlier one, which its runs show; None without one.

    With the id of a loop, it is that loop alone: History opens it so.
    """
    from core.tools.loop.saved_loop import load_loop

    if experiment := _experiments.get(experiment_id):
        return experiment
    if not _VALID_ID.fullmatch(experiment_id):
        return None
    repository = repositories.run_repository()
    ids = (derived_id(experiment_id, position) for position in range(_MAX_LOOPS))
    first, *others = (load_loop(loop_id, repository) for loop_id in ids)
    first = first or load_loop(experiment_id, repository)
    if first is None:
        return None
    loops = {MAIN: first}
    for loop in filter(None, others):
        loops[loop.settings.model if loop.tools else WITHOUT_TOOLS] = loop
    return Experiment(loops, experiment_id)


def is_running_elsewhere(experiment_id: str) -> bool:
    """Return whether an experiment runs in this process, and waits for nobody."""
    experiment = _experiments.get(experiment_id)
    loops = experiment.loops.values() if experiment else ()
    return any(loop.is_running and not loop.waiting_calls for loop in loops)


async def _delete_when_done(experiment: Experiment, saved: SavedState) -> None:
    """Delete the question of *experiment* from the unfinished ones once all of its loops have an answer."""
    loops = experiment.loops.values()
    for loop in loops:
        await loop.wait()
    if all(loop.state is LoopState.DONE for loop in loops):
        await asyncio.to_thread(saved.delete_question, experiment.id)


def tools_session() -> ToolsSession:
    """Return the state of this browser session, with the experiment in the URL.

    The URL names another one after a reload, and when the user goes back or forward.
    """
    state = session.session_object(ToolsSession)
    from_url = str(st.query_params.get(_QUERY_PARAMETER, ""))
    if from_url and from_url != (state.experiment and state.experiment.id):
        state.open(from_url)
    if state.experiment and from_url != state.experiment.id:
        st.query_params[_QUERY_PARAMETER] = state.experiment.id
    elif from_url and not state.experiment:
        del st.query_params[_QUERY_PARAMETER]
    return state

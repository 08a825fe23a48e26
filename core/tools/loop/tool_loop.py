"""The loop of a question with tools: the model requests calls, gets their results, until it answers."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from core.calls import CallService, new_run
from core.errors.explain import explain
from core.errors.types import Explanation
from core.pricing.prices import Cost, total_cost
from core.pricing.usage import Usage
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.tools.loop.modes import ToolSetup
from core.tools.loop.result import ToolResult, error_result
from core.tools.loop.tool_call import Decision, ToolCall
from core.tools.requests.apis import MODEL_APIS
from core.tools.requests.model_api import Exchange, ModelTurn, RequestedCall, ToolSettings

if TYPE_CHECKING:
    from core.calls import ApiCall
    from core.client.profile import Profile

CAPABILITY = "tools"


class LoopState(StrEnum):
    """The state of a loop. What it has done so far stays, however it ends."""

    RUNNING = "running"
    DONE = "done"  # the model has answered
    LIMIT = "limit"  # a limit on rounds or time
    STOPPED = "stopped"
    FAILED = "failed"  # a call of the API did not complete


@dataclass(frozen=True, slots=True)
class LoopLimits:
    """Bounds of a loop. Waiting for a person does not count as time, but ends after *person_seconds*."""

    rounds: int = 8
    seconds: float = 120.0
    tool_seconds: float = 10.0
    person_seconds: float = 1_800.0
    calls_per_round: int = 16


class _LimitReached(Exception):
    """A limit of the loop has ended it; the message says which."""


@dataclass(slots=True, eq=False)
class Round:
    """A request to the model and the calls that it requested."""

    number: int
    log: RunLog
    calls: list[ToolCall] = field(default_factory=list)
    api_call: "ApiCall | None" = None


def _is_known(cost: Cost) -> bool:
    return cost.amount is not None or cost.list_amount is not None


def derived_id(parent_id: str, position: int) -> str:
    """Return the id of a part of *parent_id*, such as a request of a loop, by which it is looked up."""
    return uuid5(UUID(parent_id), str(position)).hex


class ToolLoop:
    """Asks *question* with *tools*. Attributes may be read from any thread; methods run on the event loop.

    *always_allowed* are the names of tools that need no approval any more; the loop adds to it.
    """

    def __init__(
        self,
        question: str,
        settings: ToolSettings,
        tools: Sequence[ToolSetup],
        limits: LoopLimits | None = None,
        always_allowed: set[str] | None = None,
    ) -> None:
        self.id = uuid4().hex
        self.question = question
        self.settings = settings
        self.tools = tuple(tools)
        self.limits = limits or LoopLimits()
        self.state = LoopState.RUNNING
        self.rounds: list[Round] = []
        self.note = ""
        self.is_restored = False
        self.error: Explanation | None = None
        self.calls: CallService | None = None
        self.profile: Profile | None = None
        self._api = MODEL_APIS[settings.api]
        self._always_allowed = set() if always_allowed is None else always_allowed
        self._positions = count()
        self._history: list[Exchange] = []
        # The last reply, as long as the results of its calls are not in the history.
        self._unanswered: ModelTurn | None = None
        self._task: asyncio.Task[None] | None = None
        self._seconds = 0.0
        self._max_rounds = self.limits.rounds
        self._max_seconds = self.limits.seconds

    @property
    def seconds(self) -> float:
        """The time of the model and of the tools so far, without the wait for a person."""
        return self._seconds

    @property
    def is_running(self) -> bool:
        return self.state is LoopState.RUNNING

    @property
    def waiting_calls(self) -> list[ToolCall]:
        """The calls that wait for a person."""
        return [call for round_ in self.rounds for call in round_.calls if call.is_waiting]

    def runs(self) -> list[Run]:
        """Return the runs of all rounds as they are now."""
        return [round_.log.snapshot() for round_ in self.rounds]

    def usage_and_cost(self) -> tuple[Usage, Cost | None]:
        """Return the usage of all rounds so far, and the sum of the known costs; None while none is known."""
        runs = self.runs()
        usage = sum((run.usage for run in runs if run.usage), Usage())
        return usage, total_cost([run.cost for run in runs if run.cost and _is_known(run.cost)])

    def rounds_without_cost(self) -> int:
        """Return how many rounds have a response whose cost is unknown."""
        return sum(
            run.state is not RunState.RUNNING
            and run.response is not None
            and not (run.cost and _is_known(run.cost))
            for run in self.runs()
        )

    def start(self, calls: CallService, profile: "Profile") -> None:
        """Run in the background.

        A loop that a limit, a stop or an error has ended continues: its limits apply anew, and calls without
        a result are executed.
        """
        self.calls, self.profile = calls, profile
        self.state, self.note, self.error = LoopState.RUNNING, "", None
        self._max_rounds = len(self._history) + self.limits.rounds
        self._max_seconds = self._seconds + self.limits.seconds
        self._task = asyncio.create_task(self._run(profile), name=f"tools-{self.id}")

    def restore(
        self,
        rounds: Sequence[Round],
        history: Sequence[Exchange],
        unanswered: ModelTurn | None,
        next_position: int,
    ) -> None:
        """Show *rounds* of an earlier process, from which the loop can continue.

        *history* is what the last request has sent, *unanswered* the reply to it if that requests calls.
        """
        last = rounds[-1].log.snapshot()
        self.rounds, self.is_restored, self.error = [*rounds], True, last.error
        self._history, self._unanswered, self._positions = [*history], unanswered, count(next_position)
        self._seconds = sum(run.total or 0.0 for run in self.runs())
        self.state = LoopState.FAILED if last.state is RunState.FAILED else LoopState.STOPPED
        if last.state is RunState.DONE and not rounds[-1].calls:
            self.state = LoopState.DONE

    def use(self, tools: Sequence[ToolSetup], limits: LoopLimits, always_allowed: set[str]) -> None:
        """Continue a restored loop with *limits*, and with those of *tools* that its requests contain."""
        by_name = {setup.name: setup for setup in tools}
        self.tools = tuple(by_name.get(setup.name, setup) for setup in self.tools)
        self.limits, self._always_allowed, self.is_restored = limits, always_allowed, False
        if self._unanswered:
            self.rounds[-1].calls = self._checked_calls(self._unanswered, self.rounds[-1].number)

    def attach(self, calls: CallService) -> None:
        """Make the further calls for another browser session: the page was reloaded."""
        self.calls = calls

    async def stop(self) -> None:
        """Stop the request or the tools under way, and wait until what arrived is saved."""
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def wait(self) -> None:
        """Wait for the end."""
        if self._task:
            await asyncio.gather(self._task, return_exceptions=True)

    def decide(self, key: str, decision: Decision | ToolResult) -> None:
        """Approve or decline the waiting call *key*, or give it a result."""
        for call in self.waiting_calls:
            if call.key == key:
                call.decide(decision)

    def arriving_turn(self) -> ModelTurn:
        """Return what has arrived of the reply in the current round."""
        current = self.rounds[-1] if self.rounds else None
        if current is None or current.api_call is None:
            return ModelTurn()
        return self._api.read_response(current.api_call.result_fields().get("response"), current.number)

    def unfinished_calls(self, round_: Round) -> tuple[RequestedCall, ...]:
        """Return what has arrived of the calls of a round that ended before its reply was complete."""
        run = round_.log.snapshot()
        if run.state in (RunState.RUNNING, RunState.DONE):
            return ()
        return self._api.read_response(run.response, round_.number).calls

    async def _run(self, profile: "Profile") -> None:
        try:
            while len(self._history) < self._max_rounds:
                turn = self._unanswered or await self._ask_model(profile)
                if turn is None:
                    return
                if not turn.calls:
                    self.state = LoopState.DONE
                    return
                await self._answer_calls(turn)
            rounds = f"{self._max_rounds} round{'' if self._max_rounds == 1 else 's'}"
            raise _LimitReached(f"Stopped after {rounds}: the model keeps requesting calls.")
        except _LimitReached as limit:
            self.state, self.note = LoopState.LIMIT, str(limit)
        except asyncio.CancelledError:
            self.state = LoopState.STOPPED
        except Exception as error:  # noqa: BLE001 - nobody awaits this; `explain` logs bugs, and the page shows it
            self.error = explain(error)
            self.state = LoopState.FAILED

    async def _ask_model(self, profile: "Profile") -> ModelTurn | None:
        """Make the request of a round; None if it did not complete, which ends the loop."""
        number = len(self._history) + 1
        definitions = [setup.tool.definition for setup in self.tools]
        params = self._api.build_request(self.settings, definitions, self.question, self._history)
        call = self._api.new_call()

        def on_start(log: RunLog) -> None:
            self.rounds.append(Round(number, log, api_call=call))

        assert self.calls
        started = time.monotonic()
        run = replace(
            new_run(CAPABILITY, self._api.endpoint, params, profile, self.id),
            id=derived_id(self.id, next(self._positions)),
        )
        try:
            async with asyncio.timeout(self._max_seconds - self._seconds):
                run = await self.calls.run(run, call, profile, on_start)
        except TimeoutError:
            raise _LimitReached(f"Stopped after {self.limits.seconds:g} seconds.") from None
        finally:
            self._seconds += time.monotonic() - started
        if run.state is not RunState.DONE:
            self.error = run.error
            self.state = LoopState.STOPPED if run.state is RunState.STOPPED else LoopState.FAILED
            self.note = "" if run.error else f"The reply of round {number} is incomplete."
            return None
        turn = self._api.read_response(run.response, number)
        self.rounds[-1].calls = self._checked_calls(turn, number)
        self._unanswered = turn if turn.calls else None
        return turn

    def _checked_calls(self, turn: ModelTurn, round_number: int) -> list[ToolCall]:
        by_name = {setup.name: setup for setup in self.tools}
        calls = [
            ToolCall(f"{self.id}.{round_number}.{position}", request, by_name.get(request.name))
            for position, request in enumerate(turn.calls)
        ]
        for call in calls[: self.limits.calls_per_round]:
            call.check()
        for call in calls[self.limits.calls_per_round :]:
            call.refuse(f"Only {self.limits.calls_per_round} calls are executed in a round.")
        return calls

    async def _answer_calls(self, turn: ModelTurn) -> None:
        """Execute the calls of *turn* at the same time, and add their results to the history."""
        calls = self.rounds[-1].calls
        open_calls = [call for call in calls if call.result is None]
        limit = max(min(self.limits.tool_seconds, self._max_seconds - self._seconds), 0.0)
        try:
            async with asyncio.timeout(self.limits.person_seconds), asyncio.TaskGroup() as group:
                for call in open_calls:
                    group.create_task(call.execute(limit, self._always_allowed))
        except TimeoutError:
            raise _LimitReached("Stopped because nobody answered a call.") from None
        # They ran at the same time, so the slowest one counts. The time in which a person decides does not.
        self._seconds += max((call.seconds or 0.0 for call in open_calls), default=0.0)
        results = {call.request.id: (call.result or error_result("No result.")).text for call in calls}
        self._history.append(Exchange(turn, results))
        self._unanswered = None

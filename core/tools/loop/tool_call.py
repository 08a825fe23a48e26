"""One call that a model has requested: its check, the decision of a person, its execution and its result."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.json_values import parse_exact_json
from core.tools.definitions.definition import InvalidArguments
from core.tools.loop.modes import ToolMode, ToolSetup
from core.tools.loop.result import ToolResult, bounded_result, error_result, read_result, serialise_result
from core.tools.requests.model_api import RequestedCall

Decision = Literal["once", "always", "decline"]

_MAX_ARGUMENTS = 100_000  # characters
_DECLINED = "The user declined this call."


class CallState(StrEnum):
    """The state of a call. Only the last four are final."""

    CHECKED = "checked"
    WAITING = "waiting"  # for a person
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # the result is an error
    DECLINED = "declined"
    STOPPED = "stopped"  # without a result


@dataclass(slots=True, eq=False)
class ToolCall:
    """A call of a loop. May be read from any thread; *problem* says why it was not executed."""

    key: str
    request: RequestedCall
    setup: ToolSetup | None
    arguments: dict[str, Any] | None = None
    problem: str = ""
    state: CallState = CallState.CHECKED
    result: ToolResult | None = None
    seconds: float | None = None
    _decision: "asyncio.Future[Decision | ToolResult] | None" = field(default=None, repr=False)

    @classmethod
    def of_result(cls, key: str, request: RequestedCall, text: str | None) -> "ToolCall":
        """Return a call that has ended, with the *text* that was sent to the model; None if none was."""
        if text is None:
            return cls(key, request, None, state=CallState.STOPPED)
        result = read_result(text)
        state = CallState.FAILED if result.is_error else CallState.DONE
        if text == error_result(_DECLINED).text:
            state = CallState.DECLINED
        return cls(key, request, None, state=state, result=result)

    @property
    def mode(self) -> ToolMode:
        return self.setup.mode if self.setup else ToolMode.RUN

    @property
    def is_waiting(self) -> bool:
        return self.state is CallState.WAITING

    def check(self) -> None:
        """Parse and validate the arguments, and end the call with an error if they are invalid."""
        try:
            self.arguments = self._valid_arguments()
        except InvalidArguments as error:
            self.refuse(str(error))

    def refuse(self, problem: str) -> None:
        """End the call with an error instead of executing it."""
        self.problem = problem
        self._end(CallState.FAILED, error_result(problem))

    def decide(self, decision: Decision | ToolResult) -> None:
        """Continue a call that waits for approval, or give it the result that a person has entered."""
        if self._decision and not self._decision.done():
            self._decision.set_result(decision)

    async def execute(self, time_limit: float, always_allowed: set[str]) -> None:
        """Answer a checked call in its mode, within *time_limit* seconds without the wait for a person."""
        if self.result or not self.setup:
            return
        try:
            if self.mode is ToolMode.APPROVE and self.request.name not in always_allowed:
                decision = await self._wait_for_person()
                if decision == "decline":
                    self._end(CallState.DECLINED, error_result(_DECLINED))
                    return
                if decision == "always":
                    always_allowed.add(self.request.name)
            elif self.mode is ToolMode.ASK:
                answer = await self._wait_for_person()
                result = answer if isinstance(answer, ToolResult) else error_result(_DECLINED)
                self._end(CallState.FAILED if result.is_error else CallState.DONE, result)
                return
            await self._run(self.setup, time_limit)
        except asyncio.CancelledError:
            self.state = CallState.STOPPED
            raise

    async def _run(self, setup: ToolSetup, time_limit: float) -> None:
        self.state = CallState.RUNNING
        started = time.monotonic()
        try:
            async with asyncio.timeout(time_limit):
                result = await self._result(setup)
        except TimeoutError:
            result = error_result(f"The tool did not return within {time_limit:g} seconds.")
        except PlaygroundError as error:
            result = error_result(explain(error).title)
        except Exception as error:  # noqa: BLE001 - a tool can raise anything, and the model receives it
            message, is_expected = str(error)[:1_000], isinstance(error, ValueError)
            result = error_result(
                message if is_expected and message else f"{type(error).__name__}: {message}"
            )
        self.seconds = time.monotonic() - started
        self._end(CallState.FAILED if result.is_error else CallState.DONE, result)

    async def _result(self, setup: ToolSetup) -> ToolResult:
        arguments = self.arguments or {}
        if setup.mode is ToolMode.MOCK:
            await asyncio.sleep(setup.mock.delay)
            answer = setup.mock.answer(arguments)
            return error_result(answer) if setup.mock.is_error else bounded_result(answer)
        value = await setup.tool.call(arguments)
        # A large result takes a while, in which other sessions are served.
        return await asyncio.to_thread(serialise_result, value)

    async def _wait_for_person(self) -> Decision | ToolResult:
        self._decision = asyncio.get_running_loop().create_future()
        self.state = CallState.WAITING
        return await self._decision

    def _valid_arguments(self) -> dict[str, Any]:
        if self.setup is None:
            raise InvalidArguments(f"There is no tool called {self.request.name[:100]!r}.")
        if len(self.request.arguments) > _MAX_ARGUMENTS:
            raise InvalidArguments(f"The arguments have more than {_MAX_ARGUMENTS:,} characters.")
        try:
            # Some servers send nothing for a tool without parameters.
            arguments = parse_exact_json(self.request.arguments or "{}")
        except ValueError as error:
            raise InvalidArguments(f"The arguments are not valid JSON: {error}") from None
        if not isinstance(arguments, Mapping):
            raise InvalidArguments("The arguments are not a JSON object.")
        return self.setup.tool.validate(arguments)

    def _end(self, state: CallState, result: ToolResult) -> None:
        self.state, self.result = state, result

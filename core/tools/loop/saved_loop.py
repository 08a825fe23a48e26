"""Loops of an earlier process of the app, read from their runs."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.tools.definitions.declared_tool import DeclaredTool
from core.tools.loop.modes import ToolMode, ToolSetup
from core.tools.loop.tool_call import ToolCall
from core.tools.loop.tool_loop import CAPABILITY, Round, ToolLoop, derived_id
from core.tools.requests.apis import ModelApi, model_api_of
from core.tools.requests.model_api import Exchange

_MAX_REQUESTS = 100


def load_loop(loop_id: str, repository: RunRepository) -> ToolLoop | None:
    """Return a loop as far as its saved runs show it. None if there are no runs.

    Runs do not contain the modes of its tools: a person answers their calls, unless the loop gets others.
    """
    ids = [derived_id(loop_id, position) for position in range(_MAX_REQUESTS)]
    saved = repository.get_many(ids)
    runs = [saved[run_id] for run_id in ids if run_id in saved and saved[run_id].capability == CAPABILITY]
    if not runs:
        return None
    api = model_api_of(runs[-1].endpoint)
    request = api.read_request(runs[-1].params)
    tools = [ToolSetup(DeclaredTool(definition), ToolMode.ASK) for definition in request.tools]
    loop = ToolLoop(request.question, request.settings, tools)
    loop.id = loop_id
    rounds = [*_rounds(loop_id, runs, request.history, api)]
    last_turn = api.read_response(runs[-1].response, rounds[-1].number)
    is_unanswered = runs[-1].state is RunState.DONE and bool(last_turn.calls)
    loop.restore(
        rounds,
        request.history,
        last_turn if is_unanswered else None,
        next_position=1 + max(position for position, run_id in enumerate(ids) if run_id in saved),
    )
    return loop


def _rounds(loop_id: str, runs: list[Run], history: tuple[Exchange, ...], api: ModelApi) -> Iterator[Round]:
    """Make the rounds, of which a request that failed or was stopped is repeated by the next run."""
    number = 1
    for run in runs:
        # The process that made the request has ended.
        ended = replace(run, state=RunState.INTERRUPTED) if run.state is RunState.RUNNING else run
        round_ = Round(number, RunLog(ended))
        if run.state is RunState.DONE:
            calls = api.read_response(run.response, number).calls
            results: Mapping[str, str] = history[number - 1].results if number <= len(history) else {}
            round_.calls = [
                ToolCall.of_result(f"{loop_id}.{number}.{position}", call, results.get(call.id))
                for position, call in enumerate(calls)
            ]
            number += 1
        yield round_

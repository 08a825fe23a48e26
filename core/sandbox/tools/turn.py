"""A turn of a conversation with tools: calls, or the answer from their results."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.tools import FunctionToolParam, ToolOptions
from core.sandbox.replies.calculation.dates import find_dates
from core.sandbox.replies.language.detection import detect_language, requested_language
from core.sandbox.structured.document import bounded_text
from core.sandbox.tools.answer import ToolOutput, compose_answer
from core.sandbox.tools.arguments import build_calls, missing_arguments
from core.sandbox.tools.calls import FunctionCall
from core.sandbox.tools.request_source import Request
from core.sandbox.tools.selection import Selection, best_function, find_search, select_functions

# Characters of a request that are read: longer messages are texts with a task.
_MAX_REQUEST = 4_000


@dataclass(frozen=True, slots=True)
class ToolTurn:
    """What a turn consists of: calls, else a text, or neither if no tool fits the request."""

    calls: tuple[FunctionCall, ...] = ()
    text: str = ""


def take_turn(messages: Sequence[RequestMessage], options: ToolOptions) -> ToolTurn:
    """Return the calls that the request still needs, else the answer from the results of earlier calls.

    Raises UnfillableSchema for a function whose parameters have no finite value.
    """
    user = max((index for index, message in enumerate(messages) if message.role == "user"), default=-1)
    text = messages[user].text if user >= 0 else ""
    request = Request(bounded_text(text[:_MAX_REQUEST]), _find_today(messages))
    calls = {call.id: call for message in messages[user + 1 :] for call in message.tool_calls}
    results = [
        ToolOutput(call.name, call.arguments, message.text)
        for message in messages[user + 1 :]
        if message.role == "tool" and (call := calls.get(message.tool_call_id))
    ]
    selections = _select(request, messages[: max(user, 0)], options)
    if options.mode == "auto" and not results:
        question = _ask_for_missing(selections, request)
        if question:
            return ToolTurn(text=question)
    planned = [
        call
        for selection in selections
        for call in build_calls(selection.function, Request(selection.text, request.today))
    ]
    done = {(result.name, _canonical(result.arguments)) for result in results}
    open_calls = [call for call in planned if (call.name, _canonical(call.arguments)) not in done]
    # With as many results as planned calls nothing is open: the client has called with other arguments.
    if results and not (open_calls and len(results) < len(planned)):
        # A function that must be called is called again, as the API does.
        open_calls = planned[:1] if options.mode == "required" else []
    if open_calls and options.mode != "none":
        return ToolTurn(calls=tuple(open_calls if options.parallel else open_calls[:1]))
    if results and messages[-1].role == "tool":
        return ToolTurn(
            text=compose_answer(results, requested_language(request.text) or detect_language(request.text))
        )
    return ToolTurn()


def _select(request: Request, earlier: Sequence[RequestMessage], options: ToolOptions) -> list[Selection]:
    if not options.functions:
        return []
    if options.is_named:
        return [Selection(options.functions[0], request.text)]
    selections = select_functions(request.text, options.functions)
    is_incomplete = len(selections) == 1 and missing_arguments(selections[0].function, request)
    if (not selections or is_incomplete) and (search := find_search(request.text, options.functions)):
        return [Selection(search, request.text)]
    if not selections and (follow_up := _follow_up(request, earlier, options.functions)):
        return [Selection(follow_up, request.text)]
    if not selections and options.mode == "required":
        return [Selection(best_function(request.text, options.functions), request.text)]
    return selections


def _follow_up(
    request: Request, earlier: Sequence[RequestMessage], functions: Sequence[FunctionToolParam]
) -> FunctionToolParam | None:
    """Return the function of the last call, if a short request has other values for it: "And in Busan?"."""
    last = next((message.tool_calls[-1] for message in reversed(earlier) if message.tool_calls), None)
    if last is None or len(request.text) > 60:
        return None
    function = next((function for function in functions if function.name == last.name), None)
    if function is None or not function.schema.get("properties"):
        return None
    calls = build_calls(function, request)
    names_something = not missing_arguments(function, request) and any(
        _canonical(call.arguments) != _canonical(last.arguments) for call in calls
    )
    return function if names_something else None


def _ask_for_missing(selections: Sequence[Selection], request: Request) -> str:
    """Return a question for the arguments that the request does not have; empty if it has what is needed."""
    incomplete = (
        (selection.function, missing)
        for selection in selections
        if (missing := missing_arguments(selection.function, replace(request, text=selection.text)))
    )
    function, missing = next(incomplete, (None, []))
    if function is None:
        return ""
    names = ", ".join(f"`{name}`" for name in missing)
    return detect_language(request.text).localise(
        f"To call `{function.name}` I need {names}, which I did not find in your message. Which value "
        f"should I use?",
        f"`{function.name}` 함수를 호출하려면 {names} 값이 필요한데 메시지에서 찾지 못했습니다. "
        f"어떤 값을 쓸까요?",
    )


def _find_today(messages: Sequence[RequestMessage]) -> date | None:
    """Return the day that the instructions say it is."""
    for message in messages:
        if message.role in ("system", "developer") and (dates := find_dates(message.text[:_MAX_REQUEST])):
            return dates[0]
    return None


def _canonical(arguments: str) -> str:
    try:
        return json.dumps(json.loads(arguments), sort_keys=True)
    except ValueError:
        return arguments

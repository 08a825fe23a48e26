"""The tool calls that a reply requests."""

from dataclasses import dataclass

from core.json_values import JsonObject, indented_json, json_object, json_objects
from core.runs.run import Run

_CALL_ITEMS = ("function_call", "custom_tool_call")


@dataclass(frozen=True, slots=True)
class RequestedTool:
    """A tool that the model calls; *arguments* are indented if they are JSON, which they need not be."""

    name: str
    arguments: str


def requested_tools(run: Run) -> list[RequestedTool]:
    """Return the calls in the response of *run*, in the first choice if it is a chat completion."""
    response = json_object(run.response)
    items = [item for item in json_objects(response.get("output")) if item.get("type") in _CALL_ITEMS]
    if items:
        return [_requested_tool(item) for item in items]
    choices = json_objects(response.get("choices"))
    message = json_object(choices[0].get("message")) if choices else {}
    calls = json_objects(message.get("tool_calls"))
    return [_requested_tool(json_object(call.get("function") or call.get("custom"))) for call in calls]


def _requested_tool(call: JsonObject) -> RequestedTool:
    arguments = str(call.get("arguments") or call.get("input") or "")
    return RequestedTool(str(call.get("name") or ""), indented_json(arguments) or arguments)

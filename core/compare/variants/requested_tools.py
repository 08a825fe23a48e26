"""The tool calls that a reply requests."""

import json
from dataclasses import dataclass

from core.json_values import json_object, json_objects
from core.runs.run import Run


@dataclass(frozen=True, slots=True)
class RequestedTool:
    """A tool that the model calls; *arguments* are indented if they are JSON, which they need not be."""

    name: str
    arguments: str


def requested_tools(run: Run) -> list[RequestedTool]:
    """Return the calls in the first choice of the response of *run*."""
    choices = json_objects(json_object(run.response).get("choices"))
    message = json_object(choices[0].get("message")) if choices else {}
    tools = []
    for call in json_objects(message.get("tool_calls")):
        function = json_object(call.get("function")) or json_object(call.get("custom"))
        arguments = str(function.get("arguments") or function.get("input") or "")
        tools.append(RequestedTool(str(function.get("name") or ""), _indented(arguments)))
    return tools


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text

"""The exact tokens of a request, counted by the server before it is sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.errors.types import NotOpenAICompatible, explain
from core.runs.log import RunLog, safe_headers
from core.runs.run import RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ENDPOINT = "responses.input_tokens.count"
_MAX_SAFE_INTEGER = 2**53  # what any JSON reader takes exactly


async def count_input_tokens(client: "AsyncOpenAI", params: Mapping[str, Any]) -> int:
    """Ask `/responses/input_tokens` what the chat request *params* would take.

    Raises what the SDK raises, and NotAnApi for what is no count; servers without the endpoint answer 404
    or 405.
    """
    counted = await client.responses.input_tokens.count(**count_params(params))
    return int(_validate_count(counted)["input_tokens"])


async def count_and_record(client: "AsyncOpenAI", params: Mapping[str, Any], log: RunLog) -> None:
    """Make the call that `count` makes, and bring *log* to its end; only cancellation is raised.

    The tokens are in the run's response; nothing is billed, so it has no usage.
    """
    sent = count_params(params)
    log.mark_sent(sent)
    try:
        reply = await client.responses.input_tokens.with_raw_response.count(**sent)
        headers = safe_headers(reply.headers)
        log.update(status=reply.status_code, request_id=reply.request_id, headers=headers)
        log.record("headers", json.dumps(headers))
        response = _validate_count(reply.parse())
    except Exception as error:  # noqa: BLE001 - `explain` says what it was, or logs a bug
        log.end(RunState.FAILED, explain(error, base_url=str(client.base_url)))
        return
    log.end(RunState.DONE, response=response, model=str(sent["model"]))


def count_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Write the chat request *params* as the very arguments that are sent to be counted.

    What is malformed in it is passed on as text or left out: what to say of it is the server's business.
    """
    tools = [_tool(tool) for tool in _mappings(params.get("tools"))]
    response_format = params.get("response_format")
    schema = response_format.get("json_schema") if isinstance(response_format, Mapping) else None
    return {
        "model": params["model"],
        "input": responses_input(params["messages"]),
        **({"tools": tools} if tools else {}),
        **({"text": {"format": {"type": "json_schema", **schema}}} if isinstance(schema, Mapping) else {}),
    }


def _validate_count(reply: object) -> dict[str, Any]:
    """Return *reply* as JSON; the SDK calls any answer a count, whatever it holds."""
    from openai import BaseModel  # late: it loads the SDK, and the pages import this module

    response = reply.to_dict(warnings=False) if isinstance(reply, BaseModel) else {}
    tokens = response.get("input_tokens")
    if type(tokens) is not int or not 0 <= tokens < _MAX_SAFE_INTEGER:
        raise NotOpenAICompatible("The server answered with something that is not a count of tokens")
    return response


def responses_input(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write chat messages, tool calls and their results as the input items of the Responses API."""
    return [item for message in messages for item in _items(message)]


def _items(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    role, content, calls = message["role"], message.get("content"), _mappings(message.get("tool_calls"))
    if role == "tool":
        output = content if isinstance(content, str) else _content(role, content)
        yield {"type": "function_call_output", "call_id": message.get("tool_call_id", ""), "output": output}
        return
    if content or not calls:
        yield {"role": role, "content": _content(role, content or "")}
    for call in calls:
        function = call.get("function")
        called = function if isinstance(function, Mapping) else {}
        yield {"type": "function_call", "call_id": call.get("id", ""), **called}


def _content(role: str, content: Any) -> list[dict[str, Any]]:
    text_type = "output_text" if role == "assistant" else "input_text"
    if not isinstance(content, list):
        return [{"type": text_type, "text": str(content)}]
    return [_part(part, text_type) for part in _mappings(content)]


def _part(part: Mapping[str, Any], text_type: str) -> dict[str, Any]:
    image = part.get("image_url")
    if not isinstance(image, Mapping):
        return {"type": text_type, "text": str(part.get("text", ""))}
    return {"type": "input_image", "image_url": image.get("url"), "detail": image.get("detail", "auto")}


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    """A chat tool has its function in a field of its own; the Responses API has it flat."""
    function = tool.get("function")
    return {"type": "function", **function} if isinstance(function, Mapping) else dict(tool)

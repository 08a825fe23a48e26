"""The exact tokens of a request, counted by the server before it is sent."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from core.calls import CallService, new_run
from core.errors.types import NotOpenAICompatible
from core.runs.log import RunLog, safe_headers
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile

ENDPOINT = "responses.input_tokens.count"
_MAX_SAFE_INTEGER = 2**53  # what any JSON reader takes exactly


class TokenCountCall:
    """One call of `responses.input_tokens.count`.

    The tokens are in the run's response. The call is free, so the run has neither usage nor cost.
    """

    endpoint: ClassVar[str] = ENDPOINT
    is_billed: ClassVar[bool] = False

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        reply = await client.responses.input_tokens.with_raw_response.count(**params)
        headers = safe_headers(reply.headers)
        log.update(status=reply.status_code, request_id=reply.request_id, headers=headers)
        log.record("headers", json.dumps(headers))
        self._fields = {"response": _validate_count(reply.parse()), "model": str(params["model"])}

    def result_fields(self) -> dict[str, Any]:
        return self._fields

    def end_state(self, error: Exception | None) -> RunState:
        return RunState.FAILED if error else RunState.DONE


@dataclass(frozen=True, slots=True)
class ServerCount:
    """The run of a count, and the chat request that was counted."""

    run: Run
    counted: dict[str, Any]

    @property
    def tokens(self) -> int | None:
        """The input tokens; None if the server did not count them, which `run.error` explains."""
        response = self.run.response
        return int(response["input_tokens"]) if response and not self.run.error else None


async def count_on_server(calls: CallService, profile: "Profile", params: dict[str, Any]) -> ServerCount:
    """Count the chat request *params*, or its messages alone if the server refuses tools and schemas.

    Servers without the endpoint answer 404 or 405. Raises PlaygroundError if no client can be made.
    """
    run = await _count(calls, profile, params)
    messages = {name: params[name] for name in ("model", "messages")}
    if run.error is None or run.error.status not in (400, 422) or messages == params:
        return ServerCount(run, params)
    retried = await _count(calls, profile, messages)
    return ServerCount(run, params) if retried.error else ServerCount(retried, messages)


async def _count(calls: CallService, profile: "Profile", params: dict[str, Any]) -> Run:
    run = new_run("tokens", ENDPOINT, count_params(params), profile)
    return await calls.run(run, TokenCountCall(), profile)


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

"""The exact tokens of a request, counted by the server before it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from core.calls import CallService, new_run
from core.errors.types import NotOpenAICompatible
from core.json_values import json_object, json_objects, parse_json, storable_json
from core.pricing.usage import Usage
from core.runs.log import RunLog
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile

ENDPOINT = "responses.input_tokens.count"
_MAX_SAFE_INTEGER = 2**53  # the largest integer that every JSON parser reads exactly


class TokenCountCall:
    """One call of `responses.input_tokens.count`.

    The tokens are in the run's response. The call is free, so the run has neither usage nor cost.
    """

    endpoint: ClassVar[str] = ENDPOINT
    is_billed: ClassVar[bool] = False
    # Someone waits for the count, and the estimate is there already.
    is_retried: ClassVar[bool] = False

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        reply = await client.responses.input_tokens.with_raw_response.count(**params)
        log.record_headers(reply.status_code, reply.headers)
        self._fields = {"response": _parse_count(reply.text), "model": str(params["model"])}

    def result_fields(self) -> dict[str, Any]:
        return self._fields

    @staticmethod
    def estimate_usage(_run: Run) -> Usage | None:
        return None

    def end_state(self, error: Exception | None) -> RunState:
        return RunState.FAILED if error else RunState.DONE


@dataclass(frozen=True, slots=True)
class ServerCount:
    """The run of a count, and the chat request that was counted; *is_partial*: without tools and schema."""

    run: Run
    counted_params: dict[str, Any]
    is_partial: bool = False

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
    if (
        run.error is None
        or run.error.status not in (400, 422)
        or count_params(messages) == count_params(params)
    ):
        return ServerCount(run, params)
    retried = await _count(calls, profile, messages)
    return ServerCount(run, params) if retried.error else ServerCount(retried, messages, is_partial=True)


async def _count(calls: CallService, profile: "Profile", params: dict[str, Any]) -> Run:
    run = new_run("tokens", ENDPOINT, count_params(params), profile)
    return await calls.run(run, TokenCountCall(), profile)


def count_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the chat request *params* into the arguments of `responses.input_tokens.count`.

    Malformed parts are sent as text or left out, so that the server reports them.
    """
    tools: list[dict[str, Any]] = []
    for tool in json_objects(params.get("tools")):
        function = tool.get("function")  # nested in Chat Completions, flat in Responses
        tools.append({"type": "function", **function} if isinstance(function, Mapping) else dict(tool))
    response_format = params.get("response_format")
    schema = response_format.get("json_schema") if isinstance(response_format, Mapping) else None
    return {
        "model": params["model"],
        "input": responses_input(params["messages"]),
        **({"tools": tools} if tools else {}),
        **({"text": {"format": {"type": "json_schema", **schema}}} if isinstance(schema, Mapping) else {}),
    }


def _parse_count(text: str) -> dict[str, Any]:
    """Parse the body of the response, which may be anything."""
    try:
        body = dict(json_object(storable_json(parse_json(text))))
    except ValueError:
        body = {}
    tokens = body.get("input_tokens")
    if type(tokens) is not int or not 0 <= tokens < _MAX_SAFE_INTEGER:
        raise NotOpenAICompatible("The response of the server is not a token count")
    return body


def responses_input(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Convert chat messages, tool calls and their results into the input items of the Responses API."""
    items: list[dict[str, Any]] = []
    for message in messages:
        role, content = message["role"], message.get("content")
        calls = json_objects(message.get("tool_calls"))
        if role == "tool":
            output = content if isinstance(content, str) else _content(role, content)
            call_id = message.get("tool_call_id", "")
            items.append({"type": "function_call_output", "call_id": call_id, "output": output})
            continue
        if content or not calls:
            items.append({"role": role, "content": _content(role, content or "")})
        for call in calls:
            function = json_object(call.get("function"))
            items.append({"type": "function_call", "call_id": call.get("id", ""), **function})
    return items


def _content(role: str, content: Any) -> list[dict[str, Any]]:
    text_type = "output_text" if role == "assistant" else "input_text"
    if not isinstance(content, list):
        return [{"type": text_type, "text": str(content)}]
    parts: list[dict[str, Any]] = []
    for part in json_objects(content):
        image = part.get("image_url")
        if isinstance(image, Mapping):
            detail = image.get("detail", "auto")
            parts.append({"type": "input_image", "image_url": image.get("url"), "detail": detail})
        else:
            parts.append({"type": text_type, "text": str(part.get("text", ""))})
    return parts

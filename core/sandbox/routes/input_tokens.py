"""`/v1/responses/input_tokens`: how long a prompt would be, without a reply."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api import parameters
from core.sandbox.api.errors import invalid_request, invalid_type
from core.sandbox.api.messages import RequestMessage, parse_messages
from core.sandbox.api.model_rules import find_chat_model
from core.sandbox.api.models import ModelCatalog
from core.sandbox.api.parameters import String, UnsupportedInSandbox
from core.sandbox.api.prompt_tokens import prompt_token_ids
from core.sandbox.api.request_body import read_json

_LATER = UnsupportedInSandbox("this in counting yet")
_TABLE: dict[str, parameters.Validator] = {
    "model": String(),
    "input": lambda _param, _value: None,
    "instructions": String(10_000_000),
    "conversation": _LATER,
    "parallel_tool_calls": parameters.validate_boolean,
    "previous_response_id": _LATER,
    "personality": _LATER,
    "reasoning": parameters.validate_object,
    "text": _LATER,
    "tool_choice": _LATER,
    "tools": UnsupportedInSandbox("tools in counting yet", ([],)),
    "truncation": parameters.OneOf(("auto", "disabled")),
}


async def count_input_tokens(request: Request) -> JSONResponse:
    body = await read_json(request)
    tokens = await run_in_threadpool(_count, body, request.app.state.models)
    return JSONResponse({"object": "response.input_tokens", "input_tokens": tokens})


def _count(body: object, catalogue: ModelCatalog) -> int:
    params = parameters.validate(parameters.validate_object("body", body), _TABLE, ("model", "input"))
    family = find_chat_model(params["model"], catalogue)
    messages = _messages(params["input"], family.accepts_images)
    if params.get("instructions"):
        messages = (RequestMessage("developer", params["instructions"]), *messages)
    return len(prompt_token_ids(messages, family))


def _messages(value: object, sees: bool) -> tuple[RequestMessage, ...]:
    """Read the Responses API's *input*, a text or a list of messages, as chat messages."""
    if isinstance(value, str):
        return (RequestMessage("user", value),)
    if not isinstance(value, list):
        raise invalid_type("input", "a string or an array of objects", value)
    return parse_messages([_as_chat(index, item) for index, item in enumerate(value)], sees)


def _as_chat(index: int, item: object) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise invalid_type(f"input[{index}]", "an object", item)
    if item.get("type", "message") != "message":
        text = f"The sandbox counts messages only yet, not '{str(item['type'])[:40]}' items."
        raise invalid_request(text, f"input[{index}].type", "sandbox_unsupported")
    content = item.get("content")
    parts = [_as_part(part) for part in content] if isinstance(content, list) else content
    return {"role": item.get("role"), "content": parts}


def _as_part(part: object) -> object:
    if not isinstance(part, dict):
        return part
    match part.get("type"):
        case "input_text" | "output_text":
            return {"type": "text", "text": part.get("text")}
        case "input_image":
            image = {"url": part.get("image_url"), "detail": part.get("detail") or "auto"}
            return {"type": "image_url", "image_url": image}
        case _:
            return part

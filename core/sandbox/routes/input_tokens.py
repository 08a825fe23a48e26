"""`/v1/responses/input_tokens`: how long a prompt would be, without a reply."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from core.sandbox.api import parameters
from core.sandbox.api.errors import invalid, wrong_type
from core.sandbox.api.messages import Message, read_messages
from core.sandbox.api.model_rules import family_of
from core.sandbox.api.models import Catalogue
from core.sandbox.api.parameters import Refused, Text
from core.sandbox.api.prompt_tokens import prompt_ids
from core.sandbox.api.request_body import read_json

_LATER = Refused("this in counting yet")
_TABLE: dict[str, parameters.Check] = {
    "model": Text(),
    "input": lambda _param, _value: None,
    "instructions": Text(10_000_000),
    "conversation": _LATER,
    "parallel_tool_calls": parameters.a_boolean,
    "previous_response_id": _LATER,
    "personality": _LATER,
    "reasoning": parameters.an_object,
    "text": _LATER,
    "tool_choice": _LATER,
    "tools": Refused("tools in counting yet", ([],)),
    "truncation": parameters.OneOf(("auto", "disabled")),
}


async def count_input_tokens(request: Request) -> JSONResponse:
    body = await read_json(request)
    tokens = await run_in_threadpool(_count, body, request.app.state.catalogue)
    return JSONResponse({"object": "response.input_tokens", "input_tokens": tokens})


def _count(body: object, catalogue: Catalogue) -> int:
    params = parameters.check(parameters.an_object("body", body), _TABLE, ("model", "input"))
    family = family_of(params["model"], catalogue)
    messages = _messages(params["input"], family.sees)
    if params.get("instructions"):
        messages = (Message("developer", params["instructions"]), *messages)
    return len(prompt_ids(messages, family))


def _messages(value: object, sees: bool) -> tuple[Message, ...]:
    """Read the Responses API's *input*, a text or a list of messages, as chat messages."""
    if isinstance(value, str):
        return (Message("user", value),)
    if not isinstance(value, list):
        raise wrong_type("input", "a string or an array of objects", value)
    return read_messages([_as_chat(index, item) for index, item in enumerate(value)], sees)


def _as_chat(index: int, item: object) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise wrong_type(f"input[{index}]", "an object", item)
    if item.get("type", "message") != "message":
        text = f"The sandbox counts messages only yet, not '{str(item['type'])[:40]}' items."
        raise invalid(text, f"input[{index}].type", "sandbox_unsupported")
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

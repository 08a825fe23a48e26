"""`/v1/responses/input_tokens`: the number of tokens of a prompt, without a reply."""

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
from core.sandbox.api.response_format import parse_json_schema
from core.sandbox.api.tools import parse_tools

_UNSUPPORTED = UnsupportedInSandbox("this parameter when counting tokens")
_PARAMETERS: dict[str, parameters.Validator] = {
    "model": String(),
    "input": parameters.skip_validation,
    "instructions": String(10_000_000),
    "conversation": _UNSUPPORTED,
    "parallel_tool_calls": parameters.validate_boolean,
    "previous_response_id": _UNSUPPORTED,
    "personality": _UNSUPPORTED,
    "reasoning": parameters.validate_object,
    "text": parameters.validate_object,
    "tool_choice": _UNSUPPORTED,
    "tools": parameters.validate_array,
    "truncation": parameters.OneOf(("auto", "disabled")),
}


async def count_input_tokens(request: Request) -> JSONResponse:
    body = await read_json(request)
    tokens = await run_in_threadpool(_count, body, request.app.state.models)
    return JSONResponse({"object": "response.input_tokens", "input_tokens": tokens})


def _count(body: object, catalog: ModelCatalog) -> int:
    params = parameters.validate(parameters.validate_object("body", body), _PARAMETERS, ("model", "input"))
    family = find_chat_model(params["model"], catalog)
    messages = _parse_input(params["input"], family.accepts_images)
    parameters.check_supported(params, _PARAMETERS)
    if params.get("instructions"):
        messages = (RequestMessage("developer", params["instructions"]), *messages)
    tools = parse_tools({"tools": [_to_chat_tool(tool) for tool in params.get("tools", ())]})
    text_format = params.get("text", {}).get("format") or {}
    parameters.validate_object("text.format", text_format)
    json_schema = None
    if text_format.get("type") == "json_schema":
        fields = {name: value for name, value in text_format.items() if name != "type"}
        json_schema = parse_json_schema({"type": "json_schema", "json_schema": fields})
    return len(prompt_token_ids(messages, family, tools, json_schema))


def _to_chat_tool(tool: object) -> object:
    """Return a tool of the Responses API in the format of chat completions, where a function is an object."""
    if not isinstance(tool, dict) or tool.get("type") != "function":
        return tool
    return {"type": "function", "function": {name: value for name, value in tool.items() if name != "type"}}


def _parse_input(value: object, accepts_images: bool) -> tuple[RequestMessage, ...]:
    """Parse the `input` of the Responses API, a text or a list of messages."""
    if isinstance(value, str):
        return (RequestMessage("user", value),)
    if not isinstance(value, list):
        raise invalid_type("input", "a string or an array of objects", value)
    # Converted to the format of chat completions, whose validation covers the rest.
    messages = []
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            raise invalid_type(f"input[{index}]", "an object", item)
        if item.get("type", "message") != "message":
            item_type = str(item["type"])[:40]
            message = f"The sandbox only counts the tokens of messages, not of '{item_type}' items."
            raise invalid_request(message, f"input[{index}].type", "sandbox_unsupported")
        content = item.get("content")
        if isinstance(content, list):
            content = [_to_chat_part(part) for part in content]
        messages.append({"role": item.get("role"), "content": content})
    return parse_messages(messages, accepts_images)


def _to_chat_part(part: object) -> object:
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

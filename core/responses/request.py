"""Write a request of Chat Completions as one of the Responses API, and back.

The tables are the differences: https://platform.openai.com/docs/guides/migrate-to-responses
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.json_values import JsonObject, json_object, json_objects

# Parameters with another name or place, as the path of keys in a request of the Responses API.
RENAMED: Mapping[str, tuple[str, ...]] = {
    "max_completion_tokens": ("max_output_tokens",),
    "reasoning_effort": ("reasoning", "effort"),
    "reasoning_summary": ("reasoning", "summary"),
    "verbosity": ("text", "verbosity"),
}
# Parameters that the Responses API does not have, with the sentence for their controls.
UNSUPPORTED: Mapping[str, str] = {
    "stop": "The Responses API has no stop sequences.",
    "seed": "The Responses API has no seed.",
    "n": "The Responses API returns one response per request.",
    "logit_bias": "The Responses API has no logit bias.",
    "presence_penalty": "The Responses API has no penalties.",
    "frequency_penalty": "The Responses API has no penalties.",
}
# The smallest max_output_tokens that the API accepts.
MIN_OUTPUT_TOKENS = 16
LOGPROBS = "message.output_text.logprobs"
ENCRYPTED_REASONING = "reasoning.encrypted_content"
_CONVERTED = (*RENAMED, *UNSUPPORTED, "messages", "response_format", "tools", "tool_choice", "logprobs")
_CONVERTED += ("max_tokens", "stream_options", "stream")
_INSTRUCTION_ROLES = ("system", "developer")


def response_params(chat: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request *chat* as keyword arguments of `responses.create`.

    What the API has no parameter for is left out. Leading instructions become `instructions`. A lower limit
    of tokens than the API accepts becomes the lowest.
    """
    messages = json_objects(chat.get("messages"))
    params: dict[str, Any] = {"model": chat.get("model")}
    if _has_instructions(messages) and not _needs_json_in_input(chat, messages[1:]):
        params["instructions"] = _content(messages[0])
        messages = messages[1:]
    params["input"] = _input(messages)
    params |= {name: value for name, value in chat.items() if name not in _CONVERTED and name != "model"}
    if "max_tokens" in chat:
        params["max_output_tokens"] = chat["max_tokens"]
    for name, path in RENAMED.items():
        if chat.get(name) is not None:
            _set(params, path, chat[name])
    limit = params.get("max_output_tokens")
    if isinstance(limit, int) and limit < MIN_OUTPUT_TOKENS:
        params["max_output_tokens"] = MIN_OUTPUT_TOKENS
    if response_format := json_object(chat.get("response_format")):
        _set(params, ("text", "format"), _flat(response_format, "json_schema"))
    if chat.get("logprobs") or chat.get("top_logprobs"):
        params["include"] = [*params.get("include", []), LOGPROBS]
    return params | _tool_params(chat) | ({"stream": True} if chat.get("stream") else {})


def _has_instructions(messages: list[JsonObject]) -> bool:
    first = messages[0] if messages else {}
    return first.get("role") in _INSTRUCTION_ROLES and isinstance(_content(first), str)


def _needs_json_in_input(chat: Mapping[str, Any], messages: list[JsonObject]) -> bool:
    """Whether the instructions have to be part of the input: with `json_object`, "JSON" must occur there."""
    is_json = json_object(chat.get("response_format")).get("type") == "json_object"
    return is_json and not any("json" in str(_content(message)).lower() for message in messages)


def chat_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request *params* of the Responses API as Chat Completions would have it.

    Reasoning items and what only one API has are left out.
    """
    chat: dict[str, Any] = {"model": params.get("model"), "messages": _with_joined_calls(_messages(params))}
    for name, path in RENAMED.items():
        value: Any = params
        for key in path:
            value = json_object(value).get(key)
        if value is not None:
            chat[name] = value
    text_format = json_object(json_object(params.get("text")).get("format"))
    if text_format and text_format.get("type") != "text":
        chat["response_format"] = _nested(text_format, "json_schema")
    chat |= _chat_tool_params(params)
    dropped = ("model", "input", "instructions", "text", "reasoning", "tools", "tool_choice", "include")
    renamed = {path[0] for path in RENAMED.values()}
    chat |= {name: value for name, value in params.items() if name not in dropped and name not in renamed}
    if chat.get("top_logprobs") is not None:
        chat["logprobs"] = True
    if chat.get("stream"):
        chat["stream_options"] = {"include_usage": True}
    return chat


def _input(messages: list[JsonObject]) -> str | list[dict[str, Any]]:
    """Return one question as a text, as the API's examples do, and everything else as items."""
    if len(messages) == 1 and messages[0].get("role") == "user" and isinstance(_content(messages[0]), str):
        return str(_content(messages[0]))
    return [item for message in messages for item in _items(message)]


def _items(message: JsonObject) -> Iterator[dict[str, Any]]:
    role, content = str(message.get("role") or "user"), _content(message)
    if role == "tool":
        call_id = str(message.get("tool_call_id") or "")
        yield {"type": "function_call_output", "call_id": call_id, "output": content}
        return
    if isinstance(content, list):
        content = [_part(part, role) for part in json_objects(content)]
    if content:
        yield {"role": role, "content": content}
    for call in json_objects(message.get("tool_calls")):
        function = json_object(call.get("function"))
        name, arguments = str(function.get("name") or ""), str(function.get("arguments") or "")
        yield {
            "type": "function_call",
            "call_id": str(call.get("id") or ""),
            "name": name,
            "arguments": arguments,
        }


def _content(message: JsonObject) -> Any:
    return message.get("content") or message.get("refusal") or ""


def _part(part: JsonObject, role: str) -> dict[str, Any]:
    match part.get("type"):
        case "text":
            return {"type": "output_text" if role == "assistant" else "input_text", "text": part.get("text")}
        case "image_url":
            image = json_object(part.get("image_url"))
            detail = {"detail": image["detail"]} if image.get("detail") else {}
            return {"type": "input_image", "image_url": image.get("url"), **detail}
        case "file":
            return {"type": "input_file", **json_object(part.get("file"))}
    return dict(part)


def _messages(params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if instructions := params.get("instructions"):
        yield {"role": "developer", "content": instructions}
    items = params.get("input")
    if isinstance(items, str):
        yield {"role": "user", "content": items}
        return
    for item in json_objects(items):
        match item.get("type", "message"):
            case "message":
                content = item.get("content")
                parts = [_chat_part(part) for part in json_objects(content)]
                yield {
                    "role": str(item.get("role")),
                    "content": content if isinstance(content, str) else parts,
                }
            case "function_call":
                function = {"name": item.get("name"), "arguments": item.get("arguments")}
                call = {"id": item.get("call_id"), "type": "function", "function": function}
                yield {"role": "assistant", "content": None, "tool_calls": [call]}
            case "function_call_output":
                yield {"role": "tool", "tool_call_id": item.get("call_id"), "content": item.get("output")}


def _with_joined_calls(messages: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join calls that follow each other, or a text of the model: Chat Completions has one message of them."""
    joined: list[dict[str, Any]] = []
    for message in messages:
        if joined and "tool_calls" in message and joined[-1]["role"] == "assistant":
            joined[-1]["tool_calls"] = [*joined[-1].get("tool_calls", ()), *message["tool_calls"]]
        else:
            joined.append(message)
    return joined


def _chat_part(part: JsonObject) -> dict[str, Any]:
    match part.get("type"):
        case "input_text" | "output_text":
            return {"type": "text", "text": part.get("text")}
        case "input_image":
            detail = {"detail": part["detail"]} if part.get("detail") else {}
            return {"type": "image_url", "image_url": {"url": part.get("image_url"), **detail}}
        case "input_file":
            return {"type": "file", "file": {key: value for key, value in part.items() if key != "type"}}
    return dict(part)


def _flat(value: JsonObject, nested: str = "function") -> dict[str, Any]:
    """Move what is under `function` or `json_schema` up beside the type, unless it is there."""
    fields = value.get(nested)
    return {"type": value.get("type"), **fields} if isinstance(fields, Mapping) else dict(value)


def _nested(value: JsonObject, key: str = "function") -> dict[str, Any]:
    """Undo `_flat`."""
    if value.get("type") != key:
        return dict(value)
    return {"type": key, key: {name: field for name, field in value.items() if name != "type"}}


def _tool_params(chat: Mapping[str, Any]) -> dict[str, Any]:
    params: dict[str, Any] = {}
    if "tools" in chat:
        # Without `strict`, this API would make every schema strict, and optional properties required.
        params["tools"] = [
            {"strict": False, **_flat(tool)} if "function" in tool else dict(tool)
            for tool in json_objects(chat["tools"])
        ]
    if "tool_choice" in chat:
        params["tool_choice"] = _tool_choice(chat["tool_choice"])
    return params


def _chat_tool_params(params: Mapping[str, Any]) -> dict[str, Any]:
    chat: dict[str, Any] = {}
    if tools := json_objects(params.get("tools")):
        chat["tools"] = [_nested(tool) for tool in tools]
    if "tool_choice" in params:
        chat["tool_choice"] = _chat_tool_choice(params["tool_choice"])
    return chat


def _tool_choice(choice: Any) -> Any:
    allowed = json_object(json_object(choice).get("allowed_tools"))
    if allowed:
        tools = [_flat(tool) for tool in json_objects(allowed.get("tools"))]
        return {"type": "allowed_tools", "mode": allowed.get("mode"), "tools": tools}
    return _flat(choice) if isinstance(choice, Mapping) else choice


def _chat_tool_choice(choice: Any) -> Any:
    if not isinstance(choice, Mapping):
        return choice
    if choice.get("type") == "allowed_tools":
        tools = [_nested(tool) for tool in json_objects(choice.get("tools"))]
        return {"type": "allowed_tools", "allowed_tools": {"mode": choice.get("mode"), "tools": tools}}
    return _nested(choice)


def _set(params: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    *outer, last = path
    for key in outer:
        params = params.setdefault(key, {})
    params[last] = value

"""Parse a chat request entered as JSON: messages, tools, a schema, or a whole request."""

import json
from collections.abc import Mapping
from typing import Any

from core.errors.types import PlaygroundError

EXAMPLE_REQUEST = json.dumps(
    {
        "messages": [
            {"role": "system", "content": "You are a helpful assistant that answers in one sentence."},
            {"role": "user", "name": "mina", "content": "What is a token?"},
            {"role": "assistant", "content": "A piece of text, often a word or a part of one."},
            {"role": "user", "name": "mina", "content": "And in Korean?"},
            {"role": "assistant", "content": "Often a syllable or two; rare ones take several tokens."},
            {"role": "user", "name": "mina", "content": "오늘 서울 날씨는 어때요?"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "get_weather",
                    "description": "Get the weather of a place.",
                    "parameters": {
                        "type": "object",
                        "properties": {
                            "place": {"type": "string", "description": "The city and country."},
                            "unit": {
                                "type": "string",
                                "description": "Of the temperature.",
                                "enum": ["celsius", "fahrenheit"],
                            },
                        },
                        "required": ["place"],
                    },
                },
            }
        ],
    },
    ensure_ascii=False,
    indent=2,
)
_OPTIONAL_FIELDS = ("tools", "response_format")


def parse_request(text: str) -> dict[str, Any]:
    """Return the request's `messages` and, if it has them, `tools` and `response_format`.

    Raises PlaygroundError with the position of invalid JSON, or the field that the API would reject.
    """
    try:
        request = _as_request(json.loads(text)) if text.strip() else {}
    except json.JSONDecodeError as error:
        raise PlaygroundError(
            f"Invalid JSON: {error.msg} in line {error.lineno}, column {error.colno}.", "Correct it there."
        ) from None
    except ValueError:
        hint = "Write it as a string, or shorten it."
        raise PlaygroundError("A number in the JSON has too many digits.", hint) from None
    except RecursionError:
        hint = "The API would reject such a request too."
        raise PlaygroundError("The JSON is nested too deeply.", hint) from None
    messages = request.get("messages", [])
    _check_objects("messages", messages, "role")
    if tools := request.get("tools"):
        _check_objects("tools", tools, "type")
    if not isinstance(request.get("response_format", {}), dict):
        raise PlaygroundError(
            "response_format must be an object.", "See the API's guide to Structured Outputs."
        )
    return {"messages": messages, **{name: request[name] for name in _OPTIONAL_FIELDS if request.get(name)}}


def request_text(params: Mapping[str, Any]) -> str:
    """Join the texts of the messages; without messages, the tools and the schema as JSON."""
    if not params["messages"]:
        fields = [params[name] for name in _OPTIONAL_FIELDS if name in params]
        return "\n\n".join(json.dumps(field, ensure_ascii=False) for field in fields)
    texts: list[str] = []
    for message in params["messages"]:
        content, calls = message.get("content"), message.get("tool_calls")
        if isinstance(content, list):
            parts = [part.get("text") for part in content if isinstance(part, dict)]
            content = "\n".join(text for text in parts if isinstance(text, str))
        lines = [
            content if isinstance(content, str) else "",
            json.dumps(calls, ensure_ascii=False) if calls else "",
        ]
        texts.append("\n".join(filter(None, lines)))
    return "\n\n".join(texts)


def _as_request(value: Any) -> dict[str, Any]:
    """Wrap messages, tools or a JSON schema, recognised by their fields, as a request."""
    if isinstance(value, list):
        are_tools = bool(value) and all(isinstance(item, dict) and "role" not in item for item in value)
        return {"tools" if are_tools else "messages": value}
    if not isinstance(value, dict):
        raise PlaygroundError(
            "A request must be a list of messages or an object.", 'Start with [{"role": "user", …}].'
        )
    if value.keys() & {"messages", *_OPTIONAL_FIELDS}:
        return value
    if "role" in value:
        return {"messages": [value]}
    if value.get("type") == "function":
        return {"tools": [value]}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "schema": value}}}


def _check_objects(name: str, value: Any, field: str) -> None:
    if not isinstance(value, list):
        raise PlaygroundError(f"{name} must be a list.", "Enclose the items in [ ].")
    for index, item in enumerate(value):
        if not isinstance(item, dict) or not isinstance(item.get(field), str):
            raise PlaygroundError(f"{name}[{index}] has no {field}.", f'Add a "{field}".')

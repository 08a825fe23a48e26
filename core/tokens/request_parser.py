"""Read a chat request that a person typed as JSON: messages alone, tools alone, a schema, or all in one."""

import json
from collections.abc import Mapping
from typing import Any, cast

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
_REQUEST_FIELDS = ("messages", "tools", "response_format")


def parse_request(text: str) -> dict[str, Any]:
    """Return the request's `messages` and, where it has them, `tools` and `response_format`.

    Raises PlaygroundError saying where the JSON breaks, or what of it is not as the API wants it.
    """
    value = _sorted_out(_load(text))
    messages = value.get("messages", [])
    _check_objects("messages", messages, "role")
    if tools := value.get("tools"):
        _check_objects("tools", tools, "type")
    if not isinstance(value.get("response_format", {}), dict):
        raise _wrong("response_format is an object", "See Structured outputs in the API's guide.")
    return {"messages": messages, **{name: value[name] for name in _REQUEST_FIELDS[1:] if value.get(name)}}


def request_text(params: Mapping[str, Any]) -> str:
    """Join what the messages say; without messages, the tools and the schema as JSON."""
    if params["messages"]:
        return "\n\n".join(_message_text(message) for message in params["messages"])
    extras = [params[name] for name in _REQUEST_FIELDS[1:] if name in params]
    return "\n\n".join(json.dumps(extra, ensure_ascii=False) for extra in extras)


def _message_text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    calls = message.get("tool_calls")
    parts = (
        [part.get("text") for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    )
    said = content if isinstance(content, str) else "\n".join(text for text in parts if isinstance(text, str))
    return "\n".join(filter(None, [said, json.dumps(calls, ensure_ascii=False) if calls else ""]))


def _load(text: str) -> Any:
    if not text.strip():
        return []
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise PlaygroundError(f"This is not JSON yet: {error.msg} in {where}.", "Correct it there.") from None
    except ValueError:
        raise _wrong("A number in it has too many digits", "Write it as text, or shorter.") from None
    except RecursionError:
        raise _wrong("It is nested too deeply", "The API takes no such request either.") from None


def _sorted_out(value: Any) -> dict[str, Any]:
    """Tell by its shape what was typed."""
    if isinstance(value, list):
        are_tools = bool(value) and all(isinstance(item, dict) and "role" not in item for item in value)
        return {"tools" if are_tools else "messages": value}
    if not isinstance(value, dict):
        raise _wrong("A request is a list of messages or an object", 'Begin with [{"role": "user", …}].')
    if not value.keys() & set(_REQUEST_FIELDS):
        return _single(value)
    return cast(dict[str, Any], value)


def _single(value: dict[str, Any]) -> dict[str, Any]:
    """One message, one tool, or else a JSON schema."""
    if "role" in value:
        return {"messages": [value]}
    if value.get("type") == "function":
        return {"tools": [value]}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "reply", "schema": value}}}


def _check_objects(name: str, value: Any, field: str) -> None:
    if not isinstance(value, list):
        raise _wrong(f"{name} is a list", "Put them in [ ].")
    for place, item in enumerate(value):
        if not isinstance(item, dict) or not isinstance(item.get(field), str):
            raise _wrong(f"{name}[{place}] has no {field}", f'Give it a "{field}".')


def _wrong(what: str, hint: str) -> PlaygroundError:
    return PlaygroundError(f"{what}.", hint)

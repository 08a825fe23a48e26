"""Parse a request of either API entered as JSON: messages, items, tools, a schema, or all of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.apis import APIS
from core.errors.types import PlaygroundError
from core.generation.api_name import ApiName
from core.json_values import json_objects

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
# The parameters of `responses.input_tokens.count` that a request has; all take part in the count.
_RESPONSE_COUNT_FIELDS = (
    *("instructions", "input", "previous_response_id", "conversation", "tools", "tool_choice"),
    *("parallel_tool_calls", "text", "reasoning", "truncation"),
)
# What tells a request, or an item of its input, of the Responses API from one of Chat Completions.
_RESPONSES_FIELDS = frozenset(("input", "instructions", "previous_response_id", "conversation", "text"))
_ITEM_TYPES = ("message", "function_call", "function_call_output", "reasoning", "item_reference")
_PART_TYPES = ("input_text", "input_image", "input_file", "output_text")
# What is on the server, or in a form that only the server reads.
_NOT_COUNTED = {
    "previous_response_id": "the previous responses are not counted",
    "conversation": "the stored conversation is not counted",
    "prompt": "the stored prompt is not counted",
}
# Parameters that Chat Completions does not have, by their names in the form of Chat Completions.
_ONLY_RESPONSES = ("previous_response_id", "conversation", "prompt", "background", "max_tool_calls")


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A request, or a part of one, as *api* has it."""

    params: Mapping[str, Any]
    api: ApiName = "chat.completions"

    @property
    def chat(self) -> dict[str, Any]:
        """The messages, tools and schema as Chat Completions has them, by which tokens are estimated."""
        chat = APIS[self.api].chat_params(dict(self.params))
        fields = {name: chat[name] for name in _OPTIONAL_FIELDS if chat.get(name)}
        return {"messages": chat.get("messages", []), **fields}

    @property
    def notes(self) -> Iterator[str]:
        """Return what the estimate leaves out, because only the server knows it."""
        yield from (note for name, note in _NOT_COUNTED.items() if self.params.get(name))
        types = {item.get("type") for item in json_objects(self.params.get("input"))}
        if types & {"reasoning", "item_reference"}:
            yield "reasoning items and references are not counted"


def parse_request(text: str) -> ParsedRequest:
    """Parse a request of either API, recognised by its fields.

    Raises PlaygroundError with the position of invalid JSON, or the field that the API would reject.
    """
    request = _as_request(_parse_json(text)) if text.strip() else ParsedRequest({})
    params = request.params
    if request.api == "chat.completions":
        _check_objects("messages", params.get("messages", []), "role")
    elif not isinstance(params.get("input"), str | None):
        _check_objects("input", params["input"], "role", "type")
    if tools := params.get("tools"):
        _check_objects("tools", tools, "type")
    for name in ("response_format", "text"):
        if not isinstance(params.get(name, {}), Mapping):
            raise PlaygroundError(f"{name} must be an object.", "See the API's guide to Structured Outputs.")
    return request


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
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


def counted_fields(request: ParsedRequest) -> dict[str, Any]:
    """Return the parameters of *request* that take part in the count of its tokens."""
    fields = _RESPONSE_COUNT_FIELDS if request.api == "responses" else ("messages", *_OPTIONAL_FIELDS)
    return {name: request.params[name] for name in fields if request.params.get(name) is not None}


def convert_request(request: ParsedRequest, api: ApiName) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return *request* as *api* has it, and the names of its parameters that *api* does not have."""
    chat = APIS[request.api].chat_params(dict(request.params))
    unsupported = {*APIS[api].unsupported, *(_ONLY_RESPONSES if api == "chat.completions" else ())}
    params = APIS[api].params({name: value for name, value in chat.items() if name not in unsupported})
    left_out = [name for name in chat if name in unsupported]
    if api == "responses" and any(message.get("name") for message in json_objects(chat.get("messages"))):
        left_out.append("name of messages")
    return {name: value for name, value in params.items() if value not in (None, [])}, tuple(left_out)


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


def _as_request(value: Any) -> ParsedRequest:
    """Wrap messages, items, tools or a JSON schema, recognised by their fields, as a request."""
    if isinstance(value, list):
        if any(map(_is_item, value)):
            return ParsedRequest({"input": value}, "responses")
        are_tools = bool(value) and all(isinstance(item, dict) and "role" not in item for item in value)
        return ParsedRequest({"tools" if are_tools else "messages": value})
    if not isinstance(value, dict):
        raise PlaygroundError(
            "A request must be a list of messages or an object.", 'Start with [{"role": "user", …}].'
        )
    if "messages" not in value and value.keys() & _RESPONSES_FIELDS:
        return ParsedRequest(value, "responses")
    if value.keys() & {"messages", *_OPTIONAL_FIELDS}:
        return ParsedRequest(value)
    if "role" in value or _is_item(value) or value.get("type") == "function":
        return _as_request([value])
    json_schema = {"name": "reply", "schema": value}
    return ParsedRequest({"response_format": {"type": "json_schema", "json_schema": json_schema}})


def _is_item(value: Any) -> bool:
    """Whether *value* is an item of a Responses request, and no message of Chat Completions."""
    if not isinstance(value, dict):
        return False
    parts = json_objects(value.get("content"))
    return value.get("type") in _ITEM_TYPES or any(part.get("type") in _PART_TYPES for part in parts)


def _check_objects(name: str, value: Any, *fields: str) -> None:
    """Check that *value* is a list of objects that have one of *fields*. Raises PlaygroundError."""
    if not isinstance(value, list):
        raise PlaygroundError(f"{name} must be a list.", "Enclose the items in [ ].")
    for index, item in enumerate(value):
        if not isinstance(item, dict) or not any(isinstance(item.get(field), str) for field in fields):
            raise PlaygroundError(f"{name}[{index}] has no {' or '.join(fields)}.", f'Add a "{fields[0]}".')

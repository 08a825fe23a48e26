"""Estimate the tokens of a chat request before it is sent, by the recipes in `data/token_recipes.json`."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from core.images.image import image_size
from core.images.tokens import count_image_tokens, formula_for
from core.models.catalog import base_id
from core.paths import DATA
from core.tokens.encodings import count_tokens, encoding_for_model

RECIPES = DATA / "token_recipes.json"

# Parts of a JSON schema that the published recipe says nothing of.
_UNPRICED_KEYWORDS = ("$ref", "$defs", "anyOf", "oneOf", "allOf")

Message = Mapping[str, Any]
CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """Tokens that a request will roughly take, and by what: `parts` add up to `tokens`.

    `notes` say what in the figure is an assumption; it is never exact, for a new snapshot may count anew.
    """

    tokens: int
    parts: tuple[tuple[str, int], ...]
    encoding: str
    assumed: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageTokens:
    """The tokens of one message; `framing` is what every message takes, `name` what having one takes."""

    role: str
    framing_tokens: int
    role_tokens: int
    name_tokens: int
    text_tokens: int
    image_tokens: int

    @property
    def total(self) -> int:
        return (
            self.framing_tokens + self.role_tokens + self.name_tokens + self.text_tokens + self.image_tokens
        )


@dataclass(frozen=True, slots=True)
class _Recipe:
    model_id: str
    per_message: int
    per_name: int
    priming: int
    per_function: int
    assumed: bool


def estimate_tokens(params: Mapping[str, Any]) -> TokenEstimate:
    """Estimate the prompt tokens of the chat completion that *params* asks for.

    Raises PlaygroundError when the vocabulary is missing.
    """
    model_id = str(params.get("model", ""))
    recipe, text_tokens = _recipe_for(model_id), _counter_for(model_id)
    messages = _mappings(params.get("messages"))
    tools = _mappings(params.get("tools"))
    schema = _schema_of(params.get("response_format"))
    instructions = [message for message in messages if message.get("role") in ("system", "developer")]
    talk = [message for message in messages if message.get("role") not in ("system", "developer")]
    parts = (
        ("instructions", sum(_message_text_tokens(message, recipe, text_tokens) for message in instructions)),
        ("conversation", sum(_message_text_tokens(message, recipe, text_tokens) for message in talk)),
        ("images", sum(_message_image_tokens(message, recipe) for message in messages)),
        ("tools", _tools(tools, recipe, text_tokens)),
        ("reply schema", text_tokens(_as_json(schema)) if schema else 0),
        ("start of the reply", recipe.priming if messages else 0),
    )
    choice = encoding_for_model(model_id)
    notes = tuple(_notes(params, recipe.assumed, choice.assumed))
    return TokenEstimate(
        sum(tokens for _, tokens in parts),
        tuple(part for part in parts if part[1]),
        choice.name,
        bool(notes),
        notes,
    )


def message_counter(model_id: str) -> Callable[[Message], int]:
    """Return what counts a single message for *model_id*; a request adds the start of the reply once."""
    recipe, text_tokens = _recipe_for(model_id), _counter_for(model_id)
    return lambda message: (
        _message_text_tokens(message, recipe, text_tokens) + _message_image_tokens(message, recipe)
    )


def message_breakdown(params: Mapping[str, Any]) -> list[MessageTokens]:
    """Break down each message of *params*; tools, schema and the start of the reply are not in it."""
    model_id = str(params.get("model", ""))
    recipe, text_tokens = _recipe_for(model_id), _counter_for(model_id)
    return [_broken_down(message, recipe, text_tokens) for message in _mappings(params.get("messages"))]


def _broken_down(message: Message, recipe: _Recipe, text_tokens: CountTokens) -> MessageTokens:
    role, name = str(message.get("role") or ""), message.get("name")
    rest = {key: value for key, value in message.items() if key not in ("role", "name")}
    return MessageTokens(
        role,
        recipe.per_message,
        text_tokens(role),
        recipe.per_name + text_tokens(name) if isinstance(name, str) else 0,
        sum(text_tokens(text) for text in _text_fields(rest)),
        _message_image_tokens(message, recipe),
    )


def _counter_for(model_id: str) -> CountTokens:
    return partial(count_tokens, encoding_name=encoding_for_model(model_id).name)


def _message_text_tokens(message: Message, recipe: _Recipe, text_tokens: CountTokens) -> int:
    """The recipe: a constant a message, and the tokens of every field with text in it, the role too."""
    named = recipe.per_name if isinstance(message.get("name"), str) else 0
    return recipe.per_message + named + sum(text_tokens(text) for text in _text_fields(message))


def _text_fields(message: Message) -> Iterator[str]:
    yield from (value for key, value in message.items() if isinstance(value, str) and key != "tool_call_id")
    for part in _mappings(message.get("content")):
        if isinstance(part.get("text"), str):
            yield part["text"]
    for call in _mappings(message.get("tool_calls")):
        function = call.get("function") or call.get("custom")
        if isinstance(function, Mapping):
            yield from (value for value in function.values() if isinstance(value, str))


def _message_image_tokens(message: Message, recipe: _Recipe) -> int:
    return sum(
        count_image_tokens(recipe.model_id, _size(image), str(image.get("detail") or "auto"))
        for image in _images(message)
    )


def _images(message: Message) -> Iterator[Message]:
    for part in _mappings(message.get("content")):
        if part.get("type") == "image_url":
            image = part.get("image_url")
            yield image if isinstance(image, Mapping) else {}


def _size(image: Message) -> tuple[int, int] | None:
    """The size of an image that travels in the message; one behind a URL is unknown."""
    url = image.get("url")
    return image_size(url) if isinstance(url, str) and url.startswith("data:") else None


def _tools(tools: Sequence[Message], recipe: _Recipe, text_tokens: CountTokens) -> int:
    if not tools:
        return 0
    each = sum(recipe.per_function + _function(tool, text_tokens) for tool in tools)
    return each + _tool_rules()["after_all"]


def _function(tool: Message, text_tokens: CountTokens) -> int:
    """The function of a chat tool, or the flat one of the Responses API; another kind is counted as JSON."""
    function = tool.get("function", tool)
    if not isinstance(function, Mapping) or "name" not in function:
        return text_tokens(_as_json(tool))
    heading = f"{function['name']}:{_description(function)}"
    parameters = function.get("parameters")
    return text_tokens(heading) + (_schema(parameters, text_tokens) if isinstance(parameters, Mapping) else 0)


def _schema(schema: Message, text_tokens: CountTokens) -> int:
    """Count the properties by the recipe, and by its JSON what the recipe does not know."""
    rules = _tool_rules()
    properties = schema.get("properties")
    named = properties.items() if isinstance(properties, Mapping) else ()
    beyond = {key: schema[key] for key in _UNPRICED_KEYWORDS if key in schema}
    return (
        (rules["has_properties"] if named else 0)
        + sum(_property(str(name), spec, text_tokens) for name, spec in named)
        + (text_tokens(_as_json(beyond)) if beyond else 0)
    )


def _property(name: str, spec: object, text_tokens: CountTokens) -> int:
    rules = _tool_rules()
    if not isinstance(spec, Mapping):
        return rules["per_property"] + text_tokens(name)
    line = f"{name}:{spec.get('type', '')}:{_description(spec)}"
    items = spec.get("items")
    return (
        rules["per_property"]
        + text_tokens(line)
        + _enum(spec.get("enum"), text_tokens)
        + _schema(spec, text_tokens)
        + (_property("", items, text_tokens) if isinstance(items, Mapping) else 0)
    )


def _enum(values: object, text_tokens: CountTokens) -> int:
    if not isinstance(values, list):
        return 0
    rules = _tool_rules()
    return rules["has_enum"] + sum(rules["per_enum_item"] + text_tokens(str(value)) for value in values)


def _description(of: Message) -> str:
    return str(of.get("description", "")).removesuffix(".")


def _notes(params: Mapping[str, Any], recipe_assumed: bool, encoding_assumed: bool) -> Iterator[str]:
    if encoding_assumed:
        yield "the encoding is assumed"
    if recipe_assumed:
        yield "the tokens around a message are assumed"
    contents = [message.get("content") for message in _mappings(params.get("messages"))]
    kinds = {str(part.get("type")) for content in contents for part in _mappings(content)}
    messages = _mappings(params.get("messages"))
    if any(_size(image) is None for message in messages for image in _images(message)):
        yield "an image of unknown size counts as one of 1024 x 1024"
    if "image_url" in kinds and formula_for(str(params.get("model", ""))).assumed:
        yield "how the model sizes images is assumed"
    if kinds - {"text", "image_url", "refusal"}:
        yield "files and sounds are not counted"
    if params.get("tools") or _schema_of(params.get("response_format")):
        yield "tools and schemas are counted roughly"


def _schema_of(response_format: object) -> object:
    return response_format.get("json_schema") if isinstance(response_format, Mapping) else None


def _mappings(value: object) -> list[Message]:
    """What an import or a server calls a list may be anything: keep the objects in it."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list | tuple) else []


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


@cache
def _recipes() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(RECIPES.read_text(encoding="utf-8"))
    return table


def _tool_rules() -> dict[str, int]:
    return {name: value for name, value in _recipes()["tools"].items() if name != "source"}


def _recipe_for(model_id: str) -> _Recipe:
    row = _longest_prefix(_recipes()["messages"], base_id(model_id))
    constants = {
        name: row[name] for name in ("per_message", "per_name", "priming", "per_function", "assumed")
    }
    return _Recipe(model_id, **constants)


def _longest_prefix(rows: list[dict[str, Any]], base: str) -> dict[str, Any]:
    return max((row for row in rows if base.startswith(row["prefix"])), key=lambda row: len(row["prefix"]))
